/** A run without its computation: the scheduler's own code on a clock of discrete events, for any
 *  number of ranks. No MPI here. */
#ifndef RUN_ESTIMATE_H
#define RUN_ESTIMATE_H

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

/* Before a job: how long tasks take here, from a few real ones of each cost class timed in this
 *  process; and how many ranks a grid deserves, found by simulation. No MPI here. */

enum { IG_TIMED_CLASSES = 12, IG_TIMED_SAMPLES = 32 };

/** A cost class: all tasks of one predicted cost, a range of positions in the schedule. */
typedef struct ig_timed_class {
    double cost;                     /**< operations of one task */
    size_t first, count;             /**< positions */
    size_t n;                        /**< tasks timed; 0: none fitted the limit */
    double sample[IG_TIMED_SAMPLES]; /**< their seconds, n of them */
} ig_timed_class;

/** Where there are more cost classes than places, those that spread evenly in the logarithm of the
 *  cost, the most expensive and the cheapest among them. Plain data. */
typedef struct ig_timing {
    size_t n_all;     /**< cost classes of the schedule */
    size_t n_classes; /**< of them listed here, most expensive first */
    ig_timed_class classes[IG_TIMED_CLASSES];
    double spent;     /**< seconds, tasks that were interrupted ones included */
    size_t failed;    /**< timed tasks that failed */
    ig_error failure; /**< why the first of them did */
} ig_timing;

/** Choose classes of a schedule that holds at least one task; nothing is timed. */
void ig_timing_start(const ig_schedule *schedule, ig_timing *timing);

/** Time real tasks for about `limit` seconds: the cheapest class, then the most expensive if it can
 *  be expected to fit, then the others upwards, then more tasks where most of the work lies. A task
 *  that takes the time beyond 1.5 times the limit is interrupted. IG_ERR_USAGE where not one task
 *  was finished; IG_ERR_MEMORY. Tasks that fail count as timed. */
ig_status ig_timing_measure(const ig_computing *with, const ig_layout *layout,
                            const ig_schedule *schedule, double limit, ig_timing *timing,
                            ig_error *error);

/** Mean of a class's samples, n >= 1. */
double ig_timed_mean(const ig_timed_class *timed);

/** Predicted seconds of a task of this cost: seconds per operation are interpolated linearly in
 *  ln(cost) between the timed classes, at least one, and taken from the nearest beyond them. */
double ig_timing_seconds(const ig_timing *timing, double cost);

/** Standard deviation of ln(seconds) within the classes; 0 where no class has two samples. */
double ig_timing_spread(const ig_timing *timing);

/** More ranks are not simulated. */
enum { IG_RANKS_LIMIT = 100000 };

/** A grid about to be run, all borrowed. */
typedef struct ig_forecast {
    const ig_schedule *schedule; /**< at least one task */
    const double *seconds;       /**< of the task at each position */
    ig_overhead overhead;
    double startup; /**< seconds before the first task and after the last */
} ig_forecast;

/** Counts of ranks, each with its simulation; all counts are at most the number of tasks and
 *  IG_RANKS_LIMIT. They are found by bisection, to 2 %, or 10 % for more than a million tasks. */
typedef struct ig_advice {
    ig_simulation efficient; /**< most ranks found with an efficiency of at least 90 %, or 1 */
    ig_simulation useful;    /**< fewest ranks within 5 % of the shortest makespan of all */
    bool fits;               /**< some count ends within the walltime */
    ig_simulation walltime;  /**< if so, the fewest ranks that do; else the shortest makespan */
} ig_advice;

/** Seconds to ask the queue for so that `seconds` of work fit into the job: a quarter and a minute
 *  more than they and the startup take, in whole minutes. */
double ig_advice_request(const ig_forecast *forecast, double seconds);

/** How many jobs of `walltime` seconds, one resuming the other, finish the grid on so many ranks;
 *  INFINITY where not even the longest task fits into one. */
double ig_advice_jobs(const ig_forecast *forecast, const ig_simulation *simulation,
                      double walltime);

/** Tasks that need more than `walltime` to be requested for each of them alone. */
size_t ig_advice_too_long(const ig_forecast *forecast, double walltime);

/** `walltime` is what a request may be at most, in seconds; INFINITY for no limit. IG_ERR_MEMORY.
 */
ig_status ig_advice_find(const ig_forecast *forecast, double walltime, ig_advice *advice,
                         ig_error *error);

#endif
