/** From a configuration's text to the experiment it belongs to, whichever table is linked. */
#include <stdlib.h>

#include "imagrid/experiment.h"

/** The schemas of the table; the caller's to free, NULL without memory. */
static const ig_schema **schemas_of(const ig_experiment *const *experiments, size_t count)
{
    const ig_schema **schemas = malloc(count * sizeof *schemas);
    for (size_t i = 0; schemas && i < count; i++) {
        schemas[i] = &experiments[i]->schema;
    }
    return schemas;
}

ig_status ig_experiment_configure(const char *bytes, size_t size, const char *file,
                                  ig_config **config, ig_diagnostics *diagnostics)
{
    size_t count;
    const ig_experiment *const *experiments = ig_experiments(&count);
    const ig_schema **schemas = schemas_of(experiments, count);
    ig_config *parsed = NULL;
    ig_grid *grid = NULL;
    ig_status status =
        schemas ? ig_config_parse(bytes, size, file, schemas, count, &parsed, diagnostics)
                : IG_ERR_MEMORY;
    if (!status) {
        status = ig_grid_create(parsed, &grid, NULL);
    }
    if (!status) {
        ig_experiment_of(parsed)->check(grid, diagnostics);
        status = ig_diagnostics_count(diagnostics) > 0 ? IG_ERR_CONFIG : IG_OK;
    }
    ig_grid_destroy(&grid);
    free(schemas);
    if (status) {
        ig_config_destroy(&parsed);
        return status;
    }
    *config = parsed;
    return IG_OK;
}

const ig_experiment *ig_experiment_of(const ig_config *config)
{
    size_t count;
    const ig_experiment *const *experiments = ig_experiments(&count);
    for (size_t i = 0; i < count; i++) {
        if (&experiments[i]->schema == ig_config_schema(config)) {
            return experiments[i];
        }
    }
    return NULL;
}
