/** The fit of a power law together with the band of its line, from the same resamples. */
#ifndef IMAGRID_ANALYSIS_POWER_LAW_H
#define IMAGRID_ANALYSIS_POWER_LAW_H

#include "results/interval.h"

/** Where to draw a fitted line: x in ascending order, and the 95 % interval of the line there.
 *  The arrays are the caller's. */
typedef struct ig_band {
    size_t n;
    const double *x;
    double *low, *high;
} ig_band;

/** ig_power_law_fit with the intervals of `how`, and the band of the fitted line, which is of
 *  percentiles either way; `band` may be NULL. */
ig_status ig_power_law_fit_band(const double *x, size_t n, const double *y, const size_t *first,
                                const ig_bootstrap *how, ig_rng *rng, ig_power_law *law,
                                const ig_band *band, ig_error *error);

/** The fit to seeds that are finished at every axis value, whole seeds resampled: y is n x n_seeds,
 *  positive. r2 is left NaN. IG_ERR_NUMERIC with fewer than two axis values or seeds. */
ig_status ig_power_law_fit_seeds(const double *x, size_t n, const double *y, size_t n_seeds,
                                 const ig_bootstrap *how, ig_rng *rng, ig_power_law *law,
                                 ig_error *error);

/** amplitude * x^-exponent. */
double ig_power_law_at(double amplitude, double exponent, double x);

#endif
