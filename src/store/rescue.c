/** What can be read of a damaged result file without HDF5: a row whose checksum holds is what was
 *  written, whatever became of the rest.
 *
 *  Needed are the configuration, from which follows what datasets there are, and their places. The
 *  configuration stands as a plain text near the beginning, together with its hash. The places
 *  stand in the footer, in the order in which the datasets were made; where the footer is gone,
 * those of the headers that are left are taken, or the file is laid out once more, in memory. A
 * wrong guess of either is found out by the checksums. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/foreign.h"
#include "base/hash.h"
#include "base/process.h"
#include "base/try.h"
#include "config/inputs.h"
#include "store/file.h"
#include "store/internal.h"

/* HDF5 keeps texts in collections; those of the root group come before all datasets. */
enum { SEARCHED = 8 << 20, COLLECTION_HEAD = 16, OBJECT_HEAD = 16, TEXT_MAX = 4 << 20 };
enum { TEXTS_MAX = 4096 };

/** Texts found in a file, in its order. */
typedef struct texts {
    char **list;
    size_t n;
} texts;

static void texts_clear(texts *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->list[i]);
    }
    free(t->list);
}

static uint64_t word_at(const unsigned char *bytes, size_t n)
{
    uint64_t word = 0;
    memcpy(&word, bytes, n);
    return word;
}

/** Add what a collection of `size` bytes holds: each object has a number (2 bytes), 6 bytes of no
 *  interest, its length (8 bytes) and its bytes, padded to a multiple of 8; number 0 ends them. */
static ig_status read_collection(const unsigned char *bytes, size_t size, texts *t, ig_error *error)
{
    for (size_t at = COLLECTION_HEAD; at + OBJECT_HEAD <= size && t->n < TEXTS_MAX;) {
        const uint64_t number = word_at(bytes + at, 2), length = word_at(bytes + at + 8, 8);
        at += OBJECT_HEAD;
        if (number == 0 || length > size - at) {
            break;
        }
        if (length < TEXT_MAX) {
            char *text = NULL;
            TRY(IG_ALLOC(text, (size_t)length + 1, error));
            memcpy(text, bytes + at, (size_t)length);
            t->list[t->n++] = text;
        }
        const uint64_t padded = (length + 7) / 8 * 8;
        if (padded > size - at) {
            break;
        }
        at += (size_t)padded;
    }
    return IG_OK;
}

static ig_status find_texts(int fd, texts *t, ig_error *error)
{
    uint64_t size = 0;
    AUTO_FREE unsigned char *bytes = NULL;
    TRY(ig_file_length(fd, &size, error));
    const size_t n = size < SEARCHED ? (size_t)size : SEARCHED;
    TRY(IG_ALLOC(bytes, n + 1, error));
    TRY(IG_ALLOC(t->list, TEXTS_MAX, error));
    ig_file_read_lenient(fd, 0, bytes, n);
    for (const unsigned char *at = bytes; t->n < TEXTS_MAX; at += 4) {
        at = memmem(at, n - (size_t)(at - bytes), "GCOL", 4);
        const size_t left = at ? n - (size_t)(at - bytes) : 0;
        if (left < COLLECTION_HEAD) {
            break;
        }
        const uint64_t length = word_at(at + 8, 8);
        TRY(read_collection(at, length < left ? (size_t)length : left, t, error));
    }
    return IG_OK;
}

/** Number of the text that is `wanted`; t->n where there is none. */
static size_t find_text(const texts *t, const char *wanted)
{
    size_t i = 0;
    while (i < t->n && strcmp(t->list[i], wanted) != 0) {
        i++;
    }
    return i;
}

static bool is_hash(const char *text)
{
    return strlen(text) == IG_HASH_DIGITS && strspn(text, "0123456789abcdef") == IG_HASH_DIGITS;
}

static size_t find_hash(const texts *t)
{
    size_t i = 0;
    while (i < t->n && !is_hash(t->list[i])) {
        i++;
    }
    return i;
}

