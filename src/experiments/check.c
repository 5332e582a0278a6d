#include "experiments/plugins.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "imagrid/plugin.h"

enum {
    KEYS_MAX = 256,
    COLUMNS_MAX = 1024,
    DIMENSIONS_MAX = 64,
    ANALYSES_MAX = 256,
    NAME_MAX_LENGTH = 48,   /* of experiments, columns and dimensions */
    PATH_MAX_LENGTH = 120,  /* of keys */
    TEXTS_MAX = 1000,       /* in a list */
    CHOICE_MAX_LENGTH = 40, /* fits an ig_value with its argument */
    FIGURE_MAX_LENGTH = 64
};

bool ig_check_is_word(const char *text, const char *more, size_t length_max)
{
    size_t n = 0;
    if (!text || !*text) {
        return false;
    }
    for (; n <= length_max && text[n]; n++) {
        const unsigned char c = (unsigned char)text[n];
        if (c > 126 || (!isalnum(c) && !strchr(more, c))) {
            return false;
        }
    }
    return n <= length_max;
}

/** One line for people: titles and labels go to terminals, pages and pictures. */
static bool is_line(const char *text)
{
    return text && *text && ig_text_is_sanitized(text);
}

static bool is_line_or_null(const char *text)
{
    return !text || is_line(text);
}

static bool is_file_name(const char *text)
{
    return ig_check_is_word(text, "_-", FIGURE_MAX_LENGTH);
}

/** Whether a NULL-terminated list has the text. */
static bool is_in(const char *const *list, const char *text)
{
    for (; text && list && *list; list++) {
        if (strcmp(*list, text) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins_with_one(const char *name, const char *const *beginnings)
{
    for (; *beginnings; beginnings++) {
        if (strncmp(name, *beginnings, strlen(*beginnings)) == 0) {
            return true;
        }
    }
    return false;
}

/* Keys. */

static ig_status wrong_key(const ig_key *key, const char *what, ig_error *error)
{
    return ig_error_set(error, IG_ERR_USAGE, "key %s: %s", key->path, what);
}

/** Dotted: parts of letters, digits, underscores and hyphens, each begun by a letter. */
static bool is_path(const char *path)
{
    if (!ig_check_is_word(path, "._-", PATH_MAX_LENGTH)) {
        return false;
    }
    for (;;) {
        if (!isalpha((unsigned char)*path)) {
            return false;
        }
        path = strchr(path, '.');
        if (!path) {
            return true;
        }
        path++;
    }
}

/** Whether `path` is `other` or a mapping that holds it. */
static bool holds(const char *path, const char *other)
{
    const size_t n = strlen(path);
    return strncmp(path, other, n) == 0 && (other[n] == '.' || other[n] == '\0');
}

static ig_status check_path(const ig_schema *schema, size_t k, ig_error *error)
{
    static const char *const common[] = {"experiment", "seeds", "common_random_numbers", "zip",
                                         "parts"};
    const char *path = schema->keys[k].path;
    if (!is_path(path)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "key %zu: a path is made of letters, digits, _ and -, with dots "
                            "between its parts",
                            k);
    }
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        if (holds(common[i], path)) {
            return wrong_key(&schema->keys[k], "every experiment has a key of that name", error);
        }
    }
    for (size_t j = 0; j < k; j++) {
        if (holds(schema->keys[j].path, path) || holds(path, schema->keys[j].path)) {
            return ig_error_set(error, IG_ERR_USAGE, "keys %s and %s cannot both be",
                                schema->keys[j].path, path);
        }
    }
    return IG_OK;
}

static ig_status check_choices(const ig_key *key, ig_error *error)
{
    if (!key->choices || !key->choices[0]) {
        return wrong_key(key, "a key of type IG_KEY_CHOICE needs choices", error);
    }
    for (const char *const *choice = key->choices; *choice; choice++) {
        const size_t length = strcspn(*choice, "=");
        char name[CHOICE_MAX_LENGTH + 1] = "";
        snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : 0), *choice);
        if (!ig_check_is_word(name, "_.+-", CHOICE_MAX_LENGTH) ||
            ((*choice)[length] && (*choice)[length + 1])) {
            return wrong_key(key, "a choice is made of letters, digits and _ . + -", error);
        }
        if (is_in(choice + 1, *choice)) {
            return wrong_key(key, "two choices of one name", error);
        }
    }
    return IG_OK;
}

