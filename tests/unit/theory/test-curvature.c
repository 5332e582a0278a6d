/** Proposition 1: formulas, domain, and the loss itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "theory/theory.h"

static void check_close(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected))) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}

static void test_formulas(void **state)
{
    (void)state;
    double before = 0;
    for (double eps = 1e-9; eps < 1; eps *= 1.1) {
        double bound, supremum;
        assert_int_equal(ig_curvature_bound(eps, &bound, NULL), IG_OK);
        assert_int_equal(ig_curvature_supremum(eps, &supremum, NULL), IG_OK);
        check_close(bound, eps * eps / (2 - 2 * eps), 1e-14);
        assert_true(bound > before && supremum < bound);
        if (eps > 0.01) {
            check_close(supremum, 1 - sqrt(1 - eps * eps), 1e-11);
        }
        before = bound;
    }
    double bound, supremum;
    assert_int_equal(ig_curvature_bound(1e-9, &bound, NULL), IG_OK);
    assert_int_equal(ig_curvature_supremum(1e-9, &supremum, NULL), IG_OK);
    check_close(supremum / bound, 1 - 1e-9, 1e-15);
}

static void test_domain(void **state)
{
    (void)state;
    const double outside[] = {0, -0.1, 1, 1.5, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        double kept = -1;
        ig_error error = {0};
        assert_int_equal(ig_curvature_bound(outside[i], &kept, &error), IG_ERR_USAGE);
        assert_non_null(strstr(error.text, "0 < eps < 1"));
        assert_int_equal(ig_curvature_supremum(outside[i], &kept, &error), IG_ERR_USAGE);
        assert_true(kept == -1);
    }
}

static void test_loss(void **state)
{
    (void)state;
    const double right[] = {2, 0}, up[] = {0, 1e-8}, back[] = {-1e5, 0};
    check_close(ig_curvature_loss(right, right, 2) + 1, 1, 1e-16);
    check_close(ig_curvature_loss(right, up, 2), 1, 1e-15);
    check_close(ig_curvature_loss(right, back, 2), 2, 1e-15);
    for (double angle = 1e-7; angle < 3; angle *= 2) {
        const double turned[] = {cos(angle), sin(angle)};
        check_close(ig_curvature_loss(right, turned, 2), 2 * pow(sin(angle / 2), 2), 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_domain),
        cmocka_unit_test(test_loss),
    };
    return cmocka_run_group_tests_name("curvature", tests, NULL, NULL);
}
