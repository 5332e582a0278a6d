/** Lemma 1 against its own double sum, its relatives against it, and the edges of the domain. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "theory/theory.h"

static const double gammas[] = {0, 0.3, 0.5, 0.9, 0.99};
static const double kappas[] = {0, 0.1, 0.5, 0.9, 0.99};
enum { N_GAMMAS = 5, N_KAPPAS = 5, LONG = 20000 };

static void check_close(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected))) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}

/** Constants with the wanted kappa (0 where gamma is 0). */
static ig_lipschitz constants(double gamma, double kappa)
{
    return (ig_lipschitz){gamma > 0 ? kappa / (gamma * 1.7) : 0.4, 2.5, 0.7};
}

/** sum over t < H of gamma^t L_r (1 + L_pi) sum over k < t of Lambda^k, term by term. */
static double brute(double gamma, const ig_lipschitz *l, size_t steps)
{
    double total = 0;
    for (size_t t = 0; t < steps; t++) {
        for (size_t k = 0; k < t; k++) {
            total +=
                pow(gamma, (double)(t - k)) * pow(gamma * l->dynamics * (1 + l->policy), (double)k);
        }
    }
    return total * l->reward * (1 + l->policy);
}

static void test_brute_force(void **state)
{
    (void)state;
    for (size_t g = 0; g < N_GAMMAS - 1; g++) {
        for (size_t k = 0; k < N_KAPPAS - 1; k++) {
            ig_lipschitz l = constants(gammas[g], kappas[k]);
            ig_coefficients c, finite;
            assert_int_equal(ig_lemma1(gammas[g], &l, &c, NULL), IG_OK);
            check_close(c.dynamics, brute(gammas[g], &l, 600), 1e-12);
            check_close(c.reward, 1 / (1 - gammas[g]), 1e-15);
            assert_int_equal(ig_lemma1_finite(gammas[g], &l, 17, &finite, NULL), IG_OK);
            check_close(finite.dynamics, brute(gammas[g], &l, 17), 1e-13);
        }
    }
}

static void test_finite_tends_to_lemma1(void **state)
{
    (void)state;
    for (size_t g = 0; g < N_GAMMAS; g++) {
        for (size_t k = 0; k < N_KAPPAS; k++) {
            ig_lipschitz l = constants(gammas[g], kappas[k]);
            ig_coefficients c, finite, tail, before = {0, 0};
            assert_int_equal(ig_lemma1(gammas[g], &l, &c, NULL), IG_OK);
            for (size_t steps = 0; steps < LONG; steps = steps * 2 + 1) {
                assert_int_equal(ig_lemma1_finite(gammas[g], &l, steps, &finite, NULL), IG_OK);
                assert_int_equal(ig_lemma1_tail(gammas[g], &l, steps, &tail, NULL), IG_OK);
                check_close(finite.dynamics + tail.dynamics, c.dynamics, 1e-12);
                check_close(finite.reward + tail.reward, c.reward, 1e-12);
                assert_true(finite.dynamics >= before.dynamics && finite.reward >= before.reward);
                before = finite;
            }
            check_close(before.dynamics, c.dynamics, 1e-12);
        }
    }
}

static void test_expansive(void **state)
{
    (void)state;
    ig_lipschitz l = {1.5, 2, 0.4};
    ig_coefficients c;
    assert_int_equal(ig_lemma1_finite(0.9, &l, 30, &c, NULL), IG_OK);
    check_close(c.dynamics, brute(0.9, &l, 30), 1e-13);
    /* Lambda = 1 and an undiscounted sum: L_r (1 + L_pi) H (H - 1) / 2. */
    l = (ig_lipschitz){0.5, 2, 1};
    assert_int_equal(ig_lemma1_finite(1, &l, 100, &c, NULL), IG_OK);
    check_close(c.dynamics, 4 * 4950, 1e-14);
    check_close(c.reward, 100, 1e-15);
    /* The powers of Lambda overflow long before the end, those of kappa do not. */
    l = (ig_lipschitz){150, 1, 1};
    assert_int_equal(ig_lemma1_finite(0.003, &l, 1000, &c, NULL), IG_OK);
    ig_coefficients limit;
    assert_int_equal(ig_lemma1(0.003, &l, &limit, NULL), IG_OK);
    check_close(c.dynamics, limit.dynamics, 1e-12);
    ig_coefficients kept = c;
    l = (ig_lipschitz){10, 1, 1};
    assert_int_equal(ig_lemma1_finite(0.9, &l, 1000, &c, NULL), IG_ERR_NUMERIC);
    assert_memory_equal(&c, &kept, sizeof c);
}

