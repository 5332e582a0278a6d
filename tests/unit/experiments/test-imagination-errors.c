/** Students of `imagination` and how wrong they are said to be. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagination-sample.h"

enum { N = 3, M = 2, SAMPLES = 500 };

/** Two regulators that differ in what the test says. */
typedef struct pair {
    ig_regulator truth, learned;
    ig_lqg_world memory[2];
    ig_world worlds[2];
    float s[SAMPLES * N], a[SAMPLES * M];
    ig_world_errors errors;
} pair;

static void draw(pair *p)
{
    const ig_rng_key key = ig_rng_key_make("errors", 2);
    ig_rng rng = ig_rng_start(key, IG_STREAM_DATA, 0);
    assert_int_equal(ig_regulator_draw(N, M, 0.9, 1, key, &p->truth, NULL), IG_OK);
    p->learned = p->truth;
    for (size_t i = 0; i < SAMPLES * N; i++) {
        p->s[i] = (float)ig_rng_normal(&rng);
    }
    for (size_t i = 0; i < SAMPLES * M; i++) {
        p->a[i] = (float)ig_rng_normal(&rng);
    }
}

static void compare(pair *p)
{
    ig_lqg_world_init(&p->truth, &p->memory[0], &p->worlds[0]);
    ig_lqg_world_init(&p->learned, &p->memory[1], &p->worlds[1]);
    assert_int_equal(ig_worlds_compare(&p->worlds[0], &p->worlds[1], SAMPLES, p->s, p->a, NULL,
                                       &p->errors, NULL),
                     IG_OK);
}

static bool close(double a, double b)
{
    return fabs(a - b) <= 1e-4 * fabs(b);
}

static void test_errors_of_known_size(void **state)
{
    (void)state;
    pair p;
    double squares = 0, most = 0, forms = 0, form_squares = 0, most_form = 0;
    draw(&p);
    compare(&p);
    assert_true(p.errors.dynamics_rms == 0 && p.errors.reward_rms == 0 &&
                p.errors.reward_bias == 0);
    for (size_t i = 0; i < N; i++) {
        p.learned.model.a[i * N + i] += 0.25;
        p.learned.model.q[i * N + i] -= 0.5;
    }
    compare(&p);
    for (size_t i = 0; i < SAMPLES; i++) {
        double norm = 0;
        for (size_t j = 0; j < N; j++) {
            norm += (double)p.s[i * N + j] * (double)p.s[i * N + j];
        }
        squares += norm * 0.0625 / SAMPLES;
        most = fmax(most, sqrt(norm) * 0.25);
        /* Less cost is more reward: the learned one is too high. */
        forms += norm * 0.5 / SAMPLES;
        form_squares += norm * norm * 0.25 / SAMPLES;
        most_form = fmax(most_form, norm * 0.5);
    }
    assert_true(close(p.errors.dynamics_rms, sqrt(squares)));
    assert_true(close(p.errors.dynamics_max, most));
    assert_true(close(p.errors.reward_bias, forms));
    assert_true(close(p.errors.reward_rms, sqrt(form_squares)));
    assert_true(close(p.errors.reward_max, most_form));
    p.s[0] = NAN;
    compare(&p);
    assert_false(isfinite(p.errors.dynamics_max) || isfinite(p.errors.reward_rms));
}

static double spread(const float *rows, size_t n, size_t stride, size_t column)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = (double)rows[i * stride + column];
        sum += x / (double)n;
        squares += x * x / (double)n;
    }
    return sqrt(squares - sum * sum);
}

/** Networks learn their own targets, and are measured on other rows than they saw, with the actions
 *  that entered the truth. */
