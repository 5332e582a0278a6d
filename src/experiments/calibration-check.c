/** Configurations of `calibration` whose keys do not fit together. */
#include "experiments/calibration.h"
#include "experiments/refuse.h"

bool ig_arm_is_expansive(ig_arm arm)
{
    return arm == IG_ARM_EXPANSIVE_GENERIC || arm == IG_ARM_EXPANSIVE_ALIGNED;
}

bool ig_arm_is_stochastic(ig_arm arm)
{
    return arm == IG_ARM_STOCHASTIC_GENERIC || arm == IG_ARM_STOCHASTIC_ALIGNED;
}

bool ig_arm_is_aligned(ig_arm arm)
{
    return arm == IG_ARM_SYNTHETIC_ALIGNED || arm == IG_ARM_EXPANSIVE_ALIGNED ||
           arm == IG_ARM_STOCHASTIC_ALIGNED;
}

void ig_calibration_check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    ig_place kappa = {0, 0}, state = {0, 0}, action = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const ig_arm arm = (ig_arm)ig_point_choice(&p, "arm", NULL);
        const bool expansive = ig_arm_is_expansive(arm), aligned = ig_arm_is_aligned(arm);
        if ((ig_point_real(&p, "kappa") > 1) != expansive || ig_point_real(&p, "kappa") == 1) {
            ig_refuse(&p, "kappa", "arm", &kappa,
                      expansive ? "kappa above 1" : "kappa below 1, as Lemma 1 demands",
                      diagnostics);
        }
        if (aligned && ig_point_integer(&p, "dims.state") != 1) {
            ig_refuse(&p, "dims.state", "arm", &state, "1", diagnostics);
        }
        if (aligned && ig_point_integer(&p, "dims.action") != 1) {
            ig_refuse(&p, "dims.action", "arm", &action, "1", diagnostics);
        }
    }
}
