#include "plan/curve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_fit.h>
#include <gsl/gsl_statistics_double.h>

#include "results/statistics.h"

ig_status ig_anchors_init(size_t n, size_t n_values, ig_anchors *anchors, ig_error *error)
{
    ig_anchors a = {.n = n};
    a.x = calloc(n + 1, sizeof *a.x);
    a.mean = calloc(n + 1, sizeof *a.mean);
    a.sem = calloc(n + 1, sizeof *a.sem);
    if (n_values > 0) {
        a.y = calloc(n_values, sizeof *a.y);
        a.first = calloc(n + 1, sizeof *a.first);
    }
    if (!a.x || !a.mean || !a.sem || (n_values > 0 && (!a.y || !a.first))) {
        ig_anchors_clear(&a);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu anchors", n);
    }
    *anchors = a;
    return IG_OK;
}

void ig_anchors_clear(ig_anchors *anchors)
{
    free(anchors->x);
    free(anchors->mean);
    free(anchors->sem);
    free(anchors->y);
    free(anchors->first);
    *anchors = (ig_anchors){0};
}

/** The line in logarithms and what the redraws start from. */
typedef struct line {
    size_t n;
    double *log_x, *log_mean, *drawn; /**< n each */
    double slope, intercept, rss;
} line;

static ig_status line_init(const ig_anchors *anchors, line *l, ig_error *error)
{
    l->n = anchors->n;
    l->log_x = calloc(l->n, sizeof *l->log_x);
    l->log_mean = calloc(l->n, sizeof *l->log_mean);
    l->drawn = calloc(l->n, sizeof *l->drawn);
    if (!l->log_x || !l->log_mean || !l->drawn) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu anchors", l->n);
    }
    for (size_t i = 0; i < l->n; i++) {
        l->log_x[i] = log(anchors->x[i]);
        l->log_mean[i] = log(anchors->mean[i]);
    }
    return IG_OK;
}

static void line_clear(line *l)
{
    free(l->log_x);
    free(l->log_mean);
    free(l->drawn);
}

static double fit_line(const double *log_x, const double *log_y, size_t n, double *slope,
                       double *intercept)
{
    double cov00, cov01, cov11, rss;
    gsl_fit_linear(log_x, 1, log_y, 1, n, intercept, slope, &cov00, &cov01, &cov11, &rss);
    return rss;
}

/** Measurements of each anchor, drawn with replacement. */
static void resample(const ig_anchors *a, line *l, ig_rng *rng)
{
    for (size_t i = 0; i < l->n; i++) {
        size_t count = a->first[i + 1] - a->first[i];
        double sum = 0;
        for (size_t k = 0; k < count; k++) {
            sum += a->y[a->first[i] + ig_rng_below(rng, count)];
        }
        l->drawn[i] = log(sum / (double)count);
    }
}

/** Log-normal numbers with each anchor's mean and standard error: never negative, and for small
 *  errors what the bootstrap of many seeds tends to. */
static void redraw_means(const ig_anchors *a, line *l, ig_rng *rng)
{
    for (size_t i = 0; i < l->n; i++) {
        double relative = a->sem[i] / a->mean[i], variance = log1p(relative * relative);
        l->drawn[i] = l->log_mean[i] - variance / 2 + sqrt(variance) * ig_rng_normal(rng);
    }
}

/** New measurements about the line. Their variance is itself drawn, RSS over chi-squared, so that
 *  few anchors give the wide intervals of Student's t. */
static void redraw_residuals(line *l, ig_rng *rng)
{
    double chi2 = 0;
    for (size_t i = 2; i < l->n; i++) {
        double z = ig_rng_normal(rng);
        chi2 += z * z;
    }
    double sd = sqrt(l->rss / chi2);
    for (size_t i = 0; i < l->n; i++) {
        l->drawn[i] = l->intercept + l->slope * l->log_x[i] + sd * ig_rng_normal(rng);
    }
}

static ig_learning_curve_draws choose_method(const ig_anchors *a)
{
    bool repeated = a->y != NULL, errors = true;
    for (size_t i = 0; i < a->n; i++) {
        repeated = repeated && a->first[i + 1] - a->first[i] >= 2;
        errors = errors && isfinite(a->sem[i]);
    }
    if (repeated) {
        return IG_DRAWS_SEEDS;
    }
    if (errors && !a->y) {
        return IG_DRAWS_MEANS;
    }
    return a->n > 2 ? IG_DRAWS_RESIDUALS : IG_DRAWS_NONE;
}

