/** Linear algebra by GSL: plain C on one thread, so that no result depends on the processor, on
 *  another library's choice of kernels or on the number of ranks. */
#ifndef BASE_LINEAR_H
#define BASE_LINEAR_H

#include <stddef.h>

#include "imagrid/error.h"

/** The spectral norm (largest singular value) of a row-major matrix; for a symmetric one
 *  also the largest absolute eigenvalue. rows, columns >= 1. IG_ERR_NUMERIC for entries that are
 * not finite; IG_ERR_MEMORY. */
ig_status ig_spectral_norm(const double *matrix, size_t rows, size_t columns, double *norm,
                           ig_error *error);

/** Solve M X = Y for a symmetric positive definite M by Cholesky. M is n x n, destroyed; Y
 *  is n x width, row-major, and becomes X. n, width >= 1. IG_ERR_NUMERIC where M is not positive
 *  definite or holds what is not finite; IG_ERR_MEMORY. Y is unspecified then. */
ig_status ig_solve_spd(double *m, size_t n, double *y, size_t width, ig_error *error);

/** Minimise ||X W - Y|| for each column of Y by a QR factorisation. X is rows x width and Y
 *  rows x n, both by columns (element (i, j) at [j * rows + i]) and both destroyed; W (width x n)
 *  is written to the first `width` numbers of each column of Y. rows >= width >= 1, n >= 1.
 *  IG_ERR_NUMERIC where X has no full rank or holds what is not finite; IG_ERR_MEMORY. */
ig_status ig_least_squares(double *x, size_t rows, size_t width, double *y, size_t n,
                           ig_error *error);

#endif
