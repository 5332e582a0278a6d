#include "base/linear.h"

#include <dlfcn.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lapacke.h>

#include "base/try.h"

/* LAPACK is loaded where it is first called, and not with the program: OpenBLAS starts a thread per
 * processor as soon as it is loaded. They would idle beside every rank, a signal that one of them
 * takes does not interrupt the program, and their buffers alone exceed the address-space limits of
 * many batch systems. */
static struct {
    __typeof__(&LAPACKE_dgesvd) dgesvd;
    __typeof__(&LAPACKE_dposv) dposv;
    __typeof__(&LAPACKE_dgels) dgels;
    __typeof__(&LAPACKE_ilaver) ilaver;
    char *(*openblas_corename)(void); /* NULL where the BLAS below is another */
} lapack;

/** Look a function up; data and function pointers have the same form on POSIX systems. */
static bool look_up(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);
    memcpy(function, &found, sizeof found);
    return found;
}

static ig_status load_lapack(ig_error *error)
{
    static void *library;
    if (library) {
        return IG_OK;
    }
    if (setenv("OPENBLAS_NUM_THREADS", "1", 1) != 0) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    }
    void *opened = dlopen(IG_LAPACKE, RTLD_NOW | RTLD_LOCAL);
    if (!opened || !look_up(opened, "LAPACKE_dgesvd", &lapack.dgesvd) ||
        !look_up(opened, "LAPACKE_dposv", &lapack.dposv) ||
        !look_up(opened, "LAPACKE_dgels", &lapack.dgels) ||
        !look_up(opened, "LAPACKE_ilaver", &lapack.ilaver)) {
        return ig_error_set(error, IG_ERR_IO, "cannot load LAPACK: %s", dlerror());
    }
    (void)look_up(opened, "openblas_get_corename", &lapack.openblas_corename);
    /* Where OpenBLAS is built with OpenMP the variable alone does not hold. */
    void (*set_threads)(int threads);
    if (look_up(opened, "openblas_set_num_threads", &set_threads)) {
        set_threads(1);
    }
    library = opened;
    return IG_OK;
}

static ig_status check_finite(const double *values, size_t n, const char *what, ig_error *error)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) {
            return ig_error_set(error, IG_ERR_NUMERIC, "%s is not finite", what);
        }
    }
    return IG_OK;
}

/** What LAPACKE returned; `fault` is the meaning of a positive number. */
static ig_status check_info(lapack_int info, const char *fault, ig_error *error)
{
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory in LAPACK");
    }
    return info ? ig_error_set(error, IG_ERR_NUMERIC, "%s (LAPACK's info is %d)", fault, (int)info)
                : IG_OK;
}

ig_status ig_spectral_norm(const double *matrix, size_t rows, size_t columns, double *norm,
                           ig_error *error)
{
    const size_t less = rows < columns ? rows : columns;
    if (rows == 0 || columns == 0 || rows > INT32_MAX / columns) {
        return ig_error_set(error, IG_ERR_USAGE, "invalid size of a matrix, %zu x %zu", rows,
                            columns);
    }
    TRY(check_finite(matrix, rows * columns, "a matrix entry", error));
    /* LAPACK destroys its input. Read by columns it is the transpose, whose norm is the same. */
    AUTO_FREE double *copy = NULL;
    AUTO_FREE double *values = NULL;
    TRY(IG_ALLOC(copy, rows * columns, error));
    TRY(IG_ALLOC(values, 2 * less, error));
    memcpy(copy, matrix, rows * columns * sizeof *copy);
    TRY(load_lapack(error));
    TRY(check_info(lapack.dgesvd(LAPACK_COL_MAJOR, 'N', 'N', (lapack_int)columns, (lapack_int)rows,
                                 copy, (lapack_int)columns, values, NULL, 1, NULL, 1,
                                 values + less),
                   "singular values do not converge", error));
    *norm = values[0];
    return IG_OK;
}

ig_status ig_solve_spd(double *m, size_t n, double *y, size_t width, ig_error *error)
{
    if (n == 0 || width == 0 || n > INT32_MAX / n || n > INT32_MAX / width) {
        return ig_error_set(error, IG_ERR_USAGE, "invalid size of linear equations, %zu x %zu", n,
                            width);
    }
    TRY(check_finite(m, n * n, "a matrix entry", error));
    TRY(load_lapack(error));
    return check_info(lapack.dposv(LAPACK_ROW_MAJOR, 'U', (lapack_int)n, (lapack_int)width, m,
                                   (lapack_int)n, y, (lapack_int)width),
                      "a matrix is not positive definite", error);
}

ig_status ig_least_squares(double *x, size_t rows, size_t width, double *y, size_t n,
                           ig_error *error)
{
    if (width == 0 || n == 0 || rows < width || rows > INT32_MAX / (width + n)) {
        return ig_error_set(error, IG_ERR_USAGE, "invalid size of least squares, %zu x %zu", rows,
                            width);
    }
    TRY(check_finite(x, rows * width, "a regressor", error));
    TRY(load_lapack(error));
    TRY(check_info(lapack.dgels(LAPACK_COL_MAJOR, 'N', (lapack_int)rows, (lapack_int)width,
                                (lapack_int)n, x, (lapack_int)rows, y, (lapack_int)rows),
                   "least squares have no unique solution", error));
    /* x holds R of QR now; LAPACK itself only objects to a zero that is exact. */
    double least = (double)INFINITY, most = 0;
    for (size_t j = 0; j < width; j++) {
        least = fmin(least, fabs(x[j * rows + j]));
        most = fmax(most, fabs(x[j * rows + j]));
    }
    /* QR has errors of about rows * 1e-16 of the largest entry: below that is no rank. */
    if (!(least > 1e-13 * most)) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "least squares of %zu samples have no unique solution", rows);
    }
    for (size_t j = 0; j < n; j++) {
        TRY(check_finite(y + j * rows, width, "a solution", error));
    }
    return IG_OK;
}

const char *ig_lapack_version(char *text, size_t size)
{
    lapack_int major = 0, minor = 0, patch = 0;
    ig_error error = {0};
    if (load_lapack(&error)) {
        snprintf(text, size, "%s", error.text);
        return text;
    }
    lapack.ilaver(&major, &minor, &patch);
    const bool openblas = lapack.openblas_corename;
    snprintf(text, size, "LAPACK %d.%d.%d%s%s%s", (int)major, (int)minor, (int)patch,
             openblas ? " (OpenBLAS, kernels for " : "", openblas ? lapack.openblas_corename() : "",
             openblas ? ")" : "");
    return text;
}
