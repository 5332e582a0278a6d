/** Rollouts: what trajectories are made of, their independence of the batch, and the worlds. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/env.h"
#include "naive.h"

static const ig_rng_key key = {{5, 6}};

static ig_trajectories roll(ig_isa isa, const ig_gaussian *policy, const ig_world *world, size_t n,
                            size_t steps, uint64_t first, bool deterministic)
{
    ig_error error = {0};
    ig_trajectories t;
    ig_reinforce *r = NULL;
    assert_int_equal(ig_trajectories_init(n, steps, policy->state, policy->action, &t, &error),
                     IG_OK);
    assert_int_equal(ig_reinforce_create(isa, policy, n, steps, &r, &error), IG_OK);
    assert_int_equal(ig_reinforce_rollout(r, policy, world, key, IG_STREAM_NOISE, first,
                                          deterministic, &t, NULL, &error),
                     IG_OK);
    ig_reinforce_destroy(&r);
    return t;
}

static ig_teacher make_teacher(int state, int action, int hidden)
{
    ig_error error = {0};
    ig_teacher teacher;
    assert_int_equal(ig_teacher_init(state, action, hidden, key, &teacher, &error), IG_OK);
    ig_teacher_apply_gain(&teacher, IG_TEACHER_SCALED);
    return teacher;
}

/** Every number of a batch against its definition. */
static void check_contents(ig_isa isa, int hidden, bool deterministic)
{
    enum { N = 131, STEPS = 9, STATE = 5, ACTION = 3 };
    ig_gaussian policy = naive_policy(STATE, hidden, ACTION, 0.5f);
    ig_world world = naive_world(STATE, ACTION);
    ig_trajectories t = roll(isa, &policy, &world, N, STEPS, 40, deterministic);
    double parameters[400], mu[ACTION];
    for (size_t i = 0; i < ig_gaussian_size(&policy); i++) {
        parameters[i] = (double)policy.parameters[i];
    }
    for (size_t k = 0; k < N; k++) {
        ig_rng rng = ig_rng_start(key, IG_STREAM_NOISE, 40 + k);
        float start[STATE], next[STATE], reward;
        world.start(world.context, &rng, start);
        assert_memory_equal(start, t.states + k * STATE, sizeof start);
        for (size_t at = k; at < N * STEPS; at += N) {
            const float *s = t.states + at * STATE, *a = t.actions + at * ACTION;
            naive_mean(&policy, parameters, s, mu);
            for (size_t i = 0; i < ACTION; i++) {
                double noise = deterministic ? 0 : ig_rng_normal(&rng);
                assert_true(fabs((double)t.noise[at * ACTION + i] - noise) < 2e-6);
                assert_true(fabs((double)a[i] - mu[i] - 0.5 * noise) < 1e-5);
            }
            world.step(world.context, 1, s, a, next, &reward);
            assert_memory_equal(next, s + N * STATE, sizeof next);
            assert_true(reward == t.rewards[at]);
        }
    }
    ig_trajectories_clear(&t);
    ig_world_clear(&world);
    free(policy.parameters);
}

static void contents(void **unused)
{
    (void)unused;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        check_contents(isa, 0, false);
        check_contents(isa, 33, false);
        check_contents(isa, 33, true);
    }
}

