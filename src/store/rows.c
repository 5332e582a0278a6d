/** Rows at their places: reading and writing them, checking every one against its checksum. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "store/file.h"
#include "store/internal.h"

/* Memory for the rows at hand while a file is gone through, whatever its size. */
enum { BLOCK_BYTES = 4 << 20 };

const ig_variable *ig_store_variable(const ig_store *store, const char *name)
{
    const ig_variable *v = ig_datasets_find(store->root, name);
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
    const size_t size = row_size(variable);
    if (store->rescued) {
        ig_file_read_lenient(store->fd, variable->offset + (uint64_t)first * size, bytes, n * size);
        return IG_OK;
    }
    ig_status status =
        ig_file_read(variable->spooled ? store->spool : store->fd,
                     variable->offset + (uint64_t)first * size, bytes, n * size, error);
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
    ig_status status = ig_file_error(error, errno, "fdatasync failed");
    ig_error_context(error, "%s", store->path);
    return status;
}

/** A number of the file as a double; NaN for a fill value. */
static double to_double(ig_stored type, const unsigned char *from)
{
    union {
        int8_t i8;
        int32_t i32;
        uint32_t u32;
        int64_t i64;
        float f32;
        double f64;
    } number = {.i64 = 0};
    unsigned char fill[8];
    const size_t size = ig_stored_size(type);
    memcpy(&number, from, size);
    ig_stored_fill(type, fill);
    const bool filled = memcmp(from, fill, size) == 0;
    switch (type) {
    case IG_STORED_I8:
        return number.i8;
    case IG_STORED_U32:
        return number.u32;
    case IG_STORED_I32:
        return filled ? (double)NAN : (double)number.i32;
    case IG_STORED_I64:
        return filled ? (double)NAN : (double)number.i64;
    case IG_STORED_F32:
        return (double)number.f32;
    case IG_STORED_F64:
        return number.f64;
    case IG_STORED_CHAR:
    case IG_STORED_U64:
        break;
    }
    ig_bug("type %d of a column cannot be read as a number", (int)type);
}

ig_status ig_store_read(ig_store *store, const char *column, double *values, ig_error *error)
{
    const ig_variable *v = ig_datasets_find(store->root, column);
    if (!v || v->scale || v->missing || v->n_axes != 1) {
        return ig_error_set(error, IG_ERR_USAGE, "%s has no column %s of one number per task",
                            store->path, column);
    }
    const size_t size = ig_stored_size(v->type), block = BLOCK_BYTES / size;
    AUTO_FREE unsigned char *bytes = NULL;
    TRY(IG_ALLOC(bytes, block * size, error));
    for (size_t first = 0; first < store->n_tasks; first += block) {
        size_t n = store->n_tasks - first < block ? store->n_tasks - first : block;
        TRY(ig_store_read_rows(store, v, first, n, bytes, error));
        for (size_t i = 0; i < n; i++) {
            values[first + i] = to_double(v->type, bytes + i * size);
        }
    }
    return IG_OK;
}

ig_status ig_store_read_array(ig_store *store, const char *column, size_t first, size_t n,
                              float *values, ig_error *error)
{
    const ig_variable *v = ig_datasets_find(store->root, column);
    if (!v || v->scale || v->n_axes != 2 || v->type == IG_STORED_CHAR || n > store->n_tasks ||
        first > store->n_tasks - n) {
        return ig_error_set(error, IG_ERR_USAGE, "%s has no column %s of several numbers per task",
                            store->path, column);
    }
    if (v->type == IG_STORED_F32) {
        return ig_store_read_rows(store, v, first, n, values, error);
    }
    const size_t size = ig_stored_size(v->type), count = n * v->shape[1];
    AUTO_FREE unsigned char *bytes = NULL;
    TRY(IG_ALLOC(bytes, count * size, error));
    TRY(ig_store_read_rows(store, v, first, n, bytes, error));
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)to_double(v->type, bytes + i * size);
    }
    return IG_OK;
}

