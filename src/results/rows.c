#include "results/rows.h"

#include <stdlib.h>
#include <string.h>

/** One file's bookkeeping columns, owned. */
typedef struct incoming {
    int8_t *state;
    double *number; /**< one column at a time */
    ig_start *starts;
} incoming;

static void incoming_clear(incoming *in)
{
    free(in->state);
    free(in->number);
    free(in->starts);
}

ig_status ig_rows_init(ig_rows *rows, size_t n_tasks, const char *const *columns, ig_error *error)
{
    ig_rows r = {.n_tasks = n_tasks, .columns = columns};
    while (columns[r.n_columns]) {
        r.n_columns++;
    }
    r.state = calloc(n_tasks, sizeof *r.state);
    r.crc = calloc(n_tasks, sizeof *r.crc);
    r.source = calloc(n_tasks, sizeof *r.source);
    r.seconds = calloc(n_tasks, sizeof *r.seconds);
    r.values = calloc(n_tasks * (r.n_columns + 1), sizeof *r.values);
    if (!r.state || !r.crc || !r.source || !r.seconds || !r.values) {
        ig_rows_clear(&r);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks", n_tasks);
    }
    *rows = r;
    return IG_OK;
}

void ig_rows_clear(ig_rows *rows)
{
    free(rows->state);
    free(rows->crc);
    free(rows->source);
    free(rows->seconds);
    free(rows->values);
    memset(rows, 0, sizeof *rows);
}

static ig_status conflict(const ig_rows *rows, const ig_store *store, size_t task,
                          const char *earlier, ig_error *error)
{
    const ig_grid *grid = ig_store_grid(store);
    size_t n_seeds = ig_grid_n_seeds(grid);
    char label[256];
    const char *isa = ig_store_attribute(store, "isa");
    ig_grid_label(grid, task / n_seeds, label, sizeof label);
    return ig_error_set(
        error, IG_ERR_MISMATCH,
        "%s: task %zu (%s seed=%llu) has other results than in %s (checksum there %08x); the "
        "instruction set here is %s: were the files made on different machines or by different "
        "versions?",
        ig_store_path(store), task, label,
        (unsigned long long)ig_config_seed(ig_store_config(store), task % n_seeds), earlier,
        (unsigned)rows->crc[task], isa ? isa : "not recorded");
}

/** Decide which of the file's tasks are taken: in->state of the others becomes empty. */
static ig_status choose(ig_rows *rows, const ig_store *store, uint32_t source, incoming *in,
                        const char *const *earlier, ig_error *error)
{
    for (size_t t = 0; t < rows->n_tasks; t++) {
        uint32_t crc = (uint32_t)in->number[t];
        bool done = in->state[t] == IG_STATE_DONE;
        if (done && rows->state[t] == IG_STATE_DONE && rows->crc[t] != crc) {
            return conflict(rows, store, t, earlier[rows->source[t]], error);
        }
        if (in->state[t] == IG_STATE_EMPTY || rows->state[t] == IG_STATE_DONE ||
            (!done && rows->state[t] == IG_STATE_FAILED)) {
            in->state[t] = IG_STATE_EMPTY;
            continue;
        }
        rows->state[t] = in->state[t];
        rows->crc[t] = crc;
        rows->source[t] = source;
    }
    return IG_OK;
}

static ig_status take_column(const ig_rows *rows, ig_store *store, const incoming *in,
                             const char *column, double *into, ig_error *error)
{
    ig_status status = ig_store_read(store, column, in->number, error);
    for (size_t t = 0; !status && t < rows->n_tasks; t++) {
        if (in->state[t] != IG_STATE_EMPTY) {
            into[t] = in->number[t];
        }
    }
    return status;
}

static ig_status note_starts(ig_rows *rows, ig_store *store, const incoming *in, ig_error *error)
{
    size_t n = 0;
    ig_status status = ig_store_starts(store, in->starts, &n, error);
    for (size_t i = 0; !status && i < n; i++) {
        int32_t ranks = in->starts[i].ranks;
        rows->ranks_low = rows->starts == 0 || ranks < rows->ranks_low ? ranks : rows->ranks_low;
        rows->ranks_high = ranks > rows->ranks_high ? ranks : rows->ranks_high;
        rows->starts++;
    }
    return status;
}

ig_status ig_rows_add(ig_rows *rows, ig_store *store, uint32_t source, const char *const *earlier,
                      ig_error *error)
{
    ig_store_scan scan = {0};
    incoming in = {
        .state = calloc(rows->n_tasks, sizeof *in.state),
        .number = calloc(rows->n_tasks, sizeof *in.number),
        .starts = calloc(IG_STORE_STARTS, sizeof *in.starts),
    };
    ig_status status = IG_OK;
    if (!in.state || !in.number || !in.starts) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks", rows->n_tasks);
    }
    if (!status) {
        status = ig_store_check(store, in.state, &scan, error);
    }
    if (!status) {
        status = ig_store_read(store, IG_STORE_CRC, in.number, error);
    }
    if (!status) {
        status = choose(rows, store, source, &in, earlier, error);
    }
    if (!status) {
        status = take_column(rows, store, &in, IG_STORE_SECONDS, rows->seconds, error);
    }
    for (size_t c = 0; !status && c < rows->n_columns; c++) {
        status = take_column(rows, store, &in, rows->columns[c], rows->values + c * rows->n_tasks,
                             error);
    }
    if (!status) {
        status = note_starts(rows, store, &in, error);
    }
    rows->damaged += scan.damaged;
    incoming_clear(&in);
    return status;
}
