/* The simulated scheduler: answers known beforehand, and bounds no schedule may leave. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/rng.h"
#include "run/estimate.h"

static const ig_overhead none = {0, 0, 0};

/** A schedule of n tasks, most expensive first, with their durations; one operation a nanosecond.
 */
typedef struct bench {
    ig_schedule schedule;
    double *seconds;
} bench;

static bench make(size_t n)
{
    bench b = {.schedule = {.n = n, .cost = malloc(n * sizeof(double))},
               .seconds = malloc(n * sizeof(double))};
    assert_true(b.schedule.cost && b.seconds);
    return b;
}

/** Costs from the durations. */
static void price(bench *b)
{
    b->schedule.left = 0;
    for (size_t i = 0; i < b->schedule.n; i++) {
        b->schedule.cost[i] = 1e9 * b->seconds[i];
        b->schedule.left += b->schedule.cost[i];
    }
    b->schedule.total = b->schedule.left;
}

static bench equal(size_t n, double seconds)
{
    bench b = make(n);
    for (size_t i = 0; i < n; i++) {
        b.seconds[i] = seconds;
    }
    price(&b);
    return b;
}

static void clear(bench *b)
{
    free(b->schedule.cost);
    free(b->seconds);
}

static ig_simulation simulate(const bench *b, size_t ranks, const ig_overhead *overhead)
{
    ig_simulation result;
    ig_error error = {0};
    assert_int_equal(ig_simulate(&b->schedule, b->seconds, ranks, overhead, &result, &error),
                     IG_OK);
    assert_int_equal(result.ranks, ranks);
    return result;
}

static void near(double is, double wanted)
{
    if (!(fabs(is - wanted) <= 1e-9 * (1 + fabs(wanted)))) {
        fail_msg("%.12g instead of %.12g", is, wanted);
    }
}

static void equal_tasks(void **state)
{
    (void)state;
    bench b = equal(120, 0.5);
    static const size_t ranks[] = {1, 2, 3, 7, 40, 60, 119, 120, 121, 5000};
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
        ig_simulation s = simulate(&b, ranks[i], &none);
        near(s.makespan, 0.5 * ceil(120.0 / (double)ranks[i]));
        near(s.busy, 60);
        near(s.longest, 0.5);
        near(s.bound, fmax(60 / (double)ranks[i], 0.5));
        near(ig_simulation_efficiency(&s, 0), 60 / (s.makespan * (double)ranks[i]));
        near(ig_simulation_efficiency(&s, s.makespan), 30 / (s.makespan * (double)ranks[i]));
    }
    clear(&b);
}

/** The long task is first, so the others are done beside it. */
static void one_long_task(void **state)
{
    (void)state;
    bench b = equal(101, 0.1);
    b.seconds[0] = 7;
    price(&b);
    near(simulate(&b, 1, &none).makespan, 17);
    near(simulate(&b, 3, &none).makespan, 7);
    near(simulate(&b, 50, &none).makespan, 7);
    clear(&b);
}

static void a_single_task(void **state)
{
    (void)state;
    bench b = equal(1, 3);
    near(simulate(&b, 1, &none).makespan, 3);
    near(simulate(&b, 100000, &none).makespan, 3);
    clear(&b);
}

static void nothing_to_do(void **state)
{
    (void)state;
    bench b = equal(0, 1);
    ig_simulation s = simulate(&b, 5, &none);
    near(s.makespan, 0);
    near(ig_simulation_efficiency(&s, 0), 1);
    assert_int_equal(s.chunks, 0);
    clear(&b);
}

/** Cheap tasks travel in chunks once the rate is known, and dear ones never do. */
static void chunks_as_in_a_run(void **state)
{
    (void)state;
    bench b = equal(100000, 1e-4);
    ig_simulation s = simulate(&b, 4, &none);
    assert_true(s.chunks > 500 && s.chunks < 2000);
    near(s.busy, 10);
    assert_true(s.makespan < 1.01 * s.bound);
    clear(&b);
    b = equal(1000, 0.1);
    assert_int_equal(simulate(&b, 4, &none).chunks, 1000);
    clear(&b);
}

