/** Running moments against two passes over the numbers, also where they lie far from zero. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/moments.h"
#include "imagrid/rng.h"

enum { N = 1000, SIZE = 3 };

static void check_close(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected))) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}

/** Mean and sum of squares of N numbers at x[i * SIZE]. */
static void two_passes(const double *x, double *mean, double *squares)
{
    *mean = *squares = 0;
    for (size_t i = 0; i < N; i++) {
        *mean += x[i * SIZE] / N;
    }
    for (size_t i = 0; i < N; i++) {
        *squares += (x[i * SIZE] - *mean) * (x[i * SIZE] - *mean);
    }
}

static void test_against_two_passes(void **state)
{
    (void)state;
    static double x[N * SIZE];
    const double centre[SIZE] = {0, 1e7, -3};
    ig_rng rng = ig_rng_start(ig_rng_key_make("test", 3), IG_STREAM_DATA, 0);
    ig_moments all = {0};
    ig_moment one = {0};
    assert_int_equal(ig_moments_init(SIZE, &all, NULL), IG_OK);
    for (size_t i = 0; i < N * SIZE; i++) {
        x[i] = centre[i % SIZE] + ig_rng_normal(&rng);
    }
    for (size_t i = 0; i < N; i++) {
        ig_moments_add(&all, x + i * SIZE);
        ig_moment_add(&one, x[i * SIZE + 1]);
    }
    double variance = 0, norm2 = 0;
    for (size_t j = 0; j < SIZE; j++) {
        double mean, squares;
        two_passes(x + j, &mean, &squares);
        check_close(all.mean[j], mean, 1e-12);
        check_close(all.squares[j], squares, 1e-6);
        variance += squares / (N - 1);
        norm2 += mean * mean;
    }
    check_close(ig_moments_variance(&all), variance, 1e-6);
    check_close(ig_moments_norm2(&all), norm2, 1e-12);
    check_close(ig_moments_norm2_unbiased(&all), norm2 - variance / N, 1e-12);
    check_close(ig_moment_variance(&one), all.squares[1] / (N - 1), 1e-12);
    check_close(ig_moment_error(&one), sqrt(ig_moment_variance(&one) / N), 1e-15);
    ig_moments_clear(&all);
    assert_null(all.mean);
}

static void test_few(void **state)
{
    (void)state;
    ig_moment one = {0};
    ig_moments all = {0};
    const double x = 5;
    assert_int_equal(ig_moments_init(1, &all, NULL), IG_OK);
    assert_true(isnan(ig_moment_variance(&one)) && isnan(ig_moments_variance(&all)));
    ig_moment_add(&one, x);
    ig_moments_add(&all, &x);
    assert_true(one.mean == 5 && all.mean[0] == 5);
    assert_true(isnan(ig_moment_error(&one)) && isnan(ig_moments_variance(&all)));
    ig_moment_add(&one, x);
    ig_moments_add(&all, &x);
    assert_true(ig_moment_variance(&one) == 0 && ig_moments_variance(&all) == 0);
    ig_moments_clear(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_two_passes),
        cmocka_unit_test(test_few),
    };
    return cmocka_run_group_tests_name("moments", tests, NULL, NULL);
}
