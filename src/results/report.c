#include <stdlib.h>
#include <string.h>

#include "experiments/plugins.h"
#include "results/report.h"
#include "results/statistics.h"

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static ig_status copy_paths(ig_report *report, const char *const *paths, size_t n, ig_error *error)
{
    if (n == 0 || n > UINT32_MAX || report->resamples < 2) {
        return ig_error_set(error, IG_ERR_USAGE, "a report needs a file and two resamples");
    }
    report->paths = calloc(n, sizeof *report->paths);
    if (!report->paths) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu file names", n);
    }
    for (size_t i = 0; i < n; i++) {
        report->paths[i] = strdup(paths[i]);
        if (!report->paths[i]) {
            return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu file names", n);
        }
        report->n_paths++;
    }
    qsort(report->paths, n, sizeof *report->paths, compare_paths);
    return IG_OK;
}

static ig_status open_first(ig_report *report, ig_error *error)
{
    ig_status status =
        ig_store_open(report->registry, report->paths[0], false, &report->store, error);
    if (status) {
        return status;
    }
    report->experiment = ig_store_experiment(report->store);
    report->config = ig_store_config(report->store);
    report->grid = ig_store_grid(report->store);
    return ig_rows_init(&report->rows, ig_grid_n_tasks(report->grid),
                        report->experiment->summary.columns, error);
}

static ig_status match(const ig_report *report, const ig_store *store, ig_error *error)
{
    const ig_config *there = ig_store_config(store);
    bool changed = false;
    if (ig_origin_match(ig_store_attribute(report->store, "plugin"),
                        ig_store_attribute(store, "plugin"), &changed, error)) {
        return ig_error_context(error, "%s and %s", report->paths[0], ig_store_path(store));
    }
    if (strcmp(ig_config_hash(report->config), ig_config_hash(there)) == 0) {
        return IG_OK;
    }
    char difference[1024];
    ig_config_difference(there, report->config, difference, sizeof difference);
    return ig_error_set(error, IG_ERR_MISMATCH,
                        "%s has another configuration than %s (there = the first, here = the "
                        "second): %s",
                        ig_store_path(store), report->paths[0], difference);
}

static ig_status read_rest(ig_report *report, ig_error *error)
{
    const char *const *earlier = (const char *const *)report->paths;
    ig_status status = ig_rows_add(&report->rows, report->store, 0, earlier, error);
    for (size_t i = 1; !status && i < report->n_paths; i++) {
        ig_store *store = NULL;
        status = ig_store_open(report->registry, report->paths[i], false, &store, error);
        if (!status) {
            status = match(report, store, error);
        }
        if (!status) {
            status = ig_rows_add(&report->rows, store, (uint32_t)i, earlier, error);
        }
        ig_store_close(&store);
    }
    return status;
}

static void count_states(ig_report *report)
{
    for (size_t p = 0; p < ig_grid_n_points(report->grid); p++) {
        const ig_report_states states = ig_report_states_of(report, p);
        report->done += states.done;
        report->failed += states.failed;
        report->missing += states.missing;
    }
}

static ig_status compute_cell(ig_report *report, size_t column, size_t point, double *values,
                              ig_error *error)
{
    const ig_rows *rows = &report->rows;
    size_t n_seeds = ig_grid_n_seeds(report->grid), n = 0;
    size_t cell = column * ig_grid_n_points(report->grid) + point;
    for (size_t t = point * n_seeds; t < (point + 1) * n_seeds; t++) {
        if (rows->state[t] == IG_STATE_DONE) {
            values[n++] = rows->values[column * rows->n_tasks + t];
        }
    }
    ig_statistics *s = &report->statistics[cell];
    if (n == 0) {
        *s = ig_no_statistics;
        return IG_OK;
    }
    ig_rng rng = ig_report_rng(report, cell);
    return ig_statistics_bootstrap(values, n, &report->how, &rng, s, error);
}

static ig_status compute_statistics(ig_report *report, ig_error *error)
{
    size_t n_points = ig_grid_n_points(report->grid);
    double *values = calloc(ig_grid_n_seeds(report->grid), sizeof *values);
    ig_status status = IG_OK;
    report->statistics = calloc(report->rows.n_columns * n_points + 1, sizeof *report->statistics);
    if (!values || !report->statistics) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu grid points", n_points);
    }
    for (size_t c = 0; !status && c < report->rows.n_columns; c++) {
        for (size_t p = 0; !status && p < n_points; p++) {
            status = compute_cell(report, c, p, values, error);
            if (status) {
                ig_error_context(error, "%s at grid point %zu", report->rows.columns[c], p);
            }
        }
    }
    free(values);
    return status;
}

/** Everything that is made of the rows. */
static ig_status compute_all(ig_report *r, const char *compare, ig_error *error)
{
    count_states(r);
    ig_status status =
        ig_report_failures(r, IG_REPORT_REASONS, &r->failures, &r->n_failures, error);
    if (!status) {
        status = compute_statistics(r, error);
    }
    if (!status) {
        status = ig_report_fit_all(r, error);
    }
    if (!status) {
        status = ig_report_judge_all(r, error);
    }
    if (!status) {
        status = ig_report_agree_all(r, error);
    }
    if (!status) {
        status = ig_report_curve_all(r, error);
    }
    if (!status && compare) {
        status = ig_report_compare(r, compare, error);
    }
    return status;
}

ig_status ig_report_create_with(const ig_registry *registry, const char *const *paths,
                                size_t n_paths, const ig_report_options *options,
                                ig_report **report, ig_error *error)
{
    ig_report *r = calloc(1, sizeof *r);
    if (!r) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a report");
    }
    r->registry = registry;
    r->resamples = options->resamples;
    r->how = (ig_bootstrap){options->resamples, options->interval};
    ig_status status = copy_paths(r, paths, n_paths, error);
    if (!status) {
        status = open_first(r, error);
    }
    if (!status) {
        status = read_rest(r, error);
    }
    if (!status) {
        status = compute_all(r, options->compare, error);
    }
    if (status) {
        ig_report_destroy(&r);
        return status;
    }
    *report = r;
    return IG_OK;
}

ig_status ig_report_create(const ig_registry *registry, const char *const *paths, size_t n_paths,
                           size_t resamples, ig_report **report, ig_error *error)
{
    const ig_report_options options = {.resamples = resamples};
    return ig_report_create_with(registry, paths, n_paths, &options, report, error);
}

void ig_report_destroy(ig_report **report)
{
    ig_report *r = *report;
    if (!r) {
        return;
    }
    ig_report_differences_clear(r);
    ig_report_curves_clear(r);
    ig_report_agreement_clear(r);
    ig_report_ratios_clear(r);
    ig_report_fits_clear(r);
    free(r->statistics);
    free(r->failures);
    ig_rows_clear(&r->rows);
    for (size_t i = 0; i < r->n_paths; i++) {
        free(r->paths[i]);
    }
    free(r->paths);
    ig_store_close(&r->store);
    free(r);
    *report = NULL;
}

size_t ig_report_missing(const ig_report *report)
{
    return report->missing;
}

size_t ig_report_failed(const ig_report *report)
{
    return report->failed;
}
