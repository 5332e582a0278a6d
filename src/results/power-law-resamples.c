#include "results/power-law-resamples.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_fit.h>
#include <gsl/gsl_statistics_double.h>

ig_status ig_law_resamples_init(ig_law_resamples *s, size_t n, size_t n_left,
                                const ig_bootstrap *how, ig_error *error)
{
    s->n = n;
    s->n_left = how->interval == IG_INTERVAL_BCA ? n_left : 0;
    s->log_x = calloc(n, sizeof *s->log_x);
    s->log_mean = calloc(n, sizeof *s->log_mean);
    s->exponent = calloc(how->resamples, sizeof *s->exponent);
    s->log_a = calloc(how->resamples, sizeof *s->log_a);
    s->percent = calloc(how->resamples, sizeof *s->percent);
    s->left[0] = calloc(s->n_left + 1, sizeof *s->left[0]);
    s->left[1] = calloc(s->n_left + 1, sizeof *s->left[1]);
    if (!s->log_x || !s->log_mean || !s->exponent || !s->log_a || !s->percent || !s->left[0] ||
        !s->left[1]) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu resamples of a fit",
                            how->resamples);
    }
    return IG_OK;
}

void ig_law_resamples_clear(ig_law_resamples *s)
{
    free(s->log_x);
    free(s->log_mean);
    free(s->exponent);
    free(s->log_a);
    free(s->percent);
    free(s->left[0]);
    free(s->left[1]);
}

double ig_law_least_squares(const ig_law_resamples *s, double *exponent, double *log_a)
{
    double slope, cov00, cov01, cov11, rss;
    gsl_fit_linear(s->log_x, 1, s->log_mean, 1, s->n, log_a, &slope, &cov00, &cov01, &cov11, &rss);
    *exponent = -slope;
    return rss;
}

/** Standard error and interval of one number from s->percent. */
static void spread_of(ig_law_resamples *s, const ig_bootstrap *how, double estimate,
                      const double *left, double *se, double *low, double *high)
{
    *se = gsl_stats_sd(s->percent, 1, how->resamples);
    if (how->interval == IG_INTERVAL_BCA && *se > 0) {
        ig_interval_bca(s->percent, how->resamples, estimate, ig_acceleration(left, s->n_left), low,
                        high);
    } else {
        ig_interval_95(s->percent, how->resamples, low, high);
    }
}

ig_status ig_law_spread(ig_law_resamples *s, const ig_bootstrap *how, ig_power_law *law,
                        ig_error *error)
{
    for (size_t r = 0; r < how->resamples; r++) {
        s->percent[r] = exp(s->log_a[r]);
    }
    spread_of(s, how, law->amplitude, s->left[1], &law->amplitude_se, &law->amplitude_low,
              &law->amplitude_high);
    for (size_t r = 0; r < how->resamples; r++) {
        s->percent[r] = s->exponent[r];
    }
    spread_of(s, how, law->exponent, s->left[0], &law->exponent_se, &law->exponent_low,
              &law->exponent_high);
    if (!isfinite(law->exponent) || !isfinite(law->amplitude) || !isfinite(law->amplitude_se)) {
        return ig_error_set(error, IG_ERR_NUMERIC, "the fit overflows (exponent %g)",
                            law->exponent);
    }
    return IG_OK;
}
