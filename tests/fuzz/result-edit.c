/** The edits of a result file. */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "config-text.h"
#include "result-file.h"
#include "store/internal.h"

/* As in src/store/footer.c: words from the end of the file. */
enum { TAIL = 6, HASHED = 4 };
/** What an edit does. */
enum {
    ROWS_SET,       /**< one byte of what the footer leaves out */
    ROWS_FLIP,      /**< one bit of it */
    ROW_NUMBER,     /**< a number of a dataset, the row's checksum made right */
    COLUMN_NUMBER,  /**< the same number for all tasks */
    ROW_STATE,      /**< state and failure of a task */
    ROWS_STATE,     /**< states of several */
    SESSION_NUMBER, /**< of a session */
    CONFIG_LINES,
    CONFIG_BYTE,
    TEXT_BYTE,
    TEXT_WORD,
    CUT,
    FOOTER_BYTE,
    ANYWHERE,
    KINDS
};

static uint64_t word_at(const uint8_t *bytes, size_t offset)
{
    uint64_t word;
    memcpy(&word, bytes + offset, sizeof word);
    return word;
}

/** Byte number `at` of all those the footer leaves out. */
static size_t row_byte(const result_file *f, uint64_t at)
{
    size_t n = (size_t)word_at(f->base, f->full_size - TAIL * 8),
           first = f->full_size - (2 * n + TAIL) * 8;
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        total += word_at(f->base, first + 16 * i + 8);
    }
    at %= total;
    for (size_t i = 0; i < n; i++) {
        uint64_t length = word_at(f->base, first + 16 * i + 8);
        if (at < length) {
            return (size_t)(word_at(f->base, first + 16 * i) + at);
        }
        at -= length;
    }
    return 0;
}

/** Store a number as the variable's type has it; bits that mean nothing else where it does not fit.
 */
static void put_number(uint8_t *to, ig_stored type, double number)
{
    bool fits = number > -0x1p63 && number < 0x1p63;
    int64_t integer = INT64_MIN;
    if (fits) {
        integer = (int64_t)number;
    }
    float single = number > 3.5e38 || number < -3.5e38 ? (float)(number > 0 ? 1e39 : -1e39) : 0;
    if (type == IG_STORED_F64) {
        memcpy(to, &number, sizeof number);
    } else if (type == IG_STORED_F32) {
        single = single > 0 || single < 0 ? single : (float)number;
        memcpy(to, &single, sizeof single);
    } else {
        memcpy(to, &integer, ig_stored_size(type));
    }
}

/** Number `element` of a row of a variable. */
static void set_number(result_file *f, const ig_variable *v, size_t row, size_t element,
                       uint8_t value)
{
    size_t size = ig_stored_size(v->type);
    put_number(f->bytes + v->offset +
                   (row % v->shape[0] * v->shape[1] + element % v->shape[1]) * size,
               v->type, edits_number(value));
    f->stale = f->stale || v->role != IG_ROLE_ROWS;
}

static void edit_numbers(result_file *f, const edit *e)
{
    const ig_datasets *root = f->store->root;
    const ig_variable *v = &root->variables[e->which % root->n];
    size_t n = f->store->n_tasks, element = e->place / n;
    bool all = e->kind % KINDS == COLUMN_NUMBER;
    for (size_t i = 0; i < (all ? n : 1); i++) {
        size_t task = (e->place + i) % n;
        set_number(f, v, task, element, e->value);
        f->mend[task] = true;
    }
}

static void set_state(result_file *f, size_t task, int8_t state, const char *failure)
{
    size_t at = (size_t)ig_store_variable(f->store, IG_STORE_FAILURE)->offset + task * IG_ROW_ERROR;
    memset(f->bytes + at, 0, IG_ROW_ERROR);
    memcpy(f->bytes + at, failure, strlen(failure));
    f->bytes[ig_store_variable(f->store, IG_STORE_STATE)->offset + task] = (uint8_t)state;
    f->mend[task] = true;
}

static void edit_states(result_file *f, const edit *e)
{
    static const char *const failures[] = {
        "", "dynamics_mse is not finite", "<b>&amp;\"'", "\xc3\xa9, \xff\n\x1b[31m%s%n",
        "one,two;\"three\"\t\\four_five$six{seven}#eight~nine^ten"};
    size_t n = f->store->n_tasks, more = e->kind % KINDS == ROWS_STATE ? e->which % n : 0;
    for (size_t i = 0; i <= more; i++) {
        set_state(f, (e->place + i) % n, (int8_t)(e->value % 4), failures[e->value / 4 % 5]);
    }
}

static void edit_session(result_file *f, const edit *e)
{
    const ig_datasets *sessions = f->store->sessions;
    set_number(f, &sessions->variables[e->which % sessions->n], e->place % 1024, e->place / 1024,
               e->value);
}

/** A text keeps its length: what is left is filled with empty lines, what is too much is cut. */
static void edit_config(result_file *f, const edit *e)
{
    const result_text *t = &f->texts[f->config];
    char *text = (char *)f->bytes + t->offset;
    size_t size = t->size;
    if (e->kind % KINDS == CONFIG_BYTE) {
        text[e->place % size] = (char)e->value;
    } else {
        while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\0')) {
            size--;
        }
        size = config_text_edit(text, size, t->size, (uint64_t)e->which << 32 | e->place);
        memset(text + size, '\n', t->size - size);
    }
    f->stale = true;
}

