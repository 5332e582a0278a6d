/** A run without its computation: the scheduler's own code on a clock of discrete events, for any
 *  number of ranks. No MPI here. */
#ifndef RUN_SIMULATE_H
#define RUN_SIMULATE_H

#include "run/schedule.h"

/** What a run costs beside its tasks; all zero is a machine without overhead. In seconds. */
typedef struct ig_overhead {
    double row;    /**< to write the row of a finished task */
    double answer; /**< from a rank's request until rank 0 looks at it */
    double serve;  /**< rank 0 needs for one request; it computes nothing meanwhile */
} ig_overhead;

/** Of one host with a local file system. */
extern const ig_overhead ig_overhead_usual;

typedef struct ig_simulation {
    size_t ranks;
    double makespan; /**< seconds from the start until the last rank has finished */
    double busy;     /**< task seconds, summed over all tasks */
    double longest;  /**< seconds of the longest task */
    double bound;    /**< max(busy / ranks, longest): no scheduler is faster */
    size_t chunks;   /**< handed out */
    double serving;  /**< seconds rank 0 spent on requests */
} ig_simulation;

/** Let `ranks` >= 1 ranks work off the schedule, task at position i taking seconds[i] >= 0. Rank 0
 *  and the workers behave as in server.c and worker.c: most expensive tasks first, chunks by the
 * rate seen so far, the next chunk ahead of need until the end is near. The same arguments give the
 * same result. O(ranks) memory; IG_ERR_MEMORY only. */
ig_status ig_simulate(const ig_schedule *schedule, const double *seconds, size_t ranks,
                      const ig_overhead *overhead, ig_simulation *result, ig_error *error);

/** busy / (ranks * makespan), in [0, 1]; `startup` seconds are added to the makespan. */
double ig_simulation_efficiency(const ig_simulation *simulation, double startup);

#endif
