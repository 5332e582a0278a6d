#include "results/fit-group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ig_fit_advances_with(const ig_config *config, size_t key, size_t axis)
{
    int zip = ig_config_zip_group(config, key);
    return key == axis || (zip >= 0 && zip == ig_config_zip_group(config, axis));
}

/** Entries of a zip group in the order of the axis' values. */
typedef struct entries {
    const ig_config *config;
    size_t axis;
} entries;

static const char *text_at(const entries *e, size_t key, size_t entry)
{
    return ig_config_value(e->config, key, entry)->text;
}

static int compare_entries(const void *a, const void *b, void *context)
{
    const entries *e = context;
    return strcmp(text_at(e, e->axis, *(const size_t *)a), text_at(e, e->axis, *(const size_t *)b));
}

/** Whether every value of the axis goes with one value of the key, which is of its zip group;
 *  `order` holds the entries, sorted. */
static bool is_tied(const entries *e, size_t key, const size_t *order)
{
    for (size_t i = 1; i < ig_config_count(e->config, e->axis); i++) {
        size_t here = order[i], before = order[i - 1];
        if (strcmp(text_at(e, e->axis, here), text_at(e, e->axis, before)) == 0 &&
            strcmp(text_at(e, key, here), text_at(e, key, before)) != 0) {
            return false;
        }
    }
    return true;
}

ig_status ig_fit_keys_apart(const ig_config *config, size_t axis, bool *apart, ig_error *error)
{
    entries e = {config, axis};
    size_t n = ig_config_count(config, axis), *order = calloc(n, sizeof *order);
    if (!order) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu axis values", n);
    }
    for (size_t i = 0; i < n; i++) {
        order[i] = i;
    }
    qsort_r(order, n, sizeof *order, compare_entries, &e);
    for (size_t key = 0; key < ig_config_schema(config)->n_keys; key++) {
        apart[key] = key != axis && ig_config_count(config, key) > 1 &&
                     !(ig_fit_advances_with(config, key, axis) && is_tied(&e, key, order));
    }
    free(order);
    return IG_OK;
}

void ig_fit_group_label(const ig_grid *grid, const bool *apart, size_t point, char *text,
                        size_t size)
{
    const ig_schema *schema = ig_config_schema(ig_grid_config(grid));
    size_t used = 0;
    text[0] = '\0';
    for (size_t key = 0; key < schema->n_keys && used < size; key++) {
        if (!apart[key]) {
            continue;
        }
        int n = snprintf(text + used, size - used, "%s%s=%s", used ? " " : "",
                         schema->keys[key].path, ig_grid_value(grid, point, key)->text);
        used += n > 0 ? (size_t)n : 0;
    }
}
