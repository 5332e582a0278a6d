#include "results/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/try.h"

/** All of them NaN; a macro, as constants initialise others. */
#define NO_ESTIMATE                                                                                \
    {                                                                                              \
        (double)NAN, (double)NAN, (double)NAN, (double)NAN                                         \
    }
const ig_estimate ig_no_estimate = NO_ESTIMATE;
const ig_statistics ig_no_statistics = {0, NO_ESTIMATE, NO_ESTIMATE, NO_ESTIMATE};
const ig_power_law ig_no_power_law = {
    .exponent = NO_ESTIMATE, .amplitude = NO_ESTIMATE, .r2 = (double)NAN};

ig_spread ig_spread_of(double *values, size_t n)
{
    const double nan = (double)NAN;
    if (n == 0) {
        return (ig_spread){nan, nan, nan, nan, nan};
    }
    gsl_sort(values, 1, n);
    return (ig_spread){
        .minimum = values[0],
        .q1 = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.25),
        .median = gsl_stats_median_from_sorted_data(values, 1, n),
        .q3 = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.75),
        .maximum = values[n - 1],
    };
}

/** Values that the interquartile mean leaves out at each end. */
static size_t iqm_cut(size_t n)
{
    return n / 4;
}

double ig_iqm(const double *sorted, size_t n)
{
    size_t cut = iqm_cut(n);
    return gsl_stats_mean(sorted + cut, 1, n - 2 * cut);
}

static double sum_of(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    return sum;
}

/** Mean of ranks begin ... end - 1 of the n - 1 values that are left, for every value left out. */
static void leave_out_ranks(const double *sorted, size_t n, size_t begin, size_t end, double *left)
{
    /* Leaving out a value below the range moves the range up by one place. */
    const double stays = sum_of(sorted + begin, end - begin);
    const double moves = sum_of(sorted + begin + 1, end - begin);
    const double both = sum_of(sorted + begin, end - begin + 1);
    for (size_t i = 0; i < n; i++) {
        double sum = i < begin ? moves : i >= end ? stays : both - sorted[i];
        left[i] = sum / (double)(end - begin);
    }
}

void ig_leave_out(ig_location location, const double *sorted, size_t n, double *left)
{
    const size_t cut = iqm_cut(n - 1);
    if (location == IG_MEAN) {
        leave_out_ranks(sorted, n, 0, n - 1, left);
    } else if (location == IG_MEDIAN) {
        leave_out_ranks(sorted, n, (n - 2) / 2, (n - 1) / 2 + 1, left);
    } else {
        leave_out_ranks(sorted, n, cut, n - 1 - cut, left);
    }
}

/** GSL's interpolation between equal neighbours may round off them; the clamp keeps the interval of
 *  equal values at exactly that value. */
static double quantile(const double *sorted, size_t n, double f)
{
    double q = gsl_stats_quantile_from_sorted_data(sorted, 1, n, f);
    return fmin(fmax(q, sorted[0]), sorted[n - 1]);
}

void ig_interval_95(double *values, size_t n, double *low, double *high)
{
    gsl_sort(values, 1, n);
    *low = quantile(values, n, 0.025);
    *high = quantile(values, n, 0.975);
}

/** z0: how far the estimate lies off the middle of its resamples. An estimate outside of all of
 *  them counts as half a resample inside, so that z0 stays finite. */
static double bias_correction(const double *sorted, size_t n, double estimate)
{
    size_t below = 0, not_above;
    while (below < n && sorted[below] < estimate) {
        below++;
    }
    for (not_above = below; not_above < n && sorted[not_above] <= estimate;) {
        not_above++;
    }
    double share = ((double)below + (double)not_above) / 2 / (double)n;
    double least = 0.5 / (double)n;
    return gsl_cdf_ugaussian_Pinv(fmin(fmax(share, least), 1 - least));
}

/** The share of resamples that stands in for the nominal one. */
static double adjusted(double nominal, double z0, double acceleration)
{
    double z = z0 + gsl_cdf_ugaussian_Pinv(nominal);
    double denominator = 1 - acceleration * z;
    /* Past its pole the formula would turn round: the end of the resamples is meant. */
    if (denominator <= 0) {
        return z > 0 ? 1 : 0;
    }
    return gsl_cdf_ugaussian_P(z0 + z / denominator);
}

void ig_interval_bca(double *values, size_t n, double estimate, double acceleration, double *low,
                     double *high)
{
    gsl_sort(values, 1, n);
    double z0 = bias_correction(values, n, estimate);
    *low = quantile(values, n, adjusted(0.025, z0, acceleration));
    *high = quantile(values, n, adjusted(0.975, z0, acceleration));
}