/** Number of the text that names an instruction set. */
static size_t find_isa(const texts *t)
{
    ig_isa isa;
    size_t i = 0;
    while (i < t->n && (ig_isa_parse(t->list[i], &isa, NULL) != IG_OK || isa == IG_ISA_AUTO)) {
        i++;
    }
    return i;
}

static ig_status set_text(ig_store *s, const char *name, const char *text, ig_error *error)
{
    for (size_t i = 0; i < IG_ROOT_TEXTS; i++) {
        if (strcmp(ig_root_names[i], name) == 0) {
            free(s->texts[i]);
            s->texts[i] = ig_strdup(text, error);
            return s->texts[i] ? IG_OK : IG_ERR_MEMORY;
        }
    }
    return IG_OK;
}

static void drop_configuration(ig_store *s)
{
    ig_layout_destroy(&s->layout);
    ig_grid_destroy(&s->grid);
    ig_config_destroy(&s->config);
}

/** The configuration that the caller gives, unless the file holds the hash of another one. */
static ig_status configure_as_told(ig_store *s, const ig_registry *registry, const char *text,
                                   const texts *t, ig_error *error)
{
    TRY(ig_store_configure(s, registry, text, error));
    s->confirmed = find_text(t, ig_config_hash(s->config)) < t->n;
    return s->confirmed || find_hash(t) == t->n
               ? IG_OK
               : ig_error_set(error, IG_ERR_MISMATCH,
                              "was made with another configuration than the one given (its hash "
                              "is %s, not %s)",
                              t->list[find_hash(t)], ig_config_hash(s->config));
}

/** The configuration that the file holds together with its hash. */
static ig_status configure_itself(ig_store *s, const ig_registry *registry, const texts *t,
                                  ig_error *error)
{
    ig_error cause = {0};
    for (size_t i = 0; i < t->n; i++) {
        if (strncmp(t->list[i], "experiment:", strlen("experiment:")) != 0) {
            continue;
        }
        const ig_status status = ig_store_configure(s, registry, t->list[i], &cause);
        if (status == IG_ERR_MEMORY) {
            return ig_error_set(error, status, "%s", cause.text);
        }
        if (!status && find_text(t, ig_config_hash(s->config)) < t->n) {
            s->confirmed = true;
            return set_text(s, "config", t->list[i], error);
        }
        drop_configuration(s);
    }
    return ig_error_set(error, IG_ERR_CONFIG,
                        cause.text[0] ? "its configuration is damaged (%s): name it with --config"
                                      : "its configuration did not survive%s: name it with "
                                        "--config",
                        cause.text);
}

/** The texts between the hash and the instruction set, as the root group has them in order; what
 *  did not survive is "unknown". An empty one is not stored at all, and only the revision may be
 *  empty. */
static ig_status name_program(ig_store *s, const texts *t, ig_error *error)
{
    static const char *const between[] = {"imagrid_version", "revision", "compiler", "flags",
                                          "libraries"};
    enum { N = sizeof between / sizeof *between };
    const size_t hash = find_text(t, ig_config_hash(s->config)), isa = find_isa(t);
    const size_t n = isa < t->n && hash < isa ? isa - hash - 1 : 0;
    for (size_t i = 0, at = hash + 1; i < N; i++) {
        const bool known = n == N || n == N - 1, left_out = n == N - 1 && i == 1;
        TRY(set_text(s, between[i], !known ? "unknown" : left_out ? "" : t->list[at], error));
        at += known && !left_out;
    }
    return set_text(s, "isa", isa < t->n ? t->list[isa] : "", error);
}