static ig_status want_task(const ig_store *store, size_t task, ig_error *error)
{
    return task < store->n_tasks
               ? IG_OK
               : ig_error_set(error, IG_ERR_USAGE, "%s has no task %zu", store->path, task);
}

ig_status ig_store_row(ig_store *store, size_t task, unsigned char *bytes, ig_error *error)
{
    const ig_layout *layout = store->layout;
    TRY(want_task(store, task, error));
    for (size_t c = 0; c < layout->n_columns; c++) {
        TRY(ig_store_read_rows(store, ig_store_variable(store, layout->columns[c].name), task, 1,
                               bytes + layout->offsets[c], error));
    }
    return IG_OK;
}

ig_status ig_store_text(ig_store *store, const char *column, size_t task, char **text,
                        ig_error *error)
{
    const ig_variable *v = ig_datasets_find(store->root, column);
    AUTO_FREE char *bytes = NULL;
    TRY(want_task(store, task, error));
    if (!v || v->scale || v->type != IG_STORED_CHAR) {
        return ig_error_set(error, IG_ERR_USAGE, "%s has no column %s of text", store->path,
                            column);
    }
    TRY(IG_ALLOC(bytes, v->shape[1] + 1, error));
    TRY(ig_store_read_rows(store, v, task, 1, bytes, error));
    *text = ig_take(&bytes);
    return IG_OK;
}

ig_status ig_store_failure(ig_store *store, size_t task, char reason[IG_ROW_ERROR + 1],
                           ig_error *error)
{
    char text[IG_ROW_ERROR + 1] = {0};
    TRY(want_task(store, task, error));
    TRY(ig_store_read_rows(store, ig_store_variable(store, IG_STORE_FAILURE), task, 1, text,
                           error));
    ig_text_sanitize(text);
    memcpy(reason, text, sizeof text);
    return IG_OK;
}

ig_status ig_store_forget_progress(ig_store *store, ig_error *error)
{
    const ig_variable *v = ig_datasets_find(store->root, IG_STORE_PROGRESS);
    AUTO_FREE float *unknown = NULL;
    if (!v || v->missing) {
        return IG_OK;
    }
    TRY(ig_store_want_writable(store, error));
    TRY(IG_ALLOC(unknown, store->n_tasks, error));
    for (size_t t = 0; t < store->n_tasks; t++) {
        unknown[t] = NAN;
    }
    return ig_store_write_rows(store, v, 0, store->n_tasks, unknown, error);
}

ig_status ig_store_clear(ig_store *store, const size_t *tasks, size_t n, ig_error *error)
{
    const ig_variable *state = ig_store_variable(store, IG_STORE_STATE);
    const int8_t empty = IG_STATE_EMPTY;
    TRY(ig_store_want_writable(store, error));
    for (size_t i = 0; i < n; i++) {
        TRY(want_task(store, tasks[i], error));
    }
    for (size_t i = 0; i < n; i++) {
        TRY(ig_store_write_rows(store, state, tasks[i], 1, &empty, error));
    }
    return ig_store_sync(store, error);
}

/** Room for some rows. */
typedef struct block {
    size_t capacity; /**< rows */
    int8_t *state;
    uint32_t *crc;
    char *failure;          /**< IG_ROW_ERROR each */
    unsigned char *rows;    /**< layout->row_size each, padding zero */
    unsigned char *scratch; /**< one column of all rows */
} block;

static void block_clear(block *b)
{
    free(b->state);
    free(b->crc);
    free(b->failure);
    free(b->rows);
    free(b->scratch);
}

static ig_status block_init(block *b, const ig_store *store, ig_error *error)
{
    const size_t row = store->layout->row_size, fit = BLOCK_BYTES / (row + IG_ROW_ERROR + 8);
    const size_t n = fit < 1 ? 1 : fit < store->n_tasks ? fit : store->n_tasks;
    b->capacity = n;
    TRY(IG_ALLOC(b->state, n, error));
    TRY(IG_ALLOC(b->crc, n, error));
    TRY(IG_ALLOC(b->failure, n * IG_ROW_ERROR, error));
    TRY(IG_ALLOC(b->rows, n * row + 1, error));
    return IG_ALLOC(b->scratch, n * row + 1, error);
}

