/** Writing a new file: HDF5's headers as they are, and between them the values. */
#include <stdlib.h>
#include <string.h>

#include "store/contents.h"
#include "store/file.h"

enum { BUFFER = 1 << 20 }; /* bytes; more than any one value has */

/** Values first ... first + n - 1 along the first axis, packed, in bytes that are zero. */
static void make_values(const ig_variable *v, const ig_grid *grid, size_t first, size_t n,
                        unsigned char *to)
{
    size_t n_seeds = ig_grid_n_seeds(grid), width = ig_stored_size(v->type) * v->shape[1];
    for (size_t i = first; i < first + n; i++, to += width) {
        int64_t integer = (int64_t)i;
        double real = v->first + (double)i;
        const void *from = v->role == IG_ROLE_COUNT ? (const void *)&real : &integer;
        if (v->role == IG_ROLE_SEED) {
            integer = (int64_t)ig_config_seed(ig_grid_config(grid), i % n_seeds);
        } else if (v->role == IG_ROLE_AXIS) {
            const ig_value *value = ig_grid_value(grid, i / n_seeds, v->key);
            if (v->type == IG_STORED_CHAR) {
                memcpy(to, value->text, strnlen(value->text, width));
                continue;
            }
            from = v->type == IG_STORED_F64 ? (const void *)&value->real : &value->integer;
        }
        memcpy(to, from, width);
    }
}

/** n fill values. */
static void make_fill(ig_stored type, size_t n, unsigned char *to)
{
    unsigned char fill[8];
    size_t size = ig_stored_size(type);
    ig_stored_fill(type, fill);
    for (size_t i = 0; i < n; i++) {
        memcpy(to + i * size, fill, size);
    }
}

static ig_status write_values(const ig_variable *v, const ig_grid *grid, int fd,
                              unsigned char *buffer, ig_error *error)
{
    bool fill = v->role == IG_ROLE_ROWS || v->role == IG_ROLE_BARE;
    size_t size = ig_stored_size(v->type), width = fill ? size : size * v->shape[1];
    size_t length = fill ? v->shape[0] * v->shape[1] : v->shape[0], step = BUFFER / width;
    ig_status status = IG_OK;
    for (size_t first = 0; first < length && !status; first += step) {
        size_t n = length - first < step ? length - first : step;
        if (fill) {
            make_fill(v->type, n, buffer);
        } else {
            memset(buffer, 0, n * width);
            make_values(v, grid, first, n, buffer);
        }
        status = ig_file_write(fd, v->offset + (uint64_t)first * width, buffer, n * width, error);
    }
    return status;
}

static ig_status copy(int from, int to, uint64_t begin, uint64_t end, unsigned char *buffer,
                      ig_error *error)
{
    ig_status status = IG_OK;
    for (uint64_t at = begin; at < end && !status; at += BUFFER) {
        size_t n = end - at < BUFFER ? (size_t)(end - at) : BUFFER;
        status = ig_file_read(from, at, buffer, n, error);
        if (!status) {
            status = ig_file_write(to, at, buffer, n, error);
        }
    }
    return status;
}

static int compare(const void *a, const void *b)
{
    const ig_variable *const *x = a, *const *y = b;
    return ((*x)->offset > (*y)->offset) - ((*x)->offset < (*y)->offset);
}

/** All variables of both plans by offset; malloc'd, NULL without memory. */
static const ig_variable **in_order(const ig_plan *root, const ig_plan *starts)
{
    size_t n = 0;
    const ig_variable **order = malloc((root->n + starts->n) * sizeof *order);
    if (!order) {
        return NULL;
    }
    for (size_t i = 0; i < root->n; i++) {
        order[n++] = &root->variables[i];
    }
    for (size_t i = 0; i < starts->n; i++) {
        order[n++] = &starts->variables[i];
    }
    qsort(order, n, sizeof *order, compare);
    return order;
}

ig_status ig_contents_write(const ig_contents *contents, int headers, int fd, ig_error *error)
{
    size_t n = contents->root->n + contents->starts->n;
    uint64_t at = 0, size = 0;
    unsigned char *buffer = malloc(BUFFER);
    const ig_variable **order = in_order(contents->root, contents->starts);
    ig_status status = IG_OK;
    if (!buffer || !order) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory to write the file");
        goto done;
    }
    for (size_t i = 0; i < n && !status; i++) {
        status = copy(headers, fd, at, order[i]->offset, buffer, error);
        if (!status) {
            status = write_values(order[i], contents->grid, fd, buffer, error);
        }
        at = order[i]->offset + ig_variable_size(order[i]);
    }
    if (!status) {
        status = ig_file_length(headers, &size, error);
    }
    if (!status) {
        status = copy(headers, fd, at, size, buffer, error);
    }
done:
    free(order);
    free(buffer);
    return status;
}
