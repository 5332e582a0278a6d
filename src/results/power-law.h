/** The fit of a power law together with the band of its line, from the same resamples. */
#ifndef IMAGRID_ANALYSIS_POWER_LAW_H
#define IMAGRID_ANALYSIS_POWER_LAW_H

#include "results/statistics.h"

/** A fitted power law column = amplitude * axis^-exponent with its stratified bootstrap. */
typedef struct ig_power_law {
    double exponent, exponent_se, exponent_low, exponent_high;
    double amplitude, amplitude_se, amplitude_low, amplitude_high;
    double r2;
    size_t n_anchors; /**< axis values with at least one finished seed; a fit needs 2, r2 3 */
} ig_power_law;

/** Ordinary least squares of ln(mean of y) on ln x over n anchors; values of anchor i are
 *  y[first[i]] ... y[first[i+1] - 1], all positive, each anchor at least one. Resamples draw seeds
 *  with replacement within each anchor and refit. IG_ERR_NUMERIC for non-positive values or fewer
 *  than two anchors. */
ig_status ig_power_law_fit(const double *x, size_t n, const double *y, const size_t *first,
                           size_t resamples, ig_rng *rng, ig_power_law *law, ig_error *error);

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
