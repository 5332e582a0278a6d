/** Statistics of one sample, and power laws through several, with their 95 % bootstrap intervals:
 *  percentiles, or bias-corrected and accelerated (BCa). */
#ifndef RESULTS_STATISTICS_H
#define RESULTS_STATISTICS_H

#include <stddef.h>

#include "imagrid/error.h"
#include "imagrid/rng.h"

/** Which 95 % interval is made of the resamples. */
typedef enum ig_interval {
    IG_INTERVAL_PERCENTILE, /**< 2.5 and 97.5 percentile */
    IG_INTERVAL_BCA         /**< bias-corrected and accelerated (Efron 1987) */
} ig_interval;

enum { IG_RESAMPLES = 10000 }; /**< of every bootstrap by default (docs/protocol.md) */

/** How a bootstrap is done. */
typedef struct ig_bootstrap {
    size_t resamples; /**< at least 2 */
    ig_interval interval;
} ig_bootstrap;

/** A number with its standard error and 95 % interval; NaN for what is not known. */
typedef struct ig_estimate {
    double value, se, low, high;
} ig_estimate;

/** All NaN. */
extern const ig_estimate ig_no_estimate;

/** Statistics of a sample with bootstrap intervals. NaN where n is too small: the standard error
 *  needs 2 values, everything else 1. */
typedef struct ig_statistics {
    size_t n;
    ig_estimate mean;   /**< se: of the mean (SEM) */
    ig_estimate median; /**< without se */
    ig_estimate iqm;    /**< mean without the floor(n / 4) values at each end; without se */
} ig_statistics;

/** Of no values: all NaN, n = 0. */
extern const ig_statistics ig_no_statistics;

/** Describe n >= 1 finite values in any order; the resamples draw from `rng`. IG_ERR_NUMERIC where
 *  a value is not finite, IG_ERR_USAGE for n = 0 or fewer than two resamples. */
ig_status ig_statistics_bootstrap(const double *values, size_t n, const ig_bootstrap *how,
                                  ig_rng *rng, ig_statistics *statistics, ig_error *error);

/** Quartiles (R's type 7) and extremes; NaN without values. */
typedef struct ig_spread {
    double minimum, q1, median, q3, maximum;
} ig_spread;

/** Sort n values in place and describe them. */
ig_spread ig_spread_of(double *values, size_t n);

/** Interquartile mean of n >= 1 ascending values: the mean without the floor(n / 4) values at each
 *  end, as scipy.stats.trim_mean(values, 0.25). */
double ig_iqm(const double *sorted, size_t n);

/** The statistic of n - 1 of n >= 2 ascending values, with sorted[i] left out, for every i. */
typedef enum ig_location { IG_MEAN, IG_MEDIAN, IG_IQM, IG_LOCATIONS } ig_location;
void ig_leave_out(ig_location location, const double *sorted, size_t n, double *left);

/** 2.5 and 97.5 percentiles (linear interpolation, "type 7") of n values, which are sorted in
 *  place. */
void ig_interval_95(double *values, size_t n, double *low, double *high);

/** The 95 % BCa interval (Efron 1987) of n resampled values, which are sorted in place: the
 *  percentiles Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z = Phi^-1(0.025) and Phi^-1(0.975), where
 *  Phi(z0) is the share of resamples below `estimate` (ties count half) and a the acceleration. */
void ig_interval_bca(double *values, size_t n, double estimate, double acceleration, double *low,
                     double *high);

/** Turn a statistic's n leave-one-out values into influence values, their mean - value. */
void ig_jackknife_influence(double *values, size_t n);

/** a = sum_i l_i^3 / (6 (sum_i l_i^2)^1.5) of influence values l; 0 without spread. */
double ig_acceleration(const double *influence, size_t n);

/* Power laws y = A x^-e through measurements at several x, as the paper fits them: ordinary least
 * squares of ln(mean y) on ln x; each redraw makes new means and fits them again. theory/laws.h has
 * the laws that a plan is made with. */

/** Measurements at n different x. Arrays are owned. */
typedef struct ig_anchors {
    size_t n;
    double *x;     /**< > 0 */
    double *mean;  /**< > 0 */
    double *y;     /**< all measurements, those of anchor i from first[i] */
    size_t *first; /**< n + 1 indices into y */
} ig_anchors;

/** Arrays for n anchors and n_values measurements; zeroed. */
ig_status ig_anchors_init(size_t n, size_t n_values, ig_anchors *anchors, ig_error *error);
void ig_anchors_clear(ig_anchors *anchors);

/** Where redraws come from. */
typedef enum ig_redraws {
    IG_REDRAW_SEEDS,      /**< the measurements of each anchor are resampled (stratified) */
    IG_REDRAW_WHOLE_SEEDS /**< measurement k of all anchors is resampled as one: where they share
                               random numbers, what is lucky at one x tends to be so at all */
} ig_redraws;

/** The fitted law with the standard errors and 95 % intervals of the redraws. */
typedef struct ig_power_law {
    ig_estimate exponent, amplitude;
    double r2;        /**< of ln(mean); NaN with two anchors or equal means */
    size_t n_anchors; /**< at least 2 */
} ig_power_law;

/** All NaN, no anchors. */
extern const ig_power_law ig_no_power_law;

/** Fit the anchors. IG_ERR_NUMERIC for data that are not positive, fewer than two different x,
 *  fewer than two whole seeds, and where the law overflows; IG_ERR_USAGE for fewer than two redraws
 *  and an anchor without measurements; IG_ERR_MEMORY. */
ig_status ig_power_law_fit(const ig_anchors *anchors, ig_redraws redraws, const ig_bootstrap *how,
                           ig_rng *rng, ig_power_law *law, ig_error *error);

/** amplitude * x^-exponent. */
double ig_power_law_at(double amplitude, double exponent, double x);

#endif
