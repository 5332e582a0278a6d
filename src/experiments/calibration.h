/** The parts of the experiment `calibration`. */
#ifndef IMAGRID_EXPERIMENTS_CALIBRATION_H
#define IMAGRID_EXPERIMENTS_CALIBRATION_H

#include "imagrid/experiment.h"

/** Values of the key `arm`. */
typedef enum ig_arm {
    IG_ARM_SYNTHETIC_GENERIC,
    IG_ARM_SYNTHETIC_ALIGNED,
    IG_ARM_LQG,
    IG_ARM_EXPANSIVE_GENERIC,
    IG_ARM_EXPANSIVE_ALIGNED,
    IG_ARM_STOCHASTIC_GENERIC,
    IG_ARM_STOCHASTIC_ALIGNED
} ig_arm;

/** Rewards are summed until what is left is below this share of the bound. */
#define IG_CALIBRATION_TAIL 1e-12

/** Whether an arm sums a fixed number of rewards, adds noise, or is the aligned chain. */
bool ig_arm_is_expansive(ig_arm arm);
bool ig_arm_is_stochastic(ig_arm arm);
bool ig_arm_is_aligned(ig_arm arm);

/** What the experiment's struct points to. */
double ig_calibration_cost(const ig_point *point);
ig_status ig_calibration_run(const ig_task *task, const ig_row *row, ig_error *error);
/** What no single key shows: a kappa that does not fit its arm, a chain of several dimensions. */
void ig_calibration_check(const ig_grid *grid, ig_diagnostics *diagnostics);

#endif
