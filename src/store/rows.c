/** Reading and writing rows at their places. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <math.h>

#include "base/process.h"
#include "base/text.h"
#include "store/file.h"
#include "store/internal.h"

const ig_variable *ig_store_variable(const ig_store *store, const char *name)
{
    const ig_variable *v = ig_plan_find(store->root, name);
    if (!v) {
        ig_bug("no dataset is named %s", name);
    }
    return v;
}

static size_t row_size(const ig_variable *v)
{
    return v->shape[1] * ig_stored_size(v->type);
}

ig_status ig_store_read_rows(const ig_store *store, const ig_variable *variable, size_t first,
                             size_t n, void *bytes, ig_error *error)
{
    size_t size = row_size(variable);
    ig_status status =
        ig_file_read(store->fd, variable->offset + (uint64_t)first * size, bytes, n * size, error);
    if (status) {
        ig_error_context(error, "%s, dataset %s", store->path, ig_variable_name(variable));
    }
    return status;
}

ig_status ig_store_write_rows(const ig_store *store, const ig_variable *variable, size_t first,
                              size_t n, const void *bytes, ig_error *error)
{
    size_t size = row_size(variable);
    ig_status status =
        ig_file_write(store->fd, variable->offset + (uint64_t)first * size, bytes, n * size, error);
    if (status) {
        ig_error_context(error, "%s, dataset %s", store->path, ig_variable_name(variable));
    }
    return status;
}

ig_status ig_store_want_writable(const ig_store *store, ig_error *error)
{
    return store->writable
               ? IG_OK
               : ig_error_set(error, IG_ERR_USAGE, "%s was opened for reading only", store->path);
}

ig_status ig_store_sync(const ig_store *store, ig_error *error)
{
    if (fdatasync(store->fd) == 0) {
        return IG_OK;
    }
    ig_status status = ig_file_error(error, errno, "cannot be made durable");
    ig_error_context(error, "%s", store->path);
    return status;
}

/** A number of the file as a double; NaN for a fill value. */
static double to_double(ig_stored type, const unsigned char *from)
{
    unsigned char fill[8];
    int64_t i64 = 0;
    int32_t i32 = 0;
    uint32_t u32 = 0;
    double f64 = 0;
    float f32 = 0;
    ig_stored_fill(type, fill);
    switch (type) {
    case IG_STORED_I32:
        memcpy(&i32, from, sizeof i32);
        return memcmp(from, fill, sizeof i32) == 0 ? (double)NAN : (double)i32;
    case IG_STORED_I64:
        memcpy(&i64, from, sizeof i64);
        return memcmp(from, fill, sizeof i64) == 0 ? (double)NAN : (double)i64;
    case IG_STORED_U32:
        memcpy(&u32, from, sizeof u32);
        return u32;
    case IG_STORED_F32:
        memcpy(&f32, from, sizeof f32);
        return (double)f32;
    case IG_STORED_F64:
        memcpy(&f64, from, sizeof f64);
        return f64;
    case IG_STORED_I8:
        return (signed char)*from;
    case IG_STORED_CHAR:
    case IG_STORED_U64:
        break;
    }
    ig_bug("type %d of a column cannot be read as a number", (int)type);
}

ig_status ig_store_read(ig_store *store, const char *column, double *values, ig_error *error)
{
    enum { BLOCK = 1 << 16 };
    const ig_variable *v = ig_plan_find(store->root, column);
    if (!v || v->scale || v->n_axes != 1) {
        return ig_error_set(error, IG_ERR_USAGE, "%s has no column %s of one number a task",
                            store->path, column);
    }
    size_t size = ig_stored_size(v->type);
    ig_status status = IG_OK;
    unsigned char *bytes = malloc(BLOCK * size);
    if (!bytes) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory to read column %s", column);
    }
    for (size_t first = 0; first < store->n_tasks && !status; first += BLOCK) {
        size_t n = store->n_tasks - first < BLOCK ? store->n_tasks - first : BLOCK;
        status = ig_store_read_rows(store, v, first, n, bytes, error);
        for (size_t i = 0; i < n && !status; i++) {
            values[first + i] = to_double(v->type, bytes + i * size);
        }
    }
    free(bytes);
    return status;
}

ig_status ig_store_row(ig_store *store, size_t task, unsigned char *bytes, ig_error *error)
{
    const ig_layout *layout = store->layout;
    ig_status status =
        task < store->n_tasks
            ? IG_OK
            : ig_error_set(error, IG_ERR_USAGE, "%s has no task %zu", store->path, task);
    for (size_t c = 0; c < layout->n_columns && !status; c++) {
        status = ig_store_read_rows(store, ig_store_variable(store, layout->columns[c].name), task,
                                    1, bytes + layout->offsets[c], error);
    }
    return status;
}

ig_status ig_store_failure(ig_store *store, size_t task, char reason[IG_ROW_ERROR + 1],
                           ig_error *error)
{
    char text[IG_ROW_ERROR + 1] = {0};
    if (task >= store->n_tasks) {
        return ig_error_set(error, IG_ERR_USAGE, "%s has no task %zu", store->path, task);
    }
    ig_status status =
        ig_store_read_rows(store, ig_store_variable(store, IG_STORE_FAILURE), task, 1, text, error);
    if (!status) {
        ig_text_sanitize(text);
        memcpy(reason, text, sizeof text);
    }
    return status;
}

ig_status ig_store_clear(ig_store *store, const size_t *tasks, size_t n, ig_error *error)
{
    const ig_variable *state = ig_store_variable(store, IG_STORE_STATE);
    const int8_t empty = IG_STATE_EMPTY;
    ig_status status = ig_store_want_writable(store, error);
    for (size_t i = 0; i < n && !status; i++) {
        if (tasks[i] >= store->n_tasks) {
            status = ig_error_set(error, IG_ERR_USAGE, "%s has no task %zu", store->path, tasks[i]);
        }
    }
    for (size_t i = 0; i < n && !status; i++) {
        status = ig_store_write_rows(store, state, tasks[i], 1, &empty, error);
    }
    return status ? status : ig_store_sync(store, error);
}