/** Read n rows from `first` and put their columns together. The state comes first: a row that a run
 *  in progress finishes meanwhile is then seen as empty, and never as damaged. */
static ig_status block_read(block *b, const ig_store *store, size_t first, size_t n,
                            ig_error *error)
{
    const ig_layout *layout = store->layout;
    TRY(ig_store_read_rows(store, ig_store_variable(store, IG_STORE_STATE), first, n, b->state,
                           error));
    size_t marked = 0;
    for (size_t i = 0; i < n; i++) {
        marked += b->state[i] != IG_STATE_EMPTY;
    }
    if (marked == 0 && !store->rescued) {
        return IG_OK;
    }
    TRY(ig_store_read_rows(store, ig_store_variable(store, IG_STORE_CRC), first, n, b->crc, error));
    TRY(ig_store_read_rows(store, ig_store_variable(store, IG_STORE_FAILURE), first, n, b->failure,
                           error));
    for (size_t c = 0; c < layout->n_columns; c++) {
        const ig_variable *v = ig_store_variable(store, layout->columns[c].name);
        const size_t size = layout->counts[c] * ig_type_size(layout->columns[c].type);
        TRY(ig_store_read_rows(store, v, first, n, b->scratch, error));
        for (size_t i = 0; i < n; i++) {
            memcpy(b->rows + i * layout->row_size + layout->offsets[c], b->scratch + i * size,
                   size);
        }
    }
    return IG_OK;
}

/** Whether row i, if it is done, is what was written. A done row has no failure text, so that a
 *  damaged one says nothing against it. */
static bool proves_done(const block *b, const ig_layout *layout, size_t first, size_t i)
{
    static const char none[IG_ROW_ERROR];
    return b->crc[i] != 0 &&
           b->crc[i] ==
               ig_row_crc(layout, first + i, b->rows + i * layout->row_size, IG_STATE_DONE, none);
}

/** Whether a marked row is what was written. */
static bool intact(const block *b, const ig_layout *layout, size_t first, size_t i)
{
    return (b->state[i] == IG_STATE_DONE || b->state[i] == IG_STATE_FAILED) &&
           b->crc[i] == ig_row_crc(layout, first + i, b->rows + i * layout->row_size, b->state[i],
                                   b->failure + i * IG_ROW_ERROR);
}

/** Count n rows from `first`; states of damaged ones become empty. `rescue`: rows whose state or
 *  failure text was lost count where their checksum proves them done. */
static void count(block *b, const ig_layout *layout, bool rescue, size_t first, size_t n,
                  ig_store_scan *scan)
{
    for (size_t i = 0; i < n; i++) {
        if (rescue && proves_done(b, layout, first, i)) {
            b->state[i] = IG_STATE_DONE;
            memset(b->failure + i * IG_ROW_ERROR, 0, IG_ROW_ERROR);
        }
        if (b->state[i] != IG_STATE_EMPTY && !intact(b, layout, first, i)) {
            if (scan->damaged == 0) {
                scan->first_damaged = first + i;
            }
            scan->damaged++;
            b->state[i] = IG_STATE_EMPTY;
        }
        scan->done += b->state[i] == IG_STATE_DONE;
        scan->failed += b->state[i] == IG_STATE_FAILED;
        scan->empty += b->state[i] == IG_STATE_EMPTY;
    }
}

ig_status ig_store_check(ig_store *store, int8_t *state, ig_store_scan *scan, ig_error *error)
{
    ig_store_scan found = {0};
    AUTO(block_clear) block b = {0};
    TRY(block_init(&b, store, error));
    for (size_t first = 0; first < store->n_tasks; first += b.capacity) {
        const size_t left = store->n_tasks - first, n = left < b.capacity ? left : b.capacity;
        TRY(block_read(&b, store, first, n, error));
        count(&b, store->layout, store->rescued, first, n, &found);
        memcpy(state + first, b.state, n);
    }
    *scan = found;
    return IG_OK;
}
