/** How many ranks a grid deserves, found by simulating. No MPI here. */
#ifndef IMAGRID_RUNNER_ADVICE_H
#define IMAGRID_RUNNER_ADVICE_H

#include "run/simulate.h"

/** More ranks are not simulated. */
enum { IG_RANKS_LIMIT = 100000 };

/** A grid about to be run, all borrowed. */
typedef struct ig_forecast {
    const ig_schedule *schedule; /**< at least one task */
    const double *seconds;       /**< of the task at each position */
    ig_friction friction;
    double startup; /**< seconds before the first task and after the last */
} ig_forecast;

/** Counts of ranks, each with its simulation; all counts are at most the number of tasks and
 *  IG_RANKS_LIMIT. They are found by bisection, to 2 %, or
 *  10 % for more than a million tasks. */
typedef struct ig_advice {
    ig_simulation efficient; /**< most ranks found with an efficiency of at least 90 %, or 1 */
    ig_simulation useful;    /**< fewest ranks within 5 % of the shortest makespan of all */
    bool fits;               /**< some count ends within the walltime */
    ig_simulation walltime;  /**< if so, the fewest ranks that do; else the shortest makespan */
} ig_advice;

/** Seconds to ask the queue for: a quarter and a minute more than the makespan, in whole minutes.
 */
double ig_advice_request(const ig_forecast *forecast, const ig_simulation *simulation);

/** `walltime` is what a request may be at most, in seconds; INFINITY for no limit. IG_ERR_MEMORY.
 */
ig_status ig_advice_find(const ig_forecast *forecast, double walltime, ig_advice *advice,
                         ig_error *error);

#endif