static ig_status check_range(const ig_key *key, double low, double high, ig_error *error)
{
    return !isfinite(key->low) || !isfinite(key->high) || key->low > key->high || key->low < low ||
                   key->high > high
               ? wrong_key(key, "low and high are not a range", error)
               : IG_OK;
}

/** A file is no axis, and what is in it changes results. */
static ig_status check_file(const ig_key *key, ig_error *error)
{
    return key->column ? wrong_key(key, "a file cannot be an axis", error)
           : key->annotation
               ? wrong_key(key, "a file changes results, so it is no annotation", error)
               : IG_OK;
}

/** What a key of this type needs beside names. */
static ig_status check_type(const ig_key *key, ig_error *error)
{
    switch (key->type) {
    case IG_KEY_CHOICE:
        return check_choices(key, error);
    case IG_KEY_INTEGER:
        return check_range(key, -0x1p53, 0x1p53, error);
    case IG_KEY_REAL:
    case IG_KEY_INTERVAL:
        return check_range(key, -HUGE_VAL, HUGE_VAL, error);
    case IG_KEY_BOOLEAN:
        return IG_OK;
    case IG_KEY_TEXT:
        return check_range(key, 0, IG_TEXT_BYTES, error);
    case IG_KEY_TEXTS:
        return check_range(key, 0, TEXTS_MAX, error);
    case IG_KEY_SIZES:
        return check_range(key, 0, INT32_MAX, error);
    case IG_KEY_FILE:
        return check_file(key, error);
    }
    return wrong_key(key, "its type is unknown", error);
}

/** The default must read as a user's value would. */
static ig_status check_default(const ig_schema *schema, const ig_key *key, ig_error *error)
{
    const ig_schema alone = {schema->experiment, key, 1};
    const ig_schema *schemas[] = {&alone};
    AUTO(ig_config_destroy) ig_config *config = NULL;
    AUTO(ig_diagnostics_destroy) ig_diagnostics *diagnostics = ig_diagnostics_create();
    AUTO_FREE char *text = ig_asprintf(error, "experiment: %s\nseeds: 1\n%s: %s\n",
                                       schema->experiment, key->path, key->default_text);
    if (!text || !diagnostics) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    }
    const ig_status status =
        ig_config_parse(text, strlen(text), key->path, schemas, 1, &config, diagnostics);
    if (status == IG_ERR_CONFIG) {
        return ig_error_set(
            error, IG_ERR_USAGE, "key %s: the default '%s' is wrong: %s", key->path,
            key->default_text,
            ig_diagnostics_count(diagnostics) > 0 ? ig_diagnostics_text(diagnostics, 0) : "");
    }
    if (status) {
        return ig_error_set(error, status, "out of memory");
    }
    const ig_value *value = ig_config_value(config, 0, 0);
    const char *spelled = ig_value_text(value);
    return key->later && !ig_value_is_default(key, value)
               ? ig_error_set(error, IG_ERR_USAGE,
                              "key %s: it is a later one, so that its default '%s' must be spelled "
                              "'%s', as values are",
                              key->path, key->default_text, spelled)
               : IG_OK;
}

static ig_status check_key(const ig_schema *schema, size_t k, ig_error *error)
{
    const ig_key *key = &schema->keys[k];
    TRY(check_path(schema, k, error));
    if (!is_line(key->long_name) || !is_line(key->units)) {
        return wrong_key(key, "units and long_name must say something (units \"1\" for numbers)",
                         error);
    }
    if (key->column && key->annotation) {
        return wrong_key(key, "an annotation changes no result, so it is not an axis", error);
    }
    if (key->later && !key->default_text) {
        return wrong_key(key, "a later key has a default", error);
    }
    TRY(check_type(key, error));
    return key->default_text ? check_default(schema, key, error) : IG_OK;
}

/** A key by its path, NULL where there is none. */
static const ig_key *find_key(const ig_experiment *e, const char *path)
{
    for (size_t k = 0; path && k < e->schema.n_keys; k++) {
        if (strcmp(e->schema.keys[k].path, path) == 0) {
            return &e->schema.keys[k];
        }
    }
    return NULL;
}

/* Columns and dimensions: every one becomes a dataset of the file, under a name of its own. */

