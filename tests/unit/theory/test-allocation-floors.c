/** Laws with floors, owned samples, labels within transitions and free kinds against brute force
 *  over every integer split, written without any of the library. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/rng.h"
#include "theory/theory.h"

enum { PROBLEMS = 200, MOST = 400 };

static double between(ig_rng *rng, double low, double high)
{
    return low * pow(high / low, ig_rng_uniform(rng));
}

static ig_allocation_kind draw_kind(ig_rng *rng)
{
    const double amplitude = between(rng, 1e-2, 1e2);
    return (ig_allocation_kind){amplitude,
                                0.05 + 1.45 * ig_rng_uniform(rng),
                                between(rng, 0.1, 100),
                                between(rng, 0.2, 5),
                                ig_rng_uniform(rng) < 0.7 ? amplitude * between(rng, 1e-3, 2) : 0,
                                ig_rng_uniform(rng) < 0.5 ? floor(between(rng, 1, 100)) : 0};
}

/** Every mixture of floor, owned samples, labels told apart or not, and a free kind now and then.
 */
static ig_allocation_problem draw(ig_rng *rng)
{
    ig_allocation_problem p = {draw_kind(rng), draw_kind(rng), ig_rng_uniform(rng) < 0.6};
    const double which = ig_rng_uniform(rng);
    p.dyn.cost = which < 0.15 ? 0 : p.dyn.cost;
    p.rew.cost = which > 0.85 ? 0 : p.rew.cost;
    if (p.labels_within && p.rew.owned > p.dyn.owned) {
        p.rew.owned = floor(p.dyn.owned / 2);
    }
    return p;
}

static double part(const ig_allocation_kind *kind, double n)
{
    return kind->weight * (kind->floor + kind->amplitude * pow(kind->owned + n, -kind->exponent));
}

static double bound(const ig_allocation_problem *p, double n_dyn, double n_rew)
{
    return part(&p->dyn, n_dyn) + part(&p->rew, n_rew);
}

static double price(const ig_allocation_problem *p, double n_dyn, double n_rew)
{
    return (p->dyn.cost > 0 ? p->dyn.cost * n_dyn : 0) +
           (p->rew.cost > 0 ? p->rew.cost * n_rew : 0);
}

/** Counts of a free kind to try: without end where nothing limits it. */
static bool follows(const ig_allocation_problem *p, double n_dyn, double *n_rew)
{
    const double cap = p->dyn.owned + n_dyn - p->rew.owned;
    if (p->rew.cost == 0) {
        *n_rew = p->labels_within ? cap : (double)INFINITY;
    }
    return !p->labels_within || *n_rew <= cap;
}

/** The best of all splits with at most `budget` and at most `target`: the least bound, or with
 *  `cheapest` the least price. */
static ig_allocation brute_force(const ig_allocation_problem *p, double budget, double target,
                                 bool cheapest)
{
    ig_allocation best = {.bound = (double)INFINITY, .cost = (double)INFINITY};
    for (int i = p->dyn.owned > 0 ? 0 : 1; i <= MOST; i++) {
        const double n_dyn = p->dyn.cost == 0 ? (double)INFINITY : i;
        for (int j = p->rew.owned > 0 ? 0 : 1; j <= MOST; j++) {
            double n_rew = j;
            if (!follows(p, n_dyn, &n_rew) || price(p, n_dyn, n_rew) > budget) {
                continue;
            }
            const double value = bound(p, n_dyn, n_rew), cost = price(p, n_dyn, n_rew);
            if (value <= target && (cheapest ? cost < best.cost : value < best.bound)) {
                best =
                    (ig_allocation){.n_dyn = n_dyn, .n_rew = n_rew, .bound = value, .cost = cost};
            }
        }
    }
    return best;
}

static bool is_near(double a, double b)
{
    return a == b || fabs(a - b) <= 1e-12 * fabs(b);
}

static void check_counts(const ig_allocation_problem *p, const ig_allocation *a)
{
    assert_true(a->n_dyn == floor(a->n_dyn) && a->n_rew == floor(a->n_rew));
    assert_true(is_near(a->bound, bound(p, a->n_dyn, a->n_rew)));
    assert_true(is_near(a->cost, price(p, a->n_dyn, a->n_rew)));
    if (p->labels_within) {
        assert_true(p->rew.owned + a->n_rew <= p->dyn.owned + a->n_dyn);
    }
}

static void test_brute_force(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-floors", 0), IG_STREAM_DATA, 0);
    int kinds[4] = {0};
    for (int i = 0; i < PROBLEMS; i++) {
        const ig_allocation_problem p = draw(&rng);
        const double cost = fmax(p.dyn.cost, p.rew.cost) + fmin(p.dyn.cost, p.rew.cost);
        const double cheaper = fmin(p.dyn.cost, p.rew.cost) > 0 ? fmin(p.dyn.cost, p.rew.cost)
                                                                : fmax(p.dyn.cost, p.rew.cost);
        const double budget = fmin(cost * between(&rng, 1.5, 100), (MOST - 1) * cheaper);
        ig_allocation a = {0}, real = {0}, back = {0}, b;
        ig_error error = {0};
        b = brute_force(&p, budget, (double)INFINITY, false);
        if (ig_allocation_solve_whole(&p, budget, &a, &error)) {
            fail_msg("problem %d: %s", i, error.text);
        }
        check_counts(&p, &a);
        assert_true(a.cost <= budget);
        assert_true(is_near(a.bound, b.bound));
        assert_int_equal(ig_allocation_solve(&p, budget, &real, &error), IG_OK);
        assert_true(real.bound <= a.bound * (1 + 1e-12));
        /* The cheapest that is as good: the floor part of the target must not be paid for. */
        const double target = a.bound * (1 + 1e-9);
        b = brute_force(&p, budget, target, true);
        if (ig_allocation_reach_whole(&p, target, &back, &error)) {
            fail_msg("problem %d: %s", i, error.text);
        }
        check_counts(&p, &back);
        assert_true(back.bound <= target);
        assert_true(is_near(back.cost, b.cost));
        kinds[0] += p.dyn.cost == 0;
        kinds[1] += p.rew.cost == 0;
        kinds[2] += p.labels_within && p.rew.owned + a.n_rew == p.dyn.owned + a.n_dyn;
        kinds[3] += a.n_dyn == 0 || a.n_rew == 0;
    }
    print_message("of %d: free transitions %d, free labels %d, a label each %d, one kind only %d\n",
                  PROBLEMS, kinds[0], kinds[1], kinds[2], kinds[3]);
    for (int k = 0; k < 4; k++) {
        assert_in_range(kinds[k], 10, PROBLEMS / 2);
    }
}

