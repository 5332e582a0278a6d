#include "results/statistics.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
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

void ig_leave_out_mean(const double *sorted, size_t n, double *left)
{
    leave_out_ranks(sorted, n, 0, n - 1, left);
}

void ig_leave_out_median(const double *sorted, size_t n, double *left)
{
    leave_out_ranks(sorted, n, (n - 2) / 2, (n - 1) / 2 + 1, left);
}

void ig_leave_out_iqm(const double *sorted, size_t n, double *left)
{
    size_t cut = iqm_cut(n - 1);
    leave_out_ranks(sorted, n, cut, n - 1 - cut, left);
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

/** The statistics that have intervals. */
enum { MEAN, MEDIAN, IQM, N_KINDS };

/** A sample and its resamples, owned. */
typedef struct sample {
    size_t n;
    double *sorted;             /**< n values, ascending */
    double *left;               /**< n: a statistic without each of them */
    uint32_t *counts;           /**< n: how often each sorted value was drawn */
    double *resampled[N_KINDS]; /**< one number per resample */
} sample;

static void sample_clear(sample *s)
{
    free(s->sorted);
    free(s->left);
    free(s->counts);
    for (int k = 0; k < N_KINDS; k++) {
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
    for (int k = 0; k < N_KINDS; k++) {
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
    s->resampled[MEAN][r] = sum / (double)n;
    s->resampled[MEDIAN][r] = order_statistic(s, (n - 1) / 2) / 2 + order_statistic(s, n / 2) / 2;
    s->resampled[IQM][r] = middle_mean(s);
}

/** The interval of one statistic from its resamples. */
static void find_interval(sample *s, const ig_bootstrap *how, int kind, ig_estimate *e)
{
    static void (*const leave_out[N_KINDS])(const double *, size_t, double *) = {
        ig_leave_out_mean, ig_leave_out_median, ig_leave_out_iqm};
    /* Equal values, or a single one, leave nothing to correct. */
    if (how->interval == IG_INTERVAL_BCA && s->sorted[0] < s->sorted[s->n - 1]) {
        leave_out[kind](s->sorted, s->n, s->left);
        ig_jackknife_influence(s->left, s->n);
        ig_interval_bca(s->resampled[kind], how->resamples, e->value,
                        ig_acceleration(s->left, s->n), &e->low, &e->high);
    } else {
        ig_interval_95(s->resampled[kind], how->resamples, &e->low, &e->high);
    }
}

static ig_status check(const double *values, size_t n, size_t resamples, ig_error *error)
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
    TRY(check(values, n, how->resamples, error));
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
    find_interval(&s, how, MEAN, &out.mean);
    find_interval(&s, how, MEDIAN, &out.median);
    find_interval(&s, how, IQM, &out.iqm);
    *statistics = out;
    return IG_OK;
}
