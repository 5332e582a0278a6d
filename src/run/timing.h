/** How long tasks take here: a few real ones of each cost class, timed in this process. */
#ifndef IMAGRID_RUNNER_TIMING_H
#define IMAGRID_RUNNER_TIMING_H

#include "run/schedule.h"

enum { IG_TIMED_CLASSES = 12, IG_TIMED_SAMPLES = 32 };

/** A cost class: all tasks of one predicted cost, a range of positions in the schedule. */
typedef struct ig_timed_class {
    double cost;                     /**< operations of one task */
    size_t first, count;             /**< positions */
    size_t n;                        /**< tasks timed; 0: none fitted the limit */
    double sample[IG_TIMED_SAMPLES]; /**< their seconds, n of them */
} ig_timed_class;

/** Where there are more cost classes than places, those that spread evenly in the logarithm of the
 *  cost, the dearest and the cheapest among them. Plain data. */
typedef struct ig_timing {
    size_t n_all;     /**< cost classes of the schedule */
    size_t n_classes; /**< of them listed here, dearest first */
    ig_timed_class classes[IG_TIMED_CLASSES];
    double spent;     /**< seconds, tasks that were broken off included */
    size_t failed;    /**< timed tasks that failed */
    ig_error failure; /**< why the first of them did */
} ig_timing;

/** Choose classes of a schedule that holds at least one task; nothing is timed. */
void ig_timing_start(const ig_schedule *schedule, ig_timing *timing);

/** Time real tasks for about `limit` seconds: the cheapest class, then the dearest that can be
 *  expected to fit, then the others upwards, then more tasks where most of the work lies. A task
 * that takes the time beyond 1.5 times the limit is broken off. IG_ERR_USAGE where not one task was
 * finished; IG_ERR_MEMORY. Tasks that fail count as timed. */
ig_status ig_timing_measure(const ig_experiment *experiment, const ig_grid *grid,
                            const ig_layout *layout, const ig_schedule *schedule, ig_isa isa,
                            double limit, ig_timing *timing, ig_error *error);

/** Mean of a class's samples, n >= 1. */
double ig_timed_mean(const ig_timed_class *timed);

/** Predicted seconds of a task of this cost: seconds per operation are interpolated linearly in
 *  ln(cost) between the timed classes, at least one, and taken from the nearest beyond them. */
double ig_timing_seconds(const ig_timing *timing, double cost);

/** Standard deviation of ln(seconds) within the classes; 0 where no class has two samples. */
double ig_timing_spread(const ig_timing *timing);

#endif