static ig_status draw_all(const ig_anchors *a, line *l, size_t draws, ig_rng *rng,
                          ig_learning_curve *c, ig_error *error)
{
    double *sorted = calloc(draws + 1, sizeof *sorted);
    c->draw_exponent = calloc(draws + 1, sizeof *c->draw_exponent);
    c->draw_log_amplitude = calloc(draws + 1, sizeof *c->draw_log_amplitude);
    if (!sorted || !c->draw_exponent || !c->draw_log_amplitude) {
        free(sorted);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu redraws", draws);
    }
    for (size_t k = 0; k < draws; k++) {
        double slope, intercept;
        if (c->method == IG_DRAWS_SEEDS) {
            resample(a, l, rng);
        } else if (c->method == IG_DRAWS_MEANS) {
            redraw_means(a, l, rng);
        } else {
            redraw_residuals(l, rng);
        }
        fit_line(l->log_x, l->drawn, l->n, &slope, &intercept);
        c->draw_exponent[k] = sorted[k] = -slope;
        c->draw_log_amplitude[k] = intercept;
    }
    c->n_draws = draws;
    ig_interval_95(sorted, draws, &c->exponent_low, &c->exponent_high);
    free(sorted);
    return IG_OK;
}

/** Exponent of the upper half: where a curve flattens, extrapolation needs this one. */
static double tail_exponent(const line *l)
{
    size_t half = (l->n + 1) / 2;
    double slope, intercept;
    if (l->n < 4) {
        return (double)NAN;
    }
    fit_line(l->log_x + l->n - half, l->log_mean + l->n - half, half, &slope, &intercept);
    return -slope;
}

ig_status ig_learning_curve_fit(const ig_anchors *anchors, const char *name, size_t draws,
                                ig_rng *rng, ig_learning_curve *curve, ig_error *error)
{
    line l = {0};
    ig_learning_curve c = {
        .exponent_low = (double)NAN, .exponent_high = (double)NAN, .r2 = (double)NAN};
    if (anchors->n < 2) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "%s: a power law needs measurements at two different N, not %zu", name,
                            anchors->n);
    }
    ig_status status = line_init(anchors, &l, error);
    if (status) {
        goto done;
    }
    double slope, intercept;
    l.rss = fit_line(l.log_x, l.log_mean, l.n, &slope, &intercept);
    l.slope = slope;
    l.intercept = intercept;
    double tss = gsl_stats_tss(l.log_mean, 1, l.n);
    snprintf(c.name, sizeof c.name, "%s", name);
    c.amplitude = exp(l.intercept);
    c.exponent = -l.slope;
    c.r2 = l.n > 2 && tss > 0 ? 1 - l.rss / tss : (double)NAN;
    c.tail = tail_exponent(&l);
    c.n_anchors = l.n;
    c.n_low = anchors->x[0];
    c.n_high = anchors->x[l.n - 1];
    c.method = choose_method(anchors);
    if (!isfinite(c.exponent) || !isfinite(c.amplitude) || c.amplitude <= 0) {
        status = ig_error_set(error, IG_ERR_NUMERIC, "%s: the fit overflows (exponent %g)", name,
                              c.exponent);
        goto done;
    }
    if (c.method != IG_DRAWS_NONE) {
        status = draw_all(anchors, &l, draws, rng, &c, error);
    }
done:
    line_clear(&l);
    if (status) {
        ig_learning_curve_clear(&c);
        return status;
    }
    *curve = c;
    return IG_OK;
}

void ig_learning_curve_clear(ig_learning_curve *curve)
{
    free(curve->draw_exponent);
    free(curve->draw_log_amplitude);
    memset(curve, 0, sizeof *curve);
}

void ig_learning_curve_take_root(ig_learning_curve *curve)
{
    curve->amplitude = sqrt(curve->amplitude);
    curve->exponent /= 2;
    curve->exponent_low /= 2;
    curve->exponent_high /= 2;
    curve->tail /= 2;
    for (size_t i = 0; i < curve->n_draws; i++) {
        curve->draw_exponent[i] /= 2;
        curve->draw_log_amplitude[i] /= 2;
    }
}
