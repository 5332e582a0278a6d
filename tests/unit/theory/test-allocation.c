/** Theorem 1 as a set of properties: Eq. 4, convexity, closed forms, derivatives, extremes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imagrid/rng.h"
#include "theory/theory.h"

enum { PROBLEMS = 300 };

static double between(ig_rng *rng, double low, double high)
{
    return low * pow(high / low, ig_rng_uniform(rng));
}

static ig_allocation_problem draw(ig_rng *rng)
{
    return (ig_allocation_problem){
        .dyn = {between(rng, 1e-3, 1e3), between(rng, 0.05, 1.5), between(rng, 1e-2, 1e3),
                between(rng, 1e-4, 1e4), 0, 0},
        .rew = {between(rng, 1e-3, 1e3), between(rng, 0.05, 1.5), between(rng, 1e-2, 1e3), 1, 0, 0},
    };
}

static ig_rng start(uint64_t part)
{
    return ig_rng_start(ig_rng_key_make("test-allocation", 0), IG_STREAM_DATA, part);
}

static ig_allocation solve(const ig_allocation_problem *p, double budget)
{
    ig_allocation a = {0};
    ig_error error = {0};
    assert_int_equal(ig_allocation_solve(p, budget, &a, &error), IG_OK);
    return a;
}

static double relative(double a, double b)
{
    return fabs(a - b) / fmax(fabs(a), fabs(b));
}

/** The right side of Eq. 4, with the errors of the solution put in by hand. */
static double equation4(const ig_allocation_problem *p, const ig_allocation *a)
{
    double eps_dyn = p->dyn.amplitude * pow(a->n_dyn, -p->dyn.exponent);
    double eps_rew = p->rew.amplitude * pow(a->n_rew, -p->rew.exponent);
    return p->dyn.exponent / p->rew.exponent * (p->dyn.weight / p->rew.weight) *
           (p->rew.cost / p->dyn.cost) * (eps_dyn / eps_rew);
}

static void test_equation_over_magnitudes(void **state)
{
    (void)state;
    ig_rng rng = start(0);
    double worst = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        ig_allocation_problem p = draw(&rng);
        for (int power = -10; power <= 30; power++) {
            double budget = pow(10, power);
            ig_allocation a = solve(&p, budget);
            worst = fmax(worst, relative(a.ratio, equation4(&p, &a)));
            assert_true(relative(a.n_dyn * p.dyn.cost + a.n_rew * p.rew.cost, budget) < 1e-13);
            assert_true(relative(a.share_dyn + a.share_rew, 1) < 1e-15);
        }
    }
    print_message("largest relative residual of Eq. 4: %.2g\n", worst);
    assert_true(worst < 1e-12);
}

static void test_neighbours_are_worse(void **state)
{
    (void)state;
    ig_rng rng = start(1);
    for (int i = 0; i < PROBLEMS; i++) {
        ig_allocation_problem p = draw(&rng);
        double budget = between(&rng, 1e-3, 1e17);
        ig_allocation a = solve(&p, budget);
        for (int k = -30; k <= 30; k++) {
            double odds = a.share_dyn / a.share_rew * exp(0.2 * k);
            ig_allocation b = ig_allocation_split(&p, budget, odds);
            assert_true(b.bound >= a.bound * (1 - 1e-14));
            assert_true(k == 0 || b.bound > a.bound);
        }
    }
}

static void test_equal_exponents_closed_form(void **state)
{
    (void)state;
    ig_rng rng = start(2);
    for (int i = 0; i < PROBLEMS; i++) {
        ig_allocation_problem p = draw(&rng);
        p.rew.exponent = p.dyn.exponent;
        double inside = p.dyn.weight * p.dyn.amplitude * p.rew.cost /
                        (p.rew.weight * p.rew.amplitude * p.dyn.cost);
        double expected = pow(inside, 1 / (1 + p.dyn.exponent));
        assert_true(relative(solve(&p, 1).ratio, expected) < 1e-12);
        assert_true(relative(solve(&p, 1e20).ratio, expected) < 1e-12);
    }
}

