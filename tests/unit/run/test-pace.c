/* How long tasks take, and what a rank begins when time is short: on a clock of our own. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "run/schedule.h"

static const double forever = (double)INFINITY;

static bool holds(ig_pace *pace, double cost, double seconds)
{
    const ig_range range = ig_pace_predict(pace, cost);
    return range.least <= seconds && seconds <= range.most;
}

static void nothing_is_known(void **state)
{
    (void)state;
    ig_pace pace;
    ig_pace_start(1, 1e6, &pace);
    const ig_range range = ig_pace_predict(&pace, 5);
    assert_true(range.least == 0 && range.most == forever);
    assert_true(ig_pace_within(&pace, 1e9) == 0);
}

/** A task that is all overhead says little of one that costs 200 000 times as much (mutation: the
 *  rate of what was measured for everything). */
static void overhead_is_no_rate(void **state)
{
    (void)state;
    ig_pace pace;
    ig_pace_start(1, 2e5, &pace);
    ig_pace_note(&pace, 1, 1, 1e-3);
    assert_true(holds(&pace, 2e5, 1.2));
    assert_true(holds(&pace, 2e5, 200));
    ig_pace_note(&pace, 1, 2e4, 0.12);
    assert_true(holds(&pace, 2e5, 1.2));
    assert_false(holds(&pace, 2e5, 0.2));
    assert_false(holds(&pace, 2e5, 20));
    assert_true(ig_pace_within(&pace, 20) >= 2e5);
    assert_true(holds(&pace, 1e3, 7e-3));
}

static void measured_costs(void **state)
{
    (void)state;
    ig_pace pace;
    ig_pace_start(1, 1e6, &pace);
    for (int i = 0; i < 20; i++) {
        ig_pace_note(&pace, 1, 1e6, i % 2 ? 9.9 : 10.1);
        ig_pace_note(&pace, 100, 100, 0.01);
    }
    const ig_range range = ig_pace_predict(&pace, 1e6);
    assert_true(range.least > 9 && range.least < 10 && range.most > 10 && range.most < 11);
    const double sure = ig_pace_within(&pace, 5);
    assert_true(sure > 1 && sure < 1e6);
    assert_true(ig_pace_within(&pace, 11) >= 1e6);
    /* Where tasks of one cost turn out to differ, less is sure. */
    for (int i = 0; i < 10; i++) {
        ig_pace_note(&pace, 1, 1e6, 20);
        ig_pace_note(&pace, 1, 1e6, 5);
    }
    assert_true(ig_pace_predict(&pace, 1e6).most > 20);
}

/** Of a cost that was never finished, the time it was given in vain counts, until one is. */
static void dropped_tasks(void **state)
{
    (void)state;
    ig_pace pace;
    ig_pace_start(1, 1e6, &pace);
    ig_pace_note(&pace, 1, 1, 1e-3);
    ig_pace_note_longer(&pace, 1e4, 100);
    assert_true(ig_pace_mean(&pace, 1e4) == 200);
    ig_pace_note_longer(&pace, 1e4, 1000);
    assert_true(ig_pace_mean(&pace, 1e4) == 2000);
    ig_pace_note(&pace, 1, 1e4, 1500);
    assert_true(ig_pace_mean(&pace, 1e4) == 1500);
    ig_pace_note_longer(&pace, 1e4, 1e6);
    assert_true(ig_pace_mean(&pace, 1e4) == 1500);
    assert_true(isinf(ig_pace_mean(&pace, 1e5)));
    assert_true(isfinite(ig_pace_predict(&pace, 1e4).most));
}

/** Rows of an earlier session give rates, this session says how much slower it is. */
static void earlier_sessions(void **state)
{
    (void)state;
    ig_pace pace;
    ig_pace_start(1, 1e6, &pace);
    ig_pace_note_earlier(&pace, 1e6, 10);
    ig_pace_note_earlier(&pace, 1e3, 0.01);
    assert_true(holds(&pace, 1e6, 12));
    assert_false(holds(&pace, 1e6, 30));
    for (int i = 0; i < 3; i++) {
        ig_pace_note(&pace, 1, 1e3, 0.03);
    }
    assert_true(holds(&pace, 1e6, 30));
    assert_false(holds(&pace, 1e6, 10));
}

/** All predictions are ranges, whatever contradicts whatever. */
static void contradictions(void **state)
{
    (void)state;
    ig_pace pace;
    ig_pace_start(1, 1e8, &pace);
    ig_pace_note(&pace, 1, 1, 100);
    ig_pace_note(&pace, 1, 1e4, 1e-6);
    ig_pace_note(&pace, 1, 1e6, 0);
    ig_pace_note_earlier(&pace, 1e7, 5);
    for (double cost = 1; cost <= 1e8; cost *= 1.7) {
        const ig_range range = ig_pace_predict(&pace, cost);
        assert_true(range.least >= 0 && range.least <= range.most && isfinite(range.most));
    }
    ig_pace_start(3, 3, &pace);
    ig_pace_note(&pace, 1, 3, 2);
    assert_true(holds(&pace, 3, 2));
    assert_true(ig_pace_within(&pace, 2.5) >= 3);
}

enum { TASKS = 400, RANKS = 8 };

/** A run of `ranks` ranks that ends at `limit`: the tasks of the schedule that were finished. */
typedef struct rehearsal {
    ig_schedule schedule;
    double cost[TASKS];
    size_t finished, dropped;
    double ended; /**< when the last rank had nothing more to do, or the limit */
} rehearsal;

