/** Differences between grid points, seed by seed. */
#include <stdlib.h>
#include <string.h>

#include "config/where.h"
#include "results/report.h"
#include "results/rows.h"
#include "results/statistics.h"

/** Whether two grid points have the same values of the keys that tell comparisons apart. */
static bool others_agree(const ig_report *report, const bool *apart, size_t a, size_t b)
{
    for (size_t k = 0; k < report->rows.experiment->schema.n_keys; k++) {
        if (apart[k] && strcmp(ig_grid_value(report->rows.grid, a, k)->text,
                               ig_grid_value(report->rows.grid, b, k)->text) != 0) {
            return false;
        }
    }
    return true;
}

/** Grid points that have the baseline's value find no baseline, and neither do those whose other
 *  axes no such point shares. */
static ig_status find_baselines(ig_report *report, ig_error *error)
{
    ig_report_differences *d = &report->differences;
    const ig_where where = {d->key, d->value};
    const size_t n_points = ig_grid_n_points(report->rows.grid);
    size_t *candidates = calloc(n_points, sizeof *candidates), n = 0, found = 0;
    bool *apart = calloc(report->rows.experiment->schema.n_keys, sizeof *apart);
    ig_status status =
        candidates && apart
            ? ig_keys_apart(report->rows.config, d->key, apart, error)
            : ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu grid points", n_points);
    if (status) {
        goto done;
    }
    for (size_t p = 0; p < n_points; p++) {
        d->pairs[p].baseline = SIZE_MAX;
        if (ig_where_holds(&where, 1, report->rows.grid, p)) {
            candidates[n++] = p;
        }
    }
    for (size_t p = 0; p < n_points; p++) {
        for (size_t i = 0; i < n && !ig_where_holds(&where, 1, report->rows.grid, p); i++) {
            if (others_agree(report, apart, p, candidates[i])) {
                d->pairs[p].baseline = candidates[i];
                found++;
                break;
            }
        }
    }
    if (found == 0) {
        status = ig_error_set(error, IG_ERR_USAGE,
                              "--compare: no grid point differs from one with %s=%s in that key "
                              "alone",
                              report->rows.experiment->schema.keys[d->key].path, d->value->text);
    }
done:
    free(apart);
    free(candidates);
    return status;
}

/** Statistics of one column's differences at one grid point; `values` has room for the seeds. */
static ig_status compute(ig_report *report, size_t column, size_t point, double *values,
                         ig_error *error)
{
    ig_report_differences *d = &report->differences;
    const ig_rows *rows = &report->rows;
    const size_t n_seeds = ig_grid_n_seeds(report->rows.grid), base = d->pairs[point].baseline;
    const size_t cell = column * ig_grid_n_points(report->rows.grid) + point;
    const double *of_column = rows->values + column * rows->n_tasks;
    size_t n = 0;
    d->statistics[cell] = ig_no_statistics;
    for (size_t s = 0; base != SIZE_MAX && s < n_seeds; s++) {
        const size_t here = point * n_seeds + s, there = base * n_seeds + s;
        if (rows->state[here] == IG_STATE_DONE && rows->state[there] == IG_STATE_DONE) {
            values[n] = of_column[here] - of_column[there];
            d->above[cell] += values[n++] > 0;
        }
    }
    d->pairs[point].lost = n_seeds - n;
    if (n == 0) {
        return IG_OK;
    }
    ig_rng rng = ig_rows_rng(&report->rows, IG_BLOCK_DIFFERENCES, cell);
    return ig_statistics_bootstrap(values, n, &report->rows.how, &rng, &d->statistics[cell], error);
}

ig_status ig_report_compare(ig_report *report, const char *baseline, ig_error *error)
{
    ig_report_differences *d = &report->differences;
    const size_t n_points = ig_grid_n_points(report->rows.grid);
    const size_t n_cells = report->rows.n_columns * n_points;
    ig_where where;
    ig_status status = ig_where_parse("--compare", baseline, report->rows.grid, &where, error);
    if (status) {
        return status;
    }
    double *values = calloc(ig_grid_n_seeds(report->rows.grid), sizeof *values);
    d->asked = true;
    d->key = where.key;
    d->value = where.value;
    d->pairs = calloc(n_points, sizeof *d->pairs);
    d->statistics = calloc(n_cells + 1, sizeof *d->statistics);
    d->above = calloc(n_cells + 1, sizeof *d->above);
    if (!values || !d->pairs || !d->statistics || !d->above) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu differences", n_cells);
    }
    if (!status) {
        status = find_baselines(report, error);
    }
    for (size_t cell = 0; !status && cell < n_cells; cell++) {
        status = compute(report, cell / n_points, cell % n_points, values, error);
    }
    free(values);
    return status;
}

void ig_report_differences_clear(ig_report *report)
{
    free(report->differences.pairs);
    free(report->differences.statistics);
    free(report->differences.above);
}
