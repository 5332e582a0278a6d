/** What Slurm says of jobs, and the clocks that runs are measured with. No MPI here. */
#ifndef RUN_STOP_H
#define RUN_STOP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "store/store.h"

/** What `scontrol show job ID` prints on both outputs, cut to `size`; empty if it cannot be run, if
 *  `job` is not a number, or, with a warning, if there is no answer within 5 s. */
void ig_slurm_show(const char *job, char *text, size_t size);

/** Whether such a text says that the job is over on all its nodes, or so long gone that Slurm has
 *  forgotten it. False where it says neither. */
bool ig_slurm_text_over(const char *text);

/** As ig_lock_acquire; the lock of a Slurm job that was killed on another host is taken over once
 *  Slurm says that the job is over. */
ig_status ig_lock_take(const char *path, bool steal, ig_lock **lock, ig_error *error);

#endif
