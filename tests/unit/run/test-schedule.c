/* The order of tasks and the sizes of chunks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/schedule.h"

typedef struct bench {
    ig_config *config;
    ig_grid *grid;
    ig_schedule *schedule;
    int8_t *state;
} bench;

static bench make_shard(const char *yaml, size_t done, ig_shard shard)
{
    bench b = {0};
    ig_error error = {0};
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    assert_int_equal(ig_experiment_configure(ig_experiments(), yaml, strlen(yaml), "test.yaml",
                                             &b.config, diagnostics),
                     IG_OK);
    ig_diagnostics_destroy(&diagnostics);
    assert_int_equal(ig_grid_create(b.config, &b.grid, &error), IG_OK);
    b.state = calloc(ig_grid_n_tasks(b.grid), 1);
    assert_non_null(b.state);
    memset(b.state, IG_STATE_DONE, done);
    assert_int_equal(
        ig_schedule_create(ig_experiment_of(b.config), b.grid, b.state, shard, &b.schedule, &error),
        IG_OK);
    return b;
}

static bench make(const char *yaml, size_t done)
{
    return make_shard(yaml, done, (ig_shard){0, 1});
}

static void clear(bench *b)
{
    ig_schedule_destroy(&b->schedule);
    ig_grid_destroy(&b->grid);
    ig_config_destroy(&b->config);
    free(b->state);
}

/** No task is too expensive. */
static const double every = (double)INFINITY;

static ig_dispatch start(const bench *b, size_t ranks)
{
    ig_dispatch dispatch;
    ig_error error = {0};
    assert_int_equal(ig_dispatch_init(&dispatch, b->schedule, ranks, &error), IG_OK);
    return dispatch;
}

static void most_expensive_first_and_done_left_out(void **state)
{
    (void)state;
    bench b = make("experiment: scaling\nseeds: 3\nanchors: [100, 9000, 700]\n", 2);
    static const size_t wanted[] = {3, 4, 5, 6, 7, 8, 2};
    assert_int_equal(b.schedule->n, 7);
    assert_memory_equal(b.schedule->tasks, wanted, sizeof wanted);
    double left = 0;
    for (size_t i = 0; i < 7; i++) {
        assert_true(i == 0 || b.schedule->cost[i] <= b.schedule->cost[i - 1]);
        left += b.schedule->cost[i];
    }
    assert_true(left < b.schedule->total);
    assert_true(b.schedule->left > 0.999999 * left && b.schedule->left < 1.000001 * left);
    clear(&b);
}

/** Whatever the rate, the chunks cover the schedule once, without gaps, none above a quarter of a
 *  rank's share unless it is a single task. */
static void chunks_cover_everything_once(void **state)
{
    (void)state;
    bench b = make("experiment: scaling\nseeds: 500\nanchors: [100, 9000, 700]\n", 0);
    static const double rates[] = {0, 1e3, 1e9, 1e12, 1e300};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        for (size_t ranks = 1; ranks < 2000; ranks = ranks * 3 + 1) {
            ig_dispatch dispatch = start(&b, ranks);
            size_t first, count, next = 0;
            double left = b.schedule->left;
            while ((count = ig_dispatch_take(&dispatch, rates[r], every, &first)) > 0) {
                assert_int_equal(first, next);
                double cost = 0;
                for (size_t i = 0; i < count; i++) {
                    cost += b.schedule->cost[first + i];
                }
                assert_true(count == 1 || cost <= left / (4 * (double)ranks) * 1.000001);
                assert_true(count == 1 || cost <= 0.02 * rates[r] * 1.000001);
                assert_true(rates[r] > 0 || count == 1);
                left -= cost;
                next += count;
            }
            assert_int_equal(next, b.schedule->n);
            assert_int_equal(ig_dispatch_take(&dispatch, rates[r], every, &first), 0);
            ig_dispatch_clear(&dispatch);
        }
    }
    clear(&b);
}

static void no_chunk_ahead_near_the_end(void **state)
{
    (void)state;
    bench b = make("experiment: scaling\nseeds: 10\nanchors: [100]\n", 0);
    ig_dispatch dispatch = start(&b, 3);
    size_t first;
    for (int taken = 0; taken < 10; taken++) {
        assert_int_equal(ig_dispatch_ahead(&dispatch), 10 - taken >= 6);
        assert_int_equal(ig_dispatch_take(&dispatch, 0, every, &first), 1);
    }
    assert_false(ig_dispatch_ahead(&dispatch));
    ig_dispatch_clear(&dispatch);
    clear(&b);
}

/** Tasks above a cost are passed over and stay; what is taken from the middle is never taken again.
 */
