/** Five numbers that describe many. */
#ifndef IMAGRID_ANALYSIS_SPREAD_H
#define IMAGRID_ANALYSIS_SPREAD_H

#include <stddef.h>

/** Quartiles (R's type 7) and extremes; NaN without values. */
typedef struct ig_spread {
    double minimum, q1, median, q3, maximum;
} ig_spread;

/** Sort n values in place and describe them. */
ig_spread ig_spread_of(double *values, size_t n);

#endif
