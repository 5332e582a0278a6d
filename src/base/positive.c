#include "base/positive.h"

#include <math.h>

#include <lapacke.h>

#include "base/blas.h"

ig_status ig_solve_positive(double *m, size_t n, double *y, size_t width, ig_error *error)
{
    if (n == 0 || width == 0 || n > INT32_MAX / n || n > INT32_MAX / width) {
        return ig_error_set(error, IG_ERR_USAGE, "no equations of %zu x %zu numbers", n, width);
    }
    for (size_t i = 0; i < n * n; i++) {
        if (!isfinite(m[i])) {
            return ig_error_set(error, IG_ERR_NUMERIC, "a matrix entry is not finite");
        }
    }
    ig_blas_alone();
    lapack_int info = LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', (lapack_int)n, (lapack_int)width, m,
                                    (lapack_int)n, y, (lapack_int)width);
    if (info == LAPACK_TRANSPOSE_MEMORY_ERROR || info == LAPACK_WORK_MEMORY_ERROR) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu equations", n);
    }
    if (info != 0) {
        return ig_error_set(error, IG_ERR_NUMERIC, "a matrix is not positive definite (%d)",
                            (int)info);
    }
    return IG_OK;
}
