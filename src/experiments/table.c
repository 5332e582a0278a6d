#include "experiments/table.h"

#include <stddef.h>

static const ig_experiment *const experiments[] = {
    &ig_experiment_scaling,
};
enum { N_EXPERIMENTS = sizeof experiments / sizeof *experiments };

const ig_experiment *const *ig_experiments(size_t *count)
{
    *count = N_EXPERIMENTS;
    return experiments;
}

ig_status ig_experiment_configure(const char *bytes, size_t size, const char *file,
                                  ig_config **config, ig_diagnostics *diagnostics)
{
    const ig_schema *schemas[N_EXPERIMENTS];
    for (size_t i = 0; i < N_EXPERIMENTS; i++) {
        schemas[i] = &experiments[i]->schema;
    }
    ig_config *parsed = NULL;
    ig_grid *grid = NULL;
    ig_status status =
        ig_config_parse(bytes, size, file, schemas, N_EXPERIMENTS, &parsed, diagnostics);
    if (status) {
        return status;
    }
    status = ig_grid_create(parsed, &grid, NULL);
    if (status) {
        goto done;
    }
    ig_experiment_of(parsed)->check(grid, diagnostics);
    if (ig_diagnostics_count(diagnostics) > 0) {
        status = IG_ERR_CONFIG;
        goto done;
    }
    *config = parsed;
    parsed = NULL;
done:
    ig_grid_destroy(&grid);
    ig_config_destroy(&parsed);
    return status;
}

const ig_experiment *ig_experiment_of(const ig_config *config)
{
    for (size_t i = 0; i < N_EXPERIMENTS; i++) {
        if (&experiments[i]->schema == ig_config_schema(config)) {
            return experiments[i];
        }
    }
    return NULL;
}
