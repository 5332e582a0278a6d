#include "report/fit-group.h"

#include <stdio.h>

bool ig_fit_advances_with(const ig_config *config, size_t key, size_t axis)
{
    int zip = ig_config_zip_group(config, key);
    return key == axis || (zip >= 0 && zip == ig_config_zip_group(config, axis));
}

void ig_fit_group_label(const ig_grid *grid, size_t axis, size_t point, char *text, size_t size)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    size_t used = 0;
    text[0] = '\0';
    for (size_t key = 0; key < schema->n_keys && used < size; key++) {
        if (ig_config_count(config, key) < 2 || ig_fit_advances_with(config, key, axis)) {
            continue;
        }
        int n = snprintf(text + used, size - used, "%s%s=%s", used ? " " : "",
                         schema->keys[key].path, ig_grid_value(grid, point, key)->text);
        used += n > 0 ? (size_t)n : 0;
    }
}