static ig_status name_rest(ig_store *s, const ig_registry *registry, const texts *t,
                           ig_error *error)
{
    const char *origin = ig_registry_origin(registry, s->experiment);
    TRY(set_text(s, "Conventions", "CF-1.8", error));
    TRY(set_text(s, "title", s->experiment->title, error));
    TRY(set_text(s, "experiment", s->experiment->schema.experiment, error));
    if (!ig_store_attribute(s, "config")) {
        TRY(set_text(s, "config", ig_config_resolved(s->config), error));
    }
    TRY(set_text(s, "config_hash", ig_config_hash(s->config), error));
    TRY(set_text(s, "row_columns", "", error));
    for (size_t i = 0; ig_inputs_count(s->config) > 0 && i < t->n; i++) {
        if (ig_inputs_told(s->config, t->list[i])) {
            TRY(set_text(s, IG_STORE_READS, t->list[i], error));
        }
    }
    for (size_t i = 0; origin && i < t->n; i++) {
        /* "NAME VERSION HASH PATH" */
        const size_t name = strcspn(origin, " ");
        if (strncmp(t->list[i], origin, name + 1) == 0 && strchr(t->list[i], '/')) {
            return set_text(s, IG_STORE_ORIGIN, t->list[i], error);
        }
    }
    return origin ? set_text(s, IG_STORE_ORIGIN, origin, error) : IG_OK;
}

/** Give the datasets of rows the places of the footer, if they fit: as many, each as long. */
static bool take_extents(ig_datasets *list, const ig_extent *extents, size_t n, size_t *used)
{
    for (size_t i = 0; i < list->n; i++) {
        ig_variable *v = &list->variables[i];
        if (v->role != IG_ROLE_ROWS || v->missing) {
            continue;
        }
        if (*used == n || extents[*used].length != ig_variable_size(v)) {
            return false;
        }
        v->offset = extents[(*used)++].offset;
    }
    return true;
}

/** Files of earlier versions lack what is optional. */
static void leave_out_optional(ig_datasets *list, bool out)
{
    for (size_t i = 0; i < list->n; i++) {
        list->variables[i].missing = out && list->variables[i].optional;
    }
}

static ig_status place_by_footer(ig_store *s, const ig_extent *extents, size_t n, ig_error *error)
{
    for (int earlier = 0; earlier < 2; earlier++) {
        size_t used = 0;
        if (earlier) {
            leave_out_optional(s->sessions, true);
        }
        if (take_extents(s->root, extents, n, &used) &&
            take_extents(s->sessions, extents, n, &used) && used == n) {
            return IG_OK;
        }
    }
    return ig_error_set(error, IG_ERR_FORMAT,
                        "its footer tells of other datasets than this configuration has");
}

/** IG_ERR_FORMAT with what the file seems to be, where nothing in it is imagrid's. */
static ig_status want_traces(const ig_store *s, const texts *t, ig_error *error)
{
    unsigned char start[IG_FOREIGN_BYTES];
    uint64_t size = 0;
    size_t n = 0;
    AUTO_FREE ig_extent *extents = NULL;
    TRY(ig_footer_find(s->fd, &extents, &n, error));
    if (extents || find_hash(t) < t->n) {
        return IG_OK;
    }
    TRY(ig_file_length(s->fd, &size, error));
    n = size < sizeof start ? (size_t)size : sizeof start;
    ig_file_read_lenient(s->fd, 0, start, n);
    return ig_error_set(error, IG_ERR_FORMAT, "nothing in it is of imagrid: %s",
                        ig_is_hdf5(start, n) ? "an HDF5 file of another program"
                                             : ig_foreign_describe(start, n));
}

/* A message of a header that tells where a dataset's values stand: its kind (1 byte), its length
 * (2), 3 of no interest, that the values are contiguous (2), their address and their size (8). */
enum { PLACE_HEAD = 3, PLACE_KIND = 6, PLACE_ADDRESS = 8, PLACE_MESSAGE = 24, PLACES_MAX = 4096 };
enum { BLOCK = 1 << 20 };
/* No file is as long. */
static const uint64_t PLACE_LIMIT = UINT64_C(1) << 60;

