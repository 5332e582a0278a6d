/** Configurations of `allocation` whose keys do not fit together. */
#include <math.h>
#include <stdint.h>

#include "experiments/allocation.h"
#include "experiments/refuse.h"

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
        /* LAPACK counts the numbers of a matrix in 32 bits. */
        double most = floor(INT32_MAX / (unknowns + fmax(n, 1)));
        if (ig_point_choice(&p, "group", NULL) == IG_GROUP_LQG &&
            (samples->interval[0] < unknowns + 1 || samples->interval[1] > most ||
             samples->interval[1] < 2 * samples->interval[0])) {
            size_t line, column;
            ig_config_position(config, key, 0, &line, &column);
            ig_diagnostics_add(diagnostics, ig_config_file(config), line, column, "lqg.samples",
                               "%s, allowed: more than the %g unknowns, at most %.0f, and the "
                               "most at least twice the least",
                               samples->text, unknowns, most);
            return;
        }
    }
}

void ig_allocation_check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    ig_place slope = {0, 0}, weights = {0, 0}, budget = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const bool lqg = ig_point_choice(&p, "group", NULL) == IG_GROUP_LQG;
        if (!lqg && ig_point_real(&p, "gamma") * ig_point_real(&p, "L_f") >= 1) {
            ig_refuse(&p, "L_f", "gamma", &slope, "gamma L_f below 1, as Lemma 1 demands",
                      diagnostics);
        }
        if (lqg && ig_point_choice(&p, "weights", NULL) == IG_WEIGHTS_SUP_NORM) {
            ig_refuse(&p, "weights", "group", &weights, "realized or lemma1", diagnostics);
        }
        if (ig_point_real(&p, "budget") < 10 * (1 + ig_point_real(&p, "cost_ratio"))) {
            ig_refuse(&p, "budget", "cost_ratio", &budget, "at least ten of each kind",
                      diagnostics);
        }
    }
    check_samples(grid, diagnostics);
}
