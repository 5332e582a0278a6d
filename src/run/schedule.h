/** The tasks of a run: which are its own, which comes next, most expensive first, in chunks that
 * shrink towards the end; and how one is computed. No MPI here. */
#ifndef RUN_SCHEDULE_H
#define RUN_SCHEDULE_H

#include <stdbool.h>

#include "imagrid/experiment.h"
#include "store/store.h"

/** The tasks whose number leaves the remainder `index` when divided by `count`. As tasks of one
 *  grid point have neighbouring numbers, every shard gets its fair part of the most expensive ones.
 */
typedef struct ig_shard {
    size_t index, count; /**< index < count; 0 of 1 is the whole grid */
} ig_shard;

/** "I/N", two decimal numbers with 0 <= I < N <= 1 000 000; IG_ERR_USAGE for anything else. */
ig_status ig_shard_parse(const char *text, ig_shard *shard, ig_error *error);

bool ig_shard_holds(ig_shard shard, size_t task);

/** Compute task number `task` of the grid into `row`, which is cleared first. IG_ERR_NUMERIC where
 *  a result is not finite, IG_ERR_STOPPED when the hook says so, else what the experiment says. */
ig_status ig_compute_task(const ig_experiment *experiment, const ig_grid *grid, size_t task,
                          ig_isa isa, const ig_yield *yield, const ig_row *row, ig_error *error);

/** The tasks that are left, most expensive first, ties in the order of their numbers. Every rank
 * builds the same one, so that a chunk is a range of positions. */
typedef struct ig_schedule {
    size_t n;      /**< tasks left */
    size_t *tasks; /**< n task numbers */
    double *cost;  /**< n predicted costs, in floating-point operations */
    size_t all;    /**< tasks of the shard, left or not */
    double total;  /**< their predicted cost */
    double left;   /**< predicted cost of the n tasks */
} ig_schedule;

/** `state` holds the IG_STATE_ of every task of the grid; those not empty and those of other shards
 *  are left out. */
ig_status ig_schedule_create(const ig_experiment *experiment, const ig_grid *grid,
                             const int8_t *state, ig_shard shard, ig_schedule **schedule,
                             ig_error *error);
void ig_schedule_destroy(ig_schedule **schedule);

/** The part of the schedule that nobody has taken yet. */
typedef struct ig_dispatch {
    const ig_schedule *schedule;
    size_t ranks;
    size_t next, end; /**< positions next ... end - 1 are not taken, most expensive first */
    double left;      /**< predicted cost of the tasks not taken */
} ig_dispatch;

ig_dispatch ig_dispatch_start(const ig_schedule *schedule, size_t ranks);

/** Take the next chunk: positions *first ... *first + count - 1; returns count, 0 when all are
 *  taken. One task, or as many as are predicted to take 20 ms at `rate` (operations per second of
 *  one rank; 0 while unknown) but no more than a quarter of a rank's fair share of what is left. */
size_t ig_dispatch_take(ig_dispatch *dispatch, double rate, size_t *first);

/** Take the cheapest task instead, to learn the rate from: with a time limit and no rate known, the
 *  most expensive might be begun in vain. As ig_dispatch_take. */
size_t ig_dispatch_take_cheapest(ig_dispatch *dispatch, size_t *first);

/** Leave out the tasks at the front that are predicted to take more than `cost` operations: there
 * is no time for them any more, while cheaper ones behind them may still fit. */
void ig_dispatch_skip(ig_dispatch *dispatch, double cost);

/** Whether a rank that is still busy should get its next chunk already. Near the end it should not:
 *  the task would wait behind a long one while others stand idle. */
bool ig_dispatch_ahead(const ig_dispatch *dispatch);

#endif
