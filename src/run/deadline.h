/** When a run must be over. The end time is what to trust: job managers differ in which signal they
 *  send when. */
#ifndef IMAGRID_RUNNER_DEADLINE_H
#define IMAGRID_RUNNER_DEADLINE_H

#include "imagrid/error.h"

/** Seconds from now until the run must be over: `time_limit` if it is positive, else the end of the
 *  Slurm job this process belongs to (SLURM_JOB_END_TIME, or what scontrol says) less a margin for
 *  closing, else INFINITY. Never an error: a job manager that does not answer sets no limit. */
double ig_deadline_left(double time_limit);

#endif