void ig_jackknife_influence(double *values, size_t n)
{
    const double mean = gsl_stats_mean(values, 1, n);
    for (size_t i = 0; i < n; i++) {
        values[i] = mean - values[i];
    }
}

double ig_acceleration(const double *influence, size_t n)
{
    double squares = 0, cubes = 0;
    for (size_t i = 0; i < n; i++) {
        squares += influence[i] * influence[i];
        cubes += influence[i] * influence[i] * influence[i];
    }
    double scale = 6 * squares * sqrt(squares);
    return scale > 0 && isfinite(cubes / scale) ? cubes / scale : 0;
}

/** A sample and its resamples, owned. */
typedef struct sample {
    size_t n;
    double *sorted;                  /**< n values, ascending */
    double *left;                    /**< n: a statistic without each of them */
    uint32_t *counts;                /**< n: how often each sorted value was drawn */
    double *resampled[IG_LOCATIONS]; /**< one number per resample */
} sample;

static void sample_clear(sample *s)
{
    free(s->sorted);
    free(s->left);
    free(s->counts);
    for (int k = 0; k < IG_LOCATIONS; k++) {
        free(s->resampled[k]);
    }
}

static ig_status sample_init(sample *s, const double *values, size_t n, size_t resamples,
                             ig_error *error)
{
    s->n = n;
    TRY(IG_ALLOC(s->sorted, n, error));
    TRY(IG_ALLOC(s->left, n, error));
    TRY(IG_ALLOC(s->counts, n, error));
    for (int k = 0; k < IG_LOCATIONS; k++) {
        TRY(IG_ALLOC(s->resampled[k], resamples, error));
    }
    memcpy(s->sorted, values, n * sizeof *values);
    gsl_sort(s->sorted, 1, n);
    return IG_OK;
}

/** Value number k (from 0, in ascending order) of the resample that `counts` describes. */
static double order_statistic(const sample *s, size_t k)
{
    size_t i = 0;
    for (size_t below = s->counts[0]; below <= k; below += s->counts[i]) {
        i++;
    }
    return s->sorted[i];
}

/** Interquartile mean of the resample: the draws of ranks cut ... n - cut - 1. */
static double middle_mean(const sample *s)
{
    const size_t begin = iqm_cut(s->n), end = s->n - begin;
    double sum = 0;
    for (size_t i = 0, rank = 0; rank < end; rank += s->counts[i++]) {
        size_t last = rank + s->counts[i];
        size_t from = rank > begin ? rank : begin, to = last < end ? last : end;
        sum += to > from ? (double)(to - from) * s->sorted[i] : 0;
    }
    return sum / (double)(end - begin);
}

/** Counting draws per sorted value makes a resample's median a walk instead of a sort. */
static void resample(sample *s, ig_rng *rng, size_t r)
{
    const size_t n = s->n;
    double sum = 0;
    memset(s->counts, 0, n * sizeof *s->counts);
    for (size_t i = 0; i < n; i++) {
        s->counts[ig_rng_below(rng, n)]++;
    }
    for (size_t i = 0; i < n; i++) {
        sum += s->counts[i] * s->sorted[i];
    }
    s->resampled[IG_MEAN][r] = sum / (double)n;
    s->resampled[IG_MEDIAN][r] =
        order_statistic(s, (n - 1) / 2) / 2 + order_statistic(s, n / 2) / 2;
    s->resampled[IG_IQM][r] = middle_mean(s);
}

/** The interval of one statistic from its resamples. */
static void find_interval(sample *s, const ig_bootstrap *how, ig_location kind, ig_estimate *e)
{
    /* Equal values, or a single one, leave nothing to correct. */
    if (how->interval == IG_INTERVAL_BCA && s->sorted[0] < s->sorted[s->n - 1]) {
        ig_leave_out(kind, s->sorted, s->n, s->left);
        ig_jackknife_influence(s->left, s->n);
        ig_interval_bca(s->resampled[kind], how->resamples, e->value,
                        ig_acceleration(s->left, s->n), &e->low, &e->high);
    } else {
        ig_interval_95(s->resampled[kind], how->resamples, &e->low, &e->high);
    }
}

