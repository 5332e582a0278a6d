/** Systems: constants and suprema are what they say, and rollouts what can be computed otherwise.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/linear.h"
#include "systems.h"

enum { MOST = 8, SAMPLES = 20000 };

static double distance(const double *x, const double *y, size_t n)
{
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        squares += (x[i] - y[i]) * (x[i] - y[i]);
    }
    return sqrt(squares);
}

/** A random (s, a) in the domain, or in a ball of radius `size` where there is none. */
static void draw_point(const ig_system *system, ig_rng *rng, double size, double *s, double *a)
{
    double point[2 * MOST], radius = isinf(system->radius) ? size : system->radius;
    const size_t n = system->state + system->action;
    ig_draw_normal(rng, n, point);
    double scale = radius * ig_rng_uniform(rng) / ig_norm(point, n);
    for (size_t i = 0; i < n; i++) {
        (i < system->state ? s : a - system->state)[i] = scale * point[i];
    }
}

/** No pair of points shows a larger slope than the constants, no point a larger error. */
static void check_constants(const ig_system *system, ig_rng *rng)
{
    const ig_system_maps *maps = system->maps;
    const size_t n = system->state, m = system->action;
    const ig_lipschitz *l = &system->lipschitz;
    for (int i = 0; i < SAMPLES; i++) {
        double s[MOST], a[MOST], t[MOST], b[MOST], next[MOST], other[MOST], error[MOST];
        double size = pow(10, 2 - 4 * ig_rng_uniform(rng));
        draw_point(system, rng, size, s, a);
        draw_point(system, rng, size, t, b);
        double apart = distance(s, t, n) + distance(a, b, m);
        maps->step(system, s, a, next);
        maps->step(system, t, b, other);
        assert_true(distance(next, other, n) <= l->dynamics * apart * (1 + 1e-12));
        double change = maps->reward(system, s, a) - maps->reward(system, t, b);
        assert_true(fabs(change) <= l->reward * apart * (1 + 1e-12));
        change = maps->error(system, s, a, error);
        assert_true(fabs(change) <= system->eps_rew * (1 + 1e-12));
        assert_true(ig_norm(error, n) <= system->eps_dyn * (1 + 1e-12));
        maps->act(system, s, a);
        maps->act(system, t, b);
        assert_true(distance(a, b, m) <= l->policy * distance(s, t, n) * (1 + 1e-12));
    }
}

static void test_constants(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{1, 1}, {2, 2}, {4, 2}, {3, 8}, {8, 1}};
    ig_rng rng = ig_rng_start(ig_rng_key_make("points", 0), IG_STREAM_DATA, 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ig_system_options o = options_of(sizes[i][0], sizes[i][1], 0.9, 0.6);
        ig_system *generic = make(ig_generic_create, &o, i), *lqg = make(ig_lqg_create, &o, i);
        check_constants(generic, &rng);
        check_constants(lqg, &rng);
        ig_system_destroy(&generic);
        ig_system_destroy(&lqg);
    }
    ig_system_options o = options_of(1, 1, 0.9, 0.6);
    ig_system *chain = make(ig_chain_create, &o, 0);
    check_constants(chain, &rng);
    ig_system_destroy(&chain);
}

/** Matrix of a map that is linear in one argument, from its values at unit vectors times `h`. */
typedef void linear_map(const ig_system *system, const double *s, const double *a, double *y);

static double slope_norm(const ig_system *system, linear_map *map, size_t outputs, bool of_action,
                         double h)
{
    const size_t inputs = of_action ? system->action : system->state;
    double matrix[MOST * MOST], norm = 0;
    for (size_t j = 0; j < inputs; j++) {
        double s[MOST] = {0}, a[MOST] = {0}, y[MOST];
        (of_action ? a : s)[j] = h;
        map(system, s, a, y);
        for (size_t i = 0; i < outputs; i++) {
            matrix[i * inputs + j] = y[i] / h;
        }
    }
    assert_int_equal(ig_spectral_norm(matrix, outputs, inputs, &norm, NULL), IG_OK);
    return norm;
}

static void step_map(const ig_system *system, const double *s, const double *a, double *y)
{
    system->maps->step(system, s, a, y);
}

static void act_map(const ig_system *system, const double *s, const double *a, double *y)
{
    (void)a;
    system->maps->act(system, s, y);
}

