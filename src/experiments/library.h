/** One loaded shared object. */
#ifndef IMAGRID_PLUGIN_LIBRARY_H
#define IMAGRID_PLUGIN_LIBRARY_H

#include "experiments/plugins.h"
#include "imagrid/plugin.h"

typedef struct ig_library {
    char *path;                /**< absolute, owned */
    char hash[IG_PLUGIN_HASH]; /**< XXH3-128 of the file */
    void *handle;              /**< of dlopen */
    char *origin;              /**< "NAME VERSION HASH PATH", owned */
    const ig_plugin *plugin;   /**< points into the shared object */
} ig_library;

/** Load the file `path` and check its descriptor and all its experiments. IG_ERR_USAGE with the
 *  reason, IG_ERR_MEMORY. Clear with ig_library_clear, on failure too. */
ig_status ig_library_load(const char *path, ig_library *library, ig_error *error);
void ig_library_clear(ig_library *library);

#endif
