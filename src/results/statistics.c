#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "results/robust.h"
#include "results/statistics.h"

/** The statistics that have intervals. */
enum { MEAN, MEDIAN, IQM, N_KINDS };

/** Scratch of one bootstrap, owned. */
typedef struct scratch {
    double *sorted;   /**< n values, ascending */
    double *left;     /**< n: a statistic without each of them */
    uint32_t *counts; /**< n: how often each sorted value was drawn */
    double *resampled[N_KINDS];
} scratch;

static void scratch_clear(scratch *s)
{
    free(s->sorted);
    free(s->left);
    free(s->counts);
    for (int k = 0; k < N_KINDS; k++) {
        free(s->resampled[k]);
    }
}

static ig_status scratch_init(scratch *s, size_t n, size_t resamples, ig_error *error)
{
    bool failed = false;
    s->sorted = calloc(n, sizeof *s->sorted);
    s->left = calloc(n, sizeof *s->left);
    s->counts = calloc(n, sizeof *s->counts);
    for (int k = 0; k < N_KINDS; k++) {
        s->resampled[k] = calloc(resamples, sizeof *s->resampled[k]);
        failed = failed || !s->resampled[k];
    }
    if (!s->sorted || !s->left || !s->counts || failed) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu resamples of %zu values",
                            resamples, n);
    }
    return IG_OK;
}

/** Value number k (from 0, in ascending order) of the resample that `counts` describes. */
static double order_statistic(const scratch *s, size_t k)
{
    size_t i = 0;
    for (size_t below = s->counts[0]; below <= k; below += s->counts[i]) {
        i++;
    }
    return s->sorted[i];
}

/** Interquartile mean of the resample: the draws of ranks cut ... n - cut - 1. */
static double middle_mean(const scratch *s, size_t n)
{
    const size_t begin = ig_iqm_cut(n), end = n - begin;
    double sum = 0;
    for (size_t i = 0, rank = 0; rank < end; rank += s->counts[i++]) {
        size_t last = rank + s->counts[i];
        size_t from = rank > begin ? rank : begin, to = last < end ? last : end;
        sum += to > from ? (double)(to - from) * s->sorted[i] : 0;
    }
    return sum / (double)(end - begin);
}

/** Counting draws per sorted value makes a resample's median a walk instead of a sort. */
static void resample(scratch *s, size_t n, ig_rng *rng, size_t r)
{
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
    s->resampled[IQM][r] = middle_mean(s, n);
}

/** The interval of one statistic from its resamples. */
static void find_interval(scratch *s, size_t n, const ig_bootstrap *how, int kind, double estimate,
                          double *low, double *high)
{
    static void (*const leave_out[N_KINDS])(const double *, size_t, double *) = {
        ig_leave_out_mean, ig_leave_out_median, ig_leave_out_iqm};
    /* Equal values, or a single one, leave nothing to correct. */
    if (how->interval == IG_INTERVAL_BCA && s->sorted[0] < s->sorted[n - 1]) {
        leave_out[kind](s->sorted, n, s->left);
        ig_interval_bca(s->resampled[kind], how->resamples, estimate, ig_acceleration(s->left, n),
                        low, high);
    } else {
        ig_interval_95(s->resampled[kind], how->resamples, low, high);
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
    scratch s = {0};
    ig_status status = check(values, n, how->resamples, error);
    if (!status) {
        status = scratch_init(&s, n, how->resamples, error);
    }
    if (status) {
        goto done;
    }
    memcpy(s.sorted, values, n * sizeof *values);
    gsl_sort(s.sorted, 1, n);
    for (size_t r = 0; r < how->resamples; r++) {
        resample(&s, n, rng, r);
    }
    ig_statistics out = {.n = n};
    out.mean = gsl_stats_mean(s.sorted, 1, n);
    out.sem = n > 1 ? gsl_stats_sd_m(s.sorted, 1, n, out.mean) / sqrt((double)n) : (double)NAN;
    out.median = gsl_stats_median_from_sorted_data(s.sorted, 1, n);
    out.iqm = ig_iqm(s.sorted, n);
    find_interval(&s, n, how, MEAN, out.mean, &out.mean_low, &out.mean_high);
    find_interval(&s, n, how, MEDIAN, out.median, &out.median_low, &out.median_high);
    find_interval(&s, n, how, IQM, out.iqm, &out.iqm_low, &out.iqm_high);
    *statistics = out;
done:
    scratch_clear(&s);
    return status;
}

ig_status ig_statistics_compute(const double *values, size_t n, size_t resamples, ig_rng *rng,
                                ig_statistics *statistics, ig_error *error)
{
    const ig_bootstrap how = {resamples, IG_INTERVAL_PERCENTILE};
    return ig_statistics_bootstrap(values, n, &how, rng, statistics, error);
}
