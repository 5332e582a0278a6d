/** A whole run: configuration to finished file, on all ranks. */
#ifndef IMAGRID_RUNNER_RUN_H
#define IMAGRID_RUNNER_RUN_H

#include <mpi.h>
#include <stdbool.h>

#include "experiments/plugins.h"
#include "imagrid/compute.h"
#include "run/shard.h"

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

/** Collective over `comm`, which needs MPI_ERRORS_RETURN, after ig_signals_install. Only rank 0
 * reads the configuration and prints. Returns the exit code: on rank 0 the run's (0, 2, 3, 4, 75,
 * 1), on the others 0, because mpirun reports every rank that exits otherwise. */
int ig_run(const ig_run_options *options, MPI_Comm comm);

#endif
