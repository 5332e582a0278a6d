/** The curves of a report: every line with its resamples, its optimum and the predictions of it. */
#include "results/curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/statistics.h"

/** Lines that a curve has room for before the random numbers of the next one begin. */
static const uint64_t lines_of_curve = UINT64_C(1) << 32;

/** Scratch of one line, owned. */
typedef struct scratch {
    double *values;  /**< [x * n_seeds + seed] */
    double *medians; /**< [x * resamples + r] */
    double *least, *best;
    double *by_seed; /**< one number of every seed */
    double *by_x;    /**< one number of every x */
} scratch;

static void scratch_clear(scratch *s)
{
    free(s->values);
    free(s->medians);
    free(s->least);
    free(s->best);
    free(s->by_seed);
    free(s->by_x);
}

static ig_status scratch_init(scratch *s, size_t n_x, size_t n_seeds, size_t resamples,
                              ig_error *error)
{
    s->values = calloc(n_x * n_seeds, sizeof *s->values);
    s->medians = calloc(n_x * resamples, sizeof *s->medians);
    s->least = calloc(resamples, sizeof *s->least);
    s->best = calloc(resamples, sizeof *s->best);
    s->by_seed = calloc(n_seeds, sizeof *s->by_seed);
    s->by_x = calloc(n_x, sizeof *s->by_x);
    if (!s->values || !s->medians || !s->least || !s->best || !s->by_seed || !s->by_x) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu resamples of a line",
                            resamples);
    }
    return IG_OK;
}

/** Value of a column at a line's point for a seed; NaN without a finished row. */
static double value_at(const ig_report *report, size_t column, const ig_curve_point *point,
                       size_t seed)
{
    const ig_rows *rows = &report->rows;
    const size_t task = point->point * ig_grid_n_seeds(report->rows.grid) + seed;
    return rows->state[task] == IG_STATE_DONE ? rows->values[column * rows->n_tasks + task]
                                              : (double)NAN;
}

static void describe_points(const ig_report *report, const ig_report_curve *c, ig_report_line *line,
                            double *values)
{
    const size_t n_seeds = ig_grid_n_seeds(report->rows.grid);
    for (size_t i = 0; i < line->n_points; i++) {
        ig_curve_point *p = &line->points[i];
        const ig_statistics *s = ig_rows_statistics(&report->rows, c->measured, p->point);
        p->n = s->n;
        p->median = s->median;
        p->low = p->high = (double)NAN;
        p->reference = c->reference < report->rows.n_columns
                           ? ig_rows_statistics(&report->rows, c->reference, p->point)->median
                           : (double)NAN;
        for (size_t seed = 0; seed < n_seeds; seed++) {
            values[i * n_seeds + seed] = value_at(report, c->measured, p, seed);
        }
    }
    for (size_t seed = 0; seed < n_seeds; seed++) {
        size_t i = 0;
        while (i < line->n_points && isnan(values[i * n_seeds + seed])) {
            i++;
        }
        line->seeds += i < line->n_points;
    }
}

/** Intervals from the resamples that have a median there; sorts them. */
static void set_intervals(ig_report_line *line, double *medians, size_t resamples)
{
    for (size_t i = 0; i < line->n_points; i++) {
        double *here = medians + i * resamples;
        size_t n = 0;
        for (size_t r = 0; r < resamples; r++) {
            if (!isnan(here[r])) {
                here[n++] = here[r];
            }
        }
        if (n > 0) {
            ig_interval_95(here, n, &line->points[i].low, &line->points[i].high);
        }
    }
}

