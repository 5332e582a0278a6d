/** The lock of a result file, with what Slurm knows of its owner. */
#ifndef IMAGRID_RUNNER_TAKE_LOCK_H
#define IMAGRID_RUNNER_TAKE_LOCK_H

#include <stdbool.h>

#include "store/store.h"

/** As ig_lock_acquire; the lock of a Slurm job that was killed on another host is taken over once
 *  Slurm says that the job is over. */
ig_status ig_lock_take(const char *path, bool steal, ig_lock **lock, ig_error *error);

#endif
