/** The plan and its uncertainty: agreement with Theorem 1, coverage of intervals, flat laws. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"

static const double truth[IG_KINDS][2] = {{2, 0.3}, {5, 0.7}};

/** A law measured at 8 N with 20 seeds each, known by its means. */
static void measure(int kind, double sem, uint64_t part, size_t draws, ig_learning_curve *curve)
{
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-purchase", 0), IG_STREAM_DATA,
                              2 * part + (uint64_t)kind);
    ig_anchors a;
    ig_error error = {0};
    assert_int_equal(ig_anchors_init(8, 0, &a, &error), IG_OK);
    for (size_t i = 0; i < a.n; i++) {
        a.x[i] = 100 * pow(2, (double)i);
        a.mean[i] = truth[kind][0] * pow(a.x[i], -truth[kind][1]) * exp(sem * ig_rng_normal(&rng));
        a.sem[i] = sem * a.mean[i];
    }
    assert_int_equal(ig_learning_curve_fit(&a, ig_kind_names[kind], draws, &rng, curve, &error),
                     IG_OK);
    ig_anchors_clear(&a);
}

static void clear(ig_learning_curve curves[IG_KINDS])
{
    ig_learning_curve_clear(&curves[0]);
    ig_learning_curve_clear(&curves[1]);
}

static bool holds(const ig_estimate *e, double value)
{
    return e->low <= value && value <= e->high;
}

static ig_allocation_problem true_problem(const ig_order *o)
{
    return (ig_allocation_problem){{truth[0][0], truth[0][1], o->weight[0], o->cost[0], 0, 0},
                                   {truth[1][0], truth[1][1], o->weight[1], o->cost[1], 0, 0},
                                   false};
}

static void test_without_noise(void **state)
{
    (void)state;
    const ig_order order = {{1, 20}, {7, 3}, false, 1e5};
    ig_learning_curve curves[IG_KINDS];
    ig_purchase p;
    ig_allocation best;
    ig_error error = {0};
    measure(0, 0, 0, 200, &curves[0]);
    measure(1, 0, 0, 200, &curves[1]);
    ig_allocation_problem problem = true_problem(&order);
    assert_int_equal(ig_purchase_make(curves, &order, &p, &error), IG_OK);
    assert_int_equal(ig_allocation_solve_whole(&problem, 1e5, &best, &error), IG_OK);
    assert_true(p.best.n_dyn == best.n_dyn && p.best.n_rew == best.n_rew);
    assert_true(p.best.cost <= 1e5 && p.count[0].value == p.best.n_dyn);
    assert_true(fabs(p.count[0].low - best.n_dyn) < 20 && fabs(p.count[1].low - best.n_rew) < 2);
    double even = ig_allocation_of(&problem, best.cost / 2, best.cost / 40).bound;
    assert_true(fabs(p.even_loss.value - (even / best.bound - 1)) < 1e-9);
    assert_true(p.even_loss.value > 0 && p.regret < 1e-6);
    assert_int_equal(p.flat[0] + p.flat[1] + p.unreached, 0);
    clear(curves);
}

/** The 95 % intervals hold the truth in about 95 of 100 repetitions of the measurements. */
static void check_coverage(const ig_order *order)
{
    enum { TRIALS = 200 };
    const ig_allocation_problem problem = true_problem(order);
    ig_allocation best;
    ig_error error = {0};
    int count = 0, share = 0, bound = 0, spent = 0, even = 0;
    assert_int_equal(order->for_target ? ig_allocation_reach(&problem, order->limit, &best, &error)
                                       : ig_allocation_solve(&problem, order->limit, &best, &error),
                     IG_OK);
    for (uint64_t i = 0; i < TRIALS; i++) {
        ig_learning_curve curves[IG_KINDS];
        ig_purchase p;
        measure(0, 0.05, 1 + i, 300, &curves[0]);
        measure(1, 0.05, 1 + i, 300, &curves[1]);
        assert_int_equal(ig_purchase_make(curves, order, &p, &error), IG_OK);
        ig_allocation here = ig_allocation_of(&problem, p.best.n_dyn, p.best.n_rew);
        ig_allocation half = ig_allocation_split(&problem, p.best.cost, 1);
        count += holds(&p.count[IG_REWARD], best.n_rew);
        share += holds(&p.share[IG_DYNAMICS], best.share_dyn);
        bound += holds(&p.bound, here.bound);
        spent += holds(&p.spent, best.cost);
        even += holds(&p.even_loss, half.bound / here.bound - 1);
        clear(curves);
    }
    print_message("of %d: labels %d, share %d, bound %d, money %d, even split %d\n", TRIALS, count,
                  share, bound, spent, even);
    assert_in_range(count, 176, 199);
    assert_in_range(share, 176, 199);
    assert_in_range(bound, 176, 199);
    assert_in_range(even, 176, 199);
    assert_in_range(spent, 176, 200);
}

