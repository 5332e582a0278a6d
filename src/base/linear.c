#include "base/linear.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lapacke.h>

#include "base/blas.h"

/* There where the BLAS under LAPACK is OpenBLAS. */
extern char *openblas_get_corename(void) __attribute__((weak));

ig_status ig_spectral_norm(const double *matrix, size_t rows, size_t columns, double *norm,
                           ig_error *error)
{
    const size_t less = rows < columns ? rows : columns;
    ig_status status = IG_OK;
    if (rows == 0 || columns == 0 || rows > INT32_MAX / columns) {
        return ig_error_set(error, IG_ERR_USAGE, "no matrix of %zu x %zu", rows, columns);
    }
    for (size_t i = 0; i < rows * columns; i++) {
        if (!isfinite(matrix[i])) {
            return ig_error_set(error, IG_ERR_NUMERIC, "a matrix entry is not finite");
        }
    }
    /* LAPACK destroys its input. Read by columns it is the transpose, whose norm is the same. */
    double *copy = malloc(rows * columns * sizeof *copy),
           *values = malloc(2 * less * sizeof *values);
    if (!copy || !values) {
        status =
            ig_error_set(error, IG_ERR_MEMORY, "no memory for a %zu x %zu matrix", rows, columns);
        goto done;
    }
    memcpy(copy, matrix, rows * columns * sizeof *copy);
    ig_blas_alone();
    lapack_int info =
        LAPACKE_dgesvd(LAPACK_COL_MAJOR, 'N', 'N', (lapack_int)columns, (lapack_int)rows, copy,
                       (lapack_int)columns, values, NULL, 1, NULL, 1, values + less);
    if (info == LAPACK_WORK_MEMORY_ERROR) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for singular values");
    } else if (info != 0) {
        status = ig_error_set(error, IG_ERR_NUMERIC, "LAPACK's dgesvd ended with %d", (int)info);
    } else {
        *norm = values[0];
    }
done:
    free(values);
    free(copy);
    return status;
}

const char *ig_linear_library(char *text, size_t size)
{
    lapack_int major = 0, minor = 0, patch = 0;
    LAPACKE_ilaver(&major, &minor, &patch);
    snprintf(text, size, "LAPACK %d.%d.%d%s%s%s", (int)major, (int)minor, (int)patch,
             openblas_get_corename ? " (OpenBLAS, kernels for " : "",
             openblas_get_corename ? openblas_get_corename() : "",
             openblas_get_corename ? ")" : "");
    return text;
}