static int compare_extents(const void *a, const void *b)
{
    const ig_extent *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/** Add the places that the messages in `bytes` tell of. */
static void read_places(const unsigned char *bytes, size_t n, ig_extent *places, size_t *n_places)
{
    static const unsigned char head[PLACE_HEAD] = {8, PLACE_MESSAGE - PLACE_KIND, 0};
    const unsigned char *at = bytes;
    while (*n_places < PLACES_MAX &&
           (at = memmem(at, n - (size_t)(at - bytes), head, PLACE_HEAD)) &&
           n - (size_t)(at - bytes) >= PLACE_MESSAGE) {
        const ig_extent place = {word_at(at + PLACE_ADDRESS, 8),
                                 word_at(at + PLACE_ADDRESS + 8, 8)};
        if (at[PLACE_KIND] == 3 && at[PLACE_KIND + 1] == 1 && place.offset < PLACE_LIMIT) {
            places[(*n_places)++] = place;
        }
        at++;
    }
}

/** The places of datasets that headers anywhere in the file tell of, in its order. */
static ig_status find_places(int fd, ig_extent *places, size_t *n, ig_error *error)
{
    uint64_t size = 0;
    AUTO_FREE unsigned char *bytes = NULL;
    TRY(ig_file_length(fd, &size, error));
    TRY(IG_ALLOC(bytes, BLOCK, error));
    for (uint64_t at = 0; at < size; at += BLOCK - PLACE_MESSAGE + 1) {
        const size_t length = size - at < BLOCK ? (size_t)(size - at) : BLOCK;
        ig_file_read_lenient(fd, at, bytes, length);
        read_places(bytes, length, places, n);
    }
    qsort(places, *n, sizeof *places, compare_extents);
    return IG_OK;
}

/** Give each dataset the next of the places that is as long as it; false where there is none. */
static bool take_places(ig_datasets *list, const ig_extent *places, size_t n, size_t *next)
{
    for (size_t i = 0; i < list->n; i++) {
        ig_variable *v = &list->variables[i];
        if (v->missing) {
            continue;
        }
        while (*next < n && places[*next].length != ig_variable_size(v)) {
            ++*next;
        }
        if (*next == n) {
            return false;
        }
        v->offset = places[(*next)++].offset;
    }
    return true;
}

/** Where headers say that the values are, else where they are if the file is laid out once more:
 *  as this version does or as earlier ones did, whichever has rows that prove themselves there. */
static ig_status place_by_proof(ig_store *s, ig_error *error)
{
    ig_store_scan scan = {0};
    AUTO_FREE int8_t *state = NULL;
    AUTO_FREE ig_extent *places = NULL;
    size_t n = 0;
    TRY(IG_ALLOC(state, s->n_tasks, error));
    TRY(IG_ALLOC(places, PLACES_MAX, error));
    TRY(find_places(s->fd, places, &n, error));
    enum { NO_LATER_KEYS = 1, NO_RESULTS_VERSION = 2, LAID_OUT = 4, N_WAYS = 8 };
    for (int way = 0; way < N_WAYS; way++) {
        size_t next = 0;
        leave_out_optional(s->root, way & NO_LATER_KEYS);
        leave_out_optional(s->sessions, way & NO_RESULTS_VERSION);
        if (way & LAID_OUT) {
            TRY(ig_store_lay_out(s, way & NO_RESULTS_VERSION, error));
        } else if (!take_places(s->root, places, n, &next) ||
                   !take_places(s->sessions, places, n, &next)) {
            continue;
        }
        TRY(ig_store_check(s, state, &scan, error));
        if (scan.done + scan.failed > 0) {
            return IG_OK;
        }
    }
    return ig_error_set(error, IG_ERR_FORMAT,
                        "its footer is lost, and no row is whole where headers that are left or "
                        "this version of imagrid would have put it");
}

static ig_status place_rows(ig_store *s, ig_error *error)
{
    size_t n = 0;
    AUTO_FREE ig_extent *extents = NULL;
    TRY(ig_footer_find(s->fd, &extents, &n, error));
    TRY(ig_datasets_root(s->grid, s->layout, &s->root, error));
    TRY(ig_datasets_sessions(ig_store_attribute(s, IG_STORE_ORIGIN), ig_inputs_count(s->config) > 0,
                             &s->sessions, error));
    return extents ? place_by_footer(s, extents, n, error) : place_by_proof(s, error);
}

/** Instruction set, results version and input files as the sessions note them, where nothing else
 *  does. */
static ig_status ask_sessions(ig_store *s, ig_error *error)
{
    const ig_variable *results = ig_datasets_find(s->sessions, IG_STORE_RESULTS);
    size_t n = 0;
    ig_isa isa;
    AUTO_FREE ig_session_record *sessions = NULL;
    TRY(IG_ALLOC(sessions, IG_STORE_SESSIONS, error));
    TRY(ig_store_plausible_sessions(s, &n, error));
    s->results_version = results->missing; /* 1: of files that have no such column */
    size_t recorded = 0;
    TRY(ig_store_sessions(s, sessions, &recorded, error));
    for (size_t i = 0; i < n && i < recorded; i++) {
        if (!ig_store_attribute(s, "isa")[0] &&
            ig_isa_parse(sessions[i].isa, &isa, NULL) == IG_OK) {
            TRY(set_text(s, "isa", sessions[i].isa, error));
        }
        if (sessions[i].results_version > 0) {
            s->results_version = sessions[i].results_version;
        }
    }
    if (s->results_version == 0) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "nothing in it says any more which results version its rows have");
    }
    char inputs[IG_STORE_INPUTS];
    TRY(ig_store_noted_inputs(s, inputs, error));
    if (!ig_store_attribute(s, IG_STORE_READS) && *inputs) {
        TRY(set_text(s, IG_STORE_READS, inputs, error));
    }
    if (!ig_inputs_told(s->config, ig_store_attribute(s, IG_STORE_READS))) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "nothing in it says any more what was in the input files that its rows "
                            "are of");
    }
    return ig_isa_parse(ig_store_attribute(s, "isa"), &isa, NULL) == IG_OK && isa != IG_ISA_AUTO
               ? IG_OK
               : ig_error_set(error, IG_ERR_FORMAT,
                              "nothing in it says any more which instruction set computed its "
                              "rows");
}

