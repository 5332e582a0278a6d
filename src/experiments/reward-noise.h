/** The parts of the experiment `reward_noise`. */
#ifndef IMAGRID_EXPERIMENTS_REWARD_NOISE_H
#define IMAGRID_EXPERIMENTS_REWARD_NOISE_H

#include "imagrid/experiment.h"

/** What the experiment's struct points to. */
double ig_reward_noise_cost(const ig_point *point);
void ig_reward_noise_check(const ig_grid *grid, ig_diagnostics *diagnostics);
ig_status ig_reward_noise_run(const ig_task *task, const ig_row *row, ig_error *error);

#endif
