#include "run/compute.h"

ig_status ig_compute_task(const ig_experiment *experiment, const ig_grid *grid, size_t task,
                          ig_isa isa, const ig_yield *yield, const ig_row *row, ig_error *error)
{
    size_t n_seeds = ig_grid_n_seeds(grid);
    ig_task t = {
        .point = {grid, task / n_seeds},
        .seed = ig_config_seed(ig_grid_config(grid), task % n_seeds),
        .key = ig_grid_rng_key(grid, task),
        .isa = isa,
        .yield = yield,
    };
    ig_row_clear(row);
    ig_status status = experiment->run(&t, row, error);
    return status ? status : ig_row_check(row, error);
}
