/** Bootstrap intervals: percentile, and bias-corrected and accelerated (BCa). */
#ifndef IMAGRID_ANALYSIS_INTERVAL_H
#define IMAGRID_ANALYSIS_INTERVAL_H

#include <stddef.h>

#include "results/merge.h"

/** How a bootstrap is done. */
typedef struct ig_bootstrap {
    size_t resamples; /**< at least 2 */
    ig_interval interval;
} ig_bootstrap;

/** 2.5 and 97.5 percentiles (linear interpolation, "type 7") of n values, which are sorted in
 *  place. */
void ig_interval_95(double *values, size_t n, double *low, double *high);

/** The 95 % BCa interval (Efron 1987) of n resampled values, which are sorted in place: the
 *  percentiles Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z = Phi^-1(0.025) and Phi^-1(0.975), where
 *  Phi(z0) is the share of resamples below `estimate` (ties count half) and a the acceleration. */
void ig_interval_bca(double *values, size_t n, double estimate, double acceleration, double *low,
                     double *high);

/** a = sum d^3 / (6 (sum d^2)^1.5), d = mean - value, of a statistic's n leave-one-out values; 0
 *  where they are all equal. */
double ig_acceleration(const double *jackknife, size_t n);

/** a from influence values directly: sum_i l_i^3 / (6 (sum_i l_i^2)^1.5); 0 without spread. */
double ig_acceleration_of_influence(const double *influence, size_t n);

#endif
