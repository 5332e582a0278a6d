#include "experiments/refuse.h"

void ig_refuse(const ig_point *point, const char *path, const char *with, ig_place *last,
               const char *allowed, ig_diagnostics *diagnostics)
{
    const ig_config *config = ig_grid_config(point->grid);
    const char *value = ig_grid_value(point->grid, point->index, ig_config_key(config, path))->text;
    const char *other = ig_grid_value(point->grid, point->index, ig_config_key(config, with))->text;
    size_t line, column;
    ig_point_position(point, path, &line, &column);
    if (line != last->line || column != last->column || line == 0) {
        ig_diagnostics_add(diagnostics, ig_config_file(config), line, column, path,
                           "%s does not go with %s %s, allowed: %s", value, with, other, allowed);
        *last = (ig_place){line, column};
    }
}
