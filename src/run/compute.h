/** One task in this process: what a run and an estimate have in common. No MPI here. */
#ifndef IMAGRID_RUNNER_COMPUTE_H
#define IMAGRID_RUNNER_COMPUTE_H

#include "imagrid/experiment.h"

/** Compute task number `task` of the grid into `row`, which is cleared first. IG_ERR_NUMERIC where
 *  a result is not finite, IG_ERR_STOPPED when the hook says so, else what the experiment says. */
ig_status ig_compute_task(const ig_experiment *experiment, const ig_grid *grid, size_t task,
                          ig_isa isa, const ig_yield *yield, const ig_row *row, ig_error *error);

#endif