/* Datasets that every result file or the table of grid points of a summary has (docs/format.md,
 * docs/merge.md). */
static const char *const reserved[] = {
    "task",       "seed",  "state", "crc",    "failure", "rank",   "start", "seconds",
    "provenance", "point", "done",  "failed", "missing", "string", NULL,
};

/* What names of a summary's other tables begin with, by the kind of analysis. */
static const char *const of_laws[] = {"fit", "exponent",  "amplitude",     "whole_", "published",
                                      "r2",  "n_anchors", "n_whole_seeds", NULL};
static const char *const of_ratios[] = {"claim", NULL};
static const char *const of_agreement[] = {
    "agreement", "residual_", "rows", "above", "excluded", "spearman", "sign_p", "published", NULL};
static const char *const of_profiles[] = {"profile_", NULL};
static const char *const of_curves[] = {"curve_", "optimum", NULL};
/** Whether a dataset of the summary might stand in the way of one that has this name. */
static bool is_in_summary(const ig_experiment *e, const char *name)
{
    for (size_t i = 0; i < e->summary.n_analyses; i++) {
        const ig_kind *kind = ig_kind_of(e->summary.analyses[i].kind);
        if (kind && kind->prefixes && begins_with_one(name, kind->prefixes)) {
            return true;
        }
    }
    return false;
}

static bool is_summarised(const ig_experiment *e, const char *column)
{
    return is_in(e->summary.columns, column);
}

/** Axis columns go to the summary as they are, summarised ones with their statistics behind. */
static ig_status check_summary_names(const ig_experiment *e, ig_error *error)
{
    for (size_t k = 0; k < e->schema.n_keys; k++) {
        const char *name = e->schema.keys[k].column;
        if (name && is_in_summary(e, name)) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "axis column '%s': the summary has datasets that begin so", name);
        }
    }
    for (size_t c = 0; c < e->n_columns; c++) {
        char behind[NAME_MAX_LENGTH + 2];
        snprintf(behind, sizeof behind, "%s_", e->columns[c].name);
        if (!e->columns[c].dimension && is_summarised(e, e->columns[c].name) &&
            is_in_summary(e, behind)) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "column '%s': the summary has datasets that begin so",
                                e->columns[c].name);
        }
    }
    return IG_OK;
}

/** "string8" is the dimension of texts of 8 bytes. */
static bool is_text_dimension(const char *name)
{
    const size_t n = strlen("string");
    return strncmp(name, "string", n) == 0 && isdigit((unsigned char)name[n]);
}

/** Names as they are taken, one after the other. */
typedef struct names {
    const char **taken;
    size_t n;
} names;

static ig_status take_name(names *all, const char *what, const char *name, ig_error *error)
{
    if (!ig_check_is_word(name, "_", NAME_MAX_LENGTH) || !isalpha((unsigned char)*name)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "%s '%.48s': a name is a letter, then letters, digits and _", what,
                            name ? name : "");
    }
    if (is_in(reserved, name) || is_text_dimension(name)) {
        return ig_error_set(error, IG_ERR_USAGE, "%s '%s': the file has a dataset of that name",
                            what, name);
    }
    for (size_t i = 0; i < all->n; i++) {
        if (strcmp(all->taken[i], name) == 0) {
            return ig_error_set(error, IG_ERR_USAGE, "%s '%s': there are two of that name", what,
                                name);
        }
    }
    all->taken[all->n++] = name;
    return IG_OK;
}

static ig_status check_names(const ig_experiment *e, ig_error *error)
{
    AUTO_FREE const char **taken = NULL;
    TRY(IG_ALLOC(taken, e->schema.n_keys + e->n_dimensions + e->n_columns, error));
    names all = {taken, 0};
    for (size_t k = 0; k < e->schema.n_keys; k++) {
        if (e->schema.keys[k].column) {
            TRY(take_name(&all, "axis column", e->schema.keys[k].column, error));
        }
    }
    for (size_t d = 0; d < e->n_dimensions; d++) {
        TRY(take_name(&all, "dimension", e->dimensions[d].name, error));
    }
    for (size_t c = 0; c < e->n_columns; c++) {
        TRY(take_name(&all, "column", e->columns[c].name, error));
    }
    return IG_OK;
}

