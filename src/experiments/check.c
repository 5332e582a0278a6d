#include "experiments/check.h"

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
    DIMENSIONS_MAX = 64,
    ANALYSES_MAX = 256,
    TEXT_WIDTH_MAX = 1 << 16, /* bytes of a column of text */
    NAME_MAX_LENGTH = 48,     /* of experiments, columns and dimensions */
    PATH_MAX_LENGTH = 120,    /* of keys */
    TEXTS_MAX = 1000,         /* in a list */
    CHOICE_MAX_LENGTH = 40    /* fits an ig_value with its argument */
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

bool ig_check_is_line(const char *text)
{
    return text && *text && ig_text_is_sanitized(text);
}

bool ig_check_is_line_or_null(const char *text)
{
    return !text || ig_check_is_line(text);
}

bool ig_check_is_in(const char *const *list, const char *text)
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
        if (ig_check_is_in(choice + 1, *choice)) {
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

/** Files and trees are no axes, and what is in a file changes results. */
static ig_status check_single(const ig_key *key, ig_error *error)
{
    return key->column ? wrong_key(key, "a file or a tree cannot be an axis", error)
           : key->annotation && ig_key_is_file(key)
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
    case IG_KEY_TREE:
        return check_single(key, error);
    case IG_KEY_FILES:
        TRY(check_range(key, 0, TEXTS_MAX, error));
        return check_single(key, error);
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
    if (!ig_check_is_line(key->long_name) || !ig_check_is_line(key->units)) {
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

const ig_key *ig_check_find_key(const ig_experiment *e, const char *path)
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

bool ig_check_is_in_summary(const ig_experiment *e, const char *name)
{
    for (size_t i = 0; i < e->summary.n_analyses; i++) {
        const ig_kind *kind = ig_kind_of(e->summary.analyses[i].kind);
        if (kind && kind->prefixes && begins_with_one(name, kind->prefixes)) {
            return true;
        }
    }
    return false;
}

bool ig_check_is_summarised(const ig_experiment *e, const char *column)
{
    return ig_check_is_in(e->summary.columns, column);
}

/** Axis columns go to the summary as they are, summarised ones with their statistics behind. */
static ig_status check_summary_names(const ig_experiment *e, ig_error *error)
{
    for (size_t k = 0; k < e->schema.n_keys; k++) {
        const char *name = e->schema.keys[k].column;
        if (name && ig_check_is_in_summary(e, name)) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "axis column '%s': the summary has datasets that begin so", name);
        }
    }
    for (size_t c = 0; c < e->n_columns; c++) {
        char behind[NAME_MAX_LENGTH + 2];
        snprintf(behind, sizeof behind, "%s_", e->columns[c].name);
        if (!e->columns[c].dimension && ig_check_is_summarised(e, e->columns[c].name) &&
            ig_check_is_in_summary(e, behind)) {
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

bool ig_check_is_reserved(const char *name)
{
    return ig_check_is_in(reserved, name) || is_text_dimension(name);
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
    if (ig_check_is_reserved(name)) {
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
    return (d->length || d->fixed > 0) && ig_check_is_line(d->units) &&
                   ig_check_is_line(d->long_name)
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
    if (c->type != IG_F32 && c->type != IG_F64 && c->type != IG_I32 && c->type != IG_I64 &&
        c->type != IG_TEXT) {
        fault = "its type is unknown";
    } else if (!ig_check_is_line(c->units) || !ig_check_is_line(c->long_name) ||
               !ig_check_is_line_or_null(c->equation)) {
        fault = "units and long_name must say something (units \"1\" for numbers)";
    } else if (!known) {
        fault = "its dimension is not in the table";
    } else if (c->dimension && c->type != IG_F32) {
        fault = "a column with a dimension is IG_F32";
    } else if (c->type == IG_TEXT && (c->width == 0 || c->width > TEXT_WIDTH_MAX)) {
        fault = "a column of text is 1 to 65536 bytes wide";
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

ig_status ig_check_counts(const ig_experiment *e, ig_error *error)
{
    if (e->schema.n_keys > KEYS_MAX || (e->schema.n_keys > 0 && !e->schema.keys)) {
        return ig_error_set(error, IG_ERR_USAGE, "%zu keys are too many, or their table is missing",
                            e->schema.n_keys);
    }
    if (e->n_columns == 0 || !e->columns) {
        return ig_error_set(error, IG_ERR_USAGE, "there are no columns for results");
    }
    if (e->n_columns > IG_CHECK_COLUMNS_MAX || e->n_dimensions > DIMENSIONS_MAX ||
        (e->n_dimensions > 0 && !e->dimensions)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "%zu columns of %zu dimensions: at most %d of %d, and no missing table",
                            e->n_columns, e->n_dimensions, IG_CHECK_COLUMNS_MAX, DIMENSIONS_MAX);
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
    if (!ig_check_is_line(e->title)) {
        return ig_error_set(error, IG_ERR_USAGE, "it has no title");
    }
    if (!e->shared_bytes != !e->load) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "it needs shared_bytes and load: both hooks or none");
    }
    if (!e->begin != !e->end) {
        return ig_error_set(error, IG_ERR_USAGE, "it needs begin and end: both hooks or none");
    }
    if (!e->cost || !e->run) {
        return ig_error_set(error, IG_ERR_USAGE, "cost and run must be there");
    }
    TRY(ig_check_counts(e, error));
    for (size_t k = 0; k < e->schema.n_keys; k++) {
        TRY(check_key(&e->schema, k, error));
    }
    TRY(check_columns(e, error));
    return ig_check_summary(e, error);
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