static void test_symmetries(void **state)
{
    (void)state;
    ig_rng rng = start(3);
    for (int i = 0; i < PROBLEMS; i++) {
        ig_allocation_problem p = draw(&rng), swapped = {p.rew, p.dyn, false}, dearer = p;
        double budget = between(&rng, 1, 1e12);
        ig_allocation a = solve(&p, budget), b = solve(&swapped, budget);
        assert_true(relative(a.ratio, 1 / b.ratio) < 1e-12);
        assert_true(relative(a.bound, b.bound) < 1e-12);
        /* Another currency changes nothing, nor does another unit of the return. */
        dearer.dyn.cost *= 7;
        dearer.rew.cost *= 7;
        dearer.dyn.weight *= 3;
        dearer.rew.weight *= 3;
        b = solve(&dearer, 7 * budget);
        assert_true(relative(a.n_dyn, b.n_dyn) < 1e-12 && relative(a.n_rew, b.n_rew) < 1e-12);
        assert_true(relative(3 * a.bound, b.bound) < 1e-12);
    }
}

static void test_reach_is_the_inverse(void **state)
{
    (void)state;
    ig_rng rng = start(4);
    for (int i = 0; i < PROBLEMS; i++) {
        ig_allocation_problem p = draw(&rng);
        double budget = between(&rng, 1e-3, 1e17);
        ig_allocation a = solve(&p, budget), b = {0};
        ig_error error = {0};
        assert_int_equal(ig_allocation_reach(&p, a.bound, &b, &error), IG_OK);
        /* An exponent of 0.05 turns one part of the bound into twenty of the budget. */
        assert_true(relative(b.cost, budget) < 1e-10);
        assert_true(relative(b.bound, a.bound) < 1e-12);
    }
}

/** The nine inputs of a problem, so that one can be moved at a time. */
static double *input(ig_allocation_problem *p, double *budget, int i)
{
    double *const inputs[] = {&p->dyn.amplitude, &p->dyn.exponent, &p->rew.amplitude,
                              &p->rew.exponent,  &p->dyn.weight,   &p->rew.weight,
                              &p->dyn.cost,      &p->rew.cost,     budget};
    return inputs[i];
}

static void test_slopes_against_differences(void **state)
{
    (void)state;
    ig_rng rng = start(5);
    double worst = 0;
    for (int k = 0; k < PROBLEMS; k++) {
        ig_allocation_problem p = draw(&rng);
        double budget = between(&rng, 1, 1e12);
        ig_allocation_slopes s;
        ig_error error = {0};
        assert_int_equal(ig_allocation_differentiate(&p, budget, &s, &error), IG_OK);
        const double slopes[] = {s.a_d, s.alpha,    s.a_r,      s.beta,  s.c_d,
                                 s.c_r, s.cost_dyn, s.cost_rew, s.budget};
        for (int i = 0; i < 9; i++) {
            const double h = 1e-4;
            double ends[2];
            for (int end = 0; end < 2; end++) {
                ig_allocation_problem moved = p;
                double moved_budget = budget;
                *input(&moved, &moved_budget, i) *= exp(end ? h : -h);
                ends[end] = log(solve(&moved, moved_budget).ratio);
            }
            /* alpha and beta: the derivative is by the exponent, not by its logarithm. */
            double exponent = i == 1 ? p.dyn.exponent : i == 3 ? p.rew.exponent : 1;
            double difference = (ends[1] - ends[0]) / (2 * h * exponent);
            double off = fabs(difference - slopes[i]) / (1 + fabs(slopes[i]));
            worst = fmax(worst, off);
        }
    }
    print_message("largest difference of a derivative: %.2g\n", worst);
    assert_true(worst < 1e-6);
}

