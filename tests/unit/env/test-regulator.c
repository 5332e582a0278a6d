/** The Riccati equation against other ways to the optimum of linear-quadratic problems. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/linear.h"
#include "env/lqg.h"

enum { N = 4, M = 2, SQUARE = IG_LQG_STATE * IG_LQG_STATE };

static ig_regulator draw(size_t state, size_t action, double gamma, uint64_t seed)
{
    ig_regulator r;
    ig_error error = {0};
    assert_int_equal(
        ig_regulator_draw(state, action, gamma, 1, ig_rng_key_make("riccati", seed), &r, &error),
        IG_OK);
    return r;
}

/** Cost of a_t = -K s over `steps` steps from s. */
static double cost_of(const ig_regulator *r, const double *k, const double *start, size_t steps)
{
    double s[IG_LQG_STATE], a[IG_LQG_ACTION], next[IG_LQG_STATE], sum = 0, weight = 1;
    memcpy(s, start, r->state * sizeof *s);
    for (size_t t = 0; t < steps; t++) {
        memset(a, 0, sizeof a);
        memset(next, 0, sizeof next);
        ig_add_product(k, r->action, r->state, s, a);
        for (size_t i = 0; i < r->action; i++) {
            a[i] = -a[i];
        }
        sum += weight * (ig_quadratic_form(r->model.q, s, r->state) +
                         ig_quadratic_form(r->model.r, a, r->action));
        ig_add_product(r->model.a, r->state, r->state, s, next);
        ig_add_product(r->model.b, r->state, r->action, a, next);
        memcpy(s, next, r->state * sizeof *s);
        weight *= r->gamma;
    }
    return sum;
}

/** One dimension: the value function on a grid of states, minimised over a grid of actions. */
static double iterate_values(const ig_regulator *r, int steps, double at)
{
    enum { STATES = 401, ACTIONS = 801 };
    static double value[STATES], next[STATES];
    const double a = r->model.a[0], b = r->model.b[0], q = r->model.q[0], u = r->model.r[0];
    const double reach = 2, width = 2 * reach / (STATES - 1);
    memset(value, 0, sizeof value);
    for (int t = 0; t < steps; t++) {
        for (int i = 0; i < STATES; i++) {
            double s = -reach + i * width, best = (double)INFINITY;
            for (int j = 0; j < ACTIONS; j++) {
                double action = -4 + 8.0 * j / (ACTIONS - 1), to = a * s + b * action;
                double place = (to + reach) / width;
                int left = (int)floor(place);
                if (left < 0 || left >= STATES - 1) {
                    continue;
                }
                double later = value[left] + (place - left) * (value[left + 1] - value[left]);
                best = fmin(best, q * s * s + u * action * action + r->gamma * later);
            }
            next[i] = best;
        }
        memcpy(value, next, sizeof value);
    }
    return value[(int)lround((at + reach) / width)];
}

static void test_against_value_iteration(void **state)
{
    (void)state;
    static const int horizons[] = {1, 2, 3, 8};
    for (uint64_t seed = 0; seed < 3; seed++) {
        ig_regulator r = draw(1, 1, 0.9, seed);
        /* Costs of the same order, so that neither action nor state is free. */
        r.model.q[0] = 1;
        r.model.r[0] = 0.5;
        for (size_t i = 0; i < sizeof horizons / sizeof *horizons; i++) {
            double p[SQUARE], k[SQUARE];
            assert_int_equal(ig_riccati_finite(&r, (size_t)horizons[i], p, k, NULL), IG_OK);
            assert_true(fabs(iterate_values(&r, horizons[i], 1) - p[0]) < 0.01 * p[0]);
        }
    }
}

static void test_one_step_does_nothing(void **state)
{
    (void)state;
    ig_regulator r = draw(N, M, 0.9, 1);
    double p[SQUARE], k[SQUARE];
    assert_int_equal(ig_riccati_finite(&r, 1, p, k, NULL), IG_OK);
    for (size_t i = 0; i < M * N; i++) {
        assert_true(k[i] == 0);
    }
    for (size_t i = 0; i < N * N; i++) {
        assert_true(fabs(p[i] - r.model.q[i]) < 1e-15);
    }
}

/** P is the cost of its own K, and every change of K costs more: first order nothing, second order
 *  something. */