static ig_status check_dimension(const ig_dimension *d, ig_error *error)
{
    return d->length && is_line(d->units) && is_line(d->long_name)
               ? IG_OK
               : ig_error_set(error, IG_ERR_USAGE,
                              "dimension %s: length, units and long_name must be there", d->name);
}

static ig_status check_column(const ig_experiment *e, const ig_column *c, ig_error *error)
{
    const char *fault = NULL;
    bool known = !c->dimension;
    for (size_t d = 0; d < e->n_dimensions && !known; d++) {
        known = strcmp(e->dimensions[d].name, c->dimension) == 0;
    }
    if (c->type != IG_F32 && c->type != IG_F64 && c->type != IG_I32 && c->type != IG_I64) {
        fault = "its type is unknown";
    } else if (!is_line(c->units) || !is_line(c->long_name) || !is_line_or_null(c->equation)) {
        fault = "units and long_name must say something (units \"1\" for numbers)";
    } else if (!known) {
        fault = "its dimension is not in the table";
    } else if (c->dimension && c->type != IG_F32) {
        fault = "a column with a dimension is IG_F32";
    } else if (c->ragged && !c->dimension) {
        fault = "a single number cannot be ragged";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "column %s: %s", c->name, fault) : IG_OK;
}

static ig_status check_columns(const ig_experiment *e, ig_error *error)
{
    TRY(check_names(e, error));
    TRY(check_summary_names(e, error));
    for (size_t d = 0; d < e->n_dimensions; d++) {
        TRY(check_dimension(&e->dimensions[d], error));
    }
    for (size_t c = 0; c < e->n_columns; c++) {
        TRY(check_column(e, &e->columns[c], error));
    }
    return IG_OK;
}

/* Analyses: what they name must be there. */

static bool are_axes(const ig_experiment *e, const char *const *paths)
{
    for (; paths && *paths; paths++) {
        const ig_key *key = find_key(e, *paths);
        if (!key || !key->column) {
            return false;
        }
    }
    return true;
}

static bool is_numeric_axis(const ig_key *key)
{
    return key && key->column && (key->type == IG_KEY_REAL || key->type == IG_KEY_INTEGER);
}

/** NULL, or the path of a key of this type that is not an axis. */
static bool is_published(const ig_experiment *e, const char *path, ig_key_type type)
{
    const ig_key *key = find_key(e, path);
    return !path || (key && !key->column && key->type == type);
}

/** Whether every value is one that a key can have; of keys without choices anything is believed. */
static bool are_values(const ig_key *key, const char *const *values)
{
    for (; values && *values; values++) {
        if (key->type == IG_KEY_CHOICE && !is_in(key->choices, *values) && !strchr(*values, '=')) {
            return false;
        }
    }
    return true;
}

static bool are_summarised(const ig_experiment *e, const char *const *columns, size_t n_max)
{
    for (size_t n = 0; columns && *columns; columns++) {
        if (!is_summarised(e, *columns) || ++n > n_max) {
            return false;
        }
    }
    return true;
}

/** NULL or a file's name, and labels that can be shown. */
static const char *fault_of_figure(const char *name, const char *title, const char *x,
                                   const char *y)
{
    return (name && !is_file_name(name)) || !is_line_or_null(title) || !is_line_or_null(x) ||
                   !is_line_or_null(y)
               ? "the name of its figure is not one for a file, or its labels are not lines"
               : NULL;
}

/** Both NULL, or a CHOICE key and one of its values. */
static bool is_choice(const ig_experiment *e, const char *path, const char *value)
{
    const ig_key *key = find_key(e, path);
    return !path || !value ? !path && !value
                           : key && key->type == IG_KEY_CHOICE &&
                                 (is_in(key->choices, value) || strchr(value, '='));
}

static bool is_integer(const ig_key *key)
{
    return key && key->type == IG_KEY_INTEGER;
}

