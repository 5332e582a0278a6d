/** The plan and its uncertainty: agreement with Theorem 1, coverage of intervals, what is owned,
 *  what is free, what cannot be reached. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"

enum { SIZES = 6, SEEDS = 5, DRAWS = 250 };

static const ig_learning_law power[IG_KINDS] = {{2, 0.3, 0}, {5, 0.7, 0}};
static const ig_learning_law level[IG_KINDS] = {{10, 0.5, 0.1}, {4, 0.8, 0}};

static ig_order order_of(double cost_dyn, double cost_rew, bool for_target, double limit)
{
    return (ig_order){.cost = {cost_dyn, cost_rew},
                      .weight = {7, 3},
                      .range = {1, 1},
                      .for_target = for_target,
                      .limit = limit};
}

/** A law measured at 6 N with 5 seeds each. */
static void measure(const ig_learning_law *law, int kind, double sd, uint64_t part,
                    ig_learning_curve *curve)
{
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-purchase", 0), IG_STREAM_DATA,
                              2 * part + (uint64_t)kind);
    double x[SIZES], y[SIZES * SEEDS];
    size_t first[SIZES + 1] = {0};
    ig_error error = {0};
    for (size_t i = 0; i < SIZES; i++) {
        x[i] = 300 * pow(3, (double)i);
        for (size_t k = 0; k < SEEDS; k++) {
            y[i * SEEDS + k] = ig_learning_law_at(law, x[i]) * exp(sd * ig_rng_normal(&rng));
        }
        first[i + 1] = (i + 1) * SEEDS;
    }
    const ig_learning_data data = {.n = SIZES, .x = x, .y = y, .first = first};
    *curve = (ig_learning_curve){.n_low = x[0], .n_high = x[SIZES - 1]};
    assert_int_equal(ig_learning_draw(&data, IG_LAW_AUTO, DRAWS, &rng, &curve->draws, &error),
                     IG_OK);
}