static ig_status check_values(const double *values, size_t n, size_t resamples, ig_error *error)
{
    if (n == 0 || n > UINT32_MAX || resamples < 2) {
        return ig_error_set(error, IG_ERR_USAGE, "statistics need a value and two resamples");
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) {
            return ig_error_set(error, IG_ERR_NUMERIC, "value %zu of %zu is not finite", i, n);
        }
    }
    return IG_OK;
}

ig_status ig_statistics_bootstrap(const double *values, size_t n, const ig_bootstrap *how,
                                  ig_rng *rng, ig_statistics *statistics, ig_error *error)
{
    AUTO(sample_clear) sample s = {0};
    TRY(check_values(values, n, how->resamples, error));
    TRY(sample_init(&s, values, n, how->resamples, error));
    for (size_t r = 0; r < how->resamples; r++) {
        resample(&s, rng, r);
    }
    ig_statistics out = ig_no_statistics;
    out.n = n;
    out.mean.value = gsl_stats_mean(s.sorted, 1, n);
    if (n > 1) {
        out.mean.se = gsl_stats_sd_m(s.sorted, 1, n, out.mean.value) / sqrt((double)n);
    }
    out.median.value = gsl_stats_median_from_sorted_data(s.sorted, 1, n);
    out.iqm.value = ig_iqm(s.sorted, n);
    find_interval(&s, how, IG_MEAN, &out.mean);
    find_interval(&s, how, IG_MEDIAN, &out.median);
    find_interval(&s, how, IG_IQM, &out.iqm);
    *statistics = out;
    return IG_OK;
}

/* Power laws. */

ig_status ig_anchors_init(size_t n, size_t n_values, ig_anchors *anchors, ig_error *error)
{
    AUTO(ig_anchors_clear) ig_anchors a = {.n = n};
    TRY(IG_ALLOC(a.x, n, error));
    TRY(IG_ALLOC(a.mean, n, error));
    TRY(IG_ALLOC(a.y, n_values, error));
    TRY(IG_ALLOC(a.first, n + 1, error));
    *anchors = a;
    memset(&a, 0, sizeof a);
    return IG_OK;
}

void ig_anchors_clear(ig_anchors *anchors)
{
    free(anchors->x);
    free(anchors->mean);
    free(anchors->y);
    free(anchors->first);
    *anchors = (ig_anchors){0};
}

/** A fit at work, owned but for the anchors. */
typedef struct bootstrap {
    const ig_anchors *anchors;
    ig_redraws redraws;
    size_t n;                 /**< anchors */
    double *log_x, *log_mean; /**< n, of the data */
    double *drawn;            /**< n: ln of the means that are being fitted */
    size_t *seeds;            /**< whole seeds drawn, as many as an anchor has measurements */
    size_t n_draws;
    double *exponent, *log_amplitude; /**< of each redraw */
    double *sorted;                   /**< one number per redraw */
    double *influence[2]; /**< of every measurement, or whole seed, on exponent and amplitude */
    size_t n_influence;   /**< 0 where there are no BCa intervals */
} bootstrap;

static void bootstrap_clear(bootstrap *b)
{
    free(b->log_x);
    free(b->log_mean);
    free(b->drawn);
    free(b->seeds);
    free(b->sorted);
    free(b->influence[0]);
    free(b->influence[1]);
    free(b->exponent);
    free(b->log_amplitude);
}

static size_t count_of(const ig_anchors *a, size_t anchor)
{
    return a->first[anchor + 1] - a->first[anchor];
}

static ig_status bootstrap_init(bootstrap *b, const ig_bootstrap *how, ig_error *error)
{
    const ig_anchors *a = b->anchors;
    const bool bca = how->interval == IG_INTERVAL_BCA;
    b->n = a->n;
    if (b->redraws == IG_REDRAW_WHOLE_SEEDS) {
        TRY(IG_ALLOC(b->seeds, count_of(a, 0), error));
        b->n_influence = bca ? count_of(a, 0) : 0;
    } else {
        b->n_influence = bca ? a->first[a->n] : 0;
    }
    TRY(IG_ALLOC(b->log_x, b->n, error));
    TRY(IG_ALLOC(b->log_mean, b->n, error));
    TRY(IG_ALLOC(b->drawn, b->n, error));
    TRY(IG_ALLOC(b->influence[0], b->n_influence, error));
    TRY(IG_ALLOC(b->influence[1], b->n_influence, error));
    for (size_t i = 0; i < b->n; i++) {
        b->log_x[i] = log(a->x[i]);
        b->log_mean[i] = b->drawn[i] = log(a->mean[i]);
    }
    b->n_draws = how->resamples;
    TRY(IG_ALLOC(b->exponent, b->n_draws, error));
    TRY(IG_ALLOC(b->log_amplitude, b->n_draws, error));
    return IG_ALLOC(b->sorted, b->n_draws, error);
}

