/** Configurations of `allocation` whose keys do not fit together. */
#include <math.h>

#include "experiments/allocation.h"

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
    const ig_value *group = ig_grid_value(p->grid, p->index, ig_config_key(config, "group"));
    while (ig_config_value(config, key, i) != value) {
        i++;
    }
    ig_config_position(config, key, i, &line, &column);
    if (line != last->line || column != last->column || line == 0) {
        ig_diagnostics_add(diagnostics, ig_config_file(config), line, column, path,
                           "%s does not go with group %s, allowed: %s", value->text, group->text,
                           allowed);
        *last = (place){line, column};
    }
}

static void check_samples(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    const ig_config *config = ig_grid_config(grid);
    const size_t key = ig_config_key(config, "lqg.samples");
    const ig_value *samples = ig_config_value(config, key, 0);
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        double n = (double)ig_point_integer(&p, "lqg.state");
        double m = (double)ig_point_integer(&p, "lqg.action");
        double unknowns = fmax(n + m, (n * (n + 1) + m * (m + 1)) / 2);
        if (ig_point_choice(&p, "group", NULL) == IG_GROUP_LQG &&
            (samples->interval[0] < unknowns + 1 ||
             samples->interval[1] < 2 * samples->interval[0])) {
            size_t line, column;
            ig_config_position(config, key, 0, &line, &column);
            ig_diagnostics_add(diagnostics, ig_config_file(config), line, column, "lqg.samples",
                               "%s, allowed: more than the %g unknowns, and the most at least "
                               "twice the least",
                               samples->text, unknowns);
            return;
        }
    }
}

void ig_allocation_check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    place slope = {0, 0}, weights = {0, 0}, budget = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const bool lqg = ig_point_choice(&p, "group", NULL) == IG_GROUP_LQG;
        if (!lqg && ig_point_real(&p, "gamma") * ig_point_real(&p, "L_f") >= 1) {
            refuse(&p, "L_f", &slope, "gamma L_f below 1, as Lemma 1 demands", diagnostics);
        }
        if (lqg && ig_point_choice(&p, "weights", NULL) == IG_WEIGHTS_SUP_NORM) {
            refuse(&p, "weights", &weights, "realized or lemma1", diagnostics);
        }
        if (ig_point_real(&p, "budget") < 10 * (1 + ig_point_real(&p, "cost_ratio"))) {
            refuse(&p, "budget", &budget, "at least ten of each kind", diagnostics);
        }
    }
    check_samples(grid, diagnostics);
}