static void measure_both(const ig_learning_law laws[IG_KINDS], double sd, uint64_t part,
                         ig_learning_curve curves[IG_KINDS])
{
    measure(&laws[0], 0, sd, part, &curves[0]);
    measure(&laws[1], 1, sd, part, &curves[1]);
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

static ig_allocation_problem true_problem(const ig_learning_law laws[IG_KINDS], const ig_order *o)
{
    return (ig_allocation_problem){
        {laws[0].amplitude, laws[0].exponent, o->weight[0], o->cost[0], laws[0].floor, o->owned[0]},
        {laws[1].amplitude, laws[1].exponent, o->weight[1], o->cost[1], laws[1].floor, o->owned[1]},
        o->labels_within};
}

static ig_status make(const ig_learning_curve curves[IG_KINDS], const ig_order *order,
                      ig_purchase *p, ig_error *error)
{
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-purchase", 1), IG_STREAM_DATA, 0);
    return ig_purchase_make(curves, order, &rng, p, error);
}

static void must_make(const ig_learning_curve curves[IG_KINDS], const ig_order *order,
                      ig_purchase *p)
{
    ig_error error = {0};
    if (make(curves, order, p, &error)) {
        fail_msg("%s", error.text);
    }
    /* No interval without the number that it belongs to. */
    for (int kind = 0; kind < IG_KINDS; kind++) {
        assert_true(holds(&p->count[kind], p->count[kind].value));
        assert_true(holds(&p->share[kind], p->share[kind].value));
        assert_true(holds(&p->error[kind], p->error[kind].value));
        /* One training is less certain than the law, but for the luck of the draws. */
        assert_true(p->one_error[kind].high - p->one_error[kind].low >=
                    0.9 * (p->error[kind].high - p->error[kind].low));
    }
    assert_true(holds(&p->bound, p->bound.value) && holds(&p->spent, p->spent.value));
}

static void test_without_noise(void **state)
{
    (void)state;
    ig_learning_curve curves[IG_KINDS];
    measure_both(power, 0, 0, curves);
    for (int target = 0; target < 2; target++) {
        const ig_order order = order_of(1, 20, target, target ? 0.6 : 1e5);
        const ig_allocation_problem problem = true_problem(power, &order);
        ig_purchase p;
        ig_allocation best;
        ig_error error = {0};
        must_make(curves, &order, &p);
        assert_int_equal(target ? ig_allocation_reach_whole(&problem, 0.6, &best, &error)
                                : ig_allocation_solve_whole(&problem, 1e5, &best, &error),
                         IG_OK);
        assert_true(fabs(p.best.n_dyn / best.n_dyn - 1) < 1e-3);
        assert_true(fabs(p.best.n_rew / best.n_rew - 1) < 1e-3);
        assert_true(fabs(p.bound.value / best.bound - 1) < 1e-5);
        assert_true(target ? p.bound.value <= 0.6 : p.best.cost <= 1e5);
        const double even = ig_allocation_split(&problem, best.cost, 1).bound;
        const ig_estimate *loss = &p.rivals[IG_EVEN].loss;
        assert_true(fabs(loss->value - (even / best.bound - 1)) < 1e-4);
        assert_true(loss->value > 0 && p.regret < 1e-4);
        assert_true(p.rivals[IG_ALL_DYNAMICS].split.n_rew == 1);
        assert_true(p.rivals[IG_ALL_REWARD].split.n_dyn == 1);
        assert_int_equal(p.unreached, 0);
        assert_true(isinf(p.owned_bound));
    }
    clear(curves);
}

/** What money a target takes: its 95 % interval holds the truth in at least 9 of 10 repetitions of
 *  the measurements. Budgets are in test-coverage.c. */
static void test_coverage_of_a_target(void **state)
{
    (void)state;
    enum { TRIALS = 60 };
    const ig_order order = order_of(1, 20, true, 1.0);
    const ig_allocation_problem problem = true_problem(level, &order);
    ig_allocation best;
    ig_error error = {0};
    int count = 0, share = 0, bound = 0, spent = 0;
    assert_int_equal(ig_allocation_reach(&problem, order.limit, &best, &error), IG_OK);
    for (uint64_t i = 0; i < TRIALS; i++) {
        ig_learning_curve curves[IG_KINDS];
        ig_purchase p;
        measure_both(level, 0.05, 1 + i, curves);
        must_make(curves, &order, &p);
        const ig_allocation here = ig_allocation_of(&problem, p.best.n_dyn, p.best.n_rew);
        count += holds(&p.count[IG_REWARD], best.n_rew);
        share += holds(&p.share[IG_DYNAMICS], best.share_dyn);
        bound += holds(&p.bound, here.bound);
        spent += holds(&p.spent, best.cost);
        clear(curves);
    }
    print_message("of %d: labels %d, share %d, bound %d, money %d\n", TRIALS, count, share, bound,
                  spent);
    assert_true(fmin(fmin(count, share), fmin(bound, spent)) >= 0.9 * TRIALS);
}

/** eps_dyn = 0.1 + 10 N^-1/2: 7 * 0.1 = 0.7 is what no money goes below. */
static void test_targets_below_the_floors(void **state)
{
    (void)state;
    ig_learning_curve curves[IG_KINDS];
    ig_purchase p = {.n_draws = 42};
    ig_error error = {0};
    ig_order order = order_of(1, 20, true, 0.5);
    measure_both(level, 0.02, 7, curves);
    assert_int_equal(make(curves, &order, &p, &error), IG_ERR_NUMERIC);
    assert_non_null(strstr(error.text, "unreachable at any price: the floors alone give 0."));
    assert_int_equal(p.n_draws, 42);
    /* Just above them some of the laws allow it. */
    order = order_of(1, 20, false, 1e5);
    must_make(curves, &order, &p);
    assert_true(holds(&p.floor, 0.7));
    order = order_of(1, 20, true, 1.01 * p.floor.value);
    must_make(curves, &order, &p);
    assert_in_range(p.unreached, DRAWS / 20, DRAWS / 2);
    assert_true(isinf(p.spent.high) && isfinite(p.spent.low));
    assert_true(p.bound.value <= order.limit);
    clear(curves);
}

static void test_what_is_owned(void **state)
{
    (void)state;
    ig_learning_curve curves[IG_KINDS], wide[IG_KINDS];
    ig_purchase p, fresh;
    ig_order order = order_of(1, 20, false, 1e5);
    measure_both(level, 0.02, 2, curves);
    must_make(curves, &order, &fresh);
    /* The same samples in all, half of them owned: the same bound. */
    order.owned[0] = floor(fresh.best.n_dyn / 2);
    order.owned[1] = floor(fresh.best.n_rew / 2);
    order.limit = (fresh.best.n_dyn - order.owned[0]) + 20 * (fresh.best.n_rew - order.owned[1]);
    must_make(curves, &order, &p);
    assert_true(fabs(p.bound.value / fresh.bound.value - 1) < 1e-3);
    assert_true(p.owned_bound > p.bound.value && isfinite(p.owned_bound));
    /* Laws under which none of a kind is to be bought do not draw the purchase to that end: no end
     * and no half and half loses less. */
    measure_both(power, 0.2, 8, wide);
    order = order_of(1, 50, false, 1e5);
    order.owned[0] = 300000;
    order.owned[1] = 200;
    must_make(wide, &order, &p);
    assert_true(p.share[0].low == 0);
    for (int i = 0; i < IG_RIVALS; i++) {
        assert_true(p.rivals[i].loss.value > -0.01);
    }
    clear(wide);
    /* Enough of both: nothing is bought. */
    order = order_of(1, 20, true, 1.0);
    order.owned[0] = order.owned[1] = 1e8;
    must_make(curves, &order, &p);
    assert_true(p.best.cost == 0 && p.best.n_dyn == 0 && p.best.n_rew == 0);
    assert_true(isnan(p.rivals[IG_EVEN].loss.value));
    clear(curves);
}

static void test_labels_and_free_kinds(void **state)
{
    (void)state;
    ig_learning_curve curves[IG_KINDS];
    ig_purchase p;
    /* Cheap labels: apart, there are many more of them than transitions. */
    ig_order order = order_of(1, 0.001, false, 1e4);
    measure_both(level, 0.02, 3, curves);
    must_make(curves, &order, &p);
    assert_true(p.best.n_rew > 2 * p.best.n_dyn);
    order.labels_within = true;
    must_make(curves, &order, &p);
    assert_true(p.best.n_rew == p.best.n_dyn && p.rivals[IG_EVEN].moved);
    order.cost[IG_REWARD] = 0;
    must_make(curves, &order, &p);
    assert_true(p.best.n_dyn == 1e4 && p.best.n_rew == 1e4 && p.best.cost == 1e4);
    order.labels_within = false;
    must_make(curves, &order, &p);
    assert_true(isinf(p.best.n_rew) && p.best.n_dyn == 1e4);
    order = order_of(0, 1, true, 0.8);
    order.labels_within = true;
    must_make(curves, &order, &p);
    assert_true(isinf(p.best.n_dyn) && p.bound.value <= 0.8 && p.best.n_rew >= 1);
    clear(curves);
}

/** A range goes into the intervals and not into the purchase. */
static void test_ranges(void **state)
{
    (void)state;
    ig_learning_curve curves[IG_KINDS];
    ig_purchase point, range;
    ig_order order = order_of(1, 20, false, 1e5);
    measure_both(level, 0.01, 4, curves);
    must_make(curves, &order, &point);
    order.range[IG_DYNAMICS] = 10;
    must_make(curves, &order, &range);
    assert_true(range.best.n_dyn == point.best.n_dyn && range.best.n_rew == point.best.n_rew);
    assert_true(range.bound.value == point.bound.value);
    assert_true(range.bound.high > 5 * point.bound.high && range.bound.low < point.bound.low / 3);
    assert_true(range.share[0].high - range.share[0].low >
                3 * (point.share[0].high - point.share[0].low));
    clear(curves);
}

static void test_small_budgets(void **state)
{
    (void)state;
    ig_learning_curve curves[IG_KINDS];
    ig_purchase p;
    ig_error error = {0};
    ig_order order = order_of(1, 1000, false, 1500);
    measure_both(power, 0.01, 5, curves);
    must_make(curves, &order, &p);
    assert_true(p.best.n_rew == 1 && p.best.n_dyn == 500);
    assert_true(isnan(p.rivals[IG_EVEN].loss.value) && isnan(p.rivals[IG_EVEN].loss.low));
    order.limit = 1000.5;
    assert_int_equal(make(curves, &order, &p, &error), IG_ERR_USAGE);
    assert_non_null(strstr(error.text, "does not buy"));
    clear(curves);
}

/** New trainings where the laws are least certain narrow the interval, and more of them more. */
static void test_what_to_measure_next(void **state)
{
    (void)state;
    ig_learning_curve curves[IG_KINDS];
    ig_purchase p;
    ig_next next[IG_NEXT], dearer;
    size_t n = 42;
    ig_error error = {0};
    ig_order order = order_of(1, 20, false, 1e7);
    measure_both(level, 0.1, 6, curves);
    must_make(curves, &order, &p);
    assert_int_equal(ig_next_find(curves, &order, &p, next, &n, &dearer, &error), IG_OK);
    assert_in_range(n, 1, IG_NEXT);
    for (size_t i = 0; i < n; i++) {
        assert_true(next[i].narrower >= 0.1 && next[i].narrower < 1);
        assert_true(next[i].price <= 0.1 * p.best.cost);
        assert_true(next[i].price ==
                    order.cost[next[i].kind] * next[i].n * (double)next[i].trainings);
        assert_true(i == 0 || next[i].narrower > next[i - 1].narrower);
    }
    /* Nothing is affordable where the purchase itself is small. */
    order.limit = 100;
    must_make(curves, &order, &p);
    assert_int_equal(ig_next_find(curves, &order, &p, next, &n, &dearer, &error), IG_OK);
    assert_true(n == 0 && dearer.n > 0 && dearer.narrower >= 0.1);
    clear(curves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_noise),
        cmocka_unit_test(test_coverage_of_a_target),
        cmocka_unit_test(test_targets_below_the_floors),
        cmocka_unit_test(test_what_is_owned),
        cmocka_unit_test(test_labels_and_free_kinds),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_small_budgets),
        cmocka_unit_test(test_what_to_measure_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
