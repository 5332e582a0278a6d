/** A whole run: configuration to finished file, on all ranks. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "experiments/plugins.h"
#include "imagrid/compute.h"
#include "run/schedule.h"

enum { IG_RUN_REUSE = 64 };

typedef struct ig_run_options {
    const char *config, *output;
    ig_plugin_files plugins;
    const char *reuse[IG_RUN_REUSE]; /**< older files whose finished rows are taken over */
    size_t n_reuse;
    ig_isa isa;       /**< IG_ISA_AUTO: the best that every rank has */
    ig_shard shard;   /**< the tasks to do */
    bool quiet;       /**< no progress */
    size_t max_fails; /**< stop when more tasks than this have failed in this run */
    double
        time_limit; /**< seconds the run may take; 0: as long as its Slurm job, if there is one */
    bool accept_changed; /**< go on where an input file has changed */
    const char *logs;    /**< folder for what tasks print; NULL: nowhere */
    bool steal_lock;     /**< take the lock from an owner that cannot be checked */
} ig_run_options;

/** This process's rank as its launcher gives it, before MPI starts; -1 without a launcher. Ranks
 *  above 0 leave the answers to wrong usage to rank 0. */
int ig_launched_rank(void);

/** Start MPI, run, end MPI; every rank calls it. Only rank 0 reads the configuration and prints.
 *  Returns the exit code: on rank 0 the run's (0, 2, 3, 4, 75, 1), on the others 0, because mpirun
 *  reports every rank that exits otherwise. Does not return where MPI fails: every rank is ended.
 */
int ig_run(const ig_run_options *options);

/* The progress line of rank 0. */

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
