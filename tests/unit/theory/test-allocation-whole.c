/** Whole counts against brute force over every integer split. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imagrid/rng.h"
#include "theory/theory.h"

enum { PROBLEMS = 200 };

static double between(ig_rng *rng, double low, double high)
{
    return low * pow(high / low, ig_rng_uniform(rng));
}

/** Exponents 0.05 to 1.5, cost ratios 1e-4 to 1e4, up to 2 000 of the dearer kind and 3e5 of the
 *  cheaper one. */
static ig_allocation_problem draw(ig_rng *rng, double *budget)
{
    double cost = between(rng, 1e-4, 1e4), dear = fmax(cost, 1), cheap = fmin(cost, 1);
    ig_allocation_problem p = {
        .dyn = {between(rng, 1e-2, 1e2), 0.05 + 1.45 * ig_rng_uniform(rng), between(rng, 0.1, 100),
                cost, 0, 0},
        .rew = {between(rng, 1e-2, 1e2), 0.05 + 1.45 * ig_rng_uniform(rng), between(rng, 0.1, 100),
                1, 0, 0},
    };
    *budget = fmin(dear * between(rng, 2, 2000), cheap * 3e5) + cheap;
    return p;
}

static double bound(const ig_allocation_problem *p, double n_dyn, double n_rew)
{
    return p->dyn.weight * p->dyn.amplitude * pow(n_dyn, -p->dyn.exponent) +
           p->rew.weight * p->rew.amplitude * pow(n_rew, -p->rew.exponent);
}

static double cost(const ig_allocation_problem *p, double n_dyn, double n_rew)
{
    return p->dyn.cost * n_dyn + p->rew.cost * n_rew;
}

/** The best of all splits: for every N_dyn the largest N_rew that the budget leaves. */
static ig_allocation brute_force(const ig_allocation_problem *p, double budget)
{
    ig_allocation best = {.bound = (double)INFINITY};
    double n_rew = ceil(budget / p->rew.cost) + 1;
    for (double n_dyn = 1; cost(p, n_dyn, 1) <= budget; n_dyn++) {
        while (cost(p, n_dyn, n_rew) > budget) {
            n_rew--;
        }
        double value = bound(p, n_dyn, n_rew);
        if (value < best.bound) {
            best = (ig_allocation){.n_dyn = n_dyn, .n_rew = n_rew, .bound = value};
        }
    }
    return best;
}

static void test_brute_force(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-whole", 0), IG_STREAM_DATA, 0);
    int same = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        double budget;
        ig_allocation_problem p = draw(&rng, &budget);
        ig_allocation a, b = brute_force(&p, budget);
        ig_error error = {0};
        assert_int_equal(ig_allocation_solve_whole(&p, budget, &a, &error), IG_OK);
        assert_true(a.n_dyn == floor(a.n_dyn) && a.n_rew == floor(a.n_rew));
        assert_true(cost(&p, a.n_dyn, a.n_rew) <= budget);
        assert_true(fabs(a.bound / b.bound - 1) < 1e-13);
        assert_true(fabs(a.n_dyn - b.n_dyn) <= 1 && fabs(a.n_rew - b.n_rew) <= 1);
        same += a.n_dyn == b.n_dyn && a.n_rew == b.n_rew;
    }
    print_message("%d of %d problems have the very counts of brute force\n", same, PROBLEMS);
}

/** The cheapest of all splits with a bound of at most `target`, found without any of the library.
 */
static double cheapest(const ig_allocation_problem *p, double target, double most_dyn,
                       double most_rew)
{
    double best = (double)INFINITY, n_rew = most_rew;
    for (double n_dyn = 1; n_dyn <= most_dyn; n_dyn++) {
        if (bound(p, n_dyn, n_rew) > target) {
            continue;
        }
        while (n_rew > 1 && bound(p, n_dyn, n_rew - 1) <= target) {
            n_rew--;
        }
        best = fmin(best, cost(p, n_dyn, n_rew));
    }
    return best;
}

