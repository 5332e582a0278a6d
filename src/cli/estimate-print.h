/** The tables and advice of `imagrid estimate`. */
#ifndef IMAGRID_COMMANDS_ESTIMATE_PRINT_H
#define IMAGRID_COMMANDS_ESTIMATE_PRINT_H

#include "run/advice.h"
#include "run/timing.h"

/** What was timed: classes, seconds, and what is only extrapolated. */
void ig_estimate_print_timing(const ig_timing *timing, const ig_schedule *schedule,
                              const ig_grid *grid, ig_isa isa);
/** Head of the table of simulations, and one line of it. */
void ig_estimate_print_head(const ig_forecast *forecast);
void ig_estimate_print_line(const ig_forecast *forecast, const ig_simulation *simulation);
/** Counts worth having, and the lines for a job script. `walltime` in seconds, or INFINITY. */
void ig_estimate_print_advice(const ig_forecast *forecast, const ig_advice *advice,
                              double walltime);

#endif
