/** Ratios and agreements of a summary. */
#include <string.h>

#include "experiments/check.h"

enum { LONGEST_FIGURE = 64 };

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

static bool are_axes(const ig_experiment *e, const char *const *paths)
{
    for (; *paths; paths++) {
        const ig_key *key = ig_check_key(e, *paths);
        if (!key || !key->column) {
            return false;
        }
    }
    return true;
}

/** At most IG_RATIO_BESIDE summarised columns. */
static bool may_stand_beside(const ig_experiment *e, const char *const *columns)
{
    size_t n = 0;
    for (; columns && *columns; columns++) {
        if (!ig_check_is_summarised(e, *columns) || ++n > IG_RATIO_BESIDE) {
            return false;
        }
    }
    return true;
}

static const char *fault_of_pools(const ig_experiment *e, const ig_ratio *r)
{
    const ig_key *first = ig_check_key(e, r->by[0]);
    for (size_t i = 0; i < r->n_pools; i++) {
        const ig_pool *pool = &r->pools[i];
        if (!ig_check_is_line(pool->name) || !pool->values || !pool->values[0] ||
            !are_values(first, pool->values)) {
            return "a pool needs a name and values of the first key of `by`";
        }
        if (!ig_check_is_published(e, pool->published_median, IG_KEY_REAL) ||
            !ig_check_is_published(e, pool->published_maximum, IG_KEY_REAL)) {
            return "what is published of a pool is the path of a REAL key that is no axis";
        }
    }
    return NULL;
}

static const char *fault_of_figure(const ig_experiment *e, const ig_ratio *r)
{
    const ig_key *against = ig_check_key(e, r->against);
    if (!ig_check_is_word(r->figure, "_-", LONGEST_FIGURE) || !ig_check_is_line(r->figure_title) ||
        !ig_check_is_line(r->x_label) || !ig_check_is_line(r->y_label)) {
        return "its figure needs a name for its file, a title and labels";
    }
    if (r->against && (!against || !against->column || against->type != IG_KEY_REAL)) {
        return "`against` is not the path of a REAL axis key";
    }
    return NULL;
}

ig_status ig_check_ratio(const ig_experiment *e, const ig_ratio *r, ig_error *error)
{
    const char *fault = NULL;
    if (!ig_check_is_summarised(e, r->column)) {
        return ig_error_set(error, IG_ERR_USAGE, "ratio: column '%.48s' is not summarised",
                            r->column ? r->column : "");
    }
    if (r->judged && !ig_check_is_summarised(e, r->judged)) {
        fault = "the judged column is not summarised";
    } else if (!(r->slack >= 0)) {
        fault = "slack is not from 0";
    } else if (!r->by || !r->by[0] || !are_axes(e, r->by)) {
        fault = "`by` is not a list of paths of axis keys";
    } else if (!are_values(ig_check_key(e, r->by[0]), r->only) ||
               !are_values(ig_check_key(e, r->by[0]), r->attained)) {
        fault = "`only` and `attained` are not values of the first key of `by`";
    } else if (!may_stand_beside(e, r->beside)) {
        fault = "`beside` is at most 4 summarised columns";
    } else if (r->n_pools > 0 && !r->pools) {
        fault = "the table of pools is missing";
    } else {
        fault = fault_of_pools(e, r);
        fault = fault || !r->figure ? fault : fault_of_figure(e, r);
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
        !are_values(ig_check_key(e, a->by[0]), g->first) ||
        !are_values(ig_check_key(e, a->by[1]), second)) {
        return "the values of a group are not those of its keys";
    }
    if (g->figure &&
        (!ig_check_is_word(g->figure, "_-", LONGEST_FIGURE) || !ig_check_is_line(a->figure_title) ||
         !ig_check_is_line(a->x_label) || !ig_check_is_line(a->y_label))) {
        return "its figures need names for their files, a title and labels";
    }
    if (!ig_check_is_published(e, g->published_median, IG_KEY_REAL) ||
        !ig_check_is_published(e, g->published_p, IG_KEY_REAL)) {
        return "what is published of a group is the path of a REAL key that is no axis";
    }
    return NULL;
}

ig_status ig_check_agreement(const ig_experiment *e, ig_error *error)
{
    const ig_agreement *a = e->summary.agreement;
    const char *const columns[] = {a->predicted, a->realized, a->residual, a->excluded};
    const char *fault = NULL;
    for (size_t i = 0; i < sizeof columns / sizeof *columns && !fault; i++) {
        fault = ig_check_is_summarised(e, columns[i]) ? NULL : "a column of it is not summarised";
    }
    for (size_t i = 0; i < 2 && !fault; i++) {
        const ig_key *key = ig_check_key(e, a->by[i]);
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
