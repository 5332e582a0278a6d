/** A configuration that its experiment finds right. */
#include "imagrid/experiment.h"

ig_status ig_experiment_configure(const ig_registry *registry, const char *bytes, size_t size,
                                  const char *file, ig_config **config, ig_diagnostics *diagnostics)
{
    ig_config *parsed = NULL;
    ig_grid *grid = NULL;
    ig_status status = ig_registry_parse(registry, bytes, size, file, &parsed, diagnostics);
    if (!status) {
        status = ig_grid_create(parsed, &grid, NULL);
    }
    if (!status && ig_experiment_of(parsed)->check) {
        ig_experiment_of(parsed)->check(grid, diagnostics);
        status = ig_diagnostics_count(diagnostics) > 0 ? IG_ERR_CONFIG : IG_OK;
    }
    ig_grid_destroy(&grid);
    if (status) {
        ig_config_destroy(&parsed);
        return status;
    }
    *config = parsed;
    return IG_OK;
}
