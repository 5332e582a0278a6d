#include "base/linear.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>

#include "base/try.h"

static void free_vector(gsl_vector *const *vector)
{
    gsl_vector_free(*vector);
}
#define AUTO_VECTOR AUTO(free_vector) gsl_vector

/** GSL would end the program; its statuses are checked instead. */
static void restore(gsl_error_handler_t *const *handler)
{
    gsl_set_error_handler(*handler);
}
#define GSL_CHECKED                                                                                \
    AUTO(restore)                                                                                  \
    __attribute__((unused)) gsl_error_handler_t *handler = gsl_set_error_handler_off()

static ig_status new_vector(size_t n, gsl_vector **vector, ig_error *error)
{
    *vector = gsl_vector_alloc(n);
    return *vector ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "out of memory");
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

/** The singular values of a matrix of rows >= columns, which is destroyed, largest first. */
static ig_status decompose(gsl_matrix *matrix, gsl_vector *values, ig_error *error)
{
    AUTO_VECTOR *work = NULL;
    AUTO_FREE double *v = NULL;
    const size_t n = matrix->size2;
    TRY(new_vector(n, &work, error));
    TRY(IG_ALLOC(v, n * n, error));
    gsl_matrix_view right = gsl_matrix_view_array(v, n, n);
    const int code = gsl_linalg_SV_decomp(matrix, &right.matrix, values, work);
    return code ? ig_error_set(error, IG_ERR_NUMERIC, "singular values do not converge (%s)",
                               gsl_strerror(code))
                : IG_OK;
}

ig_status ig_spectral_norm(const double *matrix, size_t rows, size_t columns, double *norm,
                           ig_error *error)
{
    const size_t more = rows < columns ? columns : rows, less = rows < columns ? rows : columns;
    if (rows == 0 || columns == 0 || rows > INT32_MAX / columns) {
        return ig_error_set(error, IG_ERR_USAGE, "invalid size of a matrix, %zu x %zu", rows,
                            columns);
    }
    TRY(check_finite(matrix, rows * columns, "a matrix entry", error));
    GSL_CHECKED;
    AUTO_FREE double *copy = NULL;
    AUTO_VECTOR *values = NULL;
    TRY(IG_ALLOC(copy, rows * columns, error));
    TRY(new_vector(less, &values, error));
    /* GSL takes no matrix wider than tall; the transpose has the same norm. */
    gsl_matrix_view tall = gsl_matrix_view_array(copy, more, less);
    gsl_matrix_const_view given = gsl_matrix_const_view_array(matrix, rows, columns);
    if (rows >= columns) {
        gsl_matrix_memcpy(&tall.matrix, &given.matrix);
    } else {
        gsl_matrix_transpose_memcpy(&tall.matrix, &given.matrix);
    }
    TRY(decompose(&tall.matrix, values, error));
    *norm = gsl_vector_get(values, 0);
    return IG_OK;
}

ig_status ig_solve_spd(double *m, size_t n, double *y, size_t width, ig_error *error)
{
    if (n == 0 || width == 0 || n > INT32_MAX / n || n > INT32_MAX / width) {
        return ig_error_set(error, IG_ERR_USAGE, "invalid size of linear equations, %zu x %zu", n,
                            width);
    }
    TRY(check_finite(m, n * n, "a matrix entry", error));
    GSL_CHECKED;
    gsl_matrix_view factor = gsl_matrix_view_array(m, n, n);
    gsl_matrix_view columns = gsl_matrix_view_array(y, n, width);
    if (gsl_linalg_cholesky_decomp1(&factor.matrix)) {
        return ig_error_set(error, IG_ERR_NUMERIC, "a matrix is not positive definite");
    }
    for (size_t j = 0; j < width; j++) {
        gsl_vector_view column = gsl_matrix_column(&columns.matrix, j);
        gsl_linalg_cholesky_svx(&factor.matrix, &column.vector);
    }
    return IG_OK;
}

/** Whether the triangular factor of an LQ has full rank; below 1e-13 of its largest entry are
 *  rounding errors, about 1e-16 a column. */
static ig_status check_rank(const gsl_matrix *lq, ig_error *error)
{
    double least = (double)INFINITY, most = 0;
    for (size_t j = 0; j < lq->size1; j++) {
        const double entry = fabs(gsl_matrix_get(lq, j, j));
        least = fmin(least, entry);
        most = fmax(most, entry);
    }
    return least > 1e-13 * most
               ? IG_OK
               : ig_error_set(error, IG_ERR_NUMERIC,
                              "least squares of %zu samples have no unique solution", lq->size2);
}

ig_status ig_least_squares(double *x, size_t rows, size_t width, double *y, size_t n,
                           ig_error *error)
{
    if (width == 0 || n == 0 || rows < width || rows > INT32_MAX / (width + n)) {
        return ig_error_set(error, IG_ERR_USAGE, "invalid size of least squares, %zu x %zu", rows,
                            width);
    }
    TRY(check_finite(x, rows * width, "a regressor", error));
    GSL_CHECKED;
    AUTO_VECTOR *tau = NULL, *solution = NULL, *residual = NULL;
    TRY(new_vector(width, &tau, error));
    TRY(new_vector(width, &solution, error));
    TRY(new_vector(rows, &residual, error));
    /* By columns X is its transpose to GSL, whose LQ walks along the samples. */
    gsl_matrix_view lq = gsl_matrix_view_array(x, width, rows);
    gsl_linalg_LQ_decomp(&lq.matrix, tau);
    TRY(check_rank(&lq.matrix, error));
    for (size_t j = 0; j < n; j++) {
        gsl_vector_view target = gsl_vector_view_array(y + j * rows, rows);
        gsl_linalg_LQ_lssolve_T(&lq.matrix, tau, &target.vector, solution, residual);
        memcpy(y + j * rows, solution->data, width * sizeof *y);
        TRY(check_finite(y + j * rows, width, "a solution", error));
    }
    return IG_OK;
}
