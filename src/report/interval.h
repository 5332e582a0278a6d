/** Percentile intervals of bootstrap resamples. */
#ifndef IMAGRID_REPORT_INTERVAL_H
#define IMAGRID_REPORT_INTERVAL_H

#include <stddef.h>

/** 2.5 and 97.5 percentiles (linear interpolation, "type 7") of n values, which are sorted in
 *  place. */
void ig_interval_95(double *values, size_t n, double *low, double *high);

#endif
