/** From a configuration's text to one of the experiments a program knows. */
#include <stddef.h>
#include <stdlib.h>

#include "imagrid/experiment.h"

_Static_assert(offsetof(ig_experiment, schema) == 0, "ig_experiment_of relies on it");

const char *ig_registry_origin(const ig_registry *registry, const ig_experiment *experiment)
{
    for (size_t i = 0; registry->origins && i < registry->n; i++) {
        if (registry->experiments[i] == experiment) {
            return registry->origins[i];
        }
    }
    return NULL;
}

ig_status ig_registry_parse(const ig_registry *registry, const char *bytes, size_t size,
                            const char *file, ig_config **config, ig_diagnostics *diagnostics)
{
    const ig_schema **schemas = malloc((registry->n + 1) * sizeof *schemas);
    if (!schemas) {
        return IG_ERR_MEMORY;
    }
    for (size_t i = 0; i < registry->n; i++) {
        schemas[i] = &registry->experiments[i]->schema;
    }
    ig_status status =
        ig_config_parse(bytes, size, file, schemas, registry->n, config, diagnostics);
    free(schemas);
    return status;
}
