/** Symmetric positive definite equations by LAPACK. */
#ifndef CORE_POSITIVE_H
#define CORE_POSITIVE_H

#include <stddef.h>

#include "imagrid/error.h"

/** Solve M X = Y by Cholesky (dposv). M is n x n, symmetric, destroyed; Y is n x width, row-major,
 *  and becomes X. n, width >= 1. IG_ERR_NUMERIC where M is not positive definite or holds what is
 *  not finite; IG_ERR_MEMORY. Y is unspecified then. */
ig_status ig_solve_positive(double *m, size_t n, double *y, size_t width, ig_error *error);

#endif
