/** What a plan is asked for. */
#ifndef PLAN_OPTIONS_H
#define PLAN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "experiments/plugins.h"

/** Numbers that were not given are NaN, texts NULL. */
typedef struct ig_plan_options {
    const char *fits;  /**< summary.h5; else... */
    const char *curve; /**< ...a CSV file of measurements */
    const char *group; /**< of the fits */
    double cost_dyn, cost_rew;
    double budget, target; /**< one of them is given */
    double gamma;
    bool by_lipschitz;     /**< else by sensitivities */
    double lipschitz[3];   /**< L_f, L_r, L_pi */
    double sensitivity[2]; /**< S_f, S_r */
    bool root;             /**< the errors are mean squares: plan with their roots */
    size_t resamples;
    ig_plugin_files plugins;
    bool json;
    const char *figures; /**< folder, or NULL */
} ig_plan_options;

#endif
