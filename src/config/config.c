/** A configuration: its life and its questions, its resolved text, and the reading of its file. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "base/foreign.h"
#include "base/process.h"
#include "base/try.h"
#include "config/private.h"

void ig_config_destroy(ig_config **config)
{
    ig_config *c = config ? *config : NULL;
    if (!c) {
        return;
    }
    for (size_t k = 0; c->settings && k < c->schema->n_keys; k++) {
        free(c->settings[k].values);
    }
    free(c->settings);
    ig_memory_pool_clear(&c->pool);
    free(c->seeds);
    free(c->resolved);
    free(c->file);
    free(c);
    *config = NULL;
}

const ig_schema *ig_config_schema(const ig_config *config)
{
    return config->schema;
}

const char *ig_config_file(const ig_config *config)
{
    return config->file;
}

size_t ig_config_key(const ig_config *config, const char *path)
{
    const ig_schema *schema = config->schema;
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (strcmp(schema->keys[k].path, path) == 0) {
            return k;
        }
    }
    ig_bug("experiment %s has no key %s", schema->experiment, path);
}

static const ig_setting *setting_of(const ig_config *config, size_t key)
{
    if (key >= config->schema->n_keys) {
        ig_bug("key number %zu of %zu", key, config->schema->n_keys);
    }
    return &config->settings[key];
}

static const ig_placed *placed_of(const ig_config *config, size_t key, size_t i)
{
    const ig_setting *setting = setting_of(config, key);
    if (i >= setting->n) {
        ig_bug("value number %zu of %zu of key %s", i, setting->n, config->schema->keys[key].path);
    }
    return &setting->values[i];
}

size_t ig_config_count(const ig_config *config, size_t key)
{
    return setting_of(config, key)->n;
}

const ig_value *ig_config_value(const ig_config *config, size_t key, size_t i)
{
    return &placed_of(config, key, i)->value;
}

const char *ig_config_path(const ig_config *config, const char *key)
{
    const size_t k = ig_config_key(config, key);
    if (config->schema->keys[k].type != IG_KEY_FILE) {
        ig_bug("key %s is no file", key);
    }
    return placed_of(config, k, 0)->value.path;
}

bool ig_config_given(const ig_config *config, size_t key)
{
    return setting_of(config, key)->given;
}

void ig_config_position(const ig_config *config, size_t key, size_t i, size_t *line, size_t *column)
{
    const ig_placed *placed = placed_of(config, key, i);
    *line = placed->line;
    *column = placed->column;
}

size_t ig_config_n_seeds(const ig_config *config)
{
    return config->n_seeds;
}

uint64_t ig_config_seed(const ig_config *config, size_t i)
{
    if (i >= config->n_seeds) {
        ig_bug("seed number %zu of %zu", i, config->n_seeds);
    }
    return config->seeds ? config->seeds[i] : i;
}

bool ig_config_common_random_numbers(const ig_config *config)
{
    return config->common_random_numbers;
}

int ig_config_zip_group(const ig_config *config, size_t key)
{
    return setting_of(config, key)->zip_group;
}

const char *ig_config_resolved(const ig_config *config)
{
    return config->resolved;
}

const char *ig_config_hash(const ig_config *config)
{
    return config->hash;
}

/* The resolved text. */

static void print_value(FILE *stream, const ig_key *key, const ig_value *value, bool hashed)
{
    if (key->type == IG_KEY_CHOICE && value->integer >= 0) {
        const char *choice = key->choices[value->choice];
        fprintf(stream, "{%.*s: %" PRId64 "}", (int)strlen(choice) - 1, choice, value->integer);
    } else if (key->type == IG_KEY_TEXT || key->type == IG_KEY_FILE) {
        ig_text_spell(stream, value->string);
    } else {
        fputs(hashed ? ig_value_identity(value) : ig_value_text(value), stream);
    }
}

/** The value or values of a key; `hashed`: what of them tells configurations apart. */
static void print_setting(FILE *stream, const ig_config *config, size_t key, bool hashed)
{
    const ig_setting *setting = &config->settings[key];
    for (size_t i = 0; i < setting->n; i++) {
        if (setting->n > 1) {
            fputs(i ? ", " : "[", stream);
        }
        print_value(stream, &config->schema->keys[key], &setting->values[i].value, hashed);
    }
    if (setting->n > 1) {
        fputs("]", stream);
    }
}

