#include "experiments/plugins.h"

#include <stdlib.h>
#include <string.h>

#include "experiments/library.h"

struct ig_plugins {
    ig_library libraries[IG_PLUGINS];
    size_t n;
    const ig_experiment **experiments; /**< of the registry, as is the next */
    const char **origins;
    ig_registry registry;
};

ig_status ig_plugin_files_add(ig_plugin_files *files, const char *path, ig_error *error)
{
    if (files->n == IG_PLUGINS) {
        return ig_error_set(error, IG_ERR_USAGE, "at most %d plugins can be loaded", IG_PLUGINS);
    }
    files->paths[files->n++] = path;
    return IG_OK;
}

/** Add experiments; `origin` is NULL for the program's own. */
static ig_status add(ig_plugins *p, const ig_experiment *const *experiments, size_t n,
                     const char *origin, ig_error *error)
{
    size_t before = p->registry.n, all = before + n;
    const ig_experiment **longer = realloc(p->experiments, all * sizeof *longer);
    p->experiments = longer ? longer : p->experiments;
    const char **origins = realloc(p->origins, all * sizeof *origins);
    p->origins = origins ? origins : p->origins;
    if (!longer || !origins) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu experiments", all);
    }
    p->registry = (ig_registry){longer, origins, before};
    for (size_t i = 0; i < n; i++) {
        const char *name = experiments[i]->schema.experiment;
        for (size_t k = 0; k < p->registry.n; k++) {
            if (strcmp(longer[k]->schema.experiment, name) == 0) {
                return ig_error_set(error, IG_ERR_USAGE, "there is another experiment %s, from %s",
                                    name, origins[k] ? origins[k] : "imagrid itself");
            }
        }
        longer[p->registry.n] = experiments[i];
        origins[p->registry.n++] = origin;
    }
    return IG_OK;
}

ig_status ig_plugins_load(const ig_plugin_files *files, ig_plugins **plugins, ig_error *error)
{
    const ig_registry *own = ig_experiments();
    ig_plugins *p = calloc(1, sizeof *p);
    ig_status status = p ? add(p, own->experiments, own->n, NULL, error)
                         : ig_error_set(error, IG_ERR_MEMORY, "no memory for plugins");
    for (size_t i = 0; i < files->n && !status; i++) {
        ig_library *l = &p->libraries[p->n++];
        status = ig_library_load(files->paths[i], l, error);
        if (!status && add(p, l->plugin->experiments, l->plugin->n_experiments, l->origin, error)) {
            status = ig_error_context(error, "plugin %s", files->paths[i]);
        }
    }
    if (status) {
        ig_plugins_unload(&p);
        return status;
    }
    *plugins = p;
    return IG_OK;
}

void ig_plugins_unload(ig_plugins **plugins)
{
    ig_plugins *p = *plugins;
    if (!p) {
        return;
    }
    free(p->experiments);
    free(p->origins);
    while (p->n > 0) {
        ig_library_clear(&p->libraries[--p->n]);
    }
    free(p);
    *plugins = NULL;
}

const ig_registry *ig_plugins_registry(const ig_plugins *plugins)
{
    return &plugins->registry;
}

void ig_plugins_hashes(const ig_plugins *plugins, char hashes[IG_PLUGINS][IG_PLUGIN_HASH])
{
    memset(hashes, 0, IG_PLUGINS * sizeof *hashes);
    for (size_t i = 0; i < plugins->n; i++) {
        memcpy(hashes[i], plugins->libraries[i].hash, sizeof *hashes);
    }
}