/** What the paper says about costs and horizon, for exponents up to 1. */
static void test_statements_on_costs_and_horizon(void **state)
{
    (void)state;
    ig_rng rng = start(6);
    for (int i = 0; i < PROBLEMS; i++) {
        ig_allocation_problem p = draw(&rng), q;
        double budget = between(&rng, 1, 1e12);
        ig_allocation_slopes s;
        ig_error error = {0};
        p.dyn.exponent = fmin(p.dyn.exponent, 1);
        p.rew.exponent = fmin(p.rew.exponent, 1);
        assert_int_equal(ig_allocation_differentiate(&p, budget, &s, &error), IG_OK);
        /* A dearer kind is bought less in proportion. */
        assert_true(s.cost_dyn < 0 && s.cost_rew > 0);
        /* What weighs more, or is known worse, is bought more. */
        assert_true(s.c_d > 0 && s.a_d > 0 && s.c_r < 0 && s.a_r < 0);
        /* Money moves the ratio towards the kind that learns more slowly, never for equal ones. */
        assert_true(p.dyn.exponent < p.rew.exponent ? s.budget > 0 : s.budget <= 0);
        /* Longer horizon: C_d/C_r = gamma L_r (1 + L_pi) / (1 - kappa) grows with gamma. */
        double before = 0, l_f = 0.6, l_pi = 0.4;
        for (double gamma = 0.1; gamma < 1; gamma += 0.1) {
            q = p;
            q.rew.weight = 1 / (1 - gamma);
            q.dyn.weight = gamma * (1 + l_pi) / ((1 - gamma) * (1 - gamma * l_f * (1 + l_pi)));
            double ratio = solve(&q, budget).ratio;
            assert_true(ratio > before);
            before = ratio;
        }
    }
}

static void test_refusals(void **state)
{
    (void)state;
    const ig_allocation_problem good = {{1, 0.5, 1, 1, 0, 0}, {1, 0.5, 1, 1, 0, 0}, false};
    const double bad[] = {0, -1, (double)NAN, (double)INFINITY};
    ig_allocation a = {.ratio = 42};
    for (int i = 0; i < 9; i++) {
        for (int k = 0; k < 4; k++) {
            ig_allocation_problem p = good;
            double budget = 100;
            ig_error error = {0};
            ig_allocation_slopes s;
            *input(&p, &budget, i) = bad[k];
            /* One of the kinds may be free, but then there is no ratio to differentiate. */
            if (fmin(p.dyn.cost, p.rew.cost) != 0) {
                assert_int_equal(ig_allocation_solve(&p, budget, &a, &error), IG_ERR_USAGE);
                assert_int_equal(ig_allocation_reach(&p, budget, &a, &error), IG_ERR_USAGE);
                assert_int_equal(ig_allocation_solve_whole(&p, budget, &a, &error), IG_ERR_USAGE);
            }
            assert_int_equal(ig_allocation_differentiate(&p, budget, &s, &error), IG_ERR_USAGE);
            assert_string_not_equal(error.text, "");
        }
    }
    assert_true(a.ratio == 42);
    /* A thousandth of the error at an exponent of 0.001 needs 10^3000 samples. */
    ig_allocation_problem slow = good;
    ig_error error = {0};
    slow.dyn.exponent = slow.rew.exponent = 1e-3;
    assert_int_equal(ig_allocation_reach(&slow, 1e-3, &a, &error), IG_ERR_NUMERIC);
    assert_true(a.ratio == 42);
    /* Transitions so harmless that the money for them is no number. */
    ig_allocation_problem harmless = {
        {1e-300, 0.5, 1e-300, 1, 0, 0}, {1e300, 0.5, 1e300, 1, 0, 0}, false};
    assert_int_equal(ig_allocation_solve(&harmless, 100, &a, &error), IG_ERR_NUMERIC);
    assert_true(a.ratio == 42 && ig_allocation_split(&good, 100, 0).n_dyn == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equation_over_magnitudes),
        cmocka_unit_test(test_neighbours_are_worse),
        cmocka_unit_test(test_equal_exponents_closed_form),
        cmocka_unit_test(test_symmetries),
        cmocka_unit_test(test_reach_is_the_inverse),
        cmocka_unit_test(test_slopes_against_differences),
        cmocka_unit_test(test_statements_on_costs_and_horizon),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