static void test_coverage(void **state)
{
    (void)state;
    check_coverage(&(ig_order){{1, 20}, {7, 3}, false, 1e6});
    check_coverage(&(ig_order){{1, 20}, {7, 3}, true, 0.4});
}

static void test_flat_laws(void **state)
{
    (void)state;
    const ig_order budget = {{1, 2}, {7, 3}, false, 1000}, target = {{1, 2}, {7, 3}, true, 0.5};
    ig_learning_curve curves[IG_KINDS];
    ig_purchase p = {.n_draws = 42};
    ig_error error = {0};
    measure(0, 0.01, 1, 1000, &curves[0]);
    measure(1, 0.01, 1, 1000, &curves[1]);
    /* Half of the redraws of the dynamics do not fall, some reward ones neither. */
    for (size_t k = 0; k < 1000; k++) {
        curves[0].draws.exponent[k] *= k % 2 ? -0.1 : 1;
        curves[1].draws.exponent[k] *= k % 5 ? 1 : 0;
    }
    assert_int_equal(ig_purchase_make(curves, &budget, &p, &error), IG_OK);
    assert_int_equal(p.flat[0], 500);
    assert_int_equal(p.flat[1], 200);
    assert_int_equal(p.unreached, 0);
    assert_true(p.count[0].low == 1 && p.count[1].low == 1);
    assert_true(p.count[0].high > 600 && p.count[1].high > 400 && isfinite(p.count[1].high));
    assert_int_equal(ig_purchase_make(curves, &target, &p, &error), IG_OK);
    assert_true(p.unreached >= 500 && isinf(p.spent.high) && isfinite(p.spent.low));
    /* A measured law that rises is refused, and nothing is touched. */
    curves[0].law.exponent.value = -0.01;
    p.n_draws = 42;
    assert_int_equal(ig_purchase_make(curves, &budget, &p, &error), IG_ERR_NUMERIC);
    assert_non_null(strstr(error.text, "dynamics"));
    assert_int_equal(p.n_draws, 42);
    clear(curves);
}

static void test_even_split_that_buys_nothing(void **state)
{
    (void)state;
    const ig_order order = {{1, 1000}, {7, 3}, false, 1500};
    ig_learning_curve curves[IG_KINDS];
    ig_purchase p;
    ig_error error = {0};
    measure(0, 0.01, 1, 100, &curves[0]);
    measure(1, 0.01, 1, 100, &curves[1]);
    assert_int_equal(ig_purchase_make(curves, &order, &p, &error), IG_OK);
    assert_true(p.best.n_rew == 1 && p.best.n_dyn == 500);
    assert_true(isnan(p.even_loss.value) && isnan(p.even_loss.low));
    clear(curves);
}

/** Redraws whose errors are too small for a double: equally good, and nothing is divided by 0. */
static void test_redraws_without_errors(void **state)
{
    (void)state;
    const ig_order order = {{1, 20}, {7, 3}, false, 1e5};
    ig_learning_curve curves[IG_KINDS];
    ig_purchase p;
    ig_error error = {0};
    measure(0, 0.01, 1, 100, &curves[0]);
    measure(1, 0.01, 1, 100, &curves[1]);
    for (size_t k = 0; k < 100; k++) {
        curves[0].draws.log_amplitude[k] = curves[1].draws.log_amplitude[k] = -1e4;
    }
    assert_int_equal(ig_purchase_make(curves, &order, &p, &error), IG_OK);
    assert_true(p.bound.low == 0 && p.bound.high == 0 && p.regret == 0);
    assert_true(p.even_loss.low == 0 && p.even_loss.high == 0);
    clear(curves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_noise),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_flat_laws),
        cmocka_unit_test(test_even_split_that_buys_nothing),
        cmocka_unit_test(test_redraws_without_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
