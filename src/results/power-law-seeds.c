/** The bootstrap of a power law over whole seeds: where grid points share a seed's random numbers,
 *  a seed that is lucky at one axis value tends to be so at all of them. */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_statistics_double.h>

#include "results/power-law-resamples.h"
#include "results/power-law.h"

/** The same seeds at every axis value. */
static void draw_seeds(ig_law_resamples *s, const double *y, size_t n_seeds, size_t *drawn,
                       ig_rng *rng)
{
    for (size_t j = 0; j < n_seeds; j++) {
        drawn[j] = ig_rng_below(rng, n_seeds);
    }
    for (size_t i = 0; i < s->n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n_seeds; j++) {
            sum += y[i * n_seeds + drawn[j]];
        }
        s->log_mean[i] = log(sum / (double)n_seeds);
    }
}

/** Fits without each of the seeds in turn. */
static void leave_out_seeds(ig_law_resamples *s, const double *y, size_t n_seeds)
{
    for (size_t out = 0; out < s->n_left; out++) {
        for (size_t i = 0; i < s->n; i++) {
            double sum = 0;
            for (size_t j = 0; j < n_seeds; j++) {
                sum += j == out ? 0 : y[i * n_seeds + j];
            }
            s->log_mean[i] = log(sum / (double)(n_seeds - 1));
        }
        ig_law_least_squares(s, &s->left[0][out], &s->left[1][out]);
        s->left[1][out] = exp(s->left[1][out]);
    }
    ig_jackknife_influence(s->left[0], s->n_left);
    ig_jackknife_influence(s->left[1], s->n_left);
}

ig_status ig_power_law_fit_seeds(const double *x, size_t n, const double *y, size_t n_seeds,
                                 const ig_bootstrap *how, ig_rng *rng, ig_power_law *law,
                                 ig_error *error)
{
    ig_law_resamples s = {0};
    ig_power_law out = {.r2 = (double)NAN, .n_anchors = n};
    if (n < 2 || n_seeds < 2 || how->resamples < 2) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "resampling whole seeds needs two seeds that are finished at two axis "
                            "values");
    }
    size_t *drawn = calloc(n_seeds, sizeof *drawn);
    double log_a;
    ig_status status = drawn
                           ? ig_law_resamples_init(&s, n, n_seeds, how, error)
                           : ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu seeds", n_seeds);
    if (status) {
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        s.log_x[i] = log(x[i]);
        s.log_mean[i] = log(gsl_stats_mean(y + i * n_seeds, 1, n_seeds));
    }
    ig_law_least_squares(&s, &out.exponent, &log_a);
    out.amplitude = exp(log_a);
    for (size_t r = 0; r < how->resamples; r++) {
        draw_seeds(&s, y, n_seeds, drawn, rng);
        ig_law_least_squares(&s, &s.exponent[r], &s.log_a[r]);
    }
    leave_out_seeds(&s, y, n_seeds);
    status = ig_law_spread(&s, how, &out, error);
    if (!status) {
        *law = out;
    }
done:
    ig_law_resamples_clear(&s);
    free(drawn);
    return status;
}