static void edit_text(result_file *f, const edit *e)
{
    static const char *const words[] = {"",        "portable", "avx2",  "avx512",     "auto",
                                        "scaling", "fidelity", "a b c", "state state"};
    const result_text *t = &f->texts[e->which % f->n_texts];
    char *text = (char *)f->bytes + t->offset;
    const char *word = words[e->value % (sizeof words / sizeof *words)];
    if (e->kind % KINDS == TEXT_BYTE) {
        text[e->place % t->size] = (char)e->value;
    } else if (strlen(word) <= t->size) {
        memset(text, 0, t->size);
        memcpy(text, word, strlen(word));
    }
    f->stale = true;
}

void result_edit(result_file *f, const edit *e)
{
    switch (e->kind % KINDS) {
    case ROWS_SET:
        f->bytes[row_byte(f, e->place)] = e->value;
        break;
    case ROWS_FLIP:
        f->bytes[row_byte(f, e->place)] ^= (uint8_t)(1 << e->value % 8);
        break;
    case ROW_NUMBER:
    case COLUMN_NUMBER:
        edit_numbers(f, e);
        break;
    case ROW_STATE:
    case ROWS_STATE:
        edit_states(f, e);
        break;
    case SESSION_NUMBER:
        edit_session(f, e);
        break;
    case CONFIG_LINES:
    case CONFIG_BYTE:
        edit_config(f, e);
        break;
    case TEXT_BYTE:
    case TEXT_WORD:
        edit_text(f, e);
        break;
    case CUT:
        f->size = e->place % f->full_size;
        f->cut = true;
        break;
    default:
        f->bytes[e->kind % KINDS == FOOTER_BYTE ? f->full_size - 1 - e->place % 256
                                                : e->place % f->full_size] ^= e->value;
        f->anything = true;
        break;
    }
}

/** The checksum of a task's row as it is now. */
static void mend_row(result_file *f, size_t task)
{
    const ig_layout *layout = f->store->layout;
    unsigned char *row = calloc(1, layout->row_size);
    char failure[IG_ROW_ERROR];
    for (size_t c = 0; row && c < layout->n_columns; c++) {
        const ig_variable *v = ig_store_variable(f->store, layout->columns[c].name);
        size_t size = v->shape[1] * ig_stored_size(v->type);
        memcpy(row + layout->offsets[c], f->bytes + v->offset + task * size, size);
    }
    memcpy(failure,
           f->bytes + ig_store_variable(f->store, IG_STORE_FAILURE)->offset + task * IG_ROW_ERROR,
           IG_ROW_ERROR);
    if (row) {
        int8_t state = (int8_t)f->bytes[ig_store_variable(f->store, IG_STORE_STATE)->offset + task];
        uint32_t crc = ig_row_crc(layout, task, row, state, failure);
        memcpy(f->bytes + ig_store_variable(f->store, IG_STORE_CRC)->offset + task * sizeof crc,
               &crc, sizeof crc);
    }
    free(row);
}

/** The hash that the configuration has now, where it is one. */
static void mend_hash(result_file *f)
{
    const result_text *t = &f->texts[f->config];
    ig_config *config = NULL;
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    if (diagnostics && ig_registry_parse(ig_experiments(), (const char *)f->bytes + t->offset,
                                         strnlen((const char *)f->bytes + t->offset, t->size),
                                         "fuzz", &config, diagnostics) == IG_OK) {
        const char *hash = ig_config_hash(config);
        memcpy(f->bytes + f->texts[f->hash].offset, hash, strlen(hash));
    }
    ig_config_destroy(&config);
    ig_diagnostics_destroy(&diagnostics);
}

static void mend_footer(result_file *f)
{
    size_t n = (size_t)word_at(f->base, f->full_size - TAIL * 8),
           first = f->full_size - (2 * n + TAIL) * 8, at = 0;
    uint64_t hash;
    XXH3_state_t *state = XXH3_createState();
    XXH3_64bits_reset(state);
    for (size_t i = 0; i < n; i++) {
        size_t offset = (size_t)word_at(f->base, first + 16 * i);
        XXH3_64bits_update(state, f->bytes + at, offset - at);
        at = offset + (size_t)word_at(f->base, first + 16 * i + 8);
    }
    XXH3_64bits_update(state, f->bytes + at, first - at);
    hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    memcpy(f->bytes + f->full_size - HASHED * 8, &hash, sizeof hash);
    hash = XXH3_64bits(f->bytes + first, (2 * n + 3) * 8);
    memcpy(f->bytes + f->full_size - 3 * 8, &hash, sizeof hash);
}

void result_mend(result_file *f, bool hash)
{
    for (size_t t = 0; t < f->store->n_tasks; t++) {
        if (f->mend[t]) {
            mend_row(f, t);
        }
    }
    if (f->stale && hash) {
        mend_hash(f);
    }
    if (f->stale && !f->anything) {
        mend_footer(f);
    }
}
