#include "experiments/table.h"

#include <stddef.h>

static const ig_experiment *const experiments[] = {
    &ig_experiment_scaling,   &ig_experiment_allocation,  &ig_experiment_calibration,
    &ig_experiment_curvature, &ig_experiment_imagination,
};

const ig_experiment *const *ig_experiments(size_t *count)
{
    *count = sizeof experiments / sizeof *experiments;
    return experiments;
}
