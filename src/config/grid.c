/** The grid of a configuration. */
#include "imagrid/grid.h"

#include <stdlib.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* a hash state on the stack */
#include <xxhash.h>

#include "base/process.h"

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
    size_t n_keys = ig_config_schema(config)->n_keys;
    ig_grid *g = calloc(1, sizeof *g);
    size_t *strides = calloc(n_keys + 1, sizeof *strides);
    if (!g || !strides) {
        free(strides);
        free(g);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a grid of %zu keys", n_keys);
    }
    *g = (ig_grid){config, 1, strides};
    /* The configuration bounds the number of tasks, so this product cannot overflow. */
    for (size_t k = n_keys; k > 0; k--) {
        if (leader(config, k - 1) == k - 1 && ig_config_count(config, k - 1) > 1) {
            strides[k - 1] = g->n_points;
            g->n_points *= ig_config_count(config, k - 1);
        }
    }
    for (size_t k = 0; k < n_keys; k++) {
        strides[k] = strides[leader(config, k)];
    }
    *grid = g;
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
            snprintf(text + used, size - used, "%s%s=%s", used ? " " : "", schema->keys[k].path,
                     ig_grid_value(grid, point, k)->text);
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
        if (schema->keys[k].column) {
            hash_text(&state, ";");
            hash_text(&state, schema->keys[k].path);
            hash_text(&state, "=");
            hash_text(&state, ig_grid_value(grid, point, k)->text);
        }
    }
    return (ig_rng_key){{XXH3_64bits_digest(&state), seed}};
}
