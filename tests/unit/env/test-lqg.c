/** Identification of linear-quadratic systems: matrices, sup norms, returns, learning curves. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/linear.h"
#include "env/lqg.h"

enum { N = 4, M = 2 };

static const ig_system_options options = {.state = N,
                                          .action = M,
                                          .gamma = 0.8,
                                          .kappa = 0.226,
                                          .policy = {0.2, 1},
                                          .reward = {0.5, 2},
                                          .errors = {0.01, 0.1}};

typedef struct setup {
    ig_system *system;
    ig_lqg_model truth;
    double k[IG_LQG_ACTION * IG_LQG_STATE];
} setup;

static ig_rng_key key(uint64_t seed)
{
    return ig_rng_key_make("test-lqg", seed);
}

static setup make(uint64_t seed)
{
    setup s = {0};
    ig_error error = {0};
    assert_int_equal(ig_lqg_create(&options, key(seed), &s.system, &error), IG_OK);
    ig_lqg_matrices(s.system, &s.truth, s.k);
    return s;
}

static void test_matrices_answer_like_the_system(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++) {
        setup t = make(seed);
        ig_rng rng = ig_rng_start(key(seed), IG_STREAM_NOISE, 0);
        for (int i = 0; i < 20; i++) {
            double s[N], a[M], there[N], here[N] = {0}, r = 0, act[M], ours[M] = {0};
            ig_draw_normal(&rng, N, s);
            ig_draw_normal(&rng, M, a);
            t.system->maps->step(t.system, s, a, there);
            ig_add_product(t.truth.a, N, N, s, here);
            ig_add_product(t.truth.b, N, M, a, here);
            t.system->maps->act(t.system, s, act);
            ig_add_product(t.k, M, N, s, ours);
            for (int j = 0; j < N; j++) {
                assert_true(fabs(here[j] - there[j]) < 1e-13);
                r -= s[j] * ig_dot(t.truth.q + j * N, s, N);
            }
            for (int j = 0; j < M; j++) {
                assert_true(fabs(act[j] + ours[j]) < 1e-13);
                r -= a[j] * ig_dot(t.truth.r + j * M, a, M);
            }
            assert_true(fabs(r - t.system->maps->reward(t.system, s, a)) < 1e-12 * (1 + fabs(r)));
        }
        ig_system_destroy(&t.system);
    }
}

/** No point of the ball exceeds the sup norms, and some come near them. */
static void test_sup_norms(void **state)
{
    (void)state;
    setup t = make(0);
    ig_rng rng = ig_rng_start(key(0), IG_STREAM_NOISE, 1);
    ig_lqg_model d;
    ig_error error = {0};
    const double radius = t.system->radius;
    double eps_dyn = 0, eps_rew = 0, most_dyn = 0, most_rew = 0;
    assert_int_equal(ig_lqg_draw_unit(N, M, radius, &rng, &d, &error), IG_OK);
    assert_int_equal(ig_lqg_sup(&d, N, M, radius, &eps_dyn, &eps_rew, &error), IG_OK);
    assert_true(fabs(eps_dyn - 1) < 1e-12 && fabs(eps_rew - 1) < 1e-12);
    for (int i = 0; i < 200000; i++) {
        double x[N + M], next[N] = {0}, r = 0;
        ig_draw_normal(&rng, N + M, x);
        double factor = radius / ig_norm(x, N + M);
        for (int j = 0; j < N + M; j++) {
            x[j] *= factor;
        }
        ig_add_product(d.a, N, N, x, next);
        ig_add_product(d.b, N, M, x + N, next);
        for (int j = 0; j < N; j++) {
            r += x[j] * ig_dot(d.q + j * N, x, N);
        }
        for (int j = 0; j < M; j++) {
            r += x[N + j] * ig_dot(d.r + j * M, x + N, M);
        }
        most_dyn = fmax(most_dyn, ig_norm(next, N));
        most_rew = fmax(most_rew, fabs(r));
    }
    assert_true(most_dyn <= 1 + 1e-12 && most_dyn > 0.97);
    assert_true(most_rew <= 1 + 1e-12 && most_rew > 0.85);
    ig_system_destroy(&t.system);
}

/** Without noise least squares find the system; with it errors fall as N^-1/2. */
static void test_identification(void **state)
{
    (void)state;
    setup t = make(1);
    ig_rng rng = ig_rng_start(key(1), IG_STREAM_NOISE, 2);
    ig_lqg_model d;
    ig_error error = {0};
    double eps_dyn = 0, eps_rew = 0, dyn[2] = {0, 0}, rew[2] = {0, 0};
    assert_int_equal(ig_lqg_identify(t.system, 13, 0, &rng, &t.truth, &d, &error), IG_OK);
    assert_int_equal(ig_lqg_sup(&d, N, M, t.system->radius, &eps_dyn, &eps_rew, &error), IG_OK);
    assert_true(eps_dyn < 1e-10 && eps_rew < 1e-10);
    assert_int_equal(ig_lqg_identify(t.system, 12, 0, &rng, &t.truth, &d, &error), IG_ERR_USAGE);
    for (int i = 0; i < 200; i++) {
        size_t n = i % 2 ? 6400 : 400;
        assert_int_equal(ig_lqg_identify(t.system, n, 0.1, &rng, &t.truth, &d, &error), IG_OK);
        assert_int_equal(ig_lqg_sup(&d, N, M, t.system->radius, &eps_dyn, &eps_rew, &error), IG_OK);
        dyn[i % 2] += eps_dyn;
        rew[i % 2] += eps_rew;
    }
    assert_true(fabs(dyn[0] / dyn[1] - 4) < 0.4);
    assert_true(fabs(rew[0] / rew[1] - 4) < 0.4);
    ig_system_destroy(&t.system);
}

