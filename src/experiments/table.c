#include "experiments/table.h"

#include <stddef.h>

static const ig_experiment *const experiments[] = {
    &ig_experiment_scaling,     &ig_experiment_allocation,   &ig_experiment_calibration,
    &ig_experiment_curvature,   &ig_experiment_reward_noise, &ig_experiment_fidelity,
    &ig_experiment_imagination, &ig_experiment_dataset,      &ig_experiment_program,
};

static const ig_registry registry = {experiments, NULL, sizeof experiments / sizeof *experiments};

const ig_registry *ig_experiments(void)
{
    return &registry;
}
