/** Linear least squares by LAPACK. */
#ifndef CORE_LEAST_SQUARES_H
#define CORE_LEAST_SQUARES_H

#include <stddef.h>

#include "imagrid/error.h"

/** Minimise ||X W - Y|| for each column of Y by a QR factorisation (dgels). X is rows x width and Y
 *  rows x n, both by columns (element (i, j) at [j * rows + i]) and both destroyed; W (width x n)
 * is written to the first `width` numbers of each column of Y. rows >= width >= 1, n >= 1.
 *  IG_ERR_NUMERIC where X has no full rank or holds what is not finite; IG_ERR_MEMORY. */
ig_status ig_least_squares(double *x, size_t rows, size_t width, double *y, size_t n,
                           ig_error *error);

#endif
