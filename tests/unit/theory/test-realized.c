/** Sensitivities and the realized best division, on responses whose answers are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "theory/theory.h"

/** slope * size + bend * size^2. */
typedef struct curve {
    double slope, bend;
} curve;

static double respond(double size, void *context)
{
    const curve *c = context;
    return fabs(c->slope * size + c->bend * size * size);
}

static double noise(double size, void *context)
{
    (void)context;
    /* Rounding of a return of 1e6: what is left of small steps is garbage. */
    return fabs((1e6 + size) - 1e6);
}

static double never(double size, void *context)
{
    (void)context;
    return size > 0.5 ? (double)INFINITY : size;
}

static void test_sensitivity_and_its_check(void **state)
{
    (void)state;
    curve straight = {3, 0}, bent = {3, 1};
    double s = 0, check = 1;
    ig_error error = {0};
    assert_int_equal(ig_sensitivity(&(ig_response){respond, &straight}, 1e-3, &s, &check, &error),
                     IG_OK);
    assert_true(fabs(s - 3) < 1e-12 && check < 1e-12);
    assert_int_equal(ig_sensitivity(&(ig_response){respond, &bent}, 0.3, &s, &check, &error),
                     IG_OK);
    assert_true(fabs(s - 3.3) < 1e-12 && fabs(check - 0.15 / 3.3) < 1e-12);
    assert_int_equal(ig_sensitivity(&(ig_response){noise, NULL}, 1e-10, &s, &check, &error), IG_OK);
    assert_true(check > 0.01);
    s = 42;
    curve none = {0, 0};
    assert_int_equal(ig_sensitivity(&(ig_response){respond, &none}, 1e-3, &s, &check, &error),
                     IG_ERR_NUMERIC);
    assert_int_equal(ig_sensitivity(&(ig_response){never, NULL}, 1, &s, &check, &error),
                     IG_ERR_NUMERIC);
    assert_int_equal(ig_sensitivity(&(ig_response){respond, &straight}, 0, &s, &check, &error),
                     IG_ERR_USAGE);
    assert_true(s == 42);
}

static void test_straight_responses_meet_theorem_1(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        double x = i;
        ig_allocation_problem p = {
            .dyn = {0.3 + x / 10, 0.2 + 0.02 * x, 1 + x, pow(10, (x - 20) / 10), 0, 0},
            .rew = {1, 0.9 - 0.01 * x, 2 + x / 5, 1, 0, 0},
        };
        curve f = {p.dyn.weight, 0}, r = {p.rew.weight, 0};
        ig_allocation expected;
        ig_realized found;
        ig_error error = {0};
        assert_int_equal(ig_allocation_solve(&p, 1e5, &expected, &error), IG_OK);
        assert_int_equal(ig_realized_solve(&p, 1e5, 1e-4, 1e4, &(ig_response){respond, &f},
                                           &(ig_response){respond, &r}, NULL, &found, &error),
                         IG_OK);
        assert_true(fabs(log(found.best.ratio / expected.ratio)) < 1e-6);
        assert_true(fabs(found.best.bound / expected.bound - 1) < 1e-12);
        assert_int_equal(found.minima, 1);
        assert_false(found.at_edge);
    }
}

static void test_several_minima_and_edges(void **state)
{
    (void)state;
    const ig_allocation_problem p = {{1, 0.5, 1, 1, 0, 0}, {1, 0.5, 1, 1, 0, 0}, false};
    /* The gap of the dynamics vanishes by accident at an error of 0.3, with few transitions. */
    curve accident = {1, -1 / 0.3}, plain = {1, 0};
    const ig_response f = {respond, &accident}, g = {respond, &plain};
    ig_realized found;
    ig_error error = {0};
    assert_int_equal(ig_realized_solve(&p, 1e5, 1e-6, 1e6, &f, &g, NULL, &found, &error), IG_OK);
    assert_int_equal(found.minima, 2);
    assert_false(found.at_edge);
    assert_true(fabs(found.best.eps_dyn - 0.3) < 1e-3);
    /* Out of reach of the ratios searched, the other one counts. */
    assert_int_equal(ig_realized_solve(&p, 1e5, 0.1, 10, &f, &g, NULL, &found, &error), IG_OK);
    assert_int_equal(found.minima, 1);
    assert_true(fabs(log(found.best.ratio)) < 0.05);
    /* Where the best would be beyond, it lies at the edge. */
    assert_int_equal(ig_realized_solve(&p, 1e5, 3, 10, &g, &g, NULL, &found, &error), IG_OK);
    assert_true(found.at_edge && fabs(found.best.ratio - 3) < 1e-9);
    found.minima = 42;
    assert_int_equal(ig_realized_solve(&p, 1e5, 10, 3, &g, &g, NULL, &found, &error), IG_ERR_USAGE);
    assert_int_equal(ig_realized_solve(&p, 1, 0.1, 10, &g, &g, NULL, &found, &error), IG_ERR_USAGE);
    assert_int_equal(found.minima, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sensitivity_and_its_check),
        cmocka_unit_test(test_straight_responses_meet_theorem_1),
        cmocka_unit_test(test_several_minima_and_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
