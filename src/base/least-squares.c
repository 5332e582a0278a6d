#include "base/least-squares.h"

#include <math.h>

#include <lapacke.h>

#include "base/blas.h"

ig_status ig_least_squares(double *x, size_t rows, size_t width, double *y, size_t n,
                           ig_error *error)
{
    if (width == 0 || n == 0 || rows < width || rows > INT32_MAX / (width + n)) {
        return ig_error_set(error, IG_ERR_USAGE, "no least squares with %zu x %zu numbers", rows,
                            width);
    }
    for (size_t i = 0; i < rows * width; i++) {
        if (!isfinite(x[i])) {
            return ig_error_set(error, IG_ERR_NUMERIC, "a regressor is not finite");
        }
    }
    ig_blas_alone();
    lapack_int info = LAPACKE_dgels(LAPACK_COL_MAJOR, 'N', (lapack_int)rows, (lapack_int)width,
                                    (lapack_int)n, x, (lapack_int)rows, y, (lapack_int)rows);
    if (info == LAPACK_WORK_MEMORY_ERROR) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for least squares");
    }
    /* x holds R of QR now; LAPACK itself only objects to a zero that is exact. */
    double least = (double)INFINITY, most = 0;
    for (size_t j = 0; j < width; j++) {
        least = fmin(least, fabs(x[j * rows + j]));
        most = fmax(most, fabs(x[j * rows + j]));
    }
    if (info != 0 || !(least > 1e-13 * most)) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "least squares of %zu samples have no unique solution (%d)", rows,
                            (int)info);
    }
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < width; i++) {
            if (!isfinite(y[j * rows + i])) {
                return ig_error_set(error, IG_ERR_NUMERIC, "a solution is not finite");
            }
        }
    }
    return IG_OK;
}
