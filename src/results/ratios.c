/** Groups of a ratio and what is true of them. */
#include "results/ratios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/statistics.h"

double ig_ratio_value(const ig_report *report, size_t column, size_t task)
{
    return report->rows.values[column * report->rows.n_tasks + task];
}

/** Whether a NULL-terminated list, which may be NULL, has the text. */
static bool is_in(const char *const *list, const char *text)
{
    for (; list && *list; list++) {
        if (strcmp(*list, text) == 0) {
            return true;
        }
    }
    return false;
}

bool ig_report_ratio_holds(const ig_ratio *ratio, double value)
{
    return value <= 1 + ratio->slack;
}

bool ig_report_ratio_attains(const ig_ratio *ratio, double value)
{
    return value >= 1 - ratio->slack;
}

bool ig_report_ratio_must_attain(const ig_ratio *ratio, const char *first_value)
{
    return is_in(ratio->attained, first_value);
}

/** Text of the ratio's first key at a grid point. */
static const char *first_value(const ig_report *report, const ig_ratio *ratio, size_t point)
{
    size_t key = ig_config_key(report->rows.config, ratio->by[0]);
    return ig_grid_value(report->rows.grid, point, key)->text;
}

/** "lqg" or "tanh dims.state=8". */
static void label_point(const ig_report *report, const ig_ratio *ratio, size_t point,
                        char label[IG_LABEL])
{
    size_t used = 0;
    for (size_t i = 0; ratio->by[i] && used < IG_LABEL; i++) {
        size_t key = ig_config_key(report->rows.config, ratio->by[i]);
        const char *text = ig_grid_value(report->rows.grid, point, key)->text;
        int n = snprintf(label + used, IG_LABEL - used, "%s%s%s%s", i ? " " : "",
                         i ? ratio->by[i] : "", i ? "=" : "", text);
        used += n > 0 ? (size_t)n : 0;
    }
}

static ig_report_group *add_group(ig_report_ratio *r, const char *label, ig_error *error)
{
    ig_report_group *groups = realloc(r->groups, (r->n_groups + 1) * sizeof *groups);
    if (!groups) {
        (void)ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu groups", r->n_groups + 1);
        return NULL;
    }
    r->groups = groups;
    ig_report_group *g = &groups[r->n_groups++];
    *g = (ig_report_group){0};
    snprintf(g->label, sizeof g->label, "%s", label);
    return g;
}

static ig_report_group *find_group(ig_report_ratio *r, const char *label)
{
    for (size_t i = 0; i < r->n_groups; i++) {
        if (strcmp(r->groups[i].label, label) == 0) {
            return &r->groups[i];
        }
    }
    return NULL;
}

/** A pool of this single value, which then stands for the group of that value. */
static const ig_pool *single_pool(const ig_ratio *ratio, const char *value)
{
    for (size_t i = 0; !ratio->by[1] && i < ratio->n_pools; i++) {
        const char *const *values = ratio->pools[i].values;
        if (values[0] && !values[1] && strcmp(values[0], value) == 0) {
            return &ratio->pools[i];
        }
    }
    return NULL;
}

/** Append the finished tasks of a grid point. */
static ig_status take_point(const ig_report *report, size_t point, ig_report_group *g,
                            ig_error *error)
{
    size_t n_seeds = ig_grid_n_seeds(report->rows.grid);
    size_t *tasks = realloc(g->tasks, (g->n + n_seeds) * sizeof *tasks);
    if (!tasks) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks", g->n + n_seeds);
    }
    g->tasks = tasks;
    for (size_t t = point * n_seeds; t < (point + 1) * n_seeds; t++) {
        if (report->rows.state[t] == IG_STATE_DONE) {
            g->tasks[g->n++] = t;
        }
    }
    const ig_states states = ig_rows_states(&report->rows, point);
    g->failed += states.failed;
    g->missing += states.missing;
    return IG_OK;
}

static ig_status group_points(const ig_report *report, ig_report_ratio *r, ig_error *error)
{
    const ig_ratio *ratio = r->ratio;
    ig_status status = IG_OK;
    for (size_t p = 0; !status && p < ig_grid_n_points(report->rows.grid); p++) {
        const char *value = first_value(report, ratio, p);
        char label[IG_LABEL];
        if (ratio->only && !is_in(ratio->only, value)) {
            continue;
        }
        label_point(report, ratio, p, label);
        ig_report_group *g = find_group(r, label);
        if (!g) {
            g = add_group(r, label, error);
            if (!g) {
                return IG_ERR_MEMORY;
            }
            g->pool = single_pool(ratio, value);
            g->must_attain = ig_report_ratio_must_attain(ratio, value);
        }
        status = take_point(report, p, g, error);
    }
    return status;
}

/** Unions of groups; one that the grid has nothing of is left out. */
static ig_status group_pools(const ig_report *report, ig_report_ratio *r, ig_error *error)
{
    ig_status status = IG_OK;
    for (size_t i = 0; !status && i < r->ratio->n_pools; i++) {
        const ig_pool *pool = &r->ratio->pools[i];
        ig_report_group *g = NULL;
        if (pool->values[0] && single_pool(r->ratio, pool->values[0]) == pool) {
            continue;
        }
        for (size_t p = 0; !status && p < ig_grid_n_points(report->rows.grid); p++) {
            if (!is_in(pool->values, first_value(report, r->ratio, p))) {
                continue;
            }
            g = g ? g : add_group(r, pool->name, error);
            if (!g) {
                return IG_ERR_MEMORY;
            }
            g->pool = pool;
            g->pooled = true;
            status = take_point(report, p, g, error);
        }
    }
    return status;
}

