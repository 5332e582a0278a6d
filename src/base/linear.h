/** Linear algebra by LAPACK. */
#ifndef CORE_LINEAR_H
#define CORE_LINEAR_H

#include <stddef.h>

#include "imagrid/error.h"

/** The spectral norm (largest singular value) of a row-major matrix, by LAPACK's dgesvd; for a
 *  symmetric one also the largest absolute eigenvalue. rows, columns >= 1. IG_ERR_NUMERIC for
 *  entries that are not finite; IG_ERR_MEMORY.
 *
 *  Runs on one thread, so that nothing depends on the number of ranks; another LAPACK, or another
 *  processor under OpenBLAS, may differ in the last digits. */
ig_status ig_spectral_norm(const double *matrix, size_t rows, size_t columns, double *norm,
                           ig_error *error);

/** "LAPACK 3.9.0 (OpenBLAS, kernels for Haswell)"; returns `text`. */
const char *ig_linear_library(char *text, size_t size);

#endif
