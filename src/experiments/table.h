/** The experiments there are; each is defined in the files of its name. */
#ifndef IMAGRID_EXPERIMENTS_TABLE_H
#define IMAGRID_EXPERIMENTS_TABLE_H

#include "imagrid/experiment.h"

extern const ig_experiment ig_experiment_calibration;
extern const ig_experiment ig_experiment_curvature;
extern const ig_experiment ig_experiment_imagination;
extern const ig_experiment ig_experiment_scaling;
extern const ig_experiment ig_experiment_allocation;
extern const ig_experiment ig_experiment_reward_noise;
extern const ig_experiment ig_experiment_fidelity;

#endif