/** Judge every row of a group. A NaN can be no row's value, but would not hold. */
static void judge(const ig_report *report, ig_report_ratio *r, ig_report_group *g)
{
    for (size_t i = 0; i < g->n; i++) {
        double judged = ig_ratio_value(report, r->judged, g->tasks[i]);
        bool holds = ig_report_ratio_holds(r->ratio, judged),
             attains = ig_report_ratio_attains(r->ratio, judged);
        g->holds += holds;
        g->attains += attains;
        if (!g->pooled && (!holds || (g->must_attain && !attains)) &&
            r->n_wrong < IG_RATIO_VIOLATIONS) {
            r->wrong[r->n_wrong++] = g->tasks[i];
        }
    }
    if (!g->pooled) {
        r->n += g->n;
        r->holds += g->holds;
        r->must_attain += g->must_attain ? g->n : 0;
        r->attains += g->must_attain ? g->attains : 0;
    }
}

static ig_spread spread_of_column(const ig_report *report, const ig_report_group *g, size_t column,
                                  double *scratch)
{
    for (size_t i = 0; i < g->n; i++) {
        scratch[i] = ig_ratio_value(report, column, g->tasks[i]);
    }
    return ig_spread_of(scratch, g->n);
}

/** Interval of the median of the judged ratio; NaN without rows. Group number `cell` of all. */
static ig_status bootstrap_median(const ig_report *report, const ig_report_ratio *r,
                                  ig_report_group *g, size_t cell, double *scratch, ig_error *error)
{
    ig_statistics s = ig_no_statistics;
    ig_rng rng = ig_rows_rng(&report->rows, IG_BLOCK_RATIOS, cell);
    ig_status status = IG_OK;
    for (size_t i = 0; i < g->n; i++) {
        scratch[i] = ig_ratio_value(report, r->column, g->tasks[i]);
    }
    if (g->n > 0) {
        status = ig_statistics_bootstrap(scratch, g->n, &report->rows.how, &rng, &s, error);
    }
    g->median_low = s.median_low;
    g->median_high = s.median_high;
    return status;
}

static ig_status find_columns(const ig_report *report, ig_report_ratio *r, ig_error *error)
{
    const ig_ratio *ratio = r->ratio;
    ig_status status =
        ig_rows_find_column(&report->rows, ratio->column, "a ratio", &r->column, error);
    if (!status) {
        status = ig_rows_find_column(&report->rows, ratio->judged ? ratio->judged : ratio->column,
                                     "a ratio", &r->judged, error);
    }
    for (; !status && ratio->beside && ratio->beside[r->n_beside]; r->n_beside++) {
        if (r->n_beside == IG_RATIO_BESIDE) {
            return ig_error_set(error, IG_ERR_USAGE, "more than %d columns beside %s",
                                IG_RATIO_BESIDE, ratio->column);
        }
        status = ig_rows_find_column(&report->rows, ratio->beside[r->n_beside], "a ratio",
                                     &r->beside[r->n_beside], error);
    }
    return status;
}

/** `*cell` counts the groups of all ratios. */
static ig_status make(const ig_report *report, ig_report_ratio *r, size_t *cell, ig_error *error)
{
    double *scratch = calloc(report->rows.n_tasks + 1, sizeof *scratch);
    ig_status status = scratch ? find_columns(report, r, error)
                               : ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks",
                                              report->rows.n_tasks);
    if (!status) {
        status = group_points(report, r, error);
    }
    if (!status) {
        status = group_pools(report, r, error);
    }
    for (size_t i = 0; !status && i < r->n_groups; i++) {
        ig_report_group *g = &r->groups[i];
        judge(report, r, g);
        g->published_median =
            ig_rows_annotation(&report->rows, g->pool ? g->pool->published_median : NULL);
        g->published_maximum =
            ig_rows_annotation(&report->rows, g->pool ? g->pool->published_maximum : NULL);
        g->spread = spread_of_column(report, g, r->column, scratch);
        for (size_t b = 0; b < r->n_beside; b++) {
            g->beside[b] = spread_of_column(report, g, r->beside[b], scratch);
        }
        status = bootstrap_median(report, r, g, (*cell)++, scratch, error);
    }
    free(scratch);
    return status;
}

ig_status ig_report_judge_all(ig_report *report, ig_error *error)
{
    const ig_summary *summary = &report->rows.experiment->summary;
    ig_status status = IG_OK;
    size_t cell = 0;
    report->ratios = calloc(summary->n_ratios + 1, sizeof *report->ratios);
    if (!report->ratios) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu ratios", summary->n_ratios);
    }
    for (size_t i = 0; !status && i < summary->n_ratios; i++) {
        ig_report_ratio *r = &report->ratios[report->n_ratios++];
        r->ratio = &summary->ratios[i];
        status = make(report, r, &cell, error);
    }
    return status;
}

void ig_report_ratios_clear(ig_report *report)
{
    for (size_t i = 0; i < report->n_ratios; i++) {
        for (size_t g = 0; g < report->ratios[i].n_groups; g++) {
            free(report->ratios[i].groups[g].tasks);
        }
        free(report->ratios[i].groups);
    }
    free(report->ratios);
}
