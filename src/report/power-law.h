/** The fit of a power law together with the band of its line, from the same resamples. */
#ifndef IMAGRID_REPORT_POWER_LAW_H
#define IMAGRID_REPORT_POWER_LAW_H

#include "imagrid/report.h"

/** Where to draw a fitted line: x in ascending order, and the 95 % interval of the line there.
 *  The arrays are the caller's. */
typedef struct ig_band {
    size_t n;
    const double *x;
    double *low, *high;
} ig_band;

/** ig_power_law_fit, and the band of the fitted line; `band` may be NULL. */
ig_status ig_power_law_fit_band(const double *x, size_t n, const double *y, const size_t *first,
                                size_t resamples, ig_rng *rng, ig_power_law *law,
                                const ig_band *band, ig_error *error);

/** amplitude * x^-exponent. */
double ig_power_law_at(double amplitude, double exponent, double x);

#endif