/** Trajectory 57 alone, in a batch of 300, and in a longer one: the same bytes. */
static void independence(void **unused)
{
    (void)unused;
    enum { STATE = 4, ACTION = 2, STEPS = 12 };
    ig_error error = {0};
    ig_gaussian policy = naive_policy(STATE, 20, ACTION, 0.3f);
    ig_teacher teacher = make_teacher(STATE, ACTION, 16);
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        ig_world world;
        assert_int_equal(ig_world_teacher(isa, &teacher, IG_SQUASH_TANH, &world, &error), IG_OK);
        ig_trajectories one = roll(isa, &policy, &world, 1, STEPS, 57, false);
        ig_trajectories all = roll(isa, &policy, &world, 300, STEPS, 0, false);
        ig_trajectories longer = roll(isa, &policy, &world, 60, STEPS + 5, 1, false);
        for (size_t t = 0; t < STEPS; t++) {
            size_t in_all = t * 300 + 57, in_longer = t * 60 + 56;
            assert_memory_equal(one.states + t * STATE, all.states + in_all * STATE, 4 * STATE);
            assert_memory_equal(one.actions + t * ACTION, all.actions + in_all * ACTION,
                                4 * ACTION);
            assert_memory_equal(one.noise + t * ACTION, longer.noise + in_longer * ACTION,
                                4 * ACTION);
            assert_memory_equal(one.states + (t + 1) * STATE,
                                longer.states + (in_longer + 60) * STATE, 4 * STATE);
            assert_true(one.rewards[t] == all.rewards[in_all]);
            assert_true(one.rewards[t] == longer.rewards[in_longer]);
        }
        ig_trajectories_clear(&one);
        ig_trajectories_clear(&all);
        ig_trajectories_clear(&longer);
        ig_world_clear(&world);
    }
    ig_teacher_clear(&teacher);
    free(policy.parameters);
}

/** One step of a two-layer network in double. */
static void forward(const float *p, int inputs, int hidden, int outputs, const double *x, double *y)
{
    const float *w2 = p + hidden * (inputs + 1);
    for (int o = 0; o < outputs; o++) {
        y[o] = (double)w2[outputs * hidden + o];
    }
    for (int j = 0; j < hidden; j++) {
        double a = (double)p[hidden * inputs + j];
        for (int i = 0; i < inputs; i++) {
            a += (double)p[j * inputs + i] * x[i];
        }
        for (int o = 0; o < outputs; o++) {
            y[o] += (double)w2[o * hidden + j] * fmax(0, a);
        }
    }
}

static void worlds(void **unused)
{
    (void)unused;
    enum { STATE = 3, ACTION = 2, HIDDEN = 10, N = 70 };
    ig_error error = {0};
    ig_teacher teacher = make_teacher(STATE, ACTION, HIDDEN);
    ig_student student = {STATE, ACTION, HIDDEN, HIDDEN, teacher.dynamics, teacher.reward};
    float s[N * STATE], a[N * ACTION], next[N * STATE], reward[N];
    ig_rng rng = ig_rng_start(key, IG_STREAM_DATA, 0);
    for (int which = 0; which < 4; which++) {
        ig_world world;
        ig_squash squash = which / 2 ? IG_SQUASH_TANH : IG_SQUASH_NONE;
        bool imagined = which % 2;
        ig_isa isa = ig_isa_detect();
        assert_int_equal(imagined ? ig_world_student(isa, &student, squash, &world, &error)
                                  : ig_world_teacher(isa, &teacher, squash, &world, &error),
                         IG_OK);
        for (size_t k = 0; k < N; k++) {
            world.start(world.context, &rng, s + k * STATE);
            for (size_t i = 0; i < STATE; i++) {
                assert_true(fabsf(s[k * STATE + i]) <= 1);
            }
            for (size_t i = 0; i < ACTION; i++) {
                a[k * ACTION + i] = 2 * (float)ig_rng_normal(&rng);
            }
        }
        world.step(world.context, N, s, a, next, reward);
        for (size_t k = 0; k < N; k++) {
            double x[STATE + ACTION], y[STATE], r;
            for (size_t i = 0; i < STATE + ACTION; i++) {
                double u = (double)(i < STATE ? s[k * STATE + i] : a[k * ACTION + i - STATE]);
                x[i] = i >= STATE && squash == IG_SQUASH_TANH ? tanh(u) : u;
            }
            forward(teacher.dynamics, STATE + ACTION, HIDDEN, STATE, x, y);
            forward(teacher.reward, STATE + ACTION, HIDDEN, 1, x, &r);
            for (size_t i = 0; i < STATE; i++) {
                double wanted = imagined ? y[i] : tanh(y[i]);
                assert_true(fabs((double)next[k * STATE + i] - wanted) < 1e-5);
            }
            assert_true(fabs((double)reward[k] - (imagined ? r : r / sqrt(HIDDEN))) < 1e-5);
        }
        ig_world_clear(&world);
        ig_world_clear(&world);
    }
    ig_teacher_clear(&teacher);
}

