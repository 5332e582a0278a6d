/** Checks of a configuration by its experiment, and what the experiments report them with. */
#include <math.h>

#include "base/try.h"
#include "experiments/table.h"
#include "imagrid/env.h"

/** What a plugin's functions say of this grid; imagrid's own are known to say right things. One
 *  fault is enough, as the grid may have millions of points. */
static void check_functions(const ig_experiment *e, const ig_grid *grid, const char *file,
                            ig_diagnostics *diagnostics)
{
    for (size_t d = 0; d < e->n_dimensions; d++) {
        if (ig_dimension_length(&e->dimensions[d], ig_grid_config(grid)) == 0) {
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
    AUTO(ig_config_destroy) ig_config *parsed = NULL;
    AUTO(ig_grid_destroy) ig_grid *grid = NULL;
    const size_t before = ig_diagnostics_count(diagnostics);
    TRY(ig_registry_parse(registry, bytes, size, file, &parsed, diagnostics));
    TRY(ig_grid_create(parsed, &grid, NULL));
    const ig_experiment *e = ig_experiment_of(parsed);
    if (e->check) {
        e->check(grid, diagnostics);
    }
    if (ig_diagnostics_count(diagnostics) == before && ig_registry_origin(registry, e)) {
        check_functions(e, grid, file, diagnostics);
    }
    if (ig_diagnostics_count(diagnostics) > before) {
        return IG_ERR_CONFIG;
    }
    *config = ig_take(&parsed);
    return IG_OK;
}

size_t ig_key_largest(const ig_config *config, const char *path)
{
    const size_t key = ig_config_key(config, path);
    int64_t largest = 1;
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        const int64_t value = ig_config_value(config, key, i)->integer;
        largest = value > largest ? value : largest;
    }
    return (size_t)largest;
}

uint32_t ig_version_of_gathering(const ig_config *config, const char *path)
{
    const size_t key = ig_config_key(config, path);
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        if (ig_config_value(config, key, i)->choice == IG_REFERENCE_TANH_FEEDBACK) {
            return 2;
        }
    }
    return 1;
}

void ig_reject(const ig_point *point, const char *path, const char *with, ig_place *last,
               const char *allowed, ig_diagnostics *diagnostics)
{
    const ig_config *config = ig_grid_config(point->grid);
    const char *value =
        ig_value_text(ig_grid_value(point->grid, point->index, ig_config_key(config, path)));
    const char *other =
        ig_value_text(ig_grid_value(point->grid, point->index, ig_config_key(config, with)));
    size_t line, column;
    ig_point_position(point, path, &line, &column);
    if (line != last->line || column != last->column || line == 0) {
        ig_diagnostics_add(diagnostics, ig_config_file(config), line, column, path,
                           "%s is incompatible with %s %s, allowed: %s", value, with, other,
                           allowed);
        *last = (ig_place){line, column};
    }
}