static void test_networks_learn(void **state)
{
    (void)state;
    sample_grid g = sample_make(
        "environment: teacher\nteacher_gain: scaled\ndims: {state: 3, action: 2, hidden: 16}\n"
        "budget: 8000\ntrain: {epochs: 60, minibatch: 32}\nholdout: 400\nkeep_fraction: 1\n",
        "seeds: 3\n");
    for (size_t t = 0; t < ig_grid_n_tasks(g.grid); t++) {
        const ig_task task = sample_task(&g, t, NULL);
        ig_imagination q = ig_imagination_of(&task.point);
        q.task = &task;
        const size_t stride = ig_imagination_stride(&q);
        ig_truth truth;
        ig_learned learned;
        float *rows = NULL;
        assert_int_equal(ig_truth_init(&q, &truth, NULL), IG_OK);
        assert_int_equal(ig_learned_init(&q, &truth, &learned, NULL), IG_OK);
        assert_int_equal(ig_truth_gather(&q, &truth, IG_STREAM_DATA, 400, &rows, NULL), IG_OK);
        assert_true(learned.holdout.reward_rms < 0.15 * spread(rows, 400, stride, 8));
        assert_true(learned.holdout.dynamics_rms < 0.15 * sqrt(3) * spread(rows, 400, stride, 5));
        for (size_t i = 0; i < 400; i++) {
            assert_memory_not_equal(rows, learned.s + i * 3, 3 * sizeof *rows);
        }
        free(rows);
        ig_learned_clear(&learned);
        ig_truth_clear(&truth);
    }
    sample_clear(&g);
}

/** The constants of a network and of a regulator are no smaller than any slope. */
static void test_lipschitz(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "environment: teacher\nsquash: none\nteacher_gain: [paper, scaled]\n"
        "dims: {state: 3, action: 2}\n",
        "environment: lqg\ndims: {state: 3, action: 2}\n",
        "environment: known_value\nknown.shape: [tanh, sin, quadratic]\n"
        "dims: {state: 1, action: 1}\n",
    };
    for (size_t kind = 0; kind < 3; kind++) {
        sample_grid g = sample_make(kinds[kind], sample_quick);
        for (size_t t = 0; t < ig_grid_n_tasks(g.grid); t++) {
            const ig_task task = sample_task(&g, t, NULL);
            ig_imagination q = ig_imagination_of(&task.point);
            q.task = &task;
            const size_t n = (size_t)q.state, m = (size_t)q.action;
            const double reach = 2;
            float numbers[16] = {0}, x[2][8], next[2][4], reward[2];
            const ig_gaussian policy = {q.state, 0, q.action, 0.3F, numbers};
            ig_lipschitz l;
            ig_truth truth;
            ig_rng rng = ig_rng_start(task.key, IG_STREAM_NOISE, 9);
            double steepest = 0;
            numbers[0] = 3;
            assert_int_equal(ig_truth_init(&q, &truth, NULL), IG_OK);
            assert_int_equal(ig_imagination_lipschitz(&q, &truth, reach, &policy, &l, NULL), IG_OK);
            assert_true(fabs(l.policy - 3) < 1e-6);
            for (int i = 0; i < 2000; i++) {
                double apart[2] = {0};
                for (size_t j = 0; j < n + m; j++) {
                    x[0][j] = (float)((2 * ig_rng_uniform(&rng) - 1) / sqrt((double)(n + m)));
                    x[1][j] = x[0][j] + (float)(0.05 * ig_rng_normal(&rng));
                    const double d = (double)x[1][j] - (double)x[0][j];
                    apart[j >= n] += d * d;
                }
                double moved = 0, distance = sqrt(apart[0]) + sqrt(apart[1]);
                for (int k = 0; k < 2; k++) {
                    truth.world.step(truth.world.context, 1, x[k], x[k] + n, next[k], &reward[k]);
                }
                for (size_t j = 0; j < n; j++) {
                    moved += pow((double)next[1][j] - (double)next[0][j], 2);
                }
                assert_true(sqrt(moved) <= l.dynamics * distance * (1 + 1e-5));
                assert_true(fabs((double)reward[1] - (double)reward[0]) <=
                            l.reward * distance * (1 + 1e-5) + 1e-6);
                steepest = fmax(steepest, sqrt(moved) / distance);
            }
            /* Not far away from it where it is exact. */
            assert_true(kind == 0 || steepest > 0.5 * l.dynamics);
            ig_truth_clear(&truth);
        }
        sample_clear(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_of_known_size),
        cmocka_unit_test(test_networks_learn),
        cmocka_unit_test(test_lipschitz),
    };
    return cmocka_run_group_tests_name("imagination-errors", tests, NULL, NULL);
}