static ig_status check_fit(const ig_experiment *e, const ig_fit *fit, ig_error *error)
{
    const char *fault = NULL;
    if (!is_summarised(e, fit->column)) {
        return ig_error_set(error, IG_ERR_USAGE, "fit: column '%.48s' is not summarised",
                            fit->column ? fit->column : "");
    }
    if (!is_numeric_axis(find_key(e, fit->axis))) {
        fault = "its axis is not the path of an axis key of numbers";
    } else if (!is_line(fit->exponent) || !is_line(fit->amplitude)) {
        fault = "exponent and amplitude need names";
    } else if (!is_published(e, fit->published, IG_KEY_REAL) ||
               !is_published(e, fit->published_interval, IG_KEY_INTERVAL)) {
        fault = "published figures are paths of REAL and INTERVAL keys that are not axes";
    } else if (fit->law && strcmp(fit->law, "power") != 0 && strcmp(fit->law, "floor") != 0 &&
               strcmp(fit->law, "auto") != 0) {
        fault = "its law is not power, floor or auto";
    } else if (fit->outputs && !is_integer(find_key(e, fit->outputs))) {
        fault = "its number of outputs is not the path of an INTEGER key";
    } else if (!is_choice(e, fit->only_key, fit->only_value)) {
        fault = "only_key and only_value are not a CHOICE key and its value";
    } else if ((fit->sensitivity && !is_summarised(e, fit->sensitivity)) ||
               (fit->sensitivity_perturbed && !is_summarised(e, fit->sensitivity_perturbed))) {
        fault = "a sensitivity of it is not summarised";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "fit of %s: %s", fit->column, fault) : IG_OK;
}

static ig_status check_laws(const ig_experiment *e, const void *spec, ig_error *error)
{
    const ig_fits *laws = spec;
    const char *fault =
        laws->n_fits == 0 || laws->n_fits > COLUMNS_MAX || !laws->fits
            ? "the table of fits is missing"
            : fault_of_figure(laws->figure, laws->figure_title, laws->x_label, laws->y_label);
    if (fault) {
        return ig_error_set(error, IG_ERR_USAGE, "laws: %s", fault);
    }
    for (size_t i = 0; i < laws->n_fits; i++) {
        TRY(check_fit(e, &laws->fits[i], error));
    }
    return IG_OK;
}

static const char *fault_of_pools(const ig_experiment *e, const ig_ratio *r)
{
    const ig_key *first = find_key(e, r->by[0]);
    if (r->n_pools > 0 && !r->pools) {
        return "the table of pools is missing";
    }
    for (size_t i = 0; i < r->n_pools; i++) {
        const ig_pool *pool = &r->pools[i];
        if (!is_line(pool->name) || !pool->values || !pool->values[0] ||
            !are_values(first, pool->values)) {
            return "a pool needs a name and values of the first key of `by`";
        }
        if (!is_published(e, pool->published_median, IG_KEY_REAL) ||
            !is_published(e, pool->published_maximum, IG_KEY_REAL)) {
            return "what is published of a pool is the path of a REAL key that is not an axis";
        }
    }
    return NULL;
}

static ig_status check_ratio(const ig_experiment *e, const void *spec, ig_error *error)
{
    const ig_ratio *r = spec;
    const ig_key *against = find_key(e, r->against);
    const char *fault = NULL;
    if (!is_summarised(e, r->column)) {
        return ig_error_set(error, IG_ERR_USAGE, "ratio: column '%.48s' is not summarised",
                            r->column ? r->column : "");
    }
    if (r->checked && !is_summarised(e, r->checked)) {
        fault = "the checked column is not summarised";
    } else if (!(r->slack >= 0)) {
        fault = "slack must be at least 0";
    } else if (!r->by || !r->by[0] || !are_axes(e, r->by)) {
        fault = "`by` is not a list of paths of axis keys";
    } else if (!are_values(find_key(e, r->by[0]), r->only) ||
               !are_values(find_key(e, r->by[0]), r->attained)) {
        fault = "`only` and `attained` are not values of the first key of `by`";
    } else if (!are_summarised(e, r->beside, IG_RATIO_BESIDE)) {
        fault = "`beside` is at most 4 summarised columns";
    } else if (r->against && (!against || !against->column || against->type != IG_KEY_REAL)) {
        fault = "`against` is not the path of a REAL axis key";
    } else {
        fault = fault_of_figure(r->figure, r->figure_title, r->x_label, r->y_label);
        fault = fault ? fault : fault_of_pools(e, r);
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "ratio %s: %s", r->column, fault) : IG_OK;
}

