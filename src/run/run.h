/** A whole run: configuration to finished file, on all ranks. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>

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
        time_limit;  /**< seconds the run may take; 0: as long as its Slurm job, if there is one */
    bool steal_lock; /**< take the lock from an owner that cannot be checked */
} ig_run_options;

/** This process's rank as its launcher gives it, before MPI starts; -1 without a launcher. Ranks
 *  above 0 leave the answers to wrong usage to rank 0. */
int ig_launched_rank(void);

/** Start MPI, run, end MPI; every rank calls it. Only rank 0 reads the configuration and prints.
 *  Returns the exit code: on rank 0 the run's (0, 2, 3, 4, 75, 1), on the others 0, because mpirun
 *  reports every rank that exits otherwise. Does not return where MPI fails: every rank is ended.
 */
int ig_run(const ig_run_options *options);

#endif
