/** Statistics of one sample and their 95 % bootstrap intervals: percentiles, or bias-corrected and
 *  accelerated (BCa). */
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

/** Statistics of a sample; intervals are 95 % bootstrap intervals. NaN where n is too small: sem
 *  needs 2 values, everything else 1. */
typedef struct ig_statistics {
    size_t n;
    double mean, sem;
    double mean_low, mean_high;
    double median, median_low, median_high;
    double iqm, iqm_low, iqm_high; /**< mean without the floor(n / 4) values at each end */
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
void ig_leave_out_mean(const double *sorted, size_t n, double *left);
void ig_leave_out_median(const double *sorted, size_t n, double *left);
void ig_leave_out_iqm(const double *sorted, size_t n, double *left);

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

#endif