static const char *fault_of_group(const ig_experiment *e, const ig_agreement *a,
                                  const ig_agreement_group *g)
{
    const char *const second[] = {g->second, NULL};
    if (!is_line(g->name) || strpbrk(g->name, ",\"'")) {
        return "a group needs a name without commas and quotes";
    }
    if (!g->first || !g->first[0] || !g->second || !are_values(find_key(e, a->by[0]), g->first) ||
        !are_values(find_key(e, a->by[1]), second)) {
        return "the values of a group are not those of its keys";
    }
    if (!is_published(e, g->published_median, IG_KEY_REAL) ||
        !is_published(e, g->published_p, IG_KEY_REAL)) {
        return "what is published of a group is the path of a REAL key that is not an axis";
    }
    return fault_of_figure(g->figure, NULL, NULL, NULL);
}

static ig_status check_agreement(const ig_experiment *e, const void *spec, ig_error *error)
{
    const ig_agreement *a = spec;
    const char *const columns[] = {a->predicted, a->realized, a->residual, a->excluded};
    const char *fault = fault_of_figure(NULL, a->figure_title, a->x_label, a->y_label);
    for (size_t i = 0; i < sizeof columns / sizeof *columns && !fault; i++) {
        fault = is_summarised(e, columns[i]) ? NULL : "a column of it is not summarised";
    }
    for (size_t i = 0; i < 2 && !fault; i++) {
        const ig_key *key = find_key(e, a->by[i]);
        if (!key || !key->column || key->type != IG_KEY_CHOICE) {
            fault = "`by` is not two paths of CHOICE axis keys";
        }
    }
    if (!fault && (a->n_groups == 0 || a->n_groups > IG_AGREEMENT_GROUPS || !a->groups)) {
        fault = "it needs 1 to 64 groups";
    }
    for (size_t i = 0; !fault && i < a->n_groups; i++) {
        fault = fault_of_group(e, a, &a->groups[i]);
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "agreement: %s", fault) : IG_OK;
}

static ig_status check_curve(const ig_experiment *e, const void *spec, ig_error *error)
{
    const ig_curve *c = spec;
    const char *fault = NULL;
    if (!is_file_name(c->name)) {
        return ig_error_set(error, IG_ERR_USAGE, "curve: its name is not one for a file");
    }
    if (!is_numeric_axis(find_key(e, c->x))) {
        fault = "x is not the path of an axis key of numbers";
    } else if (!are_axes(e, c->panels) || !are_axes(e, c->lines)) {
        fault = "panels and lines are not paths of axis keys";
    } else if (!is_choice(e, c->only_key, c->only_value)) {
        fault = "only_key and only_value are not a CHOICE key and its value";
    } else if (!is_summarised(e, c->measured)) {
        fault = "the measured column is not summarised";
    } else if (c->reference &&
               (!is_summarised(e, c->reference) || !is_line_or_null(c->reference_title))) {
        fault = "the reference is not a summarised column with a title";
    } else if (!are_summarised(e, c->predicted, COLUMNS_MAX)) {
        fault = "a column of `predicted` is not summarised";
    } else if (!(c->tolerance >= 0)) {
        fault = "tolerance must be at least 0";
    } else {
        fault = fault_of_figure(NULL, c->title, c->x_label, c->y_label);
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "curve %s: %s", c->name, fault) : IG_OK;
}

static ig_status check_table(const ig_experiment *e, const void *spec, ig_error *error)
{
    (void)e;
    return ((const ig_own_table *)spec)->make
               ? IG_OK
               : ig_error_set(error, IG_ERR_USAGE, "summary: a table without its function");
}

static ig_status check_profile(const ig_experiment *e, const void *spec, ig_error *error)
{
    const ig_profile *p = spec;
    const char *fault = fault_of_figure(NULL, p->title, p->x_label, p->y_label);
    bool known = false;
    if (!is_file_name(p->name)) {
        return ig_error_set(error, IG_ERR_USAGE, "profile: its name is not one for a file");
    }
    for (size_t c = 0; c < e->n_columns && p->column; c++) {
        known = known || (strcmp(e->columns[c].name, p->column) == 0 && e->columns[c].dimension);
    }
    if (!known) {
        fault = "its column is not one with a dimension";
    } else if (!is_choice(e, p->only_key, p->only_value)) {
        fault = "only_key and only_value are not a CHOICE key and its value";
    } else if (p->largest && !is_numeric_axis(find_key(e, p->largest))) {
        fault = "`largest` is not the path of an axis key of numbers";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "profile %s: %s", p->name, fault) : IG_OK;
}

