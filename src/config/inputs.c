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

/** The path of an input file, "" where key k names none. */
static const char *path_of(const ig_config *config, size_t k)
{
    const ig_key *key = &ig_config_schema(config)->keys[k];
    return key->type == IG_KEY_FILE ? ig_config_value(config, k, 0)->path : "";
}

bool ig_inputs_exist(const ig_config *config)
{
    for (size_t k = 0; k < ig_config_schema(config)->n_keys; k++) {
        if (*path_of(config, k)) {
            return true;
        }
    }
    return false;
}

/** Report at the key's value; IG_ERR_CONFIG. */
static ig_status reject(const ig_config *config, size_t k, const char *what,
                        ig_diagnostics *diagnostics)
{
    size_t line, column;
    char shown[IG_SANITIZED_TEXT];
    ig_config_position(config, k, 0, &line, &column);
    ig_diagnostics_add(diagnostics, ig_config_file(config), line, column,
                       ig_config_schema(config)->keys[k].path,
                       "%s: %s, allowed: a file that can be read; a relative path begins at the "
                       "folder of the configuration",
                       ig_text_sanitized(path_of(config, k), shown), what);
    return IG_ERR_CONFIG;
}

static void close_file(const int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

/** "KEY HASH BYTES PATH" of an open file, malloc'd. */
static ig_status describe(const ig_config *config, size_t k, int fd, char **line, ig_error *error)
{
    char hash[IG_HASH_TEXT];
    uint64_t bytes = 0;
    const ig_status status = ig_hash_file(fd, hash, &bytes, error);
    if (status) {
        return ig_error_context(error, "%s", path_of(config, k));
    }
    AUTO_FREE char *absolute = realpath(path_of(config, k), NULL);
    if (absolute) {
        ig_text_sanitize(absolute);
    }
    *line = ig_asprintf(error, "%s %s %" PRIu64 " %s", ig_config_schema(config)->keys[k].path, hash,
                        bytes, absolute ? absolute : path_of(config, k));
    return *line ? IG_OK : IG_ERR_MEMORY;
}

/** One file; its line is added to `*text`. */
static ig_status read_one(const ig_config *config, size_t k, bool hashed, char **text,
                          ig_diagnostics *diagnostics, ig_error *error)
{
    struct stat info;
    char reason[IG_ERRNO_TEXT];
    /* O_NONBLOCK: a FIFO of that name must not hang us. */
    AUTO(close_file) int fd = open(path_of(config, k), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0) {
        return reject(config, k, ig_errno_text(errno, reason), diagnostics);
    }
    if (!S_ISREG(info.st_mode)) {
        return reject(config, k, S_ISDIR(info.st_mode) ? "a folder" : "not a regular file",
                      diagnostics);
    }
    if (!hashed) {
        return IG_OK;
    }
    AUTO_FREE char *line = NULL;
    TRY(describe(config, k, fd, &line, error));
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
    for (size_t k = 0; k < ig_config_schema(config)->n_keys; k++) {
        if (*path_of(config, k) && (!status || status == IG_ERR_CONFIG)) {
            /* All files that are wrong are reported at once. */
            const ig_status one =
                read_one(config, k, hashed && !status, &lines, diagnostics, error);
            status = one ? one : status;
        }
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

/** Find the line of a key; false where there is none. */
static bool find(const char *text, const char *key, ig_input *found)
{
    for (const char *rest = text ? text : ""; ig_inputs_next(&rest, found);) {
        if (strncmp(found->key, key, strlen(key)) == 0 &&
            strlen(key) == (size_t)found->key_length) {
            return true;
        }
    }
    return false;
}

bool ig_inputs_told(const ig_config *config, const char *text)
{
    ig_input found;
    for (size_t k = 0; k < ig_config_schema(config)->n_keys; k++) {
        if (*path_of(config, k) && !find(text, ig_config_schema(config)->keys[k].path, &found)) {
            return false;
        }
    }
    return true;
}

ig_status ig_inputs_match(const ig_schema *schema, const char *there, const char *there_name,
                          const char *here, const char *here_name, const char *advice,
                          ig_error *error)
{
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_key *key = &schema->keys[k];
        ig_input a, b;
        const bool in_a = key->type == IG_KEY_FILE && find(there, key->path, &a),
                   in_b = key->type == IG_KEY_FILE && find(here, key->path, &b);
        if (in_a && in_b && (strcmp(a.hash, b.hash) != 0 || a.bytes != b.bytes)) {
            return ig_error_set(error, IG_ERR_MISMATCH,
                                "%s has another input file (%s) than %s: %.*s, %" PRIu64
                                " bytes, XXH3-128 %s, not %.*s, %" PRIu64 " bytes, XXH3-128 %s: %s",
                                there_name, key->path, here_name, a.path_length, a.path, a.bytes,
                                a.hash, b.path_length, b.path, b.bytes, b.hash, advice);
        }
        if (in_a != in_b) {
            const ig_input *only = in_a ? &a : &b;
            return ig_error_set(error, IG_ERR_MISMATCH,
                                "%s has an input file (%s) that %s does not have: %.*s, XXH3-128 "
                                "%s: %s",
                                in_a ? there_name : here_name, key->path,
                                in_a ? here_name : there_name, only->path_length, only->path,
                                only->hash, advice);
        }
    }
    return IG_OK;
}

void ig_inputs_stamp(const ig_config *config, ig_input_stamp *stamps)
{
    for (size_t k = 0; k < ig_config_schema(config)->n_keys; k++) {
        struct stat info;
        stamps[k] = (ig_input_stamp){0};
        if (*path_of(config, k) && stat(path_of(config, k), &info) == 0) {
            stamps[k] = (ig_input_stamp){info.st_dev, info.st_ino, (uint64_t)info.st_size,
                                         info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
        }
    }
}

ig_status ig_inputs_unchanged(const ig_config *config, const ig_input_stamp *stamps,
                              ig_error *error)
{
    const size_t n = ig_config_schema(config)->n_keys;
    AUTO_FREE ig_input_stamp *now = NULL;
    TRY(IG_ALLOC(now, n, error));
    ig_inputs_stamp(config, now);
    for (size_t k = 0; k < n; k++) {
        const ig_input_stamp *a = &stamps[k], *b = &now[k];
        if (a->device != b->device || a->inode != b->inode || a->bytes != b->bytes ||
            a->seconds != b->seconds || a->nanoseconds != b->nanoseconds) {
            return ig_error_set(error, IG_ERR_IO, "%s was changed while it was read: run again",
                                path_of(config, k));
        }
    }
    return IG_OK;
}
