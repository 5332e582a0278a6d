/** Reading every row back against its checksum. */
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"

enum { BLOCK_BYTES = 4 << 20 };

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
    size_t row = store->layout->row_size, fit = BLOCK_BYTES / (row + IG_ROW_ERROR + 8);
    size_t n = fit < 1 ? 1 : fit < store->n_tasks ? fit : store->n_tasks;
    *b = (block){n,
                 malloc(n * sizeof *b->state),
                 malloc(n * sizeof *b->crc),
                 malloc(n * IG_ROW_ERROR),
                 calloc(n, row + 1),
                 malloc(n * row + 1)};
    if (!b->state || !b->crc || !b->failure || !b->rows || !b->scratch) {
        block_clear(b);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory to check %zu rows", n);
    }
    return IG_OK;
}

/** Read n rows from `first` and put their columns together. The state comes first: a row that a run
 *  in progress finishes meanwhile is then seen as empty, and never as damaged. */
static ig_status block_read(block *b, const ig_store *store, size_t first, size_t n,
                            ig_error *error)
{
    const ig_layout *layout = store->layout;
    ig_status status = ig_store_read_rows(store, ig_store_variable(store, IG_STORE_STATE), first, n,
                                          b->state, error);
    if (status) {
        return status;
    }
    size_t marked = 0;
    for (size_t i = 0; i < n; i++) {
        marked += b->state[i] != IG_STATE_EMPTY;
    }
    if (marked == 0) {
        return IG_OK;
    }
    status =
        ig_store_read_rows(store, ig_store_variable(store, IG_STORE_CRC), first, n, b->crc, error);
    if (!status) {
        status = ig_store_read_rows(store, ig_store_variable(store, IG_STORE_FAILURE), first, n,
                                    b->failure, error);
    }
    for (size_t c = 0; c < layout->n_columns && !status; c++) {
        const ig_variable *v = ig_store_variable(store, layout->columns[c].name);
        size_t size = layout->counts[c] * ig_type_size(layout->columns[c].type);
        status = ig_store_read_rows(store, v, first, n, b->scratch, error);
        for (size_t i = 0; i < n && !status; i++) {
            memcpy(b->rows + i * layout->row_size + layout->offsets[c], b->scratch + i * size,
                   size);
        }
    }
    return status;
}

/** Whether a marked row is what was written. */
static bool intact(const block *b, const ig_layout *layout, size_t first, size_t i)
{
    return (b->state[i] == IG_STATE_DONE || b->state[i] == IG_STATE_FAILED) &&
           b->crc[i] == ig_row_crc(layout, first + i, b->rows + i * layout->row_size, b->state[i],
                                   b->failure + i * IG_ROW_ERROR);
}

/** Count n rows from `first`; states of damaged ones become empty. */
static void count(block *b, const ig_layout *layout, size_t first, size_t n, ig_store_scan *scan)
{
    for (size_t i = 0; i < n; i++) {
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
    block b;
    ig_status status = block_init(&b, store, error);
    if (status) {
        return status;
    }
    for (size_t first = 0; first < store->n_tasks && !status; first += b.capacity) {
        size_t left = store->n_tasks - first, n = left < b.capacity ? left : b.capacity;
        status = block_read(&b, store, first, n, error);
        if (!status) {
            count(&b, store->layout, first, n, &found);
            memcpy(state + first, b.state, n);
        }
    }
    if (!status) {
        *scan = found;
    }
    block_clear(&b);
    return status;
}