static bool is_same(const char *name, const char *figure)
{
    return name && strcmp(name, figure) == 0;
}

static bool laws_draw(const void *spec, const char *figure)
{
    return is_same(((const ig_fits *)spec)->figure, figure);
}

static bool ratio_draws(const void *spec, const char *figure)
{
    return is_same(((const ig_ratio *)spec)->figure, figure);
}

static bool curve_draws(const void *spec, const char *figure)
{
    return is_same(((const ig_curve *)spec)->name, figure);
}

static bool profile_draws(const void *spec, const char *figure)
{
    return is_same(((const ig_profile *)spec)->name, figure);
}

static bool agreement_draws(const void *spec, const char *figure)
{
    const ig_agreement *a = spec;
    for (size_t i = 0; i < a->n_groups; i++) {
        if (is_same(a->groups[i].figure, figure)) {
            return true;
        }
    }
    return false;
}

static const ig_kind kinds[] = {
    [IG_ANALYSIS_LAWS] = {.name = "ig_fits",
                          .size = sizeof(ig_fits),
                          .prefixes = of_laws,
                          .single = true,
                          .after_points = true,
                          .check = check_laws,
                          .draws = laws_draw,
                          .array = {"ig_fit", offsetof(ig_fits, fits), offsetof(ig_fits, n_fits),
                                    sizeof(ig_fit), IG_SIZE_FIT}},
    [IG_ANALYSIS_RATIO] = {.name = "ig_ratio",
                           .size = sizeof(ig_ratio),
                           .prefixes = of_ratios,
                           .check = check_ratio,
                           .draws = ratio_draws,
                           .array = {"ig_pool", offsetof(ig_ratio, pools),
                                     offsetof(ig_ratio, n_pools), sizeof(ig_pool), IG_SIZE_POOL}},
    [IG_ANALYSIS_AGREEMENT] = {.name = "ig_agreement",
                               .size = sizeof(ig_agreement),
                               .prefixes = of_agreement,
                               .single = true,
                               .check = check_agreement,
                               .draws = agreement_draws,
                               .array = {"ig_agreement_group", offsetof(ig_agreement, groups),
                                         offsetof(ig_agreement, n_groups),
                                         sizeof(ig_agreement_group), IG_SIZE_GROUP}},
    [IG_ANALYSIS_CURVE] = {.name = "ig_curve",
                           .size = sizeof(ig_curve),
                           .prefixes = of_curves,
                           .check = check_curve,
                           .draws = curve_draws},
    [IG_ANALYSIS_PROFILE] = {.name = "ig_profile",
                             .size = sizeof(ig_profile),
                             .prefixes = of_profiles,
                             .check = check_profile,
                             .draws = profile_draws},
    [IG_ANALYSIS_TABLE] = {.name = "ig_own_table",
                           .size = sizeof(ig_own_table),
                           .after_points = true,
                           .check = check_table},
};

const ig_kind *ig_kind_of(ig_analysis_kind kind)
{
    const size_t i = (size_t)kind;
    return i < sizeof kinds / sizeof *kinds && kinds[i].size ? &kinds[i] : NULL;
}

static ig_status check_analysis(const ig_experiment *e, const ig_analysis *a, ig_error *error)
{
    const ig_kind *kind = ig_kind_of(a->kind);
    if (!kind) {
        return ig_error_set(error, IG_ERR_USAGE, "summary: an analysis of an unknown kind");
    }
    return a->spec ? kind->check(e, a->spec, error)
                   : ig_error_set(error, IG_ERR_USAGE, "summary: an analysis without its struct");
}

