/** The parts of the experiment `fidelity`. */
#ifndef IMAGRID_EXPERIMENTS_FIDELITY_H
#define IMAGRID_EXPERIMENTS_FIDELITY_H

#include "imagrid/experiment.h"

/** What the experiment's struct points to. */
double ig_fidelity_cost(const ig_point *point);
/** Prices outside the interval, or beyond the budget. */
void ig_fidelity_check(const ig_grid *grid, ig_diagnostics *diagnostics);
ig_status ig_fidelity_run(const ig_task *task, const ig_row *row, ig_error *error);

#endif
