/** The progress line of rank 0. */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/** What has been finished so far, by one rank or by several. */
typedef struct ig_tally {
    size_t done, failed;
    double work;    /**< predicted cost of what was finished, floating-point operations */
    double seconds; /**< time the ranks spent on it, summed over ranks */
} ig_tally;

typedef struct ig_progress {
    bool quiet, terminal;
    size_t n_tasks;    /**< of the grid, or of this run's shard */
    ig_tally before;   /**< finished by earlier sessions; `seconds` unused */
    double total_work; /**< likewise */
    double begin;      /**< monotonic clock at the start of this run */
    double printed;    /**< monotonic clock at the last print */
    size_t width;      /**< characters of the last terminal line */
} ig_progress;

/** Start the display. Whether stderr ends at a terminal is found out through mpirun's pipe too. */
ig_progress ig_progress_start(size_t n_tasks, double total_work, ig_tally before, bool quiet);
/** Print if it is time to: five times a second on a terminal, every 30 s elsewhere. */
void ig_progress_show(ig_progress *progress, const ig_tally *now);
/** Print the last state and end the line. */
void ig_progress_finish(ig_progress *progress, const ig_tally *now);

/** "7 min 32 s", "2 h 05 min", "0.4 s"; returns `text`. */
const char *ig_duration(double seconds, char *text, size_t size);

#endif
