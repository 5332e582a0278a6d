#include "config/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/process.h"
#include "base/text.h"
#include "base/try.h"

/** A file that a configuration names. */
typedef struct named {
    size_t key, item; /**< which file of a list */
    const char *path;
} named;

/** The n-th file of a configuration; false where there are not so many. */
static bool find_named(const ig_config *config, size_t n, named *file)
{
    const ig_schema *schema = ig_config_schema(config);
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (!ig_key_is_file(&schema->keys[k])) {
            continue;
        }
        const ig_value *value = ig_config_value(config, k, 0);
        const bool list = schema->keys[k].type == IG_KEY_FILES;
        const size_t here = list ? value->n : *value->path != '\0';
        if (n < here) {
            *file = (named){k, n, list ? value->paths[n] : value->path};
            return true;
        }
        n -= here;
    }
    return false;
}

size_t ig_inputs_count(const ig_config *config)
{
    named file;
    size_t n = 0;
    while (find_named(config, n, &file)) {
        n++;
    }
    return n;
}

/** Report at the key's value; IG_ERR_CONFIG. */
static ig_status reject(const ig_config *config, const named *file, const char *what,
                        ig_diagnostics *diagnostics)
{
    size_t line, column;
    char shown[IG_SANITIZED_TEXT];
    ig_config_position(config, file->key, 0, &line, &column);
    ig_diagnostics_add(diagnostics, ig_config_file(config), line, column,
                       ig_config_schema(config)->keys[file->key].path,
                       "%s: %s, allowed: a file that can be read; a relative path begins at the "
                       "folder of the configuration",
                       ig_text_sanitized(file->path, shown), what);
    return IG_ERR_CONFIG;
}

/** "KEY HASH BYTES PATH" of an open file, malloc'd. */
static ig_status describe(const ig_config *config, const named *file, int fd, char **line,
                          ig_error *error)
{
    char hash[IG_HASH_TEXT];
    uint64_t bytes = 0;
    const ig_status status = ig_hash_file(fd, hash, &bytes, error);
    if (status) {
        return ig_error_context(error, "%s", file->path);
    }
    AUTO_FREE char *absolute = realpath(file->path, NULL);
    if (absolute) {
        ig_text_sanitize(absolute);
    }
    *line =
        ig_asprintf(error, "%s %s %" PRIu64 " %s", ig_config_schema(config)->keys[file->key].path,
                    hash, bytes, absolute ? absolute : file->path);
    return *line ? IG_OK : IG_ERR_MEMORY;
}

/** One file; its line is added to `*text`. */
static ig_status read_one(const ig_config *config, const named *file, bool hashed, char **text,
                          ig_diagnostics *diagnostics, ig_error *error)
{
    struct stat info;
    char reason[IG_ERRNO_TEXT];
    /* O_NONBLOCK: a FIFO of that name must not hang us. */
    AUTO_CLOSE int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0) {
        return reject(config, file, ig_errno_text(errno, reason), diagnostics);
    }
    if (!S_ISREG(info.st_mode)) {
        return reject(config, file, S_ISDIR(info.st_mode) ? "a folder" : "not a regular file",
                      diagnostics);
    }
    if (!hashed) {
        return IG_OK;
    }
    AUTO_FREE char *line = NULL;
    TRY(describe(config, file, fd, &line, error));
    char *longer = ig_asprintf(error, "%s%s%s", *text, **text ? "\n" : "", line);
    if (!longer) {
        return IG_ERR_MEMORY;
    }
    free(*text);
    *text = longer;
    return IG_OK;
}

ig_status ig_inputs_read(const ig_config *config, bool hashed, char **text,
                         ig_diagnostics *diagnostics, ig_error *error)
{
    AUTO_FREE char *lines = ig_strdup("", error);
    ig_status status = lines ? IG_OK : IG_ERR_MEMORY;
    named file;
    for (size_t n = 0; (!status || status == IG_ERR_CONFIG) && find_named(config, n, &file); n++) {
        /* All files that are wrong are reported at once. */
        const ig_status one =
            read_one(config, &file, hashed && !status, &lines, diagnostics, error);
        status = one ? one : status;
    }
    if (status == IG_ERR_CONFIG) {
        return ig_error_set(error, status, "an input file cannot be read");
    }
    if (!status && hashed) {
        *text = ig_take(&lines);
    }
    return status;
}