static void print_seeds(FILE *stream, const ig_config *config)
{
    if (!config->seeds) {
        fprintf(stream, "%zu", config->n_seeds);
        return;
    }
    for (size_t i = 0; i < config->n_seeds; i++) {
        fprintf(stream, "%s%" PRIu64, i ? ", " : "[", config->seeds[i]);
    }
    fputs("]", stream);
}

static void print_zip(FILE *stream, const ig_config *config)
{
    fputs("[", stream);
    for (int g = 0; g < config->n_zip_groups; g++) {
        bool first = true;
        fputs(g ? ", [" : "[", stream);
        for (size_t k = 0; k < config->schema->n_keys; k++) {
            if (config->settings[k].zip_group == g) {
                fprintf(stream, "%s%s", first ? "" : ", ", config->schema->keys[k].path);
                first = false;
            }
        }
        fputs("]", stream);
    }
    fputs("]", stream);
}

/** Which keys to print: those whose path begins with the first `length` letters of `path`. */
typedef struct scope {
    const char *path;
    size_t length;
    int depth;
    bool hashed; /**< only what tells configurations apart */
} scope;

/** Whether key k has its default and files are the same that were written before there was the key.
 */
static bool is_as_before(const ig_config *config, size_t k)
{
    const ig_key *key = &config->schema->keys[k];
    const ig_setting *setting = &config->settings[k];
    return key->later && setting->n == 1 && ig_value_is_default(key, &setting->values[0].value);
}

static bool is_in(const ig_config *config, const scope *s, size_t k)
{
    const ig_key *key = &config->schema->keys[k];
    return strncmp(key->path, s->path, s->length) == 0 &&
           !(s->hashed && (key->annotation || ig_key_is_file(key) || is_as_before(config, k)));
}

/** Print the keys of a scope, each group of them once, where its first key stands in the table. */
static void print_keys(FILE *stream, const ig_config *config, const scope *s)
{
    const ig_key *keys = config->schema->keys;
    for (size_t k = 0; k < config->schema->n_keys; k++) {
        if (!is_in(config, s, k)) {
            continue;
        }
        const char *name = keys[k].path + s->length, *dot = strchr(name, '.');
        if (!dot) {
            fprintf(stream, "%*s%s: ", 2 * s->depth, "", name);
            print_setting(stream, config, k, s->hashed);
            fputs("\n", stream);
            continue;
        }
        scope inner = {keys[k].path, s->length + (size_t)(dot - name) + 1, s->depth + 1, s->hashed};
        size_t first = 0;
        while (!is_in(config, &inner, first)) {
            first++;
        }
        if (first == k) {
            fprintf(stream, "%*s%.*s:\n", 2 * s->depth, "", (int)(dot - name), name);
            print_keys(stream, config, &inner);
        }
    }
}

/** The text that is printed to `stream` until it is closed. */
typedef struct text_stream {
    FILE *stream;
    char *text; /* owned */
    size_t size;
} text_stream;

static void clear_text(text_stream *t)
{
    if (t->stream) {
        (void)fclose(t->stream);
    }
    free(t->text);
}

static ig_status open_text(text_stream *t)
{
    t->stream = open_memstream(&t->text, &t->size);
    return t->stream ? IG_OK : IG_ERR_MEMORY;
}

/** Finish t->text. */
static ig_status close_text(text_stream *t)
{
    const bool failed = ferror(t->stream) != 0;
    return fclose(ig_take(&t->stream)) != 0 || failed ? IG_ERR_MEMORY : IG_OK;
}

static ig_status print_config(const ig_config *config, bool hashed, char **text)
{
    AUTO(clear_text) text_stream t = {0};
    TRY(open_text(&t));
    fprintf(t.stream, "experiment: %s\nseeds: ", config->schema->experiment);
    print_seeds(t.stream, config);
    fprintf(t.stream, "\ncommon_random_numbers: %s\n",
            config->common_random_numbers ? "true" : "false");
    print_keys(t.stream, config, &(scope){"", 0, 0, hashed});
    if (config->n_zip_groups > 0) {
        fputs("zip: ", t.stream);
        print_zip(t.stream, config);
        fputs("\n", t.stream);
    }
    TRY(close_text(&t));
    *text = ig_take(&t.text);
    return IG_OK;
}

