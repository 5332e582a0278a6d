/** Running means and variances (Welford): numerically stable, nothing stored but the moments. */
#ifndef BASE_MOMENTS_H
#define BASE_MOMENTS_H

#include <stddef.h>

#include "imagrid/error.h"

/** Of numbers; start with zeros. */
typedef struct ig_moment {
    double n, mean;
    double squares; /**< sum of squared distances from the mean */
} ig_moment;

void ig_moment_add(ig_moment *moment, double x);
/** Unbiased; NaN for fewer than two numbers. */
double ig_moment_variance(const ig_moment *moment);
/** Standard error of the mean; NaN for fewer than two numbers. */
double ig_moment_error(const ig_moment *moment);

/** Of vectors, coordinate by coordinate. */
typedef struct ig_moments {
    size_t size;
    double n;
    double *mean, *squares; /**< `size` each, owned */
} ig_moments;

/** All zero. IG_ERR_MEMORY. */
ig_status ig_moments_init(size_t size, ig_moments *moments, ig_error *error);
void ig_moments_clear(ig_moments *moments);
void ig_moments_add(ig_moments *moments, const double *x);
/** Sum over the coordinates of their unbiased variances; NaN for fewer than two vectors. */
double ig_moments_variance(const ig_moments *moments);
/** Squared norm of the mean, and the same less what the mean's own noise adds to it on average (so
 *  an unbiased estimate of the squared norm of the expectation, which may be negative). */
double ig_moments_norm2(const ig_moments *moments);
double ig_moments_norm2_unbiased(const ig_moments *moments);

#endif