bool ig_inputs_next(const char **text, ig_input *input)
{
    const char *line = *text + (**text == '\n');
    const size_t key = strcspn(line, " \n");
    const char *hash = line + key + (line[key] == ' ');
    char *end = NULL;
    if (strspn(hash, "0123456789abcdef") != IG_HASH_DIGITS || hash[IG_HASH_DIGITS] != ' ') {
        return false;
    }
    const unsigned long long bytes = strtoull(hash + IG_HASH_DIGITS + 1, &end, 10);
    if (end == hash + IG_HASH_DIGITS + 1 || *end != ' ') {
        return false;
    }
    *input = (ig_input){.key = line, .key_length = (int)key, .bytes = bytes, .path = end + 1};
    input->path_length = (int)strcspn(input->path, "\n");
    memcpy(input->hash, hash, IG_HASH_DIGITS);
    *text = input->path + input->path_length;
    return true;
}

/** Whether a line is one of this key. */
static bool is_of(const ig_input *input, const char *key)
{
    return strncmp(input->key, key, strlen(key)) == 0 && strlen(key) == (size_t)input->key_length;
}

/** How many lines a key has. */
static size_t count_of(const char *text, const char *key)
{
    size_t n = 0;
    ig_input input;
    for (const char *rest = text ? text : ""; ig_inputs_next(&rest, &input);) {
        n += is_of(&input, key);
    }
    return n;
}

bool ig_inputs_told(const ig_config *config, const char *text)
{
    const ig_schema *schema = ig_config_schema(config);
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_key *key = &schema->keys[k];
        const ig_value *value = ig_config_value(config, k, 0);
        const size_t wanted = key->type == IG_KEY_FILES  ? value->n
                              : key->type == IG_KEY_FILE ? *value->path != '\0'
                                                         : 0;
        if (count_of(text, key->path) < wanted) {
            return false;
        }
    }
    return true;
}

/** The name of a file without its folder. */
static const char *name_of(const ig_input *input, int *length)
{
    int start = input->path_length;
    while (start > 0 && input->path[start - 1] != '/') {
        start--;
    }
    *length = input->path_length - start;
    return input->path + start;
}

static bool same_name(const ig_input *a, const ig_input *b)
{
    int n_a, n_b;
    const char *name_a = name_of(a, &n_a), *name_b = name_of(b, &n_b);
    return n_a == n_b && strncmp(name_a, name_b, (size_t)n_a) == 0;
}

static bool same_content(const ig_input *a, const ig_input *b)
{
    return strcmp(a->hash, b->hash) == 0 && a->bytes == b->bytes;
}

/** What of two texts is compared. */
typedef struct comparison {
    const ig_key *key;
    const char *there, *there_name, *here, *here_name, *advice;
} comparison;

/** Whether a text has a line that stands for the same file: the only one of the key, or, where it
 *  names several files, one of the same name. With `content`: and has the same in it. */
static bool find_same(const comparison *c, const char *text, const ig_input *wanted, bool content,
                      ig_input *found)
{
    const char *rest = text ? text : "";
    while (ig_inputs_next(&rest, found)) {
        if (is_of(found, c->key->path) &&
            (c->key->type == IG_KEY_FILE || same_name(found, wanted)) &&
            (!content || same_content(found, wanted))) {
            return true;
        }
    }
    return false;
}