/** Rows of a seed may differ in what they predict: the seed has their median. */
static void predict(const ig_report *report, const ig_report_curve *c, ig_report_line *line,
                    size_t k, scratch *s)
{
    size_t n = 0;
    for (size_t seed = 0; seed < ig_grid_n_seeds(report->rows.grid); seed++) {
        size_t rows = 0;
        for (size_t i = 0; i < line->n_points; i++) {
            s->by_x[rows] = value_at(report, c->predicted[k], &line->points[i], seed);
            rows += isnan(s->by_x[rows]) ? 0 : 1;
        }
        if (rows > 0) {
            s->by_seed[n++] = ig_spread_of(s->by_x, rows).median;
        }
    }
    line->predictions[k] = ig_report_curve_predict(line, c->curve, s->by_seed, n);
}

static ig_status make_line(const ig_report *report, const ig_report_curve *c, size_t number,
                           ig_error *error)
{
    ig_report_line *line = &c->lines[number];
    const size_t n_seeds = ig_grid_n_seeds(report->rows.grid),
                 resamples = report->rows.how.resamples;
    const uint64_t curve = (uint64_t)(c - report->curves);
    ig_rng rng = ig_rows_rng(&report->rows, IG_BLOCK_CURVES, curve * lines_of_curve + number);
    scratch s = {0};
    ig_status status = scratch_init(&s, line->n_points, n_seeds, resamples, error);
    line->predictions = calloc(c->n_predicted + 1, sizeof *line->predictions);
    if (!status && !line->predictions) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for the predictions of a line");
    }
    if (status) {
        goto done;
    }
    describe_points(report, c, line, s.values);
    status =
        ig_curve_resample(s.values, line->n_points, n_seeds, resamples, &rng, s.medians, error);
    if (status) {
        goto done;
    }
    line->optimum = ig_report_curve_optimum(line, s.medians, resamples, s.least, s.best);
    set_intervals(line, s.medians, resamples);
    for (size_t k = 0; k < c->n_predicted; k++) {
        predict(report, c, line, k, &s);
    }
done:
    scratch_clear(&s);
    return status;
}

static ig_status find_columns(const ig_report *report, ig_report_curve *c, ig_error *error)
{
    const ig_curve *curve = c->curve;
    size_t n = 0;
    while (curve->predicted && curve->predicted[n]) {
        n++;
    }
    c->x = ig_config_key(report->rows.config, curve->x);
    c->reference = report->rows.n_columns;
    c->predicted = calloc(n + 1, sizeof *c->predicted);
    if (!c->predicted) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for curve %s", curve->name);
    }
    ig_status status =
        ig_rows_find_column(&report->rows, curve->measured, curve->name, &c->measured, error);
    if (!status && curve->reference) {
        status =
            ig_rows_find_column(&report->rows, curve->reference, curve->name, &c->reference, error);
    }
    for (; !status && c->n_predicted < n; c->n_predicted++) {
        status = ig_rows_find_column(&report->rows, curve->predicted[c->n_predicted], curve->name,
                                     &c->predicted[c->n_predicted], error);
    }
    return status;
}

ig_status ig_report_curve_all(ig_report *report, ig_error *error)
{
    const ig_summary *summary = &report->rows.experiment->summary;
    ig_status status = IG_OK;
    report->curves = calloc(summary->n_curves + 1, sizeof *report->curves);
    if (!report->curves) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu curves", summary->n_curves);
    }
    for (size_t i = 0; !status && i < summary->n_curves; i++) {
        ig_report_curve *c = &report->curves[report->n_curves++];
        c->curve = &summary->curves[i];
        status = find_columns(report, c, error);
        if (!status) {
            status = ig_curve_group(report, c, error);
        }
        for (size_t l = 0; !status && l < c->n_lines; l++) {
            status = make_line(report, c, l, error);
        }
    }
    return status;
}

void ig_report_curves_clear(ig_report *report)
{
    for (size_t i = 0; i < report->n_curves; i++) {
        ig_report_curve *c = &report->curves[i];
        for (size_t l = 0; l < c->n_lines; l++) {
            free(c->lines[l].points);
            free(c->lines[l].predictions);
        }
        free(c->lines);
        free(c->panels);
        free(c->styles);
        free(c->predicted);
    }
    free(report->curves);
}