/** ln y = log_amplitude - exponent ln x; returns the residual sum of squares. */
static double fit_line(const double *log_x, const double *log_y, size_t n, double *exponent,
                       double *log_amplitude)
{
    double slope, cov00, cov01, cov11, rss;
    gsl_fit_linear(log_x, 1, log_y, 1, n, log_amplitude, &slope, &cov00, &cov01, &cov11, &rss);
    *exponent = -slope;
    return rss;
}

/** Measurements of each anchor, drawn with replacement, so that every redraw keeps the design. */
static void draw_seeds(bootstrap *b, ig_rng *rng)
{
    const ig_anchors *a = b->anchors;
    for (size_t i = 0; i < b->n; i++) {
        const size_t count = count_of(a, i);
        double sum = 0;
        for (size_t k = 0; k < count; k++) {
            sum += a->y[a->first[i] + ig_rng_below(rng, count)];
        }
        b->drawn[i] = log(sum / (double)count);
    }
}

/** The same seeds at every anchor. */
static void draw_whole_seeds(bootstrap *b, ig_rng *rng)
{
    const ig_anchors *a = b->anchors;
    const size_t count = count_of(a, 0);
    for (size_t k = 0; k < count; k++) {
        b->seeds[k] = ig_rng_below(rng, count);
    }
    for (size_t i = 0; i < b->n; i++) {
        double sum = 0;
        for (size_t k = 0; k < count; k++) {
            sum += a->y[a->first[i] + b->seeds[k]];
        }
        b->drawn[i] = log(sum / (double)count);
    }
}

static void draw_all(bootstrap *b, ig_rng *rng)
{
    for (size_t r = 0; r < b->n_draws; r++) {
        if (b->redraws == IG_REDRAW_WHOLE_SEEDS) {
            draw_whole_seeds(b, rng);
        } else {
            draw_seeds(b, rng);
        }
        fit_line(b->log_x, b->drawn, b->n, &b->exponent[r], &b->log_amplitude[r]);
    }
}

/** The law without something, whose ln(mean) are in `drawn`. */
static void fit_without(bootstrap *b, double *exponent, double *amplitude)
{
    double log_amplitude;
    fit_line(b->log_x, b->drawn, b->n, exponent, &log_amplitude);
    *amplitude = exp(log_amplitude);
}

/** Influence of every measurement y[k] of anchor i, (mean of the laws without one measurement of
 *  the anchor - law without y[k]) (n_i - 1) / n_i: what BCa takes for several samples (Davison and
 *  Hinkley 1997, 5.3). */
static void find_influence_of_measurements(bootstrap *b)
{
    const ig_anchors *a = b->anchors;
    for (size_t i = 0; i < b->n; i++) {
        const size_t count = count_of(a, i);
        const double *y = a->y + a->first[i], scale = (double)(count - 1) / (double)count;
        double *exponent = b->influence[0] + a->first[i],
               *amplitude = b->influence[1] + a->first[i];
        double sum = gsl_stats_mean(y, 1, count) * (double)count;
        for (size_t k = 0; count > 1 && k < count; k++) {
            b->drawn[i] = log((sum - y[k]) / (double)(count - 1));
            fit_without(b, &exponent[k], &amplitude[k]);
        }
        b->drawn[i] = b->log_mean[i];
        ig_jackknife_influence(exponent, count);
        ig_jackknife_influence(amplitude, count);
        for (size_t k = 0; k < count; k++) {
            exponent[k] *= scale;
            amplitude[k] *= scale;
        }
    }
}

static void find_influence_of_whole_seeds(bootstrap *b)
{
    const ig_anchors *a = b->anchors;
    const size_t count = count_of(a, 0);
    for (size_t out = 0; out < count; out++) {
        for (size_t i = 0; i < b->n; i++) {
            double sum = 0;
            for (size_t k = 0; k < count; k++) {
                sum += k == out ? 0 : a->y[a->first[i] + k];
            }
            b->drawn[i] = log(sum / (double)(count - 1));
        }
        fit_without(b, &b->influence[0][out], &b->influence[1][out]);
    }
    ig_jackknife_influence(b->influence[0], count);
    ig_jackknife_influence(b->influence[1], count);
}

