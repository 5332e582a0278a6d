/** Values of a new file that are known from the start: dimensions, axes and seeds. */
#include <stdlib.h>
#include <string.h>

#include "store/build.h"
#include "store/h5.h"

enum { BLOCK = 1 << 16 }; /* tasks written at once */

/** Values first ... first + n - 1 of a variable, packed. */
static void fill_block(const ig_variable *v, const ig_grid *grid, size_t first, size_t n,
                       unsigned char *to)
{
    size_t n_seeds = grid ? ig_grid_n_seeds(grid) : 1;
    size_t size = ig_stored_size(v->type) * v->shape[1];
    for (size_t t = first; t < first + n; t++, to += size) {
        int64_t integer = (int64_t)t;
        double real = v->first + (double)t;
        const void *from = v->role == IG_ROLE_COUNT ? (const void *)&real : &integer;
        if (v->role == IG_ROLE_SEED) {
            integer = (int64_t)ig_config_seed(ig_grid_config(grid), t % n_seeds);
        } else if (v->role == IG_ROLE_AXIS) {
            const ig_value *value = ig_grid_value(grid, t / n_seeds, v->key);
            if (v->type == IG_STORED_CHAR) {
                size_t length = strlen(value->text);
                memset(to, 0, size);
                memcpy(to, value->text, length < size ? length : size);
                continue;
            }
            from = v->type == IG_STORED_F64 ? (const void *)&value->real : &value->integer;
        }
        memcpy(to, from, size);
    }
}

static ig_status write_block(hid_t dataset, hid_t space, const ig_variable *v, size_t first,
                             size_t n, const void *values, ig_error *error)
{
    hsize_t start[2] = {first, 0}, count[2] = {n, v->shape[1]};
    ig_status status = IG_OK;
    hid_t memory = H5Screate_simple((int)v->n_axes, count, NULL);
    if (memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dwrite(dataset, ig_stored_type(v->type), memory, space, H5P_DEFAULT, values) < 0) {
        status = ig_h5_error(error, IG_ERR_IO, "dataset %s", ig_variable_name(v));
    }
    if (memory >= 0) {
        H5Sclose(memory);
    }
    return status;
}

static ig_status write_variable(hid_t location, const ig_variable *v, const ig_grid *grid,
                                unsigned char *block, ig_error *error)
{
    const char *name = ig_variable_name(v);
    ig_status status = IG_OK;
    hid_t space = -1, dataset = H5Dopen2(location, name, H5P_DEFAULT);
    if (dataset >= 0) {
        space = H5Dget_space(dataset);
    }
    if (space < 0) {
        status = ig_h5_error(error, IG_ERR_IO, "dataset %s", name);
    }
    for (size_t first = 0; first < v->shape[0] && !status; first += BLOCK) {
        size_t n = v->shape[0] - first < BLOCK ? v->shape[0] - first : BLOCK;
        fill_block(v, grid, first, n, block);
        status = write_block(dataset, space, v, first, n, block, error);
    }
    if (space >= 0) {
        H5Sclose(space);
    }
    if (dataset >= 0 && H5Dclose(dataset) < 0 && !status) {
        status = ig_h5_error(error, IG_ERR_IO, "dataset %s", name);
    }
    return status;
}

ig_status ig_build_values(hid_t location, const ig_plan *plan, const ig_grid *grid, ig_error *error)
{
    ig_status status = IG_OK;
    /* The widest value is a text. */
    unsigned char *block = malloc((size_t)BLOCK * IG_VALUE_TEXT);
    if (!block) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for coordinates");
    }
    for (size_t i = 0; i < plan->n && !status; i++) {
        const ig_variable *v = &plan->variables[i];
        if (v->role != IG_ROLE_BARE && v->role != IG_ROLE_ROWS) {
            status = write_variable(location, v, grid, block, error);
        }
    }
    free(block);
    return status;
}