static void test_target_against_brute_force(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-whole", 0), IG_STREAM_DATA, 1);
    for (int i = 0; i < PROBLEMS; i++) {
        double budget;
        ig_allocation_problem p = draw(&rng, &budget);
        ig_allocation start, a;
        ig_error error = {0};
        assert_int_equal(ig_allocation_solve_whole(&p, budget, &start, &error), IG_OK);
        double target = start.bound * (1 + 1e-9);
        assert_int_equal(ig_allocation_reach_whole(&p, target, &a, &error), IG_OK);
        assert_true(a.n_dyn == floor(a.n_dyn) && a.n_rew == floor(a.n_rew));
        assert_true(a.bound <= target && a.cost <= start.cost * (1 + 1e-13));
        double best =
            cheapest(&p, target, ceil(start.cost / p.dyn.cost), ceil(start.cost / p.rew.cost));
        assert_true(fabs(a.cost / best - 1) < 1e-12);
    }
}

static void test_magnitudes(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-whole", 0), IG_STREAM_DATA, 2);
    for (int i = 0; i < 30; i++) {
        double ignored;
        ig_allocation_problem p = draw(&rng, &ignored);
        for (int power = 0; power <= 20; power += 4) {
            double budget = (p.dyn.cost + p.rew.cost) * pow(10, power);
            ig_allocation real, whole, back;
            ig_error error = {0};
            assert_int_equal(ig_allocation_solve(&p, budget, &real, &error), IG_OK);
            assert_int_equal(ig_allocation_solve_whole(&p, budget, &whole, &error), IG_OK);
            assert_true(whole.cost <= budget && whole.n_dyn >= 1 && whole.n_rew >= 1);
            assert_true(whole.n_dyn == floor(whole.n_dyn) && whole.n_rew == floor(whole.n_rew));
            assert_true(whole.bound >= real.bound * (1 - 1e-12));
            /* The dearer kind's grid is the coarse one: one of it to either side bounds the loss.
             */
            double n = p.dyn.cost >= p.rew.cost ? real.n_dyn : real.n_rew;
            if (n > 1e3) {
                assert_true(whole.bound <= real.bound * (1 + 1e-3));
            }
            assert_int_equal(ig_allocation_reach_whole(&p, whole.bound, &back, &error), IG_OK);
            assert_true(back.bound <= whole.bound && back.cost <= whole.cost * (1 + 1e-9));
        }
    }
}

static void test_decimal_costs_and_small_budgets(void **state)
{
    (void)state;
    ig_allocation a;
    ig_error error = {0};
    /* 0.1 is a little more than a tenth; a person still expects 10 to buy a hundred. */
    ig_allocation_problem p = {{1, 0.5, 1, 0.1, 0, 0}, {1, 0.5, 1, 0.1, 0, 0}, false};
    assert_int_equal(ig_allocation_solve_whole(&p, 10, &a, &error), IG_OK);
    assert_true(a.n_dyn == 50 && a.n_rew == 50);
    p.dyn.cost = p.rew.cost = 1;
    assert_int_equal(ig_allocation_solve_whole(&p, 2, &a, &error), IG_OK);
    assert_true(a.n_dyn == 1 && a.n_rew == 1);
    assert_int_equal(ig_allocation_solve_whole(&p, 1.99, &a, &error), IG_ERR_USAGE);
    /* What one sample of each reaches costs one of each. */
    assert_int_equal(ig_allocation_reach_whole(&p, 50, &a, &error), IG_OK);
    assert_true(a.n_dyn == 1 && a.n_rew == 1 && a.cost == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_brute_force),
        cmocka_unit_test(test_target_against_brute_force),
        cmocka_unit_test(test_magnitudes),
        cmocka_unit_test(test_decimal_costs_and_small_budgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
