/** Power laws of the report: grid points that share every other axis belong to one fit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/power-law.h"
#include "results/report.h"
#include "results/rows.h"

/** Grid points sorted so that those of one group stand together. */
typedef struct grouping {
    const ig_report *report;
    size_t axis; /**< key of the fit's axis */
    bool *apart; /**< keys that tell fits apart */
    size_t *order;
    size_t n;
} grouping;

/** Order of two grid points by the keys that tell fits apart; 0 within a group. */
static int compare_others(const grouping *g, size_t a, size_t b)
{
    const ig_report *r = g->report;
    for (size_t key = 0; key < r->rows.experiment->schema.n_keys; key++) {
        if (!g->apart[key]) {
            continue;
        }
        int order = strcmp(ig_grid_value(r->rows.grid, a, key)->text,
                           ig_grid_value(r->rows.grid, b, key)->text);
        if (order) {
            return order;
        }
    }
    return 0;
}

static int compare_points(const void *a, const void *b, void *context)
{
    size_t p = *(const size_t *)a, q = *(const size_t *)b;
    int order = compare_others(context, p, q);
    return order ? order : (p > q) - (p < q);
}

static int compare_fits(const void *a, const void *b)
{
    const ig_report_fit *f = a, *g = b;
    return (f->points[0] > g->points[0]) - (f->points[0] < g->points[0]);
}

/** Append one fit for the group order[begin] ... order[end - 1]. */
static ig_status add_group(ig_report *report, const ig_fit *fit, const grouping *g, size_t begin,
                           size_t end, ig_error *error)
{
    ig_report_fit *fits = realloc(report->fits, (report->n_fits + 1) * sizeof *fits);
    size_t *points = calloc(end - begin, sizeof *points);
    report->fits = fits ? fits : report->fits;
    if (!fits || !points) {
        free(points);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu fits", report->n_fits + 1);
    }
    ig_report_fit *f = &fits[report->n_fits++];
    memset(f, 0, sizeof *f);
    memcpy(points, g->order + begin, (end - begin) * sizeof *points);
    f->fit = fit;
    f->axis = g->axis;
    f->points = points;
    f->n_points = end - begin;
    ig_status status = ig_rows_find_column(&report->rows, fit->column, "a fit", &f->column, error);
    if (status) {
        return status;
    }
    ig_keys_label(report->rows.grid, g->apart, f->points[0], f->label, sizeof f->label);
    return IG_OK;
}

static ig_status group_points(ig_report *report, const ig_fit *fit, ig_error *error)
{
    grouping g = {.report = report,
                  .axis = ig_config_key(report->rows.config, fit->axis),
                  .n = ig_grid_n_points(report->rows.grid)};
    size_t before = report->n_fits;
    ig_status status = IG_OK;
    g.order = calloc(g.n, sizeof *g.order);
    g.apart = calloc(report->rows.experiment->schema.n_keys, sizeof *g.apart);
    if (!g.order || !g.apart) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu grid points", g.n);
        goto done;
    }
    status = ig_keys_apart(report->rows.config, g.axis, g.apart, error);
    if (status) {
        goto done;
    }
    for (size_t p = 0; p < g.n; p++) {
        g.order[p] = p;
    }
    qsort_r(g.order, g.n, sizeof *g.order, compare_points, &g);
    for (size_t begin = 0, end; !status && begin < g.n; begin = end) {
        for (end = begin + 1; end < g.n && !compare_others(&g, g.order[begin], g.order[end]);) {
            end++;
        }
        status = add_group(report, fit, &g, begin, end, error);
    }
    if (!status) {
        qsort(report->fits + before, report->n_fits - before, sizeof *report->fits, compare_fits);
    }
done:
    free(g.apart);
    free(g.order);
    return status;
}

/** The finished results of one fit: x[i] with y[first[i]] ... y[first[i + 1] - 1]. */
typedef struct samples {
    double *x, *y;
    size_t *first;
    size_t n; /**< grid points with results */
} samples;

