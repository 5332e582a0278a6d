/** Lengths of time as people and Slurm write them. */
#ifndef IMAGRID_CORE_DURATION_H
#define IMAGRID_CORE_DURATION_H

#include "imagrid/error.h"

/** Seconds of "90", "90s", "15m", "2h", "1.5d", "MM:SS", "HH:MM:SS", "D-HH", "D-HH:MM" or
 *  "D-HH:MM:SS"; positive and finite, else IG_ERR_USAGE with the forms in the message. */
ig_status ig_duration_parse(const char *text, double *seconds, ig_error *error);

#endif