static void test_tail_near_one(void **state)
{
    (void)state;
    for (double excess = -1e-3; excess <= 1e-3; excess += 1e-5) {
        ig_lipschitz l = {(1 + excess) / 1.5, 1, 0.5};
        ig_coefficients c, finite, tail;
        assert_int_equal(ig_lemma1(0.9, &l, &c, NULL), IG_OK);
        assert_int_equal(ig_lemma1_finite(0.9, &l, 40, &finite, NULL), IG_OK);
        assert_int_equal(ig_lemma1_tail(0.9, &l, 40, &tail, NULL), IG_OK);
        check_close(tail.dynamics, c.dynamics - finite.dynamics, 1e-9);
    }
}

/** C_d with one constant moved by `by`. */
static double moved(double gamma, ig_lipschitz l, int which, double by)
{
    double *const numbers[] = {&l.dynamics, &l.reward, &l.policy};
    ig_coefficients c = {0, 0};
    *numbers[which] += by;
    assert_int_equal(ig_lemma1(gamma, &l, &c, NULL), IG_OK);
    return c.dynamics;
}

static void test_corollary(void **state)
{
    (void)state;
    for (size_t g = 0; g < N_GAMMAS; g++) {
        for (size_t k = 1; k < N_KAPPAS - 1; k++) {
            const ig_lipschitz l = constants(gammas[g], kappas[k]);
            ig_lipschitz slope;
            double coefficient;
            assert_int_equal(ig_corollary1(gammas[g], &l, &coefficient, &slope, NULL), IG_OK);
            assert_true(coefficient == moved(gammas[g], l, 0, 0));
            const double slopes[] = {slope.dynamics, slope.reward, slope.policy};
            for (int which = 0; which < 3; which++) {
                double rise = moved(gammas[g], l, which, 1e-6) - moved(gammas[g], l, which, -1e-6);
                assert_true(slopes[which] >= 0 && rise >= 0);
                assert_true(fabs(rise / 2e-6 - slopes[which]) <= 1e-6 * slopes[which] + 1e-9);
            }
        }
    }
}

static void test_domain(void **state)
{
    (void)state;
    const double nan = (double)NAN, inf = (double)INFINITY;
    const struct {
        double gamma;
        ig_lipschitz l;
        const char *told;
    } outside[] = {
        {0.5, {1, 1, 1}, "kappa"},       {0.9, {0.8, 1, 0.4}, "kappa < 1"},
        {1, {0.1, 1, 0}, "gamma < 1"},   {1.5, {0.1, 1, 0}, "gamma"},
        {-0.1, {0.1, 1, 0}, "gamma"},    {nan, {0.1, 1, 0}, "gamma = "},
        {0.5, {nan, 1, 0}, "L_f = "},    {0.5, {0.1, -1, 0}, "L_r = -1"},
        {0.5, {0.1, 1, inf}, "L_pi = "}, {0.5, {0.1, 1, nan}, "L_pi = "},
    };
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        ig_coefficients c = {-1, -2};
        ig_lipschitz slope = {-1, -1, -1};
        double coefficient = -1;
        ig_error error = {0};
        assert_int_equal(ig_lemma1(outside[i].gamma, &outside[i].l, &c, &error), IG_ERR_USAGE);
        assert_non_null(strstr(error.text, outside[i].told));
        assert_int_equal(ig_corollary1(outside[i].gamma, &outside[i].l, &coefficient, &slope, NULL),
                         IG_ERR_USAGE);
        assert_true(c.reward == -1 && c.dynamics == -2 && coefficient == -1 && slope.policy == -1);
        /* The finite form has no quarrel with the first three. */
        assert_int_equal(ig_lemma1_finite(outside[i].gamma, &outside[i].l, 3, &c, NULL),
                         i < 3 ? IG_OK : IG_ERR_USAGE);
    }
    ig_bound bound = {-1, -1, -1};
    assert_int_equal(ig_bound_of(&(ig_coefficients){1, 2}, nan, 0, &bound, NULL), IG_ERR_USAGE);
    assert_int_equal(ig_bound_of(&(ig_coefficients){1, 2}, 0, -1, &bound, NULL), IG_ERR_USAGE);
    assert_int_equal(ig_bound_of(&(ig_coefficients){1e300, 1e300}, 1e10, 1, &bound, NULL),
                     IG_ERR_NUMERIC);
    assert_true(bound.total == -1);
    assert_int_equal(ig_bound_of(&(ig_coefficients){10, 2}, 0.5, 3, &bound, NULL), IG_OK);
    assert_true(bound.reward == 5 && bound.dynamics == 6 && bound.total == 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_brute_force), cmocka_unit_test(test_finite_tends_to_lemma1),
        cmocka_unit_test(test_expansive),   cmocka_unit_test(test_tail_near_one),
        cmocka_unit_test(test_corollary),   cmocka_unit_test(test_domain),
    };
    return cmocka_run_group_tests_name("lemma1", tests, NULL, NULL);
}