static void add(rehearsal *r, size_t n, double cost)
{
    for (size_t i = 0; i < n; i++) {
        r->cost[r->schedule.n++] = cost;
        r->schedule.left += cost;
    }
    r->schedule.cost = r->cost;
    r->schedule.costliest = r->cost[0];
    r->schedule.cheapest = cost;
}

/** As server.c does it, with answers at once: a rank that is idle asks again when another has
 *  finished something. */
static void rehearse(rehearsal *r, size_t ranks, double limit, const ig_pace *known,
                     double (*seconds)(double cost, size_t rank))
{
    ig_dispatch dispatch;
    ig_error error = {0};
    ig_pace pace = *known;
    double until[RANKS], cost[RANKS] = {0}, now = 0;
    assert_int_equal(ig_dispatch_init(&dispatch, &r->schedule, ranks, &error), IG_OK);
    for (size_t k = 0; k < ranks; k++) {
        until[k] = forever;
    }
    for (;;) {
        size_t next = 0, first;
        for (size_t k = 0; k < ranks; k++) {
            if (until[k] == forever &&
                ig_dispatch_take_in_time(&dispatch, &pace, limit - now, 0, &first) > 0) {
                cost[k] = r->cost[first];
                until[k] = now + seconds(cost[k], k);
            }
        }
        for (size_t k = 1; k < ranks; k++) {
            next = until[k] < until[next] ? k : next;
        }
        if (until[next] == forever || until[next] >= limit) {
            break;
        }
        ig_pace_note(&pace, 1, cost[next], seconds(cost[next], next));
        now = until[next];
        until[next] = forever;
        r->finished++;
    }
    r->ended = now;
    for (size_t k = 0; k < ranks; k++) {
        r->dropped += until[k] < forever;
        r->ended = until[k] < forever ? limit : r->ended;
    }
    ig_dispatch_clear(&dispatch);
}

static ig_pace unknown(const rehearsal *r)
{
    ig_pace pace;
    ig_pace_start(r->schedule.cheapest, r->schedule.costliest, &pace);
    return pace;
}

/** A millisecond and a rate. */
static double ordinary(double cost, size_t rank)
{
    (void)rank;
    return 1e-3 + cost * 1e-6;
}

static double one_slow_rank(double cost, size_t rank)
{
    return ordinary(cost, rank) * (rank == 1 ? 3 : 1);
}

/** What fits is done, though the first task measured is all overhead. */
static void what_fits_is_done(void **state)
{
    (void)state;
    for (size_t ranks = 1; ranks <= RANKS; ranks *= 2) {
        rehearsal r = {0};
        add(&r, 1, 1e6);
        add(&r, 1, 1);
        ig_pace pace = unknown(&r);
        rehearse(&r, ranks, 20, &pace, ordinary);
        assert_int_equal(r.finished, 2);
    }
}

/** The dear ones are hopeless: all the cheap ones are done before one is tried (mutation: the
 *  hopeless first). */
static void hopeless_tasks_come_last(void **state)
{
    (void)state;
    for (size_t ranks = 1; ranks <= RANKS; ranks *= 2) {
        rehearsal r = {0};
        add(&r, 100, 1e8);
        add(&r, 200, 1e4);
        ig_pace pace = unknown(&r);
        rehearse(&r, ranks, 10, &pace, ordinary);
        assert_int_equal(r.finished, 200);
    }
}

/** Known to be too long, nothing is begun and the time is given back. */
static void known_to_be_too_long(void **state)
{
    (void)state;
    rehearsal r = {0};
    add(&r, 100, 1e8);
    ig_pace pace = unknown(&r);
    ig_pace_note_earlier(&pace, 1e8, 100);
    rehearse(&r, 4, 10, &pace, ordinary);
    assert_int_equal(r.finished + r.dropped, 0);
    assert_true(r.ended == 0);
}

/** Most of the time is used, and no rank begins in vain what was measured. */
static void the_time_is_used(void **state)
{
    (void)state;
    rehearsal r = {0};
    add(&r, 200, 1e6);
    add(&r, 200, 1e5);
    ig_pace pace = unknown(&r);
    rehearse(&r, 4, 10, &pace, ordinary);
    /* 4 ranks for 10 s: nine long tasks each, and short ones in what is left. */
    assert_true(r.finished > 4 * 9 + 20);
    assert_true(r.dropped <= 4);
}

/** Ranks of different speeds make predictions vague, and none stands idle for it. */
static void ranks_of_different_speeds(void **state)
{
    (void)state;
    rehearsal r = {0};
    add(&r, 400, 1e6);
    ig_pace pace = unknown(&r);
    rehearse(&r, 2, 20.5, &pace, one_slow_rank);
    assert_true(r.finished >= 20 + 6 - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known),
        cmocka_unit_test(overhead_is_no_rate),
        cmocka_unit_test(measured_costs),
        cmocka_unit_test(earlier_sessions),
        cmocka_unit_test(dropped_tasks),
        cmocka_unit_test(contradictions),
        cmocka_unit_test(what_fits_is_done),
        cmocka_unit_test(hopeless_tasks_come_last),
        cmocka_unit_test(known_to_be_too_long),
        cmocka_unit_test(the_time_is_used),
        cmocka_unit_test(ranks_of_different_speeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
