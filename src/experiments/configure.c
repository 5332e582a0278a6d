/** A configuration that its experiment finds right. */
#include <math.h>

#include "imagrid/experiment.h"

/** What a plugin's functions say of this grid; imagrid's own are known to say right things. One
 *  fault is enough, as the grid may have millions of points. */
static void check_functions(const ig_experiment *e, const ig_grid *grid, const char *file,
                            ig_diagnostics *diagnostics)
{
    for (size_t d = 0; d < e->n_dimensions; d++) {
        if (e->dimensions[d].length(ig_grid_config(grid)) == 0) {
            ig_diagnostics_add(diagnostics, file, 0, 0, NULL,
                               "experiment %s gives dimension %s the length 0",
                               e->schema.experiment, e->dimensions[d].name);
            return;
        }
    }
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        double cost = e->cost(&(ig_point){grid, p});
        if (!(cost > 0) || !isfinite(cost)) {
            char label[256];
            ig_grid_label(grid, p, label, sizeof label);
            ig_diagnostics_add(diagnostics, file, 0, 0, NULL,
                               "experiment %s predicts a cost of %g for %s, allowed: above 0",
                               e->schema.experiment, cost, label);
            return;
        }
    }
}

ig_status ig_experiment_configure(const ig_registry *registry, const char *bytes, size_t size,
                                  const char *file, ig_config **config, ig_diagnostics *diagnostics)
{
    ig_config *parsed = NULL;
    ig_grid *grid = NULL;
    const size_t before = ig_diagnostics_count(diagnostics);
    ig_status status = ig_registry_parse(registry, bytes, size, file, &parsed, diagnostics);
    if (!status) {
        status = ig_grid_create(parsed, &grid, NULL);
    }
    if (!status) {
        const ig_experiment *e = ig_experiment_of(parsed);
        if (e->check) {
            e->check(grid, diagnostics);
        }
        if (ig_diagnostics_count(diagnostics) == before && ig_registry_origin(registry, e)) {
            check_functions(e, grid, file, diagnostics);
        }
        status = ig_diagnostics_count(diagnostics) > before ? IG_ERR_CONFIG : IG_OK;
    }
    ig_grid_destroy(&grid);
    if (status) {
        ig_config_destroy(&parsed);
        return status;
    }
    *config = parsed;
    return IG_OK;
}
