/** One grid point's values by name. */
#include "base/process.h"
#include "imagrid/grid.h"

/** The value of a key of the given type. */
static const ig_value *value_of(const ig_point *point, const char *path, ig_key_type type)
{
    const ig_config *config = ig_grid_config(point->grid);
    size_t key = ig_config_key(config, path);
    if (ig_config_schema(config)->keys[key].type != type) {
        ig_bug("key %s is asked for with another type than its table has", path);
    }
    return ig_grid_value(point->grid, point->index, key);
}

int64_t ig_point_integer(const ig_point *point, const char *path)
{
    return value_of(point, path, IG_KEY_INTEGER)->integer;
}

double ig_point_real(const ig_point *point, const char *path)
{
    return value_of(point, path, IG_KEY_REAL)->real;
}

void ig_point_interval(const ig_point *point, const char *path, double interval[2])
{
    const ig_value *value = value_of(point, path, IG_KEY_INTERVAL);
    interval[0] = value->interval[0];
    interval[1] = value->interval[1];
}

int ig_point_choice(const ig_point *point, const char *path, int64_t *argument)
{
    const ig_value *value = value_of(point, path, IG_KEY_CHOICE);
    if (argument) {
        *argument = value->integer;
    }
    return value->choice;
}

void ig_point_position(const ig_point *point, const char *path, size_t *line, size_t *column)
{
    const ig_config *config = ig_grid_config(point->grid);
    size_t key = ig_config_key(config, path), i = 0;
    const ig_value *value = ig_grid_value(point->grid, point->index, key);
    while (ig_config_value(config, key, i) != value) {
        i++;
    }
    ig_config_position(config, key, i, line, column);
}
