/** Spectral norms of matrices whose singular values are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/linear.h"
#include "imagrid/rng.h"

enum { MOST = 12 };

static void check_close(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-13 * fabs(expected))) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}

static double norm_of(const double *matrix, size_t rows, size_t columns)
{
    double norm = -1;
    assert_int_equal(ig_spectral_norm(matrix, rows, columns, &norm, NULL), IG_OK);
    return norm;
}

static void test_known(void **state)
{
    (void)state;
    check_close(norm_of((const double[]){-3}, 1, 1), 3);
    check_close(norm_of((const double[]){3, 4}, 1, 2), 5);
    check_close(norm_of((const double[]){3, 4}, 2, 1), 5);
    check_close(norm_of((const double[]){1, 0, 0, -7, 0, 0}, 3, 2), 7);
    /* The golden ratio. */
    check_close(norm_of((const double[]){1, 1, 1, 0}, 2, 2), (1 + sqrt(5)) / 2);
    check_close(norm_of((const double[]){1e200, 0, 0, 1e-200}, 2, 2), 1e200);
    assert_true(norm_of((const double[]){0, 0, 0, 0}, 2, 2) == 0);
}

/** x - 2 v (v'x) for every column of a matrix: a reflection, which changes no singular value. */
static void reflect_rows(double *matrix, size_t rows, size_t columns, const double *v)
{
    for (size_t j = 0; j < columns; j++) {
        double along = 0;
        for (size_t i = 0; i < rows; i++) {
            along += v[i] * matrix[i * columns + j];
        }
        for (size_t i = 0; i < rows; i++) {
            matrix[i * columns + j] -= 2 * v[i] * along;
        }
    }
}

static void reflect_columns(double *matrix, size_t rows, size_t columns, const double *v)
{
    for (size_t i = 0; i < rows; i++) {
        double along = 0;
        for (size_t j = 0; j < columns; j++) {
            along += v[j] * matrix[i * columns + j];
        }
        for (size_t j = 0; j < columns; j++) {
            matrix[i * columns + j] -= 2 * v[j] * along;
        }
    }
}

static void unit(ig_rng *rng, size_t n, double *v)
{
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        v[i] = ig_rng_normal(rng);
        squares += v[i] * v[i];
    }
    for (size_t i = 0; i < n; i++) {
        v[i] /= sqrt(squares);
    }
}

static void test_constructed(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("linear", 0), IG_STREAM_DATA, 0);
    for (int round = 0; round < 200; round++) {
        size_t rows = 1 + ig_rng_below(&rng, MOST), columns = 1 + ig_rng_below(&rng, MOST);
        double matrix[MOST * MOST] = {0}, v[MOST], largest = 0;
        for (size_t i = 0; i < rows && i < columns; i++) {
            double value = ig_rng_uniform(&rng) * 10 - 5;
            matrix[i * columns + i] = value;
            largest = fmax(largest, fabs(value));
        }
        for (int k = 0; k < 3; k++) {
            unit(&rng, rows, v);
            reflect_rows(matrix, rows, columns, v);
            unit(&rng, columns, v);
            reflect_columns(matrix, rows, columns, v);
        }
        check_close(norm_of(matrix, rows, columns), largest);
    }
}

static void test_rejected(void **state)
{
    (void)state;
    double norm = -1;
    const double bad[] = {1, (double)NAN, 2, 3};
    assert_int_equal(ig_spectral_norm(bad, 2, 2, &norm, NULL), IG_ERR_NUMERIC);
    assert_int_equal(ig_spectral_norm(bad, 0, 2, &norm, NULL), IG_ERR_USAGE);
    assert_int_equal(ig_spectral_norm(bad, 2, 0, &norm, NULL), IG_ERR_USAGE);
    assert_true(norm == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_constructed),
        cmocka_unit_test(test_rejected),
    };
    return cmocka_run_group_tests_name("linear", tests, NULL, NULL);
}