static ig_status rescue(ig_store *s, const ig_registry *registry, const char *config,
                        ig_error *error)
{
    struct stat info;
    bool right = false;
    AUTO(texts_clear) texts t = {0};
    s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (s->fd < 0 || fstat(s->fd, &info) != 0) {
        return ig_file_error(error, errno, "cannot be opened");
    }
    if (!S_ISREG(info.st_mode)) {
        return ig_error_set(error, IG_ERR_FORMAT, "not a regular file");
    }
    if (ig_footer_check(s->fd, &right, NULL) == IG_OK && right) {
        return ig_error_set(error, IG_ERR_USAGE, "is not damaged outside of its rows");
    }
    TRY(find_texts(s->fd, &t, error));
    if (find_text(&t, IG_SUMMARY_KIND) < t.n) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "is a summary, which has no rows to be saved: merge the result files "
                            "again");
    }
    TRY(want_traces(s, &t, error));
    TRY(config ? configure_as_told(s, registry, config, &t, error)
               : configure_itself(s, registry, &t, error));
    s->n_tasks = ig_grid_n_tasks(s->grid);
    TRY(name_program(s, &t, error));
    TRY(name_rest(s, registry, &t, error));
    TRY(place_rows(s, error));
    return ask_sessions(s, error);
}

ig_status ig_store_rescue(const ig_registry *registry, const char *path, const char *config,
                          ig_store **store, ig_error *error)
{
    AUTO(ig_store_close) ig_store *s = NULL;
    TRY(IG_ALLOC(s, 1, error));
    s->fd = s->spool = -1;
    s->changed = s->rescued = true;
    s->path = ig_strdup(path, error);
    if (!s->path) {
        return IG_ERR_MEMORY;
    }
    const ig_status status = rescue(s, registry, config, error);
    if (status) {
        ig_error_context(error, "%s", path);
        return status;
    }
    *store = ig_take(&s);
    return IG_OK;
}

bool ig_store_confirmed(const ig_store *store)
{
    return !store->rescued || store->confirmed;
}