static void test_gradient_vanishes(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        ig_regulator r = draw(N, M, 0.9, seed);
        double p[SQUARE], k[SQUARE];
        const double s[N] = {0.5, -1, 0.3, 0.8}, h = 1e-4;
        assert_int_equal(ig_riccati_infinite(&r, p, k, NULL), IG_OK);
        const double least = cost_of(&r, k, s, 2000);
        assert_true(fabs(least - ig_quadratic_form(p, s, N)) < 1e-10 * least);
        for (size_t i = 0; i < M * N; i++) {
            double up[SQUARE], down[SQUARE];
            memcpy(up, k, sizeof up);
            memcpy(down, k, sizeof down);
            up[i] += h;
            down[i] -= h;
            const double more = cost_of(&r, up, s, 2000), less = cost_of(&r, down, s, 2000);
            assert_true(fabs(more - less) / (2 * h) < 1e-5 * least);
            assert_true(more > least && less > least);
        }
    }
}

static void test_long_horizons_settle(void **state)
{
    (void)state;
    ig_regulator r = draw(N, M, 0.8, 3);
    double p[SQUARE], k[SQUARE], long_p[SQUARE], long_k[SQUARE], before = 0;
    assert_int_equal(ig_riccati_infinite(&r, p, k, NULL), IG_OK);
    assert_int_equal(ig_riccati_finite(&r, 300, long_p, long_k, NULL), IG_OK);
    for (size_t i = 0; i < N * N; i++) {
        assert_true(fabs(p[i] - long_p[i]) < 1e-12);
    }
    /* Rewards are never positive: more steps cost more. */
    const double s[N] = {1, 1, -1, 0.5};
    for (size_t steps = 1; steps < 20; steps++) {
        assert_int_equal(ig_riccati_finite(&r, steps, long_p, long_k, NULL), IG_OK);
        const double cost = ig_quadratic_form(long_p, s, N);
        assert_true(cost > before && cost < ig_quadratic_form(p, s, N) * (1 + 1e-12));
        before = cost;
    }
}

static void test_bad_problems_are_refused(void **state)
{
    (void)state;
    ig_regulator r = draw(N, M, 0.9, 0);
    ig_error error = {0};
    double p[SQUARE], k[SQUARE];
    memset(r.model.r, 0, sizeof r.model.r);
    r.model.r[0] = r.model.r[3] = -1;
    assert_int_equal(ig_riccati_finite(&r, 1, p, k, &error), IG_ERR_NUMERIC);
    r = draw(N, M, 1, 0);
    memset(r.model.b, 0, sizeof r.model.b);
    for (size_t i = 0; i < N; i++) {
        r.model.a[i * N + i] += 3;
    }
    /* Nothing stops it: the cost grows until it overflows. */
    assert_int_equal(ig_riccati_infinite(&r, p, k, &error), IG_ERR_NUMERIC);
    double m[4] = {1, 0, 0, (double)NAN}, y[2] = {1, 1};
    assert_int_equal(ig_solve_spd(m, 2, y, 1, &error), IG_ERR_NUMERIC);
    assert_int_equal(ig_solve_spd(m, 0, y, 1, &error), IG_ERR_USAGE);
}

static void test_solve(void **state)
{
    (void)state;
    double m[9] = {4, 1, 0, 1, 3, 1, 0, 1, 2}, y[6] = {6, 1, 10, -2, 8, 3};
    assert_int_equal(ig_solve_spd(m, 3, y, 2, NULL), IG_OK);
    const double first[3] = {4 * y[0] + y[2], y[0] + 3 * y[2] + y[4], y[2] + 2 * y[4]};
    const double second[3] = {4 * y[1] + y[3], y[1] + 3 * y[3] + y[5], y[3] + 2 * y[5]};
    const double wanted[6] = {6, 1, 10, -2, 8, 3};
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabs(first[i] - wanted[2 * i]) < 1e-12);
        assert_true(fabs(second[i] - wanted[2 * i + 1]) < 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_value_iteration),
        cmocka_unit_test(test_one_step_does_nothing),
        cmocka_unit_test(test_gradient_vanishes),
        cmocka_unit_test(test_long_horizons_settle),
        cmocka_unit_test(test_bad_problems_are_refused),
        cmocka_unit_test(test_solve),
    };
    return cmocka_run_group_tests_name("riccati", tests, NULL, NULL);
}