/** Look for every file that one side has on the other; `mirrored`: for those here. */
static ig_status match_side(const comparison *c, bool mirrored, ig_error *error)
{
    const char *mine = mirrored ? c->here : c->there, *other = mirrored ? c->there : c->here;
    ig_input input, found;
    for (const char *rest = mine ? mine : ""; ig_inputs_next(&rest, &input);) {
        if (!is_of(&input, c->key->path) || find_same(c, other, &input, true, &found)) {
            continue;
        }
        if (find_same(c, other, &input, false, &found)) {
            const ig_input *a = mirrored ? &found : &input, *b = mirrored ? &input : &found;
            return ig_error_set(error, IG_ERR_MISMATCH,
                                "%s has another input file (%s) than %s: %.*s, %" PRIu64
                                " bytes, XXH3-128 %s, not %.*s, %" PRIu64 " bytes, XXH3-128 %s: %s",
                                c->there_name, c->key->path, c->here_name, a->path_length, a->path,
                                a->bytes, a->hash, b->path_length, b->path, b->bytes, b->hash,
                                c->advice);
        }
        return ig_error_set(error, IG_ERR_MISMATCH,
                            "%s has an input file (%s) that %s does not have: %.*s, XXH3-128 %s: "
                            "%s",
                            mirrored ? c->here_name : c->there_name, c->key->path,
                            mirrored ? c->there_name : c->here_name, input.path_length, input.path,
                            input.hash, c->advice);
    }
    return IG_OK;
}

ig_status ig_inputs_match(const ig_schema *schema, const char *there, const char *there_name,
                          const char *here, const char *here_name, const char *advice,
                          ig_error *error)
{
    for (size_t k = 0; k < schema->n_keys; k++) {
        const comparison c = {&schema->keys[k], there, there_name, here, here_name, advice};
        if (ig_key_is_file(c.key)) {
            TRY(match_side(&c, false, error));
            TRY(match_side(&c, true, error));
        }
    }
    return IG_OK;
}

/** Whether a line tells of other contents than that of the same file in `there`. */
static bool changed(const ig_schema *schema, const char *there, const ig_input *input)
{
    for (size_t k = 0; k < schema->n_keys; k++) {
        const comparison c = {.key = &schema->keys[k]};
        ig_input found;
        if (ig_key_is_file(c.key) && is_of(input, c.key->path)) {
            return !find_same(&c, there, input, true, &found) &&
                   find_same(&c, there, input, false, &found);
        }
    }
    return false;
}

bool ig_inputs_differ(const ig_schema *schema, const char *there, const char *here)
{
    ig_input input;
    for (const char *rest = here; ig_inputs_next(&rest, &input);) {
        if (changed(schema, there, &input)) {
            return true;
        }
    }
    return false;
}

ig_status ig_inputs_changed_first(const ig_schema *schema, const char *there, const char *here,
                                  char **text, ig_error *error)
{
    char *sorted = NULL;
    size_t used = 0;
    TRY(IG_ALLOC(sorted, strlen(here) + 2, error));
    for (int same = 0; same < 2; same++) {
        ig_input input;
        for (const char *rest = here; ig_inputs_next(&rest, &input);) {
            if (changed(schema, there, &input) == !same) {
                const size_t length = (size_t)(rest - input.key);
                memcpy(sorted + used, input.key, length);
                used += length;
                sorted[used++] = '\n';
            }
        }
    }
    sorted[used > 0 ? used - 1 : 0] = '\0';
    *text = sorted;
    return IG_OK;
}

void ig_inputs_stamp(const ig_config *config, ig_input_stamp *stamps)
{
    named file;
    for (size_t n = 0; find_named(config, n, &file); n++) {
        struct stat info;
        stamps[n] = (ig_input_stamp){0};
        if (stat(file.path, &info) == 0) {
            stamps[n] = (ig_input_stamp){info.st_dev, info.st_ino, (uint64_t)info.st_size,
                                         info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
        }
    }
}

ig_status ig_inputs_unchanged(const ig_config *config, const ig_input_stamp *stamps,
                              ig_error *error)
{
    const size_t count = ig_inputs_count(config);
    AUTO_FREE ig_input_stamp *now = NULL;
    TRY(IG_ALLOC(now, count, error));
    ig_inputs_stamp(config, now);
    for (size_t n = 0; n < count; n++) {
        const ig_input_stamp *a = &stamps[n], *b = &now[n];
        named file;
        if ((a->device != b->device || a->inode != b->inode || a->bytes != b->bytes ||
             a->seconds != b->seconds || a->nanoseconds != b->nanoseconds) &&
            find_named(config, n, &file)) {
            return ig_error_set(error, IG_ERR_IO, "%s was changed while it was read: run again",
                                file.path);
        }
    }
    return IG_OK;
}
