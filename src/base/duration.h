/** Lengths of time as people and Slurm write them. */
#ifndef IMAGRID_CORE_DURATION_H
#define IMAGRID_CORE_DURATION_H

#include "imagrid/error.h"

/** Seconds of "90", "90s", "15m", "2h", "1.5d", "MM:SS", "HH:MM:SS", "D-HH", "D-HH:MM" or
 *  "D-HH:MM:SS"; positive and finite, else IG_ERR_USAGE with the forms in the message. */
ig_status ig_duration_parse(const char *text, double *seconds, ig_error *error);

enum { IG_DURATION_TEXT = 32 };
/** "HH:MM:SS" or "D-HH:MM:SS", as Slurm's --time takes it: rounded up to a whole second, at most
 *  10 000 days; `seconds` >= 0. Returns `text`. */
const char *ig_duration_slurm(double seconds, char text[IG_DURATION_TEXT]);

#endif
