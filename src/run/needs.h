/** Cores and GPUs of a rank whose tasks are programs: the options that give it them, and whether it
 *  has them. */
#ifndef RUN_NEEDS_H
#define RUN_NEEDS_H

#include <stdio.h>

#include "imagrid/experiment.h"

/** What the experiment asks for; one core where it says nothing. */
ig_needs ig_needs_of(const ig_config *config);

enum { IG_NEEDS_TEXT = 128 };
/** Options of this MPI's mpirun that bind each rank to its cores, of Open MPI 4 and 5 alike or of
 *  MPICH and those that come from it; "" for one core. Returns `text`. */
const char *ig_needs_mpirun(const ig_needs *needs, char text[IG_NEEDS_TEXT]);

/** How to start a run, where it needs more than a core for each rank. */
void ig_needs_print(const ig_needs *needs, FILE *stream);

#endif