static void reward_map(const ig_system *system, const double *s, const double *a, double *y)
{
    y[0] = system->maps->reward(system, s, a);
}

/** At the origin, where tanh has slope 1, the constants are attained. */
static void test_constants_are_attained(void **state)
{
    (void)state;
    ig_system_options o = options_of(4, 3, 0.8, 0.9);
    ig_system *g = make(ig_generic_create, &o, 1), *q = make(ig_lqg_create, &o, 1);
    ig_system *const systems[] = {g, q};
    for (size_t i = 0; i < 2; i++) {
        const ig_lipschitz *l = &systems[i]->lipschitz;
        for (int of_action = 0; of_action < 2; of_action++) {
            check_close(slope_norm(systems[i], step_map, 4, of_action, 1e-5), l->dynamics, 1e-8);
        }
        check_close(slope_norm(systems[i], act_map, 3, false, 1e-5), l->policy, 1e-8);
    }
    check_close(slope_norm(g, reward_map, 1, false, 1e-5), g->lipschitz.reward, 1e-8);
    check_close(slope_norm(g, reward_map, 1, true, 1e-5), g->lipschitz.reward, 1e-8);
    ig_system_destroy(&g);
    ig_system_destroy(&q);
}

/** Spectral norm of a quadratic form of s or of a, by polarisation. */
static double form_norm(const ig_system *system, bool error, bool of_action)
{
    const size_t n = of_action ? system->action : system->state;
    double matrix[MOST * MOST], diagonal[MOST], norm = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            double s[MOST] = {0}, a[MOST] = {0}, unused[MOST];
            (of_action ? a : s)[i] = 1;
            (of_action ? a : s)[j] = 1;
            double value = error ? system->maps->error(system, s, a, unused)
                                 : system->maps->reward(system, s, a);
            if (i == j) {
                diagonal[i] = value;
                matrix[i * n + i] = value;
            } else {
                matrix[i * n + j] = value;
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            matrix[i * n + j] = (matrix[i * n + j] - diagonal[i] - diagonal[j]) / 2;
            matrix[j * n + i] = matrix[i * n + j];
        }
    }
    assert_int_equal(ig_spectral_norm(matrix, n, n, &norm, NULL), IG_OK);
    return norm;
}

/** The suprema on the operating ball are those of the matrices. */
static void test_lqg_suprema(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        ig_system_options o = options_of(1 + seed % 4, 1 + seed % 3, 0.9, 0.5);
        ig_system *q = make(ig_lqg_create, &o, seed);
        const size_t n = q->state, m = q->action;
        const double radius = q->radius;
        double matrix[MOST * MOST], norm;
        for (size_t j = 0; j < n + m; j++) {
            double point[2 * MOST] = {0}, d[MOST];
            point[j] = 1;
            (void)q->maps->error(q, point, point + n, d);
            for (size_t i = 0; i < n; i++) {
                matrix[i * (n + m) + j] = d[i];
            }
        }
        assert_int_equal(ig_spectral_norm(matrix, n, n + m, &norm, NULL), IG_OK);
        check_close(q->eps_dyn, norm * radius, 1e-12);
        check_close(q->eps_rew,
                    fmax(form_norm(q, true, false), form_norm(q, true, true)) * radius * radius,
                    1e-10);
        check_close(q->lipschitz.reward,
                    2 * radius * fmax(form_norm(q, false, false), form_norm(q, false, true)),
                    1e-12);
        ig_system_destroy(&q);
    }
}

/** The sine perturbations come as close to their amplitudes as one looks. */
static void test_generic_suprema(void **state)
{
    (void)state;
    ig_system_options o = options_of(4, 2, 0.9, 0.5);
    ig_system *g = make(ig_generic_create, &o, 3);
    double dyn = 0, rew = 0;
    for (int i = 0; i < 100000; i++) {
        double s[MOST] = {i * 1e-3}, a[MOST] = {0}, d[MOST];
        rew = fmax(rew, fabs(g->maps->error(g, s, a, d)));
        dyn = fmax(dyn, ig_norm(d, g->state));
    }
    check_close(dyn, g->eps_dyn, 1e-5);
    check_close(rew, g->eps_rew, 1e-5);
    ig_system_destroy(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_constants_are_attained),
        cmocka_unit_test(test_lqg_suprema),
        cmocka_unit_test(test_generic_suprema),
    };
    return cmocka_run_group_tests_name("system", tests, NULL, NULL);
}
