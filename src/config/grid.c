/** The grid of a configuration, one point of it by name, and conditions on points. */
#include "imagrid/grid.h"

#include <stdlib.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* a hash state on the stack */
#include <xxhash.h>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "config/where.h"

struct ig_grid {
    const ig_config *config;
    size_t n_points;
    size_t *strides; /* one per key: points between two values of its axis; 0: it does not vary */
};

/** The first key of the axis that key k advances with. */
static size_t leader(const ig_config *config, size_t k)
{
    int group = ig_config_zip_group(config, k);
    size_t first = 0;
    while (group >= 0 && ig_config_zip_group(config, first) != group) {
        first++;
    }
    return group >= 0 ? first : k;
}

ig_status ig_grid_create(const ig_config *config, ig_grid **grid, ig_error *error)
{
    const size_t n_keys = ig_config_schema(config)->n_keys;
    AUTO(ig_grid_destroy) ig_grid *g = NULL;
    TRY(IG_ALLOC(g, 1, error));
    TRY(IG_ALLOC(g->strides, n_keys, error));
    g->config = config;
    g->n_points = 1;
    /* The configuration bounds the number of tasks, so this product cannot overflow. */
    for (size_t k = n_keys; k > 0; k--) {
        if (leader(config, k - 1) == k - 1 && ig_config_count(config, k - 1) > 1) {
            g->strides[k - 1] = g->n_points;
            g->n_points *= ig_config_count(config, k - 1);
        }
    }
    for (size_t k = 0; k < n_keys; k++) {
        g->strides[k] = g->strides[leader(config, k)];
    }
    *grid = ig_take(&g);
    return IG_OK;
}

void ig_grid_destroy(ig_grid **grid)
{
    if (grid && *grid) {
        free((*grid)->strides);
        free(*grid);
        *grid = NULL;
    }
}

const ig_config *ig_grid_config(const ig_grid *grid)
{
    return grid->config;
}

size_t ig_grid_n_points(const ig_grid *grid)
{
    return grid->n_points;
}

size_t ig_grid_n_seeds(const ig_grid *grid)
{
    return ig_config_n_seeds(grid->config);
}

size_t ig_grid_n_tasks(const ig_grid *grid)
{
    return grid->n_points * ig_grid_n_seeds(grid);
}

const ig_value *ig_grid_value(const ig_grid *grid, size_t point, size_t key)
{
    size_t count = ig_config_count(grid->config, key), stride = grid->strides[key];
    if (point >= grid->n_points) {
        ig_bug("grid point %zu of %zu", point, grid->n_points);
    }
    return ig_config_value(grid->config, key, stride ? point / stride % count : 0);
}

void ig_grid_label(const ig_grid *grid, size_t point, char *text, size_t size)
{
    const ig_schema *schema = ig_config_schema(grid->config);
    size_t used = 0;
    if (size == 0) {
        return;
    }
    *text = '\0';
    for (size_t k = 0; k < schema->n_keys && used + 1 < size; k++) {
        if (grid->strides[k] > 0) {
            snprintf(text + used, size - used, "%s%s=%s", used ? " " : "",
                     ig_key_name(&schema->keys[k]), ig_value_text(ig_grid_value(grid, point, k)));
            used += strlen(text + used);
        }
    }
    if (used == 0) {
        snprintf(text, size, "all");
    }
}

static void hash_text(XXH3_state_t *state, const char *text)
{
    /* Fails for a null state only. */
    (void)XXH3_64bits_update(state, text, strlen(text));
}

ig_rng_key ig_grid_rng_key(const ig_grid *grid, size_t task)
{
    const ig_schema *schema = ig_config_schema(grid->config);
    size_t n_seeds = ig_grid_n_seeds(grid), point = task / n_seeds;
    uint64_t seed = ig_config_seed(grid->config, task % n_seeds);
    if (ig_config_common_random_numbers(grid->config)) {
        return ig_rng_key_make(schema->experiment, seed);
    }
    /* The hash of the whole scope, piece by piece: the scope has no bounded length. */
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    (void)XXH3_64bits_reset(&state);
    hash_text(&state, schema->experiment);
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_key *key = &schema->keys[k];
        const ig_value *value = ig_grid_value(grid, point, k);
        if (key->column && !(key->later && ig_value_is_default(key, value))) {
            hash_text(&state, ";");
            hash_text(&state, key->path);
            hash_text(&state, "=");
            hash_text(&state, ig_value_text(value));
        }
    }
    return (ig_rng_key){{XXH3_64bits_digest(&state), seed}};
}

