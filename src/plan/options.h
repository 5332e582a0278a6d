/** The command line of imagrid-plan. */
#ifndef IMAGRID_PLAN_OPTIONS_H
#define IMAGRID_PLAN_OPTIONS_H

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

/** What a command line asks for. */
typedef enum ig_plan_wish { IG_PLAN_WORK, IG_PLAN_HELP, IG_PLAN_VERSION } ig_plan_wish;

/** Parse and check; IG_ERR_USAGE with the reason. The texts point into argv. */
ig_status ig_plan_parse(int argc, char **argv, ig_plan_options *options, ig_plan_wish *wish,
                        ig_error *error);

extern const char ig_plan_help[];

#endif
