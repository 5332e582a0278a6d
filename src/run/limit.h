/** How long a run may take, and on whose word: the user's --time-limit and the end of the Slurm
 *  job, whichever comes first. No MPI here. */
#ifndef RUN_LIMIT_H
#define RUN_LIMIT_H

#include <stdbool.h>
#include <stddef.h>

enum { IG_LIMIT_TEXT = 160 };

/** Now, on both clocks, in seconds. The user's limit is a duration, for the clock that nobody sets;
 *  Slurm's is a time of day, which is asked for anew each time: a clock that is set right during
 *  the run, or a machine that was suspended, must not hide that the job is about to end. */
typedef struct ig_instant {
    double monotonic;
    double utc; /**< since 1970 */
} ig_instant;

ig_instant ig_instant_now(void);

typedef struct ig_limit {
    double begin;  /**< monotonic clock at which the run began */
    double grace;  /**< seconds that tasks take to end, which both of the next leave: of `option` at
                        most a fifth */
    double option; /**< seconds from then on that --time-limit allows; INFINITY: none */
    double job;    /**< UTC by which the work must be over in the job; INFINITY: none */
    char source[IG_LIMIT_TEXT]; /**< what told when the job ends: "NAME=VALUE" */
} ig_limit;

/** The limits of a run that began at `begin` (monotonic clock) with this --time-limit (0: none),
 *  whose tasks need `grace` seconds to end: the work must be over earlier by these, of a short
 *  --time-limit by a fifth of it.
 *  The job's end is SLURM_JOB_END_TIME if SLURM_JOB_ID is set, too, else, or where its value cannot
 *  be one (no whole number above 0, or in the past), what scontrol says; 30 s before it the work
 *  must be over. A value that is ignored is reported on stderr with the reason. Never an error: a
 * job manager that does not answer sets no limit. */
ig_limit ig_limit_find(double option, double begin, double grace);

/** Why SLURM_JOB_END_TIME cannot be the end of a job that is running at `utc`, or NULL where it
 * can: then `*end` is that time. `in_job` tells that there is a job at all. */
const char *ig_limit_refuse(const char *value, bool in_job, double utc, double *end);

/** Whether there is any limit. */
bool ig_limit_exists(const ig_limit *limit);
/** Seconds until the work must be over; negative afterwards, INFINITY without a limit. */
double ig_limit_left(const ig_limit *limit, ig_instant now);
/** "--time-limit of 2 h 00 min", or "30 s before the end of the Slurm job,
 *  SLURM_JOB_END_TIME=1764540000": the earlier one; returns `text`. */
const char *ig_limit_name(const ig_limit *limit, ig_instant now, char text[2 * IG_LIMIT_TEXT]);

#endif