/** Heavy-tailed durations that the costs predict badly, with and without overhead: never below the
 *  bound, never above the time of one rank, the work always the same. */
static void bounds(void **state)
{
    (void)state;
    enum { N = 3000 };
    bench b = make(N);
    for (uint64_t trial = 0; trial < 20; trial++) {
        ig_rng rng = ig_rng_start(ig_rng_key_make("test", trial), IG_STREAM_NOISE, 0);
        double busy = 0, longest = 0;
        for (size_t i = 0; i < N; i++) {
            b.seconds[i] = 0.05 * exp(2 * ig_rng_normal(&rng));
        }
        price(&b);
        for (size_t i = 0; i < N; i++) {
            b.seconds[i] *= exp(0.5 * ig_rng_normal(&rng));
            busy += b.seconds[i];
            longest = fmax(longest, b.seconds[i]);
        }
        for (size_t ranks = 1; ranks < 10000; ranks = 3 * ranks - 1 + (ranks == 1)) {
            ig_simulation s = simulate(&b, ranks, &none);
            near(s.busy, busy);
            near(s.longest, longest);
            assert_true(s.makespan >= s.bound * (1 - 1e-12));
            assert_true(s.makespan <= busy * (1 + 1e-12));
            ig_simulation slow = simulate(&b, ranks, &(ig_overhead){1e-3, 2e-3, 1e-4});
            assert_true(slow.makespan >= s.bound && slow.makespan > busy / (double)ranks);
            near(slow.busy, busy);
        }
    }
    clear(&b);
}

/** One rank alone asks nobody; rows cost it time all the same. */
static void overhead_alone(void **state)
{
    (void)state;
    bench b = equal(200, 0.05);
    near(simulate(&b, 1, &(ig_overhead){0.01, 5, 5}).makespan, 200 * 0.06);
    clear(&b);
}

/** Where rank 0 takes 10 ms for an answer it can feed 10 ranks with tasks of 0.1 s, not 100. */
static void rank_0_is_a_bottleneck(void **state)
{
    (void)state;
    bench b = equal(20000, 0.1);
    ig_overhead slow = {0, 0, 0.01};
    ig_simulation many = simulate(&b, 200, &slow), free_of_it = simulate(&b, 200, &none);
    near(free_of_it.makespan, 10);
    assert_true(many.makespan > 190 && many.makespan < 210);
    clear(&b);
}

/** A rank that waits for an answer loses that time only when nothing was sent ahead. */
static void answers_ahead_hide_the_way(void **state)
{
    (void)state;
    bench b = equal(4000, 0.1);
    ig_simulation s = simulate(&b, 4, &(ig_overhead){0, 0.02, 0});
    assert_true(s.makespan >= 100 && s.makespan < 100.5);
    clear(&b);
}

static void large_and_repeatable(void **state)
{
    (void)state;
    bench b = equal(1000000, 1);
    for (size_t i = 0; i < b.schedule.n; i++) {
        b.seconds[i] = 1 + 1e3 / (double)(i + 1);
    }
    price(&b);
    ig_overhead overhead = {1e-4, 1e-3, 1e-6};
    ig_simulation one = simulate(&b, 100000, &overhead), other = simulate(&b, 100000, &overhead);
    assert_memory_equal(&one, &other, sizeof one);
    assert_true(one.makespan >= one.bound && one.makespan < 1.05 * one.bound);
    clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_tasks),
        cmocka_unit_test(one_long_task),
        cmocka_unit_test(a_single_task),
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(chunks_as_in_a_run),
        cmocka_unit_test(bounds),
        cmocka_unit_test(overhead_alone),
        cmocka_unit_test(rank_0_is_a_bottleneck),
        cmocka_unit_test(answers_ahead_hide_the_way),
        cmocka_unit_test(large_and_repeatable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
