#include "results/power-law.h"

#include <math.h>

#include <gsl/gsl_statistics_double.h>

#include "results/power-law-resamples.h"

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

/** Seeds are drawn with replacement within each anchor, so that every resample keeps the design. */
static void bootstrap(ig_law_resamples *s, size_t n, const double *y, const size_t *first,
                      size_t resamples, ig_rng *rng)
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
        ig_law_least_squares(s, &s->exponent[r], &s->log_a[r]);
    }
}

/** Influence of every result y[j] of anchor i on the fit, (mean of the fits without one result of
 *  the anchor - fit without y[j]) (n_i - 1) / n_i: what BCa takes for several samples (Davison and
 *  Hinkley 1997, 5.3). The means of the data are in s->log_mean. */
static void find_influence(ig_law_resamples *s, size_t n, const double *y, const size_t *first)
{
    for (size_t i = 0; s->n_left > 0 && i < n; i++) {
        const size_t count = first[i + 1] - first[i];
        const double *of_anchor = y + first[i], whole = s->log_mean[i];
        double *exponent = s->left[0] + first[i], *amplitude = s->left[1] + first[i];
        double sum = gsl_stats_mean(of_anchor, 1, count) * (double)count;
        for (size_t j = 0; count > 1 && j < count; j++) {
            s->log_mean[i] = log((sum - of_anchor[j]) / (double)(count - 1));
            ig_law_least_squares(s, &exponent[j], &amplitude[j]);
            amplitude[j] = exp(amplitude[j]);
        }
        s->log_mean[i] = whole;
        const double means[] = {gsl_stats_mean(exponent, 1, count),
                                gsl_stats_mean(amplitude, 1, count)};
        const double scale = (double)(count - 1) / (double)count;
        for (size_t j = 0; j < count; j++) {
            exponent[j] = (means[0] - exponent[j]) * scale;
            amplitude[j] = (means[1] - amplitude[j]) * scale;
        }
    }
}

static void fit_means(ig_law_resamples *s, const double *x, size_t n, const double *y,
                      const size_t *first, ig_power_law *law)
{
    double log_a;
    for (size_t i = 0; i < n; i++) {
        s->log_x[i] = log(x[i]);
        s->log_mean[i] = log(gsl_stats_mean(y + first[i], 1, first[i + 1] - first[i]));
    }
    double rss = ig_law_least_squares(s, &law->exponent, &log_a);
    double tss = gsl_stats_tss(s->log_mean, 1, n);
    law->amplitude = exp(log_a);
    /* Two anchors are always met exactly, and equal means leave nothing to explain. */
    law->r2 = n > 2 && tss > 0 ? 1 - rss / tss : (double)NAN;
    law->n_anchors = n;
}

static void band_of_resamples(ig_law_resamples *s, size_t resamples, const ig_band *band)
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
                                const ig_bootstrap *how, ig_rng *rng, ig_power_law *law,
                                const ig_band *band, ig_error *error)
{
    ig_law_resamples s = {0};
    ig_power_law out = {0};
    ig_status status = check_data(x, n, y, first, how->resamples, error);
    if (status) {
        return status;
    }
    status = ig_law_resamples_init(&s, n, first[n], how, error);
    if (status) {
        goto done;
    }
    fit_means(&s, x, n, y, first, &out);
    find_influence(&s, n, y, first);
    bootstrap(&s, n, y, first, how->resamples, rng);
    status = ig_law_spread(&s, how, &out, error);
    if (status) {
        goto done;
    }
    if (band) {
        band_of_resamples(&s, how->resamples, band);
    }
    *law = out;
done:
    ig_law_resamples_clear(&s);
    return status;
}

ig_status ig_power_law_fit(const double *x, size_t n, const double *y, const size_t *first,
                           size_t resamples, ig_rng *rng, ig_power_law *law, ig_error *error)
{
    const ig_bootstrap how = {resamples, IG_INTERVAL_PERCENTILE};
    return ig_power_law_fit_band(x, n, y, first, &how, rng, law, NULL, error);
}

double ig_power_law_at(double amplitude, double exponent, double x)
{
    return exp(log(amplitude) - exponent * log(x));
}