static ig_status samples_init(const ig_report *report, const ig_report_fit *fit, samples *s,
                              ig_error *error)
{
    size_t n_seeds = ig_grid_n_seeds(report->rows.grid), used = 0;
    s->x = calloc(fit->n_points, sizeof *s->x);
    s->y = calloc(fit->n_points * n_seeds, sizeof *s->y);
    s->first = calloc(fit->n_points + 1, sizeof *s->first);
    if (!s->x || !s->y || !s->first) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the results of a fit");
    }
    const double *values = report->rows.values + fit->column * report->rows.n_tasks;
    for (size_t i = 0; i < fit->n_points; i++) {
        size_t task = fit->points[i] * n_seeds;
        for (size_t end = task + n_seeds; task < end; task++) {
            if (report->rows.state[task] == IG_STATE_DONE) {
                s->y[used++] = values[task];
            }
        }
        if (used > s->first[s->n]) {
            s->x[s->n] = ig_grid_value(report->rows.grid, fit->points[i], fit->axis)->real;
            s->first[++s->n] = used;
        }
    }
    return IG_OK;
}

static void samples_clear(samples *s)
{
    free(s->x);
    free(s->y);
    free(s->first);
}

/** x positions of the line, evenly spaced on the log axis between the outermost anchors. */
static void place_band(const samples *s, double *x)
{
    double low = (double)INFINITY, high = 0;
    for (size_t i = 0; i < s->n; i++) {
        low = fmin(low, s->x[i]);
        high = fmax(high, s->x[i]);
    }
    for (size_t i = 0; i < IG_REPORT_BAND; i++) {
        double t = (double)i / (IG_REPORT_BAND - 1);
        x[i] = low * pow(high / low, t);
    }
}

static const ig_power_law no_law = {
    .exponent = (double)NAN,
    .exponent_se = (double)NAN,
    .exponent_low = (double)NAN,
    .exponent_high = (double)NAN,
    .amplitude = (double)NAN,
    .amplitude_se = (double)NAN,
    .amplitude_low = (double)NAN,
    .amplitude_high = (double)NAN,
    .r2 = (double)NAN,
};

/** How many tasks of a group are in which state. */
static void count_group(const ig_report *report, ig_report_fit *fit)
{
    for (size_t i = 0; i < fit->n_points; i++) {
        const ig_states states = ig_rows_states(&report->rows, fit->points[i]);
        fit->n += states.done;
        fit->failed += states.failed;
        fit->missing += states.missing;
    }
}

/** A group that no power law fits is noted, not an error of the report. */
static ig_status fit_group(const ig_report *report, size_t number, ig_report_fit *fit,
                           ig_error *error)
{
    size_t cells = report->rows.n_columns * ig_grid_n_points(report->rows.grid);
    samples s = {0};
    ig_error why = {0};
    ig_status status = samples_init(report, fit, &s, error);
    if (status) {
        goto done;
    }
    ig_rng rng = ig_rows_rng(&report->rows, IG_BLOCK_STATISTICS, cells + number);
    ig_band band = {IG_REPORT_BAND, fit->x, fit->low, fit->high};
    place_band(&s, fit->x);
    count_group(report, fit);
    fit->law = no_law;
    fit->whole = no_law;
    ig_status fitted = ig_power_law_fit_band(s.x, s.n, s.y, s.first, &report->rows.how, &rng,
                                             &fit->law, &band, &why);
    if (fitted == IG_ERR_NUMERIC) {
        fit->law.n_anchors = s.n;
        snprintf(fit->reason, sizeof fit->reason, "%.*s", IG_REPORT_REASON - 1, why.text);
        goto done;
    }
    if (fitted) {
        status = ig_error_set(error, fitted, "%s", why.text);
        goto done;
    }
    fit->fitted = true;
    for (size_t i = 0; i < s.n; i++) {
        fit->single += s.first[i + 1] - s.first[i] == 1;
    }
    if (ig_config_common_random_numbers(report->rows.config)) {
        status = ig_report_fit_seeds(report, number, fit, error);
    }
done:
    samples_clear(&s);
    return status;
}

ig_status ig_report_fit_all(ig_report *report, ig_error *error)
{
    const ig_summary *summary = &report->rows.experiment->summary;
    ig_status status = IG_OK;
    for (size_t i = 0; !status && i < summary->n_fits; i++) {
        status = group_points(report, &summary->fits[i], error);
    }
    for (size_t i = 0; !status && i < report->n_fits; i++) {
        status = fit_group(report, i, &report->fits[i], error);
    }
    return status;
}

void ig_report_fits_clear(ig_report *report)
{
    for (size_t i = 0; i < report->n_fits; i++) {
        free(report->fits[i].points);
    }
    free(report->fits);
}
