/** The tasks of a run: which are its own, which comes next, most expensive first, in chunks that
 * shrink towards the end; and how one is computed. No MPI here. */
#ifndef RUN_SCHEDULE_H
#define RUN_SCHEDULE_H

#include <stdbool.h>

#include "imagrid/experiment.h"
#include "run/memory.h"
#include "run/pace.h"
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

/** What the tasks of a grid are computed with; all borrowed. */
typedef struct ig_computing {
    const ig_experiment *experiment;
    const ig_grid *grid;
    ig_isa isa;
    const ig_memory *memory; /**< what the tasks share */
    const ig_site *site;
    void *own;                   /**< what the experiment's `begin` made here */
    const ig_listener *listener; /**< NULL: nobody */
} ig_computing;

/** Compute task number `task` of the grid into `row`, which is cleared first. IG_ERR_NUMERIC where
 *  a result is not finite, IG_ERR_STOPPED when the hook says so, else what the experiment says. */
ig_status ig_compute_task(const ig_computing *with, size_t task, const ig_yield *yield,
                          const ig_row *row, ig_error *error);

/** The tasks that are left, most expensive first, ties in the order of their numbers. Every rank
 * builds the same one, so that a chunk is a range of positions. */
typedef struct ig_schedule {
    size_t n;                   /**< tasks left */
    size_t *tasks;              /**< n task numbers */
    double *cost;               /**< n predicted costs, in floating-point operations */
    size_t all;                 /**< tasks of the shard, left or not */
    double total;               /**< their predicted cost */
    double left;                /**< predicted cost of the n tasks */
    double cheapest, costliest; /**< costs of single tasks of the whole grid, done or not */
} ig_schedule;

/** `state` holds the IG_STATE_ of every task of the grid; those not empty and those of other shards
 *  are left out. */
ig_status ig_schedule_create(const ig_experiment *experiment, const ig_grid *grid,
                             const int8_t *state, ig_shard shard, ig_schedule **schedule,
                             ig_error *error);
void ig_schedule_destroy(ig_schedule **schedule);

/** The tasks of one cost that nobody has taken yet: positions next ... end - 1. */
typedef struct ig_cost_class {
    double cost;
    size_t next, end;
    size_t after; /**< where it is empty: a cheaper class in which to look */
} ig_cost_class;

/** The part of the schedule that nobody has taken yet. */
typedef struct ig_dispatch {
    const ig_schedule *schedule;
    size_t ranks;
    size_t n;               /**< tasks not taken */
    double left;            /**< their predicted cost */
    ig_cost_class *classes; /**< most expensive first, owned */
    size_t n_classes;
    size_t last; /**< all classes behind this one are empty */
} ig_dispatch;

/** IG_ERR_MEMORY; the schedule must outlive the dispatch. */
ig_status ig_dispatch_init(ig_dispatch *dispatch, const ig_schedule *schedule, size_t ranks,
                           ig_error *error);
void ig_dispatch_clear(ig_dispatch *dispatch);

/** Take the next chunk, the most expensive tasks of those that cost at most `most` each: positions
 *  *first ... *first + count - 1; returns count, 0 where there are none. One task, or as many of
 *  about one cost as are predicted to take 20 ms at `rate` (operations per second of one rank; 0
 *  while unknown), but no more than a quarter of a rank's fair share of what is left. */
size_t ig_dispatch_take(ig_dispatch *dispatch, double rate, double most, size_t *first);

/** Cost of the cheapest task that is left, 0 where none is. */
double ig_dispatch_cheapest(ig_dispatch *dispatch);

/** Take the next chunk where `left` seconds are left: of the tasks that are sure to fit, the most
 *  expensive ones; where none are, one of the cheapest, unless it is sure not to fit: the time is
 *  lost otherwise. Nothing is left out for good: what does not fit by what is known now is there to
 *  be taken when more has been measured. As ig_dispatch_take. */
size_t ig_dispatch_take_in_time(ig_dispatch *dispatch, ig_pace *pace, double left, double rate,
                                size_t *first);
/** Whether ig_dispatch_take_in_time would find nothing. */
bool ig_dispatch_hopeless(ig_dispatch *dispatch, ig_pace *pace, double left);

/** Whether a rank that is still busy should get its next chunk already. Near the end it should not:
 *  the task would wait behind a long one while others stand idle. */
bool ig_dispatch_ahead(const ig_dispatch *dispatch);

#endif
