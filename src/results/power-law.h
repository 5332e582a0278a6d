/** A power law y = A x^-e through measurements at several x, and redraws of that law that show how
 *  well the measurements determine it. Fitted by ordinary least squares of ln(mean y) on ln x; each
 *  redraw makes new means and fits them again. */
#ifndef RESULTS_POWER_LAW_H
#define RESULTS_POWER_LAW_H

#include "results/statistics.h"

/** Measurements at n different x. Arrays are owned. */
typedef struct ig_anchors {
    size_t n;
    double *x;     /**< > 0 */
    double *mean;  /**< > 0 */
    double *sem;   /**< standard error of the mean; NaN where it is not known */
    double *y;     /**< all measurements, those of anchor i from first[i]; NULL: only means known */
    size_t *first; /**< n + 1 indices into y; NULL with it */
} ig_anchors;

/** Arrays for n anchors and, unless it is 0, n_values measurements; zeroed. */
ig_status ig_anchors_init(size_t n, size_t n_values, ig_anchors *anchors, ig_error *error);
void ig_anchors_clear(ig_anchors *anchors);

/** Where redraws come from. */
typedef enum ig_redraws {
    IG_REDRAW_NONE,        /**< two single measurements: a line goes through them exactly */
    IG_REDRAW_SEEDS,       /**< the measurements of each anchor are resampled (stratified) */
    IG_REDRAW_WHOLE_SEEDS, /**< measurement k of all anchors is resampled as one: where they share
                                random numbers, what is lucky at one x tends to be so at all */
    IG_REDRAW_MEANS,       /**< each anchor's mean is redrawn from its standard error */
    IG_REDRAW_RESIDUALS    /**< single measurements: the scatter about the line is all there is */
} ig_redraws;

/** The fitted law. Standard errors and 95 % intervals are NaN without redraws. */
typedef struct ig_power_law {
    double exponent, exponent_se, exponent_low, exponent_high;
    double amplitude, amplitude_se, amplitude_low, amplitude_high;
    double r2;        /**< of ln(mean); NaN with two anchors or equal means */
    size_t n_anchors; /**< at least 2 */
} ig_power_law;

/** All NaN, no anchors. */
extern const ig_power_law ig_no_power_law;

/** The law of every redraw. Arrays are owned. */
typedef struct ig_law_draws {
    size_t n;
    double *exponent, *log_amplitude;
} ig_law_draws;

/** Fit the anchors. BCa intervals (`how`) are made for resampled seeds, whole or not; the other
 *  redraws have percentiles. `draws` may be NULL; clear it with ig_law_draws_clear.
 *  IG_ERR_NUMERIC for data that are not positive, fewer than two different x, fewer than two whole
 *  seeds, and where the law overflows; IG_ERR_USAGE for fewer than two redraws and an anchor
 *  without measurements. */
ig_status ig_power_law_fit(const ig_anchors *anchors, ig_redraws redraws, const ig_bootstrap *how,
                           ig_rng *rng, ig_power_law *law, ig_law_draws *draws, ig_error *error);
void ig_law_draws_clear(ig_law_draws *draws);

/** Ends of the 95 % intervals (percentiles) of the redrawn lines at n x. */
ig_status ig_law_draws_band(const ig_law_draws *draws, const double *x, size_t n, double *low,
                            double *high, ig_error *error);

/** Exponent of the upper half of the anchors, which ascend in x: where a curve flattens,
 *  extrapolation needs this one. NaN with fewer than four anchors. */
double ig_anchors_tail(const ig_anchors *anchors);

/** amplitude * x^-exponent. */
double ig_power_law_at(double amplitude, double exponent, double x);

#endif
