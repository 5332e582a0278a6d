/** What Slurm says about a job. */
#ifndef IMAGRID_RUNNER_SLURM_H
#define IMAGRID_RUNNER_SLURM_H

#include <stdbool.h>
#include <stddef.h>

/** What `scontrol show job ID` prints, complaints too, cut to `size`; empty if it cannot be run or
 *  if `job` is not a number. */
void ig_slurm_show(const char *job, char *text, size_t size);

/** Whether such a text says that the job is over on all its nodes, or so long gone that Slurm has
 *  forgotten it. False where it says neither. */
bool ig_slurm_text_over(const char *text);

#endif
