/** The interquartile mean, and leave-one-out values of the statistics for BCa intervals. */
#ifndef IMAGRID_ANALYSIS_ROBUST_H
#define IMAGRID_ANALYSIS_ROBUST_H

#include <stddef.h>

/** Values cut off at each end: floor(n / 4), as scipy.stats.trim_mean(values, 0.25) has it. */
size_t ig_iqm_cut(size_t n);

/** Interquartile mean of n >= 1 ascending values: the mean without ig_iqm_cut(n) at each end. */
double ig_iqm(const double *sorted, size_t n);

/** The statistic of n - 1 of n >= 2 ascending values, with sorted[i] left out, for every i. */
void ig_leave_out_mean(const double *sorted, size_t n, double *left);
void ig_leave_out_median(const double *sorted, size_t n, double *left);
void ig_leave_out_iqm(const double *sorted, size_t n, double *left);

#endif
