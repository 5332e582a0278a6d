/** Pools from worlds, learning from them, and the small worlds themselves. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "env/known-value.h"
#include "env/lqg.h"
#include "env/world.h"

enum { N = 3, M = 2, ROW = 2 * N + M + 1, STRIDE = 16 };

typedef struct setup {
    ig_regulator regulator;
    ig_lqg_world memory;
    ig_world world;
} setup;

static ig_rng_key key(void)
{
    return ig_rng_key_make("gather", 5);
}

static void make(setup *s)
{
    assert_int_equal(ig_regulator_draw(N, M, 0.9, 1, key(), &s->regulator, NULL), IG_OK);
    ig_lqg_world_init(&s->regulator, &s->memory, &s->world);
}

static float *gather(const setup *s, bool ball, size_t n)
{
    ig_pool_rows pool = {n, STRIDE, calloc(n, STRIDE * sizeof(float))};
    assert_non_null(pool.rows);
    ig_status status =
        ball ? ig_gather_ball(&s->world, 1.5, key(), IG_STREAM_DATA, &pool, NULL, NULL)
             : ig_gather_episodes(&s->world, 7, 0.5, key(), IG_STREAM_DATA, &pool, NULL, NULL);
    assert_int_equal(status, IG_OK);
    return pool.rows;
}

static void test_prefix(void **state)
{
    (void)state;
    setup s;
    make(&s);
    for (int ball = 0; ball < 2; ball++) {
        /* Around the block's size, where a block begins or ends. */
        static const size_t sizes[] = {1, 2, 255, 256, 257, 700};
        float *all = gather(&s, ball, 1000);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            float *some = gather(&s, ball, sizes[i]);
            assert_memory_equal(some, all, sizes[i] * STRIDE * sizeof *some);
            free(some);
        }
        free(all);
    }
}

static void test_rows_are_the_worlds(void **state)
{
    (void)state;
    setup s;
    make(&s);
    for (int ball = 0; ball < 2; ball++) {
        float *rows = gather(&s, ball, 500), next[N], reward;
        double farthest = 0;
        for (size_t i = 0; i < 500; i++) {
            const float *row = rows + i * STRIDE;
            double squares = 0;
            s.world.step(s.world.context, 1, row, row + N, next, &reward);
            assert_memory_equal(next, row + N + M, sizeof next);
            assert_true(reward == row[2 * N + M]);
            for (int j = 0; j < N + M; j++) {
                squares += (double)row[j] * (double)row[j];
                assert_true(ball || j < N || fabsf(row[j]) <= 1);
            }
            farthest = fmax(farthest, sqrt(squares));
            for (int j = ROW; j < STRIDE; j++) {
                assert_true(row[j] == 0);
            }
        }
        assert_true(!ball || (farthest <= 1.5 * (1 + 1e-6) && farthest > 1.4));
        free(rows);
    }
}

/** Uniform in the ball: the share within a radius is its power. */
static void test_ball_is_uniform(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    setup s;
    make(&s);
    float *rows = gather(&s, true, ROWS);
    double share = 0;
    for (size_t i = 0; i < ROWS; i++) {
        double squares = 0;
        for (int j = 0; j < N + M; j++) {
            squares += (double)rows[i * STRIDE + (size_t)j] * (double)rows[i * STRIDE + (size_t)j];
        }
        share += pow(sqrt(squares) / 1.5, N + M) / ROWS;
    }
    assert_true(fabs(share - 0.5) < 0.01);
    free(rows);
}

/** The second episode, replayed from the streams that the header names. */
static void test_episodes_replay(void **state)
{
    (void)state;
    setup s;
    make(&s);
    float *rows = gather(&s, false, 100), at[N], a[M], next[N], reward;
    size_t row = 0;
    for (uint64_t e = 0; e < 2; e++) {
        ig_rng rng = ig_rng_start(key(), IG_STREAM_DATA, 2 * e);
        ig_rng kept = ig_rng_start(key(), IG_STREAM_DATA, 2 * e + 1);
        s.world.start(s.world.context, &rng, at);
        for (int t = 0; t < 7; t++) {
            for (int j = 0; j < M; j++) {
                a[j] = (float)(2 * ig_rng_uniform(&rng) - 1);
            }
            s.world.step(s.world.context, 1, at, a, next, &reward);
            if (ig_rng_uniform(&kept) < 0.5) {
                assert_memory_equal(rows + row * STRIDE, at, sizeof at);
                assert_memory_equal(rows + row * STRIDE + N, a, sizeof a);
                row++;
            }
            memcpy(at, next, sizeof at);
        }
    }
    assert_true(row > 2);
    free(rows);
}

static ig_status stop_now(void *context)
{
    return --*(int *)context < 0 ? IG_ERR_STOPPED : IG_OK;
}

static void test_the_hook_stops(void **state)
{
    (void)state;
    setup s;
    float rows[STRIDE * 600];
    make(&s);
    for (int left = 0; left < 2; left++) {
        int calls = left;
        const ig_yield yield = {stop_now, &calls};
        ig_pool_rows pool = {600, STRIDE, rows};
        assert_int_equal(ig_gather_ball(&s.world, 1, key(), IG_STREAM_DATA, &pool, &yield, NULL),
                         IG_ERR_STOPPED);
        calls = left;
        assert_int_equal(
            ig_gather_episodes(&s.world, 9, 1, key(), IG_STREAM_DATA, &pool, &yield, NULL),
            IG_ERR_STOPPED);
    }
}

