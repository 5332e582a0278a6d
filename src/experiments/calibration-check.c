/** Configurations of `calibration` whose keys do not fit together. */
#include "experiments/calibration.h"

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

/** Where the last message was placed: values of one list that stand together get one message. */
typedef struct place {
    size_t line, column;
} place;

static void refuse(const ig_point *p, const char *path, place *last, const char *allowed,
                   ig_diagnostics *diagnostics)
{
    const ig_config *config = ig_grid_config(p->grid);
    size_t key = ig_config_key(config, path), i = 0, line, column;
    const ig_value *value = ig_grid_value(p->grid, p->index, key);
    const ig_value *arm = ig_grid_value(p->grid, p->index, ig_config_key(config, "arm"));
    while (ig_config_value(config, key, i) != value) {
        i++;
    }
    ig_config_position(config, key, i, &line, &column);
    if (line != last->line || column != last->column || line == 0) {
        ig_diagnostics_add(diagnostics, ig_config_file(config), line, column, path,
                           "%s does not go with arm %s, allowed: %s", value->text, arm->text,
                           allowed);
        *last = (place){line, column};
    }
}

void ig_calibration_check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    place kappa = {0, 0}, state = {0, 0}, action = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const ig_arm arm = (ig_arm)ig_point_choice(&p, "arm", NULL);
        const bool expansive = ig_arm_is_expansive(arm), aligned = ig_arm_is_aligned(arm);
        if ((ig_point_real(&p, "kappa") > 1) != expansive || ig_point_real(&p, "kappa") == 1) {
            refuse(&p, "kappa", &kappa,
                   expansive ? "kappa above 1" : "kappa below 1, as Lemma 1 demands", diagnostics);
        }
        if (aligned && ig_point_integer(&p, "dims.state") != 1) {
            refuse(&p, "dims.state", &state, "1", diagnostics);
        }
        if (aligned && ig_point_integer(&p, "dims.action") != 1) {
            refuse(&p, "dims.action", &action, "1", diagnostics);
        }
    }
}