/** Students without hidden layers are linear maps. */
static void linear_world(void **unused)
{
    (void)unused;
    const float dynamics[] = {1, 2, 3, 4, 5, 6, 10, 20}, reward[] = {-1, 1, 0.5f, 7};
    const float s[] = {1, -1, 0.5f, 2}, a[] = {2, -4};
    const float expected[] = {15, 31, 2.5f, 8};
    ig_student student = {2, 1, 0, 0, dynamics, reward};
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        ig_world world;
        float next[4], r[2];
        assert_int_equal(ig_world_student(isa, &student, IG_SQUASH_NONE, &world, NULL), IG_OK);
        world.step(world.context, 2, s, a, next, r);
        assert_memory_equal(next, expected, sizeof next);
        assert_true(r[0] == 6 && r[1] == 6.5f);
        ig_world_clear(&world);
    }
}

static void teacher_gain(void **unused)
{
    (void)unused;
    ig_error error = {0};
    ig_teacher paper, scaled;
    assert_int_equal(ig_teacher_init(3, 1, 9, key, &paper, &error), IG_OK);
    assert_int_equal(ig_teacher_init(3, 1, 9, key, &scaled, &error), IG_OK);
    ig_teacher_apply_gain(&scaled, IG_TEACHER_PAPER);
    assert_memory_equal(paper.dynamics, scaled.dynamics, 75 * sizeof(float));
    ig_teacher_apply_gain(&scaled, IG_TEACHER_SCALED);
    for (size_t i = 0; i < 75; i++) {
        float factor = i < 36 ? 2 : 3; /* square roots of four inputs and of nine hidden units */
        assert_true(fabsf(scaled.dynamics[i] * factor - paper.dynamics[i]) < 1e-6f);
        if (i < 55) {
            assert_true(fabsf(scaled.reward[i] * factor - paper.reward[i]) < 1e-6f);
        }
    }
    ig_teacher_clear(&paper);
    ig_teacher_clear(&scaled);
}

static ig_status stop_at_third(void *context)
{
    int *calls = context;
    return ++*calls == 3 ? IG_ERR_STOPPED : IG_OK;
}

static void stopping(void **unused)
{
    (void)unused;
    ig_error error = {0};
    int calls = 0;
    ig_yield yield = {stop_at_third, &calls};
    ig_gaussian policy = naive_policy(3, 8, 3, 0.3f);
    ig_world world = naive_world(3, 3);
    ig_trajectories t;
    ig_reinforce *r = NULL;
    assert_int_equal(ig_trajectories_init(100, 100, 3, 3, &t, &error), IG_OK);
    assert_int_equal(ig_reinforce_create(ig_isa_detect(), &policy, 100, 100, &r, &error), IG_OK);
    assert_int_equal(ig_reinforce_rollout(r, &policy, &world, key, IG_STREAM_NOISE, 0, false, &t,
                                          &yield, &error),
                     IG_ERR_STOPPED);
    assert_int_equal(error.status, IG_ERR_STOPPED);
    assert_int_equal(calls, 3);
    ig_reinforce_destroy(&r);
    ig_reinforce_destroy(&r);
    ig_trajectories_clear(&t);
    ig_world_clear(&world);
    free(policy.parameters);
}

static void too_many(void **unused)
{
    (void)unused;
    ig_error error = {0};
    ig_trajectories t = {.n = 77};
    assert_int_equal(ig_trajectories_init((size_t)1 << 31, 2, 1, 1, &t, &error), IG_ERR_MEMORY);
    assert_int_equal(ig_trajectories_init(1, SIZE_MAX, 1, 1, &t, &error), IG_ERR_MEMORY);
    assert_int_equal(ig_trajectories_init(SIZE_MAX, 3, 1, 1, &t, &error), IG_ERR_MEMORY);
    assert_int_equal(t.n, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents),     cmocka_unit_test(independence), cmocka_unit_test(worlds),
        cmocka_unit_test(linear_world), cmocka_unit_test(teacher_gain), cmocka_unit_test(stopping),
        cmocka_unit_test(too_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
