#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "imagrid/report.h"
#include "report/interval.h"

/** Scratch of one bootstrap, owned. */
typedef struct scratch {
    double *sorted;   /**< n values, ascending */
    uint32_t *counts; /**< n: how often each sorted value was drawn */
    double *means, *medians;
} scratch;

static void scratch_clear(scratch *s)
{
    free(s->sorted);
    free(s->counts);
    free(s->means);
    free(s->medians);
}

static ig_status scratch_init(scratch *s, size_t n, size_t resamples, ig_error *error)
{
    s->sorted = calloc(n, sizeof *s->sorted);
    s->counts = calloc(n, sizeof *s->counts);
    s->means = calloc(resamples, sizeof *s->means);
    s->medians = calloc(resamples, sizeof *s->medians);
    if (!s->sorted || !s->counts || !s->means || !s->medians) {
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

/** Counting draws per sorted value makes a resample's median a walk instead of a sort. */
static void resample(scratch *s, size_t n, ig_rng *rng, double *mean, double *median)
{
    double sum = 0;
    memset(s->counts, 0, n * sizeof *s->counts);
    for (size_t i = 0; i < n; i++) {
        s->counts[ig_rng_below(rng, n)]++;
    }
    for (size_t i = 0; i < n; i++) {
        sum += s->counts[i] * s->sorted[i];
    }
    *mean = sum / (double)n;
    *median = order_statistic(s, (n - 1) / 2) / 2 + order_statistic(s, n / 2) / 2;
}

ig_status ig_statistics_compute(const double *values, size_t n, size_t resamples, ig_rng *rng,
                                ig_statistics *statistics, ig_error *error)
{
    if (n == 0 || n > UINT32_MAX || resamples < 2) {
        return ig_error_set(error, IG_ERR_USAGE, "statistics need a value and two resamples");
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) {
            return ig_error_set(error, IG_ERR_NUMERIC, "value %zu of %zu is not finite", i, n);
        }
    }
    scratch s = {0};
    ig_status status = scratch_init(&s, n, resamples, error);
    if (status) {
        goto done;
    }
    memcpy(s.sorted, values, n * sizeof *values);
    gsl_sort(s.sorted, 1, n);
    for (size_t r = 0; r < resamples; r++) {
        resample(&s, n, rng, &s.means[r], &s.medians[r]);
    }
    ig_statistics out = {.n = n};
    out.mean = gsl_stats_mean(s.sorted, 1, n);
    out.sem = n > 1 ? gsl_stats_sd_m(s.sorted, 1, n, out.mean) / sqrt((double)n) : (double)NAN;
    out.median = gsl_stats_median_from_sorted_data(s.sorted, 1, n);
    ig_interval_95(s.means, resamples, &out.mean_low, &out.mean_high);
    ig_interval_95(s.medians, resamples, &out.median_low, &out.median_high);
    *statistics = out;
done:
    scratch_clear(&s);
    return status;
}
