#include <stddef.h>
#include <string.h>

#include "base/try.h"
#include "experiments/check.h"
#include "imagrid/plugin.h"

enum { FIGURE_MAX_LENGTH = 64 };

/* What names of a summary's other tables begin with, by the kind of analysis. */
static const char *const of_laws[] = {"fit", "exponent",  "amplitude",     "whole_", "published",
                                      "r2",  "n_anchors", "n_whole_seeds", NULL};
static const char *const of_ratios[] = {"claim", NULL};
static const char *const of_agreement[] = {
    "agreement", "residual_", "rows", "above", "excluded", "spearman", "sign_p", "published", NULL};
static const char *const of_profiles[] = {"profile_", NULL};
static const char *const of_curves[] = {"curve_", "optimum", NULL};

static bool is_file_name(const char *text)
{
    return ig_check_is_word(text, "_-", FIGURE_MAX_LENGTH);
}

static bool are_axes(const ig_experiment *e, const char *const *paths)
{
    for (; paths && *paths; paths++) {
        const ig_key *key = ig_check_find_key(e, *paths);
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
    const ig_key *key = ig_check_find_key(e, path);
    return !path || (key && !key->column && key->type == type);
}

/** Whether every value is one that a key can have; of keys without choices anything is believed. */
static bool are_values(const ig_key *key, const char *const *values)
{
    for (; values && *values; values++) {
        if (key->type == IG_KEY_CHOICE && !ig_check_is_in(key->choices, *values) &&
            !strchr(*values, '=')) {
            return false;
        }
    }
    return true;
}

static bool are_summarised(const ig_experiment *e, const char *const *columns, size_t n_max)
{
    for (size_t n = 0; columns && *columns; columns++) {
        if (!ig_check_is_summarised(e, *columns) || ++n > n_max) {
            return false;
        }
    }
    return true;
}

/** NULL or a file's name, and labels that can be shown. */
static const char *fault_of_figure(const char *name, const char *title, const char *x,
                                   const char *y)
{
    return (name && !is_file_name(name)) || !ig_check_is_line_or_null(title) ||
                   !ig_check_is_line_or_null(x) || !ig_check_is_line_or_null(y)
               ? "the name of its figure is not one for a file, or its labels are not lines"
               : NULL;
}

/** Both NULL, or a CHOICE key and one of its values. */
static bool is_choice(const ig_experiment *e, const char *path, const char *value)
{
    const ig_key *key = ig_check_find_key(e, path);
    return !path || !value ? !path && !value
                           : key && key->type == IG_KEY_CHOICE &&
                                 (ig_check_is_in(key->choices, value) || strchr(value, '='));
}

static bool is_integer(const ig_key *key)
{
    return key && key->type == IG_KEY_INTEGER;
}

static ig_status check_fit(const ig_experiment *e, const ig_fit *fit, ig_error *error)
{
    const char *fault = NULL;
    if (!ig_check_is_summarised(e, fit->column)) {
        return ig_error_set(error, IG_ERR_USAGE, "fit: column '%.48s' is not summarised",
                            fit->column ? fit->column : "");
    }
    if (!is_numeric_axis(ig_check_find_key(e, fit->axis))) {
        fault = "its axis is not the path of an axis key of numbers";
    } else if (!ig_check_is_line(fit->exponent) || !ig_check_is_line(fit->amplitude)) {
        fault = "exponent and amplitude need names";
    } else if (!is_published(e, fit->published, IG_KEY_REAL) ||
               !is_published(e, fit->published_interval, IG_KEY_INTERVAL)) {
        fault = "published figures are paths of REAL and INTERVAL keys that are not axes";
    } else if (fit->law && strcmp(fit->law, "power") != 0 && strcmp(fit->law, "floor") != 0 &&
               strcmp(fit->law, "auto") != 0) {
        fault = "its law is not power, floor or auto";
    } else if (fit->outputs && !is_integer(ig_check_find_key(e, fit->outputs))) {
        fault = "its number of outputs is not the path of an INTEGER key";
    } else if (!is_choice(e, fit->only_key, fit->only_value)) {
        fault = "only_key and only_value are not a CHOICE key and its value";
    } else if ((fit->sensitivity && !ig_check_is_summarised(e, fit->sensitivity)) ||
               (fit->sensitivity_perturbed &&
                !ig_check_is_summarised(e, fit->sensitivity_perturbed))) {
        fault = "a sensitivity of it is not summarised";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "fit of %s: %s", fit->column, fault) : IG_OK;
}

static ig_status check_laws(const ig_experiment *e, const void *spec, ig_error *error)
{
    const ig_fits *laws = spec;
    const char *fault =
        laws->n_fits == 0 || laws->n_fits > IG_CHECK_COLUMNS_MAX || !laws->fits
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
    const ig_key *first = ig_check_find_key(e, r->by[0]);
    if (r->n_pools > 0 && !r->pools) {
        return "the table of pools is missing";
    }
    for (size_t i = 0; i < r->n_pools; i++) {
        const ig_pool *pool = &r->pools[i];
        if (!ig_check_is_line(pool->name) || !pool->values || !pool->values[0] ||
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
    const ig_key *against = ig_check_find_key(e, r->against);
    const char *fault = NULL;
    if (!ig_check_is_summarised(e, r->column)) {
        return ig_error_set(error, IG_ERR_USAGE, "ratio: column '%.48s' is not summarised",
                            r->column ? r->column : "");
    }
    if (r->checked && !ig_check_is_summarised(e, r->checked)) {
        fault = "the checked column is not summarised";
    } else if (!(r->slack >= 0)) {
        fault = "slack must be at least 0";
    } else if (!r->by || !r->by[0] || !are_axes(e, r->by)) {
        fault = "`by` is not a list of paths of axis keys";
    } else if (!are_values(ig_check_find_key(e, r->by[0]), r->only) ||
               !are_values(ig_check_find_key(e, r->by[0]), r->attained)) {
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
    if (!ig_check_is_line(g->name) || strpbrk(g->name, ",\"'")) {
        return "a group needs a name without commas and quotes";
    }
    if (!g->first || !g->first[0] || !g->second ||
        !are_values(ig_check_find_key(e, a->by[0]), g->first) ||
        !are_values(ig_check_find_key(e, a->by[1]), second)) {
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
        fault = ig_check_is_summarised(e, columns[i]) ? NULL : "a column of it is not summarised";
    }
    for (size_t i = 0; i < 2 && !fault; i++) {
        const ig_key *key = ig_check_find_key(e, a->by[i]);
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
    if (!is_numeric_axis(ig_check_find_key(e, c->x))) {
        fault = "x is not the path of an axis key of numbers";
    } else if (!are_axes(e, c->panels) || !are_axes(e, c->lines)) {
        fault = "panels and lines are not paths of axis keys";
    } else if (!is_choice(e, c->only_key, c->only_value)) {
        fault = "only_key and only_value are not a CHOICE key and its value";
    } else if (!ig_check_is_summarised(e, c->measured)) {
        fault = "the measured column is not summarised";
    } else if (c->reference && (!ig_check_is_summarised(e, c->reference) ||
                                !ig_check_is_line_or_null(c->reference_title))) {
        fault = "the reference is not a summarised column with a title";
    } else if (!are_summarised(e, c->predicted, IG_CHECK_COLUMNS_MAX)) {
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
    } else if (p->largest && !is_numeric_axis(ig_check_find_key(e, p->largest))) {
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
        if (!column || column->dimension || column->type == IG_TEXT) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "summary: '%.48s' is not a column of single numbers", *name);
        }
        if (ig_check_is_in(name + 1, *name)) {
            return ig_error_set(error, IG_ERR_USAGE, "summary: column %s is there twice", *name);
        }
    }
    return IG_OK;
}

ig_status ig_check_summary(const ig_experiment *e, ig_error *error)
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
