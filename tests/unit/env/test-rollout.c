/* Pools of transitions: each row is a true transition of the teacher, pools of one key are prefixes
 * of each other, and every policy keeps its promises. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/env.h"
#include "imagrid/nn.h"

enum { STATE = 3, ACTION = 2, HIDDEN = 8, WIDTH = 2 * STATE + ACTION + 1, STRIDE = WIDTH + 2 };

static const ig_rng_key key = {{11, 12}};

static float *roll_on(ig_isa isa, const ig_teacher *teacher, ig_reference_policy policy, size_t n,
                      double keep)
{
    ig_rollout_options options = {policy, 40, keep, isa};
    float *rows = calloc(n * STRIDE, sizeof *rows);
    ig_error error = {0};
    assert_non_null(rows);
    assert_int_equal(ig_rollout_transitions(teacher, &options, key, IG_STREAM_DATA, n, STRIDE, rows,
                                            NULL, &error),
                     IG_OK);
    return rows;
}

static float *roll(const ig_teacher *teacher, ig_reference_policy policy, size_t n, double keep)
{
    return roll_on(ig_isa_detect(), teacher, policy, n, keep);
}

static ig_teacher make_teacher(void)
{
    ig_teacher teacher;
    ig_error error = {0};
    assert_int_equal(ig_teacher_init(STATE, ACTION, HIDDEN, key, &teacher, &error), IG_OK);
    return teacher;
}

/** Output o of a two-layer network in double. */
static double network(const float *p, const float *x, int outputs, int o)
{
    int inputs = STATE + ACTION;
    const float *b1 = p + HIDDEN * inputs, *w2 = b1 + HIDDEN, *b2 = w2 + outputs * HIDDEN;
    double y = (double)b2[o];
    for (int h = 0; h < HIDDEN; h++) {
        double sum = (double)b1[h];
        for (int i = 0; i < inputs; i++) {
            sum += (double)p[h * inputs + i] * (double)x[i];
        }
        y += (double)w2[o * HIDDEN + h] * fmax(0, sum);
    }
    return y;
}

static void rows_are_transitions(void **state)
{
    (void)state;
    ig_teacher teacher = make_teacher();
    for (ig_reference_policy policy = IG_REFERENCE_SINUSOID; policy <= IG_REFERENCE_TANH_FEEDBACK;
         policy++) {
        enum { N = 5000 };
        float *rows = roll(&teacher, policy, N, 0.25);
        double action_sum = 0, action_square = 0;
        for (size_t i = 0; i < N; i++) {
            const float *row = rows + i * STRIDE, *next = row + STATE + ACTION;
            for (int o = 0; o < STATE; o++) {
                double wanted = tanh(network(teacher.dynamics, row, STATE, o));
                assert_true(fabs((double)next[o] - wanted) < 1e-5);
            }
            double reward = network(teacher.reward, row, 1, 0) / sqrt(HIDDEN);
            assert_true(fabs((double)next[STATE] - reward) < 1e-5);
            assert_true(row[WIDTH] == 0 && row[WIDTH + 1] == 0);
            for (int k = STATE; k < STATE + ACTION; k++) {
                assert_true(fabsf(row[k]) <= 1);
                action_sum += (double)row[k];
                action_square += (double)(row[k] * row[k]);
            }
        }
        if (policy == IG_REFERENCE_UNIFORM) {
            /* 10 000 draws: five standard errors. */
            assert_true(fabs(action_sum / (N * ACTION)) < 5 * sqrt(1.0 / 3 / (N * ACTION)));
            assert_true(fabs(action_square / (N * ACTION) - 1.0 / 3) < 0.02);
        }
        free(rows);
    }
    ig_teacher_clear(&teacher);
}

static void smaller_pools_are_prefixes(void **state)
{
    (void)state;
    ig_teacher teacher = make_teacher();
    for (ig_reference_policy policy = IG_REFERENCE_SINUSOID; policy <= IG_REFERENCE_TANH_FEEDBACK;
         policy++) {
        /* 64 episodes of 40 steps, a quarter kept, are about 640 rows. */
        float *large = roll(&teacher, policy, 2000, 0.25);
        static const size_t sizes[] = {1, 9, 639, 640, 641, 1999};
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            float *small = roll(&teacher, policy, sizes[s], 0.25);
            assert_memory_equal(small, large, sizes[s] * STRIDE * sizeof *small);
            free(small);
        }
        free(large);
    }
    ig_teacher_clear(&teacher);
}

/** With everything kept the rows of an episode follow one another, and a sinusoid's three
 *  neighbours obey a(t-1) + a(t+1) = 2 cos(w) a(t) with w in its range. */