ig_status ig_config_resolve(ig_config *config)
{
    AUTO_FREE char *hashed = NULL;
    TRY(print_config(config, false, &config->resolved));
    TRY(print_config(config, true, &hashed));
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(hashed, strlen(hashed)));
    for (size_t i = 0; i < sizeof canonical.digest; i++) {
        snprintf(config->hash + 2 * i, 3, "%02x", canonical.digest[i]);
    }
    return IG_OK;
}

/* How two configurations differ. */

/** What is compared besides the keys, which count from 0. */
enum { EXPERIMENT = -5, SEEDS, COMMON_RANDOM_NUMBERS, ZIP, NOTHING };

/** The text of one part of a configuration. */
static ig_status print_part(const ig_config *config, int part, char **text)
{
    AUTO(clear_text) text_stream t = {0};
    TRY(open_text(&t));
    switch (part) {
    case EXPERIMENT:
        fputs(config->schema->experiment, t.stream);
        break;
    case SEEDS:
        print_seeds(t.stream, config);
        break;
    case COMMON_RANDOM_NUMBERS:
        fputs(config->common_random_numbers ? "true" : "false", t.stream);
        break;
    case ZIP:
        print_zip(t.stream, config);
        break;
    default:
        print_setting(t.stream, config, (size_t)part, true);
    }
    TRY(close_text(&t));
    *text = ig_take(&t.text);
    return IG_OK;
}

/** A text under construction in the caller's buffer. */
typedef struct target {
    char *text;
    size_t size;
} target;

static void append_difference(const target *t, const char *name, const char *there,
                              const char *here)
{
    /* Of long lists the part around the first difference is shown. */
    enum { SHOWN = 100, BEFORE = 20 };
    size_t same = 0, used = strlen(t->text);
    while (there[same] && there[same] == here[same]) {
        same++;
    }
    size_t from = strlen(there) <= SHOWN && strlen(here) <= SHOWN ? 0
                  : same > BEFORE                                 ? same - BEFORE
                                                                  : 0;
    const char *before = from > 0 ? "..." : "";
    snprintf(t->text + used, t->size - used, "%s%s: %s%.*s%s there, %s%.*s%s here",
             used ? "; " : "", name, before, SHOWN, there + from,
             strlen(there + from) > SHOWN ? "..." : "", before, SHOWN, here + from,
             strlen(here + from) > SHOWN ? "..." : "");
}

/** Compare a part; NOTHING stands for a key that one of them does not have, and a key may have
 * another place in the table there. */
static void compare(const ig_config *there, int part_there, const ig_config *here, int part_here,
                    const char *name, const target *t)
{
    AUTO_FREE char *a = NULL;
    AUTO_FREE char *b = NULL;
    if ((part_there != NOTHING && print_part(there, part_there, &a)) ||
        (part_here != NOTHING && print_part(here, part_here, &b))) {
        append_difference(t, name, "(out of memory)", "(out of memory)");
    } else if (!a || !b || strcmp(a, b) != 0) {
        append_difference(t, name, a ? a : "nothing", b ? b : "nothing");
    }
}

/** Index of a key that the hash covers; NOTHING where there is none of this path. */
static int hashed_key(const ig_schema *schema, const char *path)
{
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_key *key = &schema->keys[k];
        if (strcmp(key->path, path) == 0) {
            return key->annotation || ig_key_is_file(key) ? NOTHING : (int)k;
        }
    }
    return NOTHING;
}

/** Compare the keys of `here`, which are those of `there` unless it declares them itself. */
static void compare_keys(const ig_config *there, const ig_config *here, const target *t)
{
    for (size_t k = 0; k < here->schema->n_keys; k++) {
        const char *path = here->schema->keys[k].path;
        const int a = hashed_key(there->schema, path), b = hashed_key(here->schema, path);
        if (b != NOTHING) {
            compare(there, a, here, b, path, t);
        }
    }
    for (size_t k = 0; k < there->schema->n_keys; k++) {
        const char *path = there->schema->keys[k].path;
        const int a = hashed_key(there->schema, path);
        if (a != NOTHING && hashed_key(here->schema, path) == NOTHING) {
            compare(there, a, here, NOTHING, path, t);
        }
    }
}

