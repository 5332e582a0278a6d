#include <stdio.h>
#include <stdlib.h>

#include "base/try.h"
#include "cli/command.h"

static ig_status read_setup(const char *path, const ig_plugin_files *files, ig_setup *s,
                            ig_diagnostics *diagnostics, ig_error *error)
{
    AUTO_FREE char *bytes = NULL;
    size_t size = 0;
    TRY(ig_plugins_load(files, &s->plugins, error));
    TRY(ig_config_read_file(path, &bytes, &size, diagnostics));
    TRY(ig_experiment_configure(ig_plugins_registry(s->plugins), bytes, size, path, &s->config,
                                diagnostics));
    TRY(ig_grid_create(s->config, &s->grid, error));
    const ig_experiment *e = ig_experiment_of(s->config);
    return ig_layout_create(e->columns, e->n_columns, e->dimensions, e->n_dimensions, s->config,
                            &s->layout, error);
}

int ig_setup_read(const char *path, const ig_plugin_files *files, ig_setup *setup)
{
    ig_setup s = {0};
    ig_error error = {0};
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    const ig_status status =
        diagnostics ? read_setup(path, files, &s, diagnostics, &error) : IG_ERR_MEMORY;
    if (diagnostics) {
        ig_diagnostics_print(diagnostics, stderr);
    }
    if (error.status || status == IG_ERR_MEMORY) {
        fprintf(stderr, "imagrid: %s\n", error.status ? error.text : "out of memory");
    }
    ig_diagnostics_destroy(&diagnostics);
    if (status) {
        ig_setup_clear(&s);
        return ig_status_exit_code(status);
    }
    *setup = s;
    return 0;
}

void ig_setup_clear(ig_setup *setup)
{
    ig_layout_destroy(&setup->layout);
    ig_grid_destroy(&setup->grid);
    ig_config_destroy(&setup->config);
    ig_plugins_unload(&setup->plugins);
}
