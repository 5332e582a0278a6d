/** Clocks, and what Slurm says of jobs. No MPI here. */
#ifndef RUN_STOP_H
#define RUN_STOP_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "store/store.h"

/** Seconds on `clock`; NaN if the system has no such clock. */
static inline double ig_clock_read(clockid_t clock)
{
    struct timespec now;
    return clock_gettime(clock, &now) ? (double)NAN
                                      : (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/** Seconds that only ever grow: for durations. */
static inline double ig_clock_monotonic(void)
{
    return ig_clock_read(CLOCK_MONOTONIC);
}

/** Seconds since 1970-01-01 UTC: for the record only, it may be set back at any time. */
static inline double ig_clock_utc(void)
{
    return ig_clock_read(CLOCK_REALTIME);
}

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
