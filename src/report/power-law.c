#include "report/power-law.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_fit.h>
#include <gsl/gsl_statistics_double.h>

#include "report/interval.h"

/** Everything a fit allocates. */
typedef struct scratch {
    double *log_x, *log_mean;           /**< n anchors */
    double *exponent, *log_a, *percent; /**< `resamples` numbers each; `percent` to be sorted */
} scratch;

static void scratch_clear(scratch *s)
{
    free(s->log_x);
    free(s->log_mean);
    free(s->exponent);
    free(s->log_a);
    free(s->percent);
}

static ig_status scratch_init(scratch *s, size_t n, size_t resamples, ig_error *error)
{
    s->log_x = calloc(n, sizeof *s->log_x);
    s->log_mean = calloc(n, sizeof *s->log_mean);
    s->exponent = calloc(resamples, sizeof *s->exponent);
    s->log_a = calloc(resamples, sizeof *s->log_a);
    s->percent = calloc(resamples, sizeof *s->percent);
    if (!s->log_x || !s->log_mean || !s->exponent || !s->log_a || !s->percent) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu resamples of a fit",
                            resamples);
    }
    return IG_OK;
}

static ig_status check_data(const double *x, size_t n, const double *y, const size_t *first,
                            size_t resamples, ig_error *error)
{
    size_t different = 1;
    if (resamples < 2) {
        return ig_error_set(error, IG_ERR_USAGE, "a bootstrap needs two resamples");
    }
    if (n < 2) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "a power law needs two axis values with finished tasks, not %zu", n);
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || x[i] <= 0) {
            return ig_error_set(error, IG_ERR_NUMERIC, "axis value %g is not positive", x[i]);
        }
        if (first[i + 1] <= first[i]) {
            return ig_error_set(error, IG_ERR_USAGE, "axis value %g has no results", x[i]);
        }
        for (size_t j = first[i]; j < first[i + 1]; j++) {
            if (!isfinite(y[j]) || y[j] <= 0) {
                return ig_error_set(error, IG_ERR_NUMERIC,
                                    "result %g at axis value %g is not positive", y[j], x[i]);
            }
        }
        different += x[i] != x[0];
    }
    if (different < 2) {
        return ig_error_set(error, IG_ERR_NUMERIC, "all axis values are equal to %g", x[0]);
    }
    return IG_OK;
}

/** ln y = log_a - exponent ln x; returns the residual sum of squares. */
static double least_squares(const scratch *s, size_t n, double *exponent, double *log_a)
{
    double slope, cov00, cov01, cov11, rss;
    gsl_fit_linear(s->log_x, 1, s->log_mean, 1, n, log_a, &slope, &cov00, &cov01, &cov11, &rss);
    *exponent = -slope;
    return rss;
}

/** Seeds are drawn with replacement within each anchor, so that every resample keeps the design. */
static void bootstrap(scratch *s, size_t n, const double *y, const size_t *first, size_t resamples,
                      ig_rng *rng)
{
    for (size_t r = 0; r < resamples; r++) {
        for (size_t i = 0; i < n; i++) {
            size_t count = first[i + 1] - first[i];
            double sum = 0;
            for (size_t j = 0; j < count; j++) {
                sum += y[first[i] + ig_rng_below(rng, count)];
            }
            s->log_mean[i] = log(sum / (double)count);
        }
        least_squares(s, n, &s->exponent[r], &s->log_a[r]);
    }
}

static void fit_means(scratch *s, const double *x, size_t n, const double *y, const size_t *first,
                      ig_power_law *law)
{
    double log_a;
    for (size_t i = 0; i < n; i++) {
        s->log_x[i] = log(x[i]);
        s->log_mean[i] = log(gsl_stats_mean(y + first[i], 1, first[i + 1] - first[i]));
    }
    double rss = least_squares(s, n, &law->exponent, &log_a);
    double tss = gsl_stats_tss(s->log_mean, 1, n);
    law->amplitude = exp(log_a);
    /* Two anchors are always met exactly, and equal means leave nothing to explain. */
    law->r2 = n > 2 && tss > 0 ? 1 - rss / tss : (double)NAN;
    law->n_anchors = n;
}

static void spread_of_resamples(scratch *s, size_t resamples, ig_power_law *law)
{
    for (size_t r = 0; r < resamples; r++) {
        s->percent[r] = exp(s->log_a[r]);
    }
    law->amplitude_se = gsl_stats_sd(s->percent, 1, resamples);
    ig_interval_95(s->percent, resamples, &law->amplitude_low, &law->amplitude_high);
    for (size_t r = 0; r < resamples; r++) {
        s->percent[r] = s->exponent[r];
    }
    law->exponent_se = gsl_stats_sd(s->percent, 1, resamples);
    ig_interval_95(s->percent, resamples, &law->exponent_low, &law->exponent_high);
}

static void band_of_resamples(scratch *s, size_t resamples, const ig_band *band)
{
    for (size_t i = 0; i < band->n; i++) {
        double log_x = log(band->x[i]);
        for (size_t r = 0; r < resamples; r++) {
            s->percent[r] = s->log_a[r] - s->exponent[r] * log_x;
        }
        double low, high;
        ig_interval_95(s->percent, resamples, &low, &high);
        band->low[i] = exp(low);
        band->high[i] = exp(high);
    }
}

ig_status ig_power_law_fit_band(const double *x, size_t n, const double *y, const size_t *first,
                                size_t resamples, ig_rng *rng, ig_power_law *law,
                                const ig_band *band, ig_error *error)
{
    scratch s = {0};
    ig_power_law out = {0};
    ig_status status = check_data(x, n, y, first, resamples, error);
    if (status) {
        return status;
    }
    status = scratch_init(&s, n, resamples, error);
    if (status) {
        goto done;
    }
    fit_means(&s, x, n, y, first, &out);
    bootstrap(&s, n, y, first, resamples, rng);
    spread_of_resamples(&s, resamples, &out);
    if (!isfinite(out.exponent) || !isfinite(out.amplitude) || !isfinite(out.amplitude_se)) {
        status =
            ig_error_set(error, IG_ERR_NUMERIC, "the fit overflows (exponent %g)", out.exponent);
        goto done;
    }
    if (band) {
        band_of_resamples(&s, resamples, band);
    }
    *law = out;
done:
    scratch_clear(&s);
    return status;
}

ig_status ig_power_law_fit(const double *x, size_t n, const double *y, const size_t *first,
                           size_t resamples, ig_rng *rng, ig_power_law *law, ig_error *error)
{
    return ig_power_law_fit_band(x, n, y, first, resamples, rng, law, NULL, error);
}

double ig_power_law_at(double amplitude, double exponent, double x)
{
    return exp(log(amplitude) - exponent * log(x));
}
