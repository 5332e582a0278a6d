/** The reader of result files, as status, retry, resume and merge use it. An input is a list of
 *  edits of a real file: what the seal covers must be refused, what it does not cover (rows and
 *  starts) must be read whatever it says, and a text sealed anew must be understood or refused. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>
#include <xxhash.h>

#include "imagrid/report.h"
#include "scratch.h"
#include "target.h"

/* As in src/store/seal.c: words from the end of the file. */
enum { TAIL = 6, HASHED = 4 };
enum { EDIT = 6, RESAMPLES = 10 };
/* What an edit does; its other bytes: a place of four bytes, and a value. */
enum { ROWS_SET, ROWS_FLIP, CONFIG_SET, CUT, ANYWHERE, SEAL_SET, KINDS };

static uint8_t *base, *bytes;
static size_t base_size;
static FILE *nowhere;

/** Whether the file as it is can be read by its name: the edits would show nothing otherwise. */
static bool opens(void)
{
    ig_error error = {0};
    ig_store *store = NULL;
    scratch_fill(base, base_size);
    if (ig_store_open(ig_experiments(), scratch_name(), false, &store, &error) != IG_OK) {
        fprintf(stderr, "%s\n", error.text);
    }
    bool open = store != NULL;
    ig_store_close(&store);
    return open;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    base = scratch_load("IMAGRID_FUZZ_RESULT", &base_size);
    bytes = malloc(base_size);
    nowhere = fopen("/dev/null", "w");
    return !bytes || !nowhere || !opens();
}

static uint64_t word_at(size_t offset)
{
    uint64_t word;
    memcpy(&word, base + offset, sizeof word);
    return word;
}

/** Byte number `at` of all those the seal leaves out. */
static size_t row_byte(uint64_t at)
{
    size_t n = (size_t)word_at(base_size - TAIL * 8), first = base_size - (2 * n + TAIL) * 8;
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        total += word_at(first + 16 * i + 8);
    }
    at %= total;
    for (size_t i = 0; i < n; i++) {
        uint64_t length = word_at(first + 16 * i + 8);
        if (at < length) {
            return (size_t)(word_at(first + 16 * i) + at);
        }
        at -= length;
    }
    return 0;
}

static size_t config_byte(uint64_t at)
{
    const char *found = memmem(base, base_size, "experiment: ", 12);
    return found ? (size_t)((const uint8_t *)found - base) + at % strlen(found) : 0;
}

/** Make the seal right again. */
static void seal(void)
{
    size_t n = (size_t)word_at(base_size - TAIL * 8), first = base_size - (2 * n + TAIL) * 8,
           at = 0;
    uint64_t hash;
    XXH3_state_t *state = XXH3_createState();
    XXH3_64bits_reset(state);
    for (size_t i = 0; i < n; i++) {
        size_t offset = (size_t)word_at(first + 16 * i);
        XXH3_64bits_update(state, bytes + at, offset - at);
        at = offset + (size_t)word_at(first + 16 * i + 8);
    }
    XXH3_64bits_update(state, bytes + at, first - at);
    hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    memcpy(bytes + base_size - HASHED * 8, &hash, sizeof hash);
    hash = XXH3_64bits(bytes + first, (2 * n + 3) * 8);
    memcpy(bytes + base_size - 3 * 8, &hash, sizeof hash);
}

/** What a list of edits did. */
typedef struct change {
    size_t size;   /**< of the file now */
    bool cut;      /**< shorter than it was: must be refused */
    bool texts;    /**< the configuration's text differs */
    bool anything; /**< bytes that HDF5 keeps for itself may differ: never sealed anew, as HDF5's
                        parser is not safe on them */
} change;

static void apply(const uint8_t *edit, change *c)
{
    uint32_t place;
    memcpy(&place, edit + 1, sizeof place);
    uint8_t value = edit[5];
    size_t at = place % base_size;
    switch (edit[0] % KINDS) {
    case ROWS_SET:
        bytes[row_byte(place)] = value;
        break;
    case ROWS_FLIP:
        bytes[row_byte(place)] ^= (uint8_t)(1 << value % 8);
        break;
    case CONFIG_SET:
        if (value) {
            bytes[config_byte(place)] = value;
            c->texts = true;
        }
        break;
    case CUT:
        c->size = at;
        c->cut = true;
        break;
    case SEAL_SET:
        at = base_size - 1 - place % 256;
        bytes[at] ^= value;
        c->anything = true;
        break;
    default:
        bytes[at] ^= value;
        c->anything = true;
        break;
    }
}

/** Read everything there is. */
static void read_all(const char *path)
{
    ig_error error = {0};
    ig_store *store = NULL;
    ig_start starts[IG_STORE_STARTS];
    ig_store_scan scan;
    size_t n_starts;
    if (ig_store_open(ig_experiments(), path, false, &store, &error) != IG_OK) {
        return;
    }
    size_t n = ig_grid_n_tasks(ig_store_grid(store));
    int8_t *state = malloc(n);
    unsigned char *row = malloc(ig_store_layout(store)->row_size);
    char reason[IG_ROW_ERROR + 1];
    if (state && row && ig_store_check(store, state, &scan, &error) == IG_OK) {
        for (size_t t = 0; t < n; t++) {
            if (ig_store_row(store, t, row, &error) != IG_OK ||
                ig_store_failure(store, t, reason, &error) != IG_OK || state[t] < 0 ||
                state[t] > IG_STATE_FAILED) {
                abort();
            }
        }
        if (scan.done + scan.failed + scan.empty != n) {
            abort();
        }
    }
    if (ig_store_starts(store, starts, &n_starts, &error) == IG_OK && n_starts > IG_STORE_STARTS) {
        abort();
    }
    free(row);
    free(state);
    ig_store_close(&store);
}

static void merge(const char *path)
{
    ig_error error = {0};
    ig_report *report = NULL;
    if (ig_report_create(ig_experiments(), &path, 1, RESAMPLES, &report, &error) == IG_OK) {
        (void)ig_report_print(report, nowhere, &error);
    }
    ig_report_destroy(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    change c = {.size = base_size};
    ig_error error = {0};
    ig_store *store = NULL;
    memcpy(bytes, base, base_size);
    for (size_t i = 0; i + EDIT <= size; i += EDIT) {
        apply(data + i, &c);
    }
    if (c.texts && !c.anything) {
        seal();
    }
    scratch_fill(bytes, c.size);
    if (c.cut && ig_store_open(ig_experiments(), scratch_name(), false, &store, &error) == IG_OK) {
        abort();
    }
    read_all(scratch_name());
    merge(scratch_name());
    if (H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) != 0) {
        abort();
    }
    return 0;
}