/** What two analyses cannot share. */
static ig_status check_pair(const ig_analysis *a, const ig_analysis *b, ig_error *error)
{
    const ig_kind *kind = ig_kind_of(a->kind), *other = ig_kind_of(b->kind);
    const char *figure = a->kind == IG_ANALYSIS_LAWS      ? ((const ig_fits *)a->spec)->figure
                         : a->kind == IG_ANALYSIS_RATIO   ? ((const ig_ratio *)a->spec)->figure
                         : a->kind == IG_ANALYSIS_CURVE   ? ((const ig_curve *)a->spec)->name
                         : a->kind == IG_ANALYSIS_PROFILE ? ((const ig_profile *)a->spec)->name
                                                          : NULL;
    if (kind == other && kind->single) {
        return ig_error_set(error, IG_ERR_USAGE, "summary: %s twice", kind->name);
    }
    if (a->kind == IG_ANALYSIS_RATIO && b->kind == IG_ANALYSIS_RATIO &&
        strcmp(((const ig_ratio *)a->spec)->column, ((const ig_ratio *)b->spec)->column) == 0) {
        return ig_error_set(error, IG_ERR_USAGE, "summary: two ratios of column %s",
                            ((const ig_ratio *)a->spec)->column);
    }
    if (figure && other->draws && other->draws(b->spec, figure)) {
        return ig_error_set(error, IG_ERR_USAGE, "summary: two figures are named %s", figure);
    }
    return IG_OK;
}

static ig_status check_summarised(const ig_experiment *e, ig_error *error)
{
    if (!e->summary.columns || !e->summary.columns[0]) {
        return ig_error_set(error, IG_ERR_USAGE, "summary: it names no column");
    }
    for (const char *const *name = e->summary.columns; *name; name++) {
        const ig_column *column = NULL;
        for (size_t c = 0; c < e->n_columns && !column; c++) {
            column = strcmp(e->columns[c].name, *name) == 0 ? &e->columns[c] : NULL;
        }
        if (!column || column->dimension) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "summary: '%.48s' is not a column of single numbers", *name);
        }
        if (is_in(name + 1, *name)) {
            return ig_error_set(error, IG_ERR_USAGE, "summary: column %s is there twice", *name);
        }
    }
    return IG_OK;
}

static ig_status check_summary(const ig_experiment *e, ig_error *error)
{
    const ig_analysis *all = e->summary.analyses;
    TRY(check_summarised(e, error));
    for (size_t i = 0; i < e->summary.n_analyses; i++) {
        TRY(check_analysis(e, &all[i], error));
        for (size_t j = 0; j < i; j++) {
            TRY(check_pair(&all[i], &all[j], error));
            TRY(check_pair(&all[j], &all[i], error));
        }
    }
    return IG_OK;
}

ig_status ig_check_counts(const ig_experiment *e, ig_error *error)
{
    if (e->schema.n_keys > KEYS_MAX || (e->schema.n_keys > 0 && !e->schema.keys)) {
        return ig_error_set(error, IG_ERR_USAGE, "%zu keys are too many, or their table is missing",
                            e->schema.n_keys);
    }
    if (e->n_columns == 0 || !e->columns) {
        return ig_error_set(error, IG_ERR_USAGE, "there are no columns for results");
    }
    if (e->n_columns > COLUMNS_MAX || e->n_dimensions > DIMENSIONS_MAX ||
        (e->n_dimensions > 0 && !e->dimensions)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "%zu columns of %zu dimensions: at most %d of %d, and no missing table",
                            e->n_columns, e->n_dimensions, COLUMNS_MAX, DIMENSIONS_MAX);
    }
    if (e->summary.n_analyses > ANALYSES_MAX ||
        (e->summary.n_analyses > 0 && !e->summary.analyses)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "%zu analyses are too many, or their table is missing",
                            e->summary.n_analyses);
    }
    return IG_OK;
}

static ig_status check_all(const ig_experiment *e, ig_error *error)
{
    if (!is_line(e->title)) {
        return ig_error_set(error, IG_ERR_USAGE, "it has no title");
    }
    if (!e->shared_bytes != !e->load) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "it needs shared_bytes and load: both hooks or none");
    }
    if (!e->cost || !e->run) {
        return ig_error_set(error, IG_ERR_USAGE, "cost and run must be there");
    }
    TRY(ig_check_counts(e, error));
    for (size_t k = 0; k < e->schema.n_keys; k++) {
        TRY(check_key(&e->schema, k, error));
    }
    TRY(check_columns(e, error));
    return check_summary(e, error);
}

ig_status ig_check_experiment(const ig_experiment *e, ig_error *error)
{
    const char *name = e->schema.experiment;
    if (!ig_check_is_word(name, "_-", NAME_MAX_LENGTH)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "an experiment's name is made of letters, digits, _ and -");
    }
    return check_all(e, error) ? ig_error_context(error, "experiment %s", name) : IG_OK;
}