void ig_config_difference(const ig_config *there, const ig_config *here, char *text, size_t size)
{
    target t = {text, size};
    if (size == 0) {
        return;
    }
    *text = '\0';
    compare(there, EXPERIMENT, here, EXPERIMENT, "experiment", &t);
    if (*text) {
        return;
    }
    compare(there, SEEDS, here, SEEDS, "seeds", &t);
    compare(there, COMMON_RANDOM_NUMBERS, here, COMMON_RANDOM_NUMBERS, "common_random_numbers", &t);
    compare_keys(there, here, &t);
    compare(there, ZIP, here, ZIP, "zip", &t);
}

/* The file. */

static const char allowed[] = "a readable YAML file of at most 1 MiB";

static ig_status reject(ig_diagnostics *diagnostics, const char *path, const char *what)
{
    ig_diagnostics_add(diagnostics, path, 0, 0, NULL, "%s, allowed: %s", what, allowed);
    return IG_ERR_CONFIG;
}

static ig_status reject_errno(ig_diagnostics *diagnostics, const char *path, const char *verb)
{
    char reason[128], what[192];
    /* The GNU form: the result need not be the buffer. */
    snprintf(what, sizeof what, "cannot be %s: %s", verb, strerror_r(errno, reason, sizeof reason));
    return reject(diagnostics, path, what);
}

static const char *file_kind(mode_t mode)
{
    return S_ISDIR(mode)    ? "this is a directory"
           : S_ISFIFO(mode) ? "this is a pipe"
           : S_ISSOCK(mode) ? "this is a socket"
                            : "this is a device";
}

/** Read until the end, or until one byte more than is allowed; returns what was read, or -1. */
static ssize_t read_all(int file, char *bytes, size_t room)
{
    size_t used = 0;
    while (used < room) {
        ssize_t got = read(file, bytes + used, room - used);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        used += (size_t)got;
    }
    return (ssize_t)used;
}

static ig_status read_open_file(int file, const char *path, char **bytes, size_t *size,
                                ig_diagnostics *diagnostics)
{
    struct stat info;
    if (fstat(file, &info) < 0) {
        return reject_errno(diagnostics, path, "examined");
    }
    if (!S_ISREG(info.st_mode)) {
        return reject(diagnostics, path, file_kind(info.st_mode));
    }
    unsigned char start[IG_FOREIGN_BYTES];
    const ssize_t n = pread(file, start, sizeof start, 0);
    const char *foreign = n > 0 ? ig_foreign_signature(start, (size_t)n) : NULL;
    if (n > 0 && ig_is_hdf5(start, (size_t)n)) {
        foreign = "an HDF5 file, not a configuration: `imagrid status` shows a result file, whose "
                  "attribute config holds its own";
    }
    if (foreign) {
        return reject(diagnostics, path, foreign);
    }
    if (info.st_size > IG_TREE_BYTES) {
        return reject(diagnostics, path, "the file is too large");
    }
    /* The size just seen may change, and is 0 for files the kernel makes up: read to the end. */
    AUTO_FREE char *buffer = NULL;
    TRY(IG_ALLOC(buffer, IG_TREE_BYTES + 2, NULL));
    const ssize_t used = read_all(file, buffer, IG_TREE_BYTES + 1);
    if (used < 0) {
        return reject_errno(diagnostics, path, "read");
    }
    if (used > IG_TREE_BYTES) {
        return reject(diagnostics, path, "the file is too large");
    }
    buffer[used] = '\0';
    TRY(IG_GROW(buffer, (size_t)used + 1, NULL));
    *bytes = ig_take(&buffer);
    *size = (size_t)used;
    return IG_OK;
}

ig_status ig_config_read_file(const char *path, char **bytes, size_t *size,
                              ig_diagnostics *diagnostics)
{
    /* Without O_NONBLOCK a pipe nobody writes to would hold the open for ever. */
    int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0) {
        return reject_errno(diagnostics, path, "opened");
    }
    ig_status status = read_open_file(file, path, bytes, size, diagnostics);
    close(file);
    return status;
}