/** Floors drop out of the first-order condition, not of the bound. */
static void test_floors_move_no_money(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-floors", 0), IG_STREAM_DATA, 1);
    for (int i = 0; i < 50; i++) {
        ig_allocation_problem p = draw(&rng), plain;
        ig_allocation a, b;
        ig_error error = {0};
        p.dyn.cost = fmax(p.dyn.cost, 0.1);
        p.rew.cost = fmax(p.rew.cost, 0.1);
        plain = p;
        plain.dyn.floor = plain.rew.floor = 0;
        assert_int_equal(ig_allocation_solve_whole(&p, 1000, &a, &error), IG_OK);
        assert_int_equal(ig_allocation_solve_whole(&plain, 1000, &b, &error), IG_OK);
        assert_true(is_near(a.n_dyn, b.n_dyn) && is_near(a.n_rew, b.n_rew));
        assert_true(is_near(a.bound, b.bound + ig_allocation_floor(&p)));
    }
}

static void test_what_cannot_be(void **state)
{
    (void)state;
    const ig_allocation_problem good = {{10, 0.5, 7, 1, 0.1, 0}, {4, 0.8, 3, 1, 0.2, 0}, true};
    ig_allocation_problem p = good;
    ig_allocation a = {.n_dyn = 42};
    ig_error error = {0};
    /* The floors alone give 7 * 0.1 + 3 * 0.2 = 1.3. */
    assert_int_equal(ig_allocation_reach_whole(&p, 1.3, &a, &error), IG_ERR_NUMERIC);
    assert_non_null(strstr(error.text, "unreachable at any price: the floors alone give 1.3"));
    assert_int_equal(ig_allocation_reach(&p, 1.2, &a, &error), IG_ERR_NUMERIC);
    assert_int_equal(ig_allocation_reach(&p, 1.31, &a, &error), IG_OK);
    /* What is reached already costs nothing. */
    p.dyn.owned = p.rew.owned = 1e9;
    assert_int_equal(ig_allocation_reach_whole(&p, 1.31, &a, &error), IG_OK);
    assert_true(a.cost == 0 && a.n_dyn == 0 && a.n_rew == 0 && a.share_dyn == 0);
    /* A budget that buys neither. */
    assert_int_equal(ig_allocation_solve_whole(&good, 1.5, &a, &error), IG_ERR_USAGE);
    for (int i = 0; i < 6; i++) {
        p = good;
        p.dyn.floor = i == 0 ? -0.1 : p.dyn.floor;
        p.rew.floor = i == 1 ? (double)NAN : p.rew.floor;
        p.dyn.owned = i == 2 ? 0.5 : i == 3 ? (double)INFINITY : 0;
        p.rew.owned = i == 4 ? 1 : 0;
        p.dyn.cost = p.rew.cost = i == 5 ? 0 : 1;
        a.n_dyn = 42;
        assert_int_equal(ig_allocation_solve_whole(&p, 100, &a, &error), IG_ERR_USAGE);
        assert_int_equal(ig_allocation_reach_whole(&p, 2, &a, &error), IG_ERR_USAGE);
        assert_true(a.n_dyn == 42);
    }
}

static void test_nearest_divisions(void **state)
{
    (void)state;
    ig_allocation_problem p = {{10, 0.5, 7, 1, 0, 0}, {4, 0.8, 3, 0.1, 0, 0}, true};
    ig_allocation a = ig_allocation_near(&p, 100, 1);
    assert_true(is_near(a.n_dyn, 99.9) && is_near(a.n_rew, 1));
    a = ig_allocation_near(&p, 100, 0.95);
    assert_true(is_near(a.n_dyn, 95) && is_near(a.n_rew, 50));
    /* Half of the money would buy ten labels for each transition. */
    a = ig_allocation_near(&p, 110, 0.5);
    assert_true(is_near(a.n_dyn, 100) && is_near(a.n_rew, 100));
    p.dyn.owned = 1100;
    a = ig_allocation_near(&p, 110, 0);
    assert_true(a.n_dyn == 0 && is_near(a.n_rew, 1100));
    p.labels_within = false;
    p.dyn.owned = 0;
    a = ig_allocation_near(&p, 110, 0);
    assert_true(a.n_dyn == 1 && is_near(a.n_rew, 1090));
    assert_true(isnan(ig_allocation_near(&p, 1.05, 0.5).bound));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_brute_force),
        cmocka_unit_test(test_floors_move_no_money),
        cmocka_unit_test(test_what_cannot_be),
        cmocka_unit_test(test_nearest_divisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