static void test_noise(void **state)
{
    (void)state;
    enum { ROWS = 4000 };
    float *rows = calloc(ROWS, STRIDE * sizeof *rows);
    ig_pool_rows pool = {ROWS, STRIDE, rows};
    ig_rng rng = ig_rng_start(key(), IG_STREAM_NOISE, 0);
    double squares = 0;
    ig_gather_noise(&pool, 2, 3, 0.5, &rng);
    for (size_t i = 0; i < ROWS * STRIDE; i++) {
        const size_t column = i % STRIDE;
        assert_true((column >= 2 && column < 5) == (rows[i] != 0));
        squares += (double)rows[i] * (double)rows[i];
    }
    assert_true(fabs(sqrt(squares / (3 * ROWS)) - 0.5) < 0.01);
    ig_rng before = rng;
    ig_gather_noise(&pool, 2, 3, 0, &rng);
    assert_memory_equal(&before, &rng, sizeof rng);
    free(rows);
}

/** Without noise the matrices come back; any number of rows gives an answer. */
static void test_learning_a_regulator(void **state)
{
    (void)state;
    setup s;
    make(&s);
    float *rows = gather(&s, true, 400);
    ig_regulator learned = {.state = N, .action = M, .gamma = 0.9};
    assert_int_equal(ig_lqg_learn(rows, STRIDE, 400, 300, 1e-9, &learned, NULL), IG_OK);
    for (size_t i = 0; i < N * N; i++) {
        assert_true(fabs(learned.model.a[i] - s.regulator.model.a[i]) < 1e-5);
        assert_true(fabs(learned.model.q[i] - s.regulator.model.q[i]) < 1e-5);
    }
    for (size_t i = 0; i < N * M; i++) {
        assert_true(fabs(learned.model.b[i] - s.regulator.model.b[i]) < 1e-5);
    }
    for (size_t i = 0; i < M * M; i++) {
        assert_true(fabs(learned.model.r[i] - s.regulator.model.r[i]) < 1e-5);
    }
    ig_regulator few = learned;
    assert_int_equal(ig_lqg_learn(rows, STRIDE, 1, 300, 1e-6, &few, NULL), IG_OK);
    assert_true(fabs(few.model.a[0] - s.regulator.model.a[0]) > 1e-3);
    assert_int_equal(ig_lqg_learn(rows, STRIDE, 400, 1, 1e-6, &few, NULL), IG_OK);
    rows[3] = NAN;
    assert_int_equal(ig_lqg_learn(rows, STRIDE, 4, 1, 1e-6, &few, NULL), IG_ERR_NUMERIC);
    free(rows);
}

/** Returns of the known control problem telescope, and no policy does better than its best but for
 *  what it can gain at the end. */
static void test_known_control(void **state)
{
    (void)state;
    static const ig_value_shape shapes[] = {IG_VALUE_TANH, IG_VALUE_SIN, IG_VALUE_QUADRATIC};
    enum { H = 60 };
    for (size_t i = 0; i < 3; i++) {
        ig_known_control k = {shapes[i], 0.9F, 0.9F, 1, 0.5F, 1};
        ig_world world;
        ig_known_control_world(&k, &world);
        double returns[3], policies[] = {0.5, 0.4, 0.7};
        for (size_t j = 0; j < 3; j++) {
            float s = 0.8F, next, reward;
            double weight = 1;
            returns[j] = 0;
            for (int t = 0; t < H; t++) {
                const float a = (float)-policies[j] * s;
                world.step(world.context, 1, &s, &a, &next, &reward);
                returns[j] += weight * (double)reward;
                weight *= 0.9;
                s = next;
            }
        }
        assert_true(fabs(returns[0] - ig_known_control_return(&k, (double)0.8F, H)) < 1e-5);
        assert_true(returns[1] < returns[0] && returns[2] < returns[0]);
    }
}

static void test_perturbations(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    setup s;
    make(&s);
    float *rows = gather(&s, true, ROWS), next[N], was[N], reward, before;
    double dyn = 0, rew = 0;
    ig_perturbed_world memory;
    ig_world world;
    for (size_t i = 0; i < ROWS; i++) {
        const float *row = rows + i * STRIDE;
        if (i % 50 == 0) {
            ig_rng rng = ig_rng_start(key(), IG_STREAM_INIT, i);
            assert_int_equal(ig_perturbed_world_init(&s.world, &rng, &memory, &world, NULL), IG_OK);
        }
        s.world.step(s.world.context, 1, row, row + N, was, &before);
        world.step(world.context, 1, row, row + N, next, &reward);
        if (i % 50 == 0) {
            /* Of size zero it is the same world. */
            assert_memory_equal(next, was, sizeof was);
            assert_true(reward == before);
            memory.dyn = 0.5F;
            memory.rew = 0.25F;
            world.step(world.context, 1, row, row + N, next, &reward);
        }
        for (int j = 0; j < N; j++) {
            dyn += ((double)next[j] - (double)was[j]) * ((double)next[j] - (double)was[j]);
        }
        rew += ((double)reward - (double)before) * ((double)reward - (double)before);
    }
    assert_true(fabs(sqrt(dyn / ROWS) / 0.5 - 1) < 0.05);
    assert_true(fabs(sqrt(rew / ROWS) / 0.25 - 1) < 0.05);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prefix),          cmocka_unit_test(test_rows_are_the_worlds),
        cmocka_unit_test(test_the_hook_stops),  cmocka_unit_test(test_noise),
        cmocka_unit_test(test_known_control),   cmocka_unit_test(test_learning_a_regulator),
        cmocka_unit_test(test_perturbations),   cmocka_unit_test(test_ball_is_uniform),
        cmocka_unit_test(test_episodes_replay),
    };
    return cmocka_run_group_tests_name("gather", tests, NULL, NULL);
}