/** J = -s0'Ps0 with P = Q + K'RK + gamma M'PM, M = A - BK, by iteration of matrices. */
static double riccati(const setup *t, double gamma)
{
    double m[N * N], w[N * N], p[N * N] = {0}, x[N] = {0};
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            m[i * N + j] = t->truth.a[i * N + j];
            w[i * N + j] = t->truth.q[i * N + j];
            for (int k = 0; k < M; k++) {
                m[i * N + j] -= t->truth.b[i * M + k] * t->k[k * N + j];
                for (int l = 0; l < M; l++) {
                    w[i * N + j] += t->k[k * N + i] * t->truth.r[k * M + l] * t->k[l * N + j];
                }
            }
        }
    }
    for (int step = 0; step < 500; step++) {
        double new[N * N];
        memcpy(new, w, sizeof new);
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                for (int k = 0; k < N; k++) {
                    for (int l = 0; l < N; l++) {
                        new[i * N + j] += gamma *m[k * N + i] * p[k * N + l] * m[l * N + j];
                    }
                }
            }
        }
        memcpy(p, new, sizeof p);
    }
    ig_add_product(p, N, N, t->system->start, x);
    return -ig_dot(t->system->start, x, N);
}

static void test_returns(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++) {
        setup t = make(seed);
        ig_lqg_model d, changed = t.truth;
        ig_rng rng = ig_rng_start(key(seed), IG_STREAM_NOISE, 3);
        ig_error error = {0};
        double J = ig_lqg_return(t.system, &t.truth, t.k, 0.8, NULL, 0, NULL, 0);
        assert_true(fabs(J / riccati(&t, 0.8) - 1) < 1e-12);
        assert_int_equal(ig_lqg_draw_unit(N, M, t.system->radius, &rng, &d, &error), IG_OK);
        double with = ig_lqg_return(t.system, &t.truth, t.k, 0.8, &d, 0.1, &d, 0.2);
        for (int i = 0; i < N * N; i++) {
            changed.a[i] += 0.1 * d.a[i];
            changed.q[i] += 0.2 * d.q[i];
        }
        for (int i = 0; i < N * M; i++) {
            changed.b[i] += 0.1 * d.b[i];
        }
        for (int i = 0; i < M * M; i++) {
            changed.r[i] += 0.2 * d.r[i];
        }
        t.truth = changed;
        assert_true(fabs(with / riccati(&t, 0.8) - 1) < 1e-12);
        assert_true(isinf(ig_lqg_return(t.system, &t.truth, t.k, 0.8, &d, 1e6, NULL, 0)));
        ig_system_destroy(&t.system);
    }
}

static void test_least_squares(void **state)
{
    (void)state;
    /* y = 1 + 2 x and y = 3 - x at x = 0, 1, 2, by columns; the second with residuals 1, -2, 1. */
    double x[] = {1, 1, 1, 0, 1, 2}, y[] = {1, 3, 5, 4, 0, 2};
    ig_error error = {0};
    assert_int_equal(ig_least_squares(x, 3, 2, y, 2, &error), IG_OK);
    assert_true(fabs(y[0] - 1) < 1e-12 && fabs(y[1] - 2) < 1e-12);
    assert_true(fabs(y[3] - 3) < 1e-12 && fabs(y[4] + 1) < 1e-12);
    double zero[] = {0, 0, 0, 0, 0, 0}, same[] = {1, 1, 3, 2, 2, 6}, bad[] = {1, 2, (double)NAN, 4};
    assert_int_equal(ig_least_squares(zero, 3, 2, y, 1, &error), IG_ERR_NUMERIC);
    assert_int_equal(ig_least_squares(same, 3, 2, y, 1, &error), IG_ERR_NUMERIC);
    assert_int_equal(ig_least_squares(bad, 2, 2, y, 1, &error), IG_ERR_NUMERIC);
    assert_int_equal(ig_least_squares(x, 1, 2, y, 1, &error), IG_ERR_USAGE);
    assert_int_equal(ig_least_squares(x, 3, 0, y, 1, &error), IG_ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrices_answer_like_the_system),
        cmocka_unit_test(test_sup_norms),
        cmocka_unit_test(test_identification),
        cmocka_unit_test(test_returns),
        cmocka_unit_test(test_least_squares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