static void episodes_follow_their_policy(void **state)
{
    (void)state;
    ig_teacher teacher = make_teacher();
    float *rows = roll(&teacher, IG_REFERENCE_SINUSOID, 40 * 70, 1);
    for (size_t episode = 0; episode < 70; episode++) {
        for (size_t t = 0; t + 1 < 40; t++) {
            const float *row = rows + (episode * 40 + t) * STRIDE, *next = row + STRIDE;
            assert_memory_equal(next, row + STATE + ACTION, STATE * sizeof *row);
            if (t > 0 && fabsf(row[STATE]) > 0.5f) {
                double sum = (double)(row - STRIDE)[STATE] + (double)next[STATE];
                double cosine = sum / (2 * (double)row[STATE]);
                assert_true(cosine > cos(0.321) && cosine < cos(0.019));
            }
        }
        for (int i = 0; i < STATE; i++) {
            assert_true(fabsf(rows[episode * 40 * STRIDE + (size_t)i]) <= 1);
        }
    }
    free(rows);
    ig_teacher_clear(&teacher);
}

/** The first actions of feedback episodes, bit by bit: their tanh is the kernels', so that no C
 *  library changes it. */
static void feedback_has_the_kernels_tanh(void **state)
{
    (void)state;
    enum { EPISODES = 100, LENGTH = 40 };
    ig_teacher teacher = make_teacher();
    const ig_isa sets[] = {IG_ISA_PORTABLE, ig_isa_detect()};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        float *rows =
            roll_on(sets[i], &teacher, IG_REFERENCE_TANH_FEEDBACK, (size_t)EPISODES * LENGTH, 1);
        for (uint64_t e = 0; e < EPISODES; e++) {
            const float *s = rows + e * LENGTH * STRIDE;
            ig_rng rng = ig_rng_start(key, IG_STREAM_DATA, 2 * e);
            float gain[ACTION][STATE], action[ACTION];
            for (int j = 0; j < STATE; j++) {
                assert_true(s[j] == (float)(2 * ig_rng_uniform(&rng) - 1));
            }
            for (int k = 0; k < ACTION * STATE; k++) {
                gain[k / STATE][k % STATE] = (float)(1 / sqrt(STATE) * ig_rng_normal(&rng));
            }
            for (int k = 0; k < ACTION; k++) {
                float sum = 0;
                for (int j = 0; j < STATE; j++) {
                    sum += gain[k][j] * s[j];
                }
                action[k] = sum + (float)(0.3 * ig_rng_normal(&rng));
            }
            ig_tanh(sets[i], ACTION, action);
            assert_memory_equal(s + STATE, action, sizeof action);
        }
        free(rows);
    }
    ig_teacher_clear(&teacher);
}

static ig_status refuse(void *context)
{
    (void)context;
    return IG_ERR_STOPPED;
}

static void hook_stops(void **state)
{
    (void)state;
    ig_teacher teacher = make_teacher();
    ig_rollout_options options = {IG_REFERENCE_UNIFORM, 40, 0.25, IG_ISA_PORTABLE};
    float rows[500 * STRIDE];
    ig_yield yield = {refuse, NULL};
    ig_error error = {0};
    assert_int_equal(ig_rollout_transitions(&teacher, &options, key, IG_STREAM_DATA, 500, STRIDE,
                                            rows, &yield, &error),
                     IG_ERR_STOPPED);
    ig_teacher_clear(&teacher);
}

static void teacher_is_standard_normal(void **state)
{
    (void)state;
    ig_teacher teacher;
    ig_error error = {0};
    assert_int_equal(ig_teacher_init(12, 4, 64, key, &teacher, &error), IG_OK);
    const float *w1 = teacher.dynamics, *b1 = w1 + 64 * 16, *w2 = b1 + 64, *b2 = w2 + 12 * 64;
    double sum = 0, square = 0;
    size_t n = 64 * 16;
    for (size_t i = 0; i < n; i++) {
        sum += (double)w1[i];
        square += (double)w1[i] * (double)w1[i];
    }
    assert_true(fabs(sum / (double)n) < 5 / sqrt((double)n));
    assert_true(fabs(square / (double)n - 1) < 5 * sqrt(2.0 / (double)n));
    for (int i = 0; i < 64; i++) {
        assert_true(b1[i] == 0);
    }
    for (int i = 0; i < 12; i++) {
        assert_true(b2[i] == 0);
    }
    assert_true(memcmp(teacher.dynamics, teacher.reward, 64 * sizeof(float)) != 0);
    ig_teacher_clear(&teacher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_transitions),
        cmocka_unit_test(smaller_pools_are_prefixes),
        cmocka_unit_test(episodes_follow_their_policy),
        cmocka_unit_test(feedback_has_the_kernels_tanh),
        cmocka_unit_test(hook_stops),
        cmocka_unit_test(teacher_is_standard_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
