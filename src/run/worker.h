/** The two parts ranks play: rank 0 hands out chunks and computes between answers, the others ask
 *  and compute. No rank is given up to be a master. */
#ifndef IMAGRID_RUNNER_WORKER_H
#define IMAGRID_RUNNER_WORKER_H

#include "run/work.h"

/** Ranks other than 0: work until rank 0 has no more or somebody stops the run. IG_OK,
 *  IG_ERR_STOPPED, what ended this rank's work, or IG_ERR_MPI. Collective with ig_serve. */
ig_status ig_worker_run(ig_work *work, MPI_Comm comm, ig_error *error);

/** Rank 0: hand out the schedule, compute, collect. `tally` gets what all ranks finished; when more
 *  than `max_fails` tasks have failed the run is stopped.
 *  IG_OK when every task is finished; IG_ERR_STOPPED when a signal or the time limit ended the run;
 *  IG_ERR_NUMERIC when failures did; otherwise the first error of any rank. */
ig_status ig_serve(ig_work *work, MPI_Comm comm, size_t max_fails, ig_progress *progress,
                   ig_tally *tally, ig_error *error);

#endif
