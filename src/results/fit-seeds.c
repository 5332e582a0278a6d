/** The second interval of a power law: whole seeds resampled, those that are finished at every axis
 *  value of the fit. */
#include <stdlib.h>
#include <string.h>

#include "results/power-law.h"
#include "results/report.h"

/** Axis values and their grid points with results, n of them. */
typedef struct anchors {
    double *x;
    size_t *points;
    size_t n;
} anchors;

static void find_anchors(const ig_report *report, const ig_report_fit *fit, anchors *a)
{
    for (size_t i = 0; i < fit->n_points; i++) {
        if (ig_rows_states(&report->rows, fit->points[i]).done > 0) {
            a->x[a->n] = ig_grid_value(report->rows.grid, fit->points[i], fit->axis)->real;
            a->points[a->n++] = fit->points[i];
        }
    }
}

static bool is_whole(const ig_report *report, const anchors *a, size_t seed)
{
    const size_t n_seeds = ig_grid_n_seeds(report->rows.grid);
    for (size_t i = 0; i < a->n; i++) {
        if (report->rows.state[a->points[i] * n_seeds + seed] != IG_STATE_DONE) {
            return false;
        }
    }
    return true;
}

/** Results of the whole seeds, y[anchor * n_whole + seed]. */
static void gather(const ig_report *report, const anchors *a, ig_report_fit *fit, double *y)
{
    const size_t n_seeds = ig_grid_n_seeds(report->rows.grid);
    const double *values = report->rows.values + fit->column * report->rows.n_tasks;
    for (size_t seed = 0; seed < n_seeds; seed++) {
        fit->n_whole += is_whole(report, a, seed);
    }
    for (size_t seed = 0, at = 0; seed < n_seeds; seed++) {
        if (!is_whole(report, a, seed)) {
            continue;
        }
        for (size_t i = 0; i < a->n; i++) {
            y[i * fit->n_whole + at] = values[a->points[i] * n_seeds + seed];
        }
        at++;
    }
}

ig_status ig_report_fit_seeds(const ig_report *report, size_t number, ig_report_fit *fit,
                              ig_error *error)
{
    const size_t n_seeds = ig_grid_n_seeds(report->rows.grid);
    anchors a = {calloc(fit->n_points, sizeof(double)), calloc(fit->n_points, sizeof(size_t)), 0};
    double *y = calloc(fit->n_points * n_seeds, sizeof *y);
    ig_status status = IG_OK;
    ig_error why = {0};
    if (!a.x || !a.points || !y) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for the results of a fit");
        goto done;
    }
    find_anchors(report, fit, &a);
    gather(report, &a, fit, y);
    ig_rng rng = ig_rows_rng(&report->rows, IG_BLOCK_WHOLE_SEEDS, number);
    ig_status fitted = ig_power_law_fit_seeds(a.x, a.n, y, fit->n_whole, &report->rows.how, &rng,
                                              &fit->whole, &why);
    /* Too few whole seeds leave the numbers NaN; the table shows how many there are. */
    if (fitted && fitted != IG_ERR_NUMERIC) {
        status = ig_error_set(error, fitted, "%s", why.text);
    }
done:
    free(a.x);
    free(a.points);
    free(y);
    return status;
}