/** The value of a key of the given type. */
static const ig_value *value_of(const ig_point *point, const char *path, ig_key_type type)
{
    const ig_config *config = ig_grid_config(point->grid);
    size_t key = ig_config_key(config, path);
    if (ig_config_schema(config)->keys[key].type != type) {
        ig_bug("key %s is read with another type than its table has", path);
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

bool ig_point_boolean(const ig_point *point, const char *path)
{
    return value_of(point, path, IG_KEY_BOOLEAN)->integer != 0;
}

const char *ig_point_text(const ig_point *point, const char *path)
{
    return value_of(point, path, IG_KEY_TEXT)->string;
}

const char *const *ig_point_texts(const ig_point *point, const char *path, size_t *n)
{
    const ig_value *value = value_of(point, path, IG_KEY_TEXTS);
    *n = value->n;
    return value->texts;
}

size_t ig_point_sizes(const ig_point *point, const char *path, size_t sizes[IG_SIZES_MAX])
{
    const ig_value *value = value_of(point, path, IG_KEY_SIZES);
    for (size_t i = 0; i < value->n; i++) {
        sizes[i] = (size_t)value->sizes[i];
    }
    return value->n;
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

static bool same_value(const ig_key *key, const ig_value *value, const char *text)
{
    char *end_here, *end_there;
    double here = strtod(text, &end_here), there = strtod(value->text, &end_there);
    bool numbers = key->type != IG_KEY_TEXT && *text && !*end_here && !*end_there;
    return numbers ? here == there : strcmp(ig_value_text(value), text) == 0;
}

static ig_status reject_key(const char *option, const char *text, size_t length,
                            const ig_schema *schema, ig_error *error)
{
    char known[1024] = "";
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (schema->keys[k].column) {
            ig_text_list(known, sizeof known, schema->keys[k].column);
        }
    }
    return ig_error_set(error, IG_ERR_USAGE, "%s: no axis named '%.*s', available: %s", option,
                        length < 64 ? (int)length : 64, text, known);
}

static ig_status reject_value(const char *option, const char *text, const ig_config *config,
                              size_t key, ig_error *error)
{
    char known[1024] = "";
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        ig_text_list(known, sizeof known, ig_value_text(ig_config_value(config, key, i)));
    }
    return ig_error_set(error, IG_ERR_USAGE, "%s: %s has no value '%.64s', available: %s", option,
                        ig_config_schema(config)->keys[key].column, text, known);
}

ig_status ig_where_parse(const char *option, const char *text, const ig_grid *grid, ig_where *where,
                         ig_error *error)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    size_t length = strcspn(text, "="), key = 0;
    for (; key < schema->n_keys; key++) {
        const ig_key *k = &schema->keys[key];
        if (k->column && ((strncmp(k->path, text, length) == 0 && !k->path[length]) ||
                          (strncmp(k->column, text, length) == 0 && !k->column[length]))) {
            break;
        }
    }
    if (key == schema->n_keys) {
        return reject_key(option, text, length, schema, error);
    }
    const char *wanted = text[length] ? text + length + 1 : "";
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        const ig_value *value = ig_config_value(config, key, i);
        if (same_value(&schema->keys[key], value, wanted)) {
            *where = (ig_where){key, value};
            return IG_OK;
        }
    }
    return reject_value(option, wanted, config, key, error);
}

bool ig_where_holds(const ig_where *where, size_t n, const ig_grid *grid, size_t point)
{
    for (size_t i = 0; i < n; i++) {
        /* A zip group may repeat a value, so that equal pointers are not needed. */
        const ig_value *here = ig_grid_value(grid, point, where[i].key);
        if (strcmp(ig_value_text(here), ig_value_text(where[i].value)) != 0) {
            return false;
        }
    }
    return true;
}