/** Standard error and interval of one number, whose redraws are in `sorted`. */
static void spread_of(bootstrap *b, const double *influence, ig_estimate *e)
{
    e->se = gsl_stats_sd(b->sorted, 1, b->n_draws);
    if (b->n_influence > 0 && e->se > 0) {
        ig_interval_bca(b->sorted, b->n_draws, e->value, ig_acceleration(influence, b->n_influence),
                        &e->low, &e->high);
    } else {
        ig_interval_95(b->sorted, b->n_draws, &e->low, &e->high);
    }
}

static void find_spread(bootstrap *b, ig_power_law *law)
{
    for (size_t r = 0; r < b->n_draws; r++) {
        b->sorted[r] = exp(b->log_amplitude[r]);
    }
    spread_of(b, b->influence[1], &law->amplitude);
    for (size_t r = 0; r < b->n_draws; r++) {
        b->sorted[r] = b->exponent[r];
    }
    spread_of(b, b->influence[0], &law->exponent);
}

static ig_status check_value(double value, double x, ig_error *error)
{
    return isfinite(value) && value > 0
               ? IG_OK
               : ig_error_set(error, IG_ERR_NUMERIC, "result %g at axis value %g is not positive",
                              value, x);
}

static ig_status check_anchor(const ig_anchors *a, size_t i, ig_error *error)
{
    if (!isfinite(a->x[i]) || a->x[i] <= 0) {
        return ig_error_set(error, IG_ERR_NUMERIC, "axis value %g is not positive", a->x[i]);
    }
    if (a->first[i + 1] <= a->first[i]) {
        return ig_error_set(error, IG_ERR_USAGE, "axis value %g has no results", a->x[i]);
    }
    for (size_t k = a->first[i]; k < a->first[i + 1]; k++) {
        TRY(check_value(a->y[k], a->x[i], error));
    }
    return IG_OK;
}

static ig_status check_anchors(const ig_anchors *a, ig_redraws redraws, size_t resamples,
                               ig_error *error)
{
    size_t different = 1;
    if (resamples < 2) {
        return ig_error_set(error, IG_ERR_USAGE, "a bootstrap needs two resamples");
    }
    if (a->n < 2) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "a power law needs two axis values with finished tasks, not %zu", a->n);
    }
    for (size_t i = 0; i < a->n; i++) {
        TRY(check_anchor(a, i, error));
        different += a->x[i] != a->x[0];
    }
    if (different < 2) {
        return ig_error_set(error, IG_ERR_NUMERIC, "all axis values are equal to %g", a->x[0]);
    }
    if (redraws == IG_REDRAW_WHOLE_SEEDS && count_of(a, 0) < 2) {
        return ig_error_set(error, IG_ERR_NUMERIC, "resampling whole seeds needs two of them");
    }
    return IG_OK;
}

ig_status ig_power_law_fit(const ig_anchors *anchors, ig_redraws redraws, const ig_bootstrap *how,
                           ig_rng *rng, ig_power_law *law, ig_error *error)
{
    AUTO(bootstrap_clear) bootstrap b = {.anchors = anchors, .redraws = redraws};
    ig_power_law out = ig_no_power_law;
    TRY(check_anchors(anchors, redraws, how->resamples, error));
    TRY(bootstrap_init(&b, how, error));
    double exponent, log_amplitude;
    const double rss = fit_line(b.log_x, b.log_mean, b.n, &exponent, &log_amplitude);
    const double tss = gsl_stats_tss(b.log_mean, 1, b.n);
    out.n_anchors = b.n;
    out.exponent.value = exponent;
    out.amplitude.value = exp(log_amplitude);
    /* Two anchors are always met exactly, and equal means leave nothing to explain. */
    out.r2 = b.n > 2 && tss > 0 ? 1 - rss / tss : (double)NAN;
    if (!isfinite(out.exponent.value) || !isfinite(out.amplitude.value)) {
        return ig_error_set(error, IG_ERR_NUMERIC, "the fit overflows (exponent %g)",
                            out.exponent.value);
    }
    draw_all(&b, rng);
    for (size_t i = 0; i < b.n; i++) {
        b.drawn[i] = b.log_mean[i];
    }
    if (b.n_influence > 0 && redraws == IG_REDRAW_SEEDS) {
        find_influence_of_measurements(&b);
    } else if (b.n_influence > 0) {
        find_influence_of_whole_seeds(&b);
    }
    find_spread(&b, &out);
    *law = out;
    return IG_OK;
}

double ig_power_law_at(double amplitude, double exponent, double x)
{
    return exp(log(amplitude) - exponent * log(x));
}
