/** The configuration reader: any bytes give a status and diagnostics, and what is accepted resolves
 *  to a text that is accepted again, with the same hash. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "imagrid/experiment.h"
#include "target.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static ig_config *read_config(const char *bytes, size_t size)
{
    ig_config *config = NULL;
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    if (diagnostics) {
        ig_status status =
            ig_experiment_configure(ig_experiments(), bytes, size, "fuzz", &config, diagnostics);
        if ((status == IG_OK) != (config != NULL) ||
            (status == IG_ERR_CONFIG && ig_diagnostics_count(diagnostics) == 0)) {
            abort();
        }
    }
    ig_diagnostics_destroy(&diagnostics);
    return config;
}

/** Everything that `imagrid list` asks for. */
static void look(const ig_config *config)
{
    const ig_experiment *e = ig_experiment_of(config);
    ig_grid *grid = NULL;
    ig_layout *layout = NULL;
    ig_error error = {0};
    if (ig_grid_create(config, &grid, &error) == IG_OK) {
        size_t n = ig_grid_n_points(grid);
        for (size_t p = 0; p < n && p < 100; p++) {
            if (!(e->cost(&(ig_point){grid, p}) > 0)) {
                abort();
            }
        }
    }
    if (ig_layout_create(e->columns, e->n_columns, e->dimensions, e->n_dimensions, config, &layout,
                         &error) != IG_OK &&
        !error.text[0]) {
        abort();
    }
    ig_layout_destroy(&layout);
    ig_grid_destroy(&grid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ig_config *config = read_config((const char *)data, size);
    if (!config) {
        return 0;
    }
    const char *text = ig_config_resolved(config);
    ig_config *again = read_config(text, strlen(text));
    if (!again || strcmp(ig_config_hash(config), ig_config_hash(again)) != 0) {
        fprintf(stderr, "not the same again:\n%s\n", text);
        abort();
    }
    look(config);
    ig_config_destroy(&again);
    ig_config_destroy(&config);
    return 0;
}