static void whatever_is_passed_over_is_still_there(void **state)
{
    (void)state;
    bench b = make("experiment: scaling\nseeds: 2\nanchors: [100, 9000, 700]\n", 0);
    ig_dispatch dispatch = start(&b, 3);
    size_t first = 99;
    const double *cost = b.schedule->cost;
    assert_true(ig_dispatch_cheapest(&dispatch) == cost[5]);
    assert_int_equal(ig_dispatch_take(&dispatch, 0, cost[5], &first), 1);
    assert_int_equal(first, 4);
    assert_int_equal(ig_dispatch_take(&dispatch, 0, cost[2], &first), 1);
    assert_int_equal(first, 2);
    assert_int_equal(ig_dispatch_take(&dispatch, 0, cost[5] / 2, &first), 0);
    assert_int_equal(dispatch.n, 4);
    const double left = cost[0] + cost[1] + cost[3] + cost[5];
    assert_true(dispatch.left > 0.999 * left && dispatch.left < 1.001 * left);
    static const size_t rest[] = {0, 1, 3, 5};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(ig_dispatch_take(&dispatch, 1e300, every, &first), 1);
        assert_int_equal(first, rest[i]);
    }
    assert_int_equal(ig_dispatch_take(&dispatch, 1e300, every, &first), 0);
    assert_true(ig_dispatch_cheapest(&dispatch) == 0);
    ig_dispatch_clear(&dispatch);
    clear(&b);
}

/** Together the shards hold every task once, each its tasks most expensive first. */
static void shards_divide_the_grid(void **state)
{
    (void)state;
    static const char yaml[] = "experiment: scaling\nseeds: 7\nanchors: [100, 9000, 700]\n";
    for (size_t count = 1; count < 30; count++) {
        size_t seen[21] = {0}, all = 0;
        double total = 0;
        for (size_t index = 0; index < count; index++) {
            bench b = make_shard(yaml, 0, (ig_shard){index, count});
            assert_int_equal(b.schedule->n, b.schedule->all);
            for (size_t i = 0; i < b.schedule->n; i++) {
                assert_int_equal(b.schedule->tasks[i] % count, index);
                assert_true(i == 0 || b.schedule->cost[i] <= b.schedule->cost[i - 1]);
                seen[b.schedule->tasks[i]]++;
            }
            all += b.schedule->all;
            total += b.schedule->total;
            clear(&b);
        }
        bench whole = make(yaml, 0);
        assert_int_equal(all, 21);
        assert_true(total > 0.999999 * whole.schedule->total);
        assert_true(total < 1.000001 * whole.schedule->total);
        clear(&whole);
        for (size_t t = 0; t < 21; t++) {
            assert_int_equal(seen[t], 1);
        }
    }
}

static void a_shard_leaves_out_what_is_done(void **state)
{
    (void)state;
    bench b = make_shard("experiment: scaling\nseeds: 3\nanchors: [100, 9000, 700]\n", 5,
                         (ig_shard){1, 2});
    static const size_t wanted[] = {5, 7};
    assert_int_equal(b.schedule->all, 4);
    assert_int_equal(b.schedule->n, 2);
    assert_memory_equal(b.schedule->tasks, wanted, sizeof wanted);
    assert_true(b.schedule->left < b.schedule->total);
    clear(&b);
}

static void shards_are_read_strictly(void **state)
{
    (void)state;
    ig_error error = {0};
    ig_shard shard = {5, 6};
    static const char *const wrong[] = {"",          "/",
                                        "1",         "1/",
                                        "/4",        "4/4",
                                        "5/4",       "0/0",
                                        "-1/4",      "1/-4",
                                        "+1/4",      " 1/4",
                                        "1/4 ",      "1 /4",
                                        "1/4/",      "1.0/4",
                                        "a/b",       "0x1/4",
                                        "1e0/4",     "1:4",
                                        "0/1000001", "18446744073709551617/18446744073709551619"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        error = (ig_error){0};
        assert_int_equal(ig_shard_parse(wrong[i], &shard, &error), IG_ERR_USAGE);
        assert_true(shard.index == 5 && shard.count == 6);
        assert_non_null(strstr(error.text, "I/N"));
    }
    assert_int_equal(ig_shard_parse("0/1", &shard, &error), IG_OK);
    assert_true(shard.index == 0 && shard.count == 1);
    assert_int_equal(ig_shard_parse("999999/1000000", &shard, &error), IG_OK);
    assert_true(shard.index == 999999 && shard.count == 1000000);
    assert_int_equal(ig_shard_parse("03/10", &shard, &error), IG_OK);
    assert_true(shard.index == 3 && shard.count == 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(most_expensive_first_and_done_left_out),
        cmocka_unit_test(chunks_cover_everything_once),
        cmocka_unit_test(no_chunk_ahead_near_the_end),
        cmocka_unit_test(whatever_is_passed_over_is_still_there),
        cmocka_unit_test(shards_divide_the_grid),
        cmocka_unit_test(a_shard_leaves_out_what_is_done),
        cmocka_unit_test(shards_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
