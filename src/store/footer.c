#include "store/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/foreign.h"
#include "base/try.h"

/* The words after the extents, counted from the first of them. */
enum { N_EXTENTS, FILE_SIZE, METADATA_HASH, WORDS_HASH, VERSION, MAGIC, N_TAIL };
/* More extents than any file of ours has datasets, so that a damaged number asks for no memory. */
enum { BUFFER = 1 << 20, EXTENTS_MAX = 1 << 16 };
enum { VERSIONS = 1000 }; /* what is no smaller is no version */
/* Places that might be a footer: a file made to hold nothing else must not keep us for ever. */
enum { TRIES = 64 };
/* Bytes at the end in which one is looked for. */
static const uint64_t searched = 256 << 20;
/* Of a version 0 superblock: the first byte of its consistency flags, which HDF5 sets while a file
 * is open for writing and clears when it is closed. Says nothing about the contents. */
enum { OPEN_MARK = 20 };

static const char magic_text[8] = {'i', 'm', 'a', 'g', 'r', 'i', 'd', '\n'};

const char *ig_checksum_text(const void *bytes, size_t size, char text[IG_CHECKSUM_TEXT])
{
    snprintf(text, IG_CHECKSUM_TEXT, "xxh3:%016" PRIx64, (uint64_t)XXH3_64bits(bytes, size));
    return text;
}

static uint64_t magic_word(void)
{
    uint64_t word;
    memcpy(&word, magic_text, sizeof word);
    return word;
}

static size_t count_extents(const ig_datasets *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        n += list->variables[i].role == IG_ROLE_ROWS;
    }
    return n;
}

size_t ig_footer_words(const ig_datasets *root, const ig_datasets *sessions)
{
    return 2 * (count_extents(root) + count_extents(sessions)) + N_TAIL;
}

static ig_status hash_part(int fd, uint64_t from, uint64_t to, unsigned char *buffer,
                           XXH3_state_t *state, ig_error *error)
{
    while (from < to) {
        size_t part = to - from < BUFFER ? (size_t)(to - from) : BUFFER;
        TRY(ig_file_read(fd, from, buffer, part, error));
        if (from <= OPEN_MARK && OPEN_MARK < from + part) {
            buffer[OPEN_MARK - from] = 0;
        }
        if (XXH3_64bits_update(state, buffer, part) != XXH_OK) {
            return ig_error_set(error, IG_ERR_MEMORY, "the checksum could not be computed");
        }
        from += part;
    }
    return IG_OK;
}

static void free_state(XXH3_state_t **state)
{
    XXH3_freeState(*state);
}

/** Hash of bytes 0 ... end-1 without the extents, which are in order and within. */
static ig_status hash_metadata(int fd, const ig_extent *extents, size_t n, uint64_t end,
                               uint64_t *hash, ig_error *error)
{
    uint64_t at = 0;
    AUTO_FREE unsigned char *buffer = NULL;
    AUTO(free_state) XXH3_state_t *state = XXH3_createState();
    if (!state || XXH3_64bits_reset(state) != XXH_OK) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory (a checksum)");
    }
    TRY(IG_ALLOC(buffer, BUFFER, error));
    for (size_t i = 0; i < n; i++) {
        TRY(hash_part(fd, at, extents[i].offset, buffer, state, error));
        at = extents[i].offset + extents[i].length;
    }
    TRY(hash_part(fd, at, end, buffer, state, error));
    *hash = XXH3_64bits_digest(state);
    return IG_OK;
}

static int compare(const void *a, const void *b)
{
    const ig_extent *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static size_t list_extents(const ig_datasets *list, ig_extent *extents)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const ig_variable *v = &list->variables[i];
        if (v->role == IG_ROLE_ROWS) {
            extents[n++] = (ig_extent){v->offset, ig_variable_size(v)};
        }
    }
    return n;
}

/** Write the last bytes of a file of `size` bytes; the n extents are in order. */
static ig_status write_footer(int fd, uint64_t size, const ig_extent *extents, size_t n,
                              ig_error *error)
{
    const size_t n_words = 2 * n + N_TAIL;
    const uint64_t at = size - n_words * sizeof(uint64_t);
    AUTO_FREE uint64_t *words = NULL;
    TRY(IG_ALLOC(words, n_words, error));
    if (n > 0) {
        memcpy(words, extents, n * sizeof *extents);
    }
    uint64_t *tail = words + 2 * n;
    tail[N_EXTENTS] = n;
    tail[FILE_SIZE] = size;
    TRY(hash_metadata(fd, extents, n, at, &tail[METADATA_HASH], error));
    tail[WORDS_HASH] = XXH3_64bits(words, (2 * n + WORDS_HASH) * sizeof *words);
    tail[VERSION] = IG_FORMAT_VERSION;
    tail[MAGIC] = magic_word();
    return ig_file_write(fd, at, words, n_words * sizeof *words, error);
}

ig_status ig_footer_write(int fd, const ig_datasets *root, const ig_datasets *sessions,
                          ig_error *error)
{
    const size_t n = (ig_footer_words(root, sessions) - N_TAIL) / 2;
    uint64_t size = 0;
    AUTO_FREE ig_extent *extents = NULL;
    TRY(IG_ALLOC(extents, n + 1, error));
    TRY(ig_file_length(fd, &size, error));
    list_extents(sessions, extents + list_extents(root, extents));
    qsort(extents, n, sizeof *extents, compare);
    return write_footer(fd, size, extents, n, error);
}

size_t ig_footer_words_fixed(void)
{
    return N_TAIL;
}

ig_status ig_footer_write_fixed(int fd, ig_error *error)
{
    uint64_t size = 0;
    TRY(ig_file_length(fd, &size, error));
    return write_footer(fd, size, NULL, 0, error);
}

/** Whether extents are in order, disjoint and before `end`. */
static bool in_order(const ig_extent *extents, size_t n, uint64_t end)
{
    uint64_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (extents[i].offset < at || extents[i].offset > end ||
            extents[i].length > end - extents[i].offset) {
            return false;
        }
        at = extents[i].offset + extents[i].length;
    }
    return true;
}

/** The extents before a tail whose end is at `end` in the file, if its own checksum is right; else
 *  none. malloc'd. */
static ig_status read_extents(int fd, const uint64_t *tail, uint64_t end, ig_extent **extents,
                              ig_error *error)
{
    const uint64_t size = tail[FILE_SIZE];
    if (tail[N_EXTENTS] > EXTENTS_MAX) {
        return IG_OK;
    }
    const size_t n = (size_t)tail[N_EXTENTS], n_words = 2 * n + N_TAIL;
    if (n_words * sizeof(uint64_t) > end || n_words * sizeof(uint64_t) > size) {
        return IG_OK;
    }
    AUTO_FREE uint64_t *words = NULL;
    AUTO_FREE ig_extent *found = NULL;
    TRY(IG_ALLOC(words, n_words, error));
    TRY(IG_ALLOC(found, n + 1, error));
    TRY(ig_file_read(fd, end - n_words * sizeof *words, words, n_words * sizeof *words, error));
    memcpy(found, words, n * sizeof *found);
    if (XXH3_64bits(words, (2 * n + WORDS_HASH) * sizeof *words) == tail[WORDS_HASH] &&
        in_order(found, n, size - n_words * sizeof *words)) {
        *extents = ig_take(&found);
    }
    return IG_OK;
}

static ig_status check_size(int fd, uint64_t *size, ig_error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return ig_file_error(error, errno, "cannot be examined");
    }
    if (!S_ISREG(info.st_mode)) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            S_ISDIR(info.st_mode) ? "is a directory" : "not a regular file");
    }
    *size = (uint64_t)info.st_size;
    return IG_OK;
}

/** IG_ERR_FORMAT with what it seems to be, unless it begins as HDF5's files do. */
static ig_status want_hdf5(int fd, uint64_t size, ig_error *error)
{
    unsigned char start[IG_FOREIGN_BYTES];
    const size_t n = size < sizeof start ? (size_t)size : sizeof start;
    TRY(ig_file_read(fd, 0, start, n, error));
    return ig_is_hdf5(start, n)
               ? IG_OK
               : ig_error_set(error, IG_ERR_FORMAT, "%s", ig_foreign_describe(start, n));
}

/** IG_ERR_FORMAT where the file is shorter than its superblock says. */
static ig_status want_whole(int fd, uint64_t size, ig_error *error)
{
    /* Of version 0, which every file of ours has: the byte of the version, and where the end of the
     * file stands. */
    enum { VERSION_AT = 8, END_AT = 40, HEAD = 48 };
    unsigned char head[HEAD];
    uint64_t end = 0;
    if (size < HEAD) {
        return ig_error_set(error, IG_ERR_FORMAT, "damaged: cut off after %llu bytes",
                            (unsigned long long)size);
    }
    TRY(ig_file_read(fd, 0, head, HEAD, error));
    memcpy(&end, head + END_AT, sizeof end);
    return head[VERSION_AT] != 0 || end <= size
               ? IG_OK
               : ig_error_set(error, IG_ERR_FORMAT, "damaged: cut off after %llu of %llu bytes",
                              (unsigned long long)size, (unsigned long long)end);
}

ig_status ig_footer_check(int fd, bool *right, ig_error *error)
{
    uint64_t tail[N_TAIL], size = 0, hash = 0;
    AUTO_FREE ig_extent *extents = NULL;
    *right = false;
    TRY(check_size(fd, &size, error));
    TRY(want_hdf5(fd, size, error));
    TRY(want_whole(fd, size, error));
    TRY(ig_file_read(fd, size - sizeof tail, tail, sizeof tail, error));
    if (tail[MAGIC] != magic_word() || tail[VERSION] >= VERSIONS) {
        return IG_OK;
    }
    if (tail[VERSION] != IG_FORMAT_VERSION) {
        return ig_error_set(error, IG_ERR_FORMAT, "format version %llu; this program reads %d",
                            (unsigned long long)tail[VERSION], IG_FORMAT_VERSION);
    }
    TRY(read_extents(fd, tail, size, &extents, error));
    if (!extents || tail[FILE_SIZE] != size) {
        return IG_OK;
    }
    const size_t n = (size_t)tail[N_EXTENTS];
    const uint64_t end = size - (2 * n + N_TAIL) * sizeof(uint64_t);
    TRY(hash_metadata(fd, extents, n, end, &hash, error));
    *right = hash == tail[METADATA_HASH];
    return IG_OK;
}

/** Look at what ends in the file's magic text at `end`. */
static ig_status try_footer(int fd, uint64_t end, ig_extent **extents, size_t *n, ig_error *error)
{
    uint64_t tail[N_TAIL];
    if (end < sizeof tail) {
        return IG_OK;
    }
    TRY(ig_file_read(fd, end - sizeof tail, tail, sizeof tail, error));
    if (tail[VERSION] == IG_FORMAT_VERSION) {
        TRY(read_extents(fd, tail, end, extents, error));
        *n = *extents ? (size_t)tail[N_EXTENTS] : 0;
    }
    return IG_OK;
}

ig_status ig_footer_find(int fd, ig_extent **extents, size_t *n, ig_error *error)
{
    const size_t overlap = sizeof magic_text - 1;
    uint64_t size = 0;
    size_t tries = 0;
    AUTO_FREE unsigned char *buffer = NULL;
    TRY(ig_file_length(fd, &size, error));
    TRY(IG_ALLOC(buffer, BUFFER + overlap, error));
    const uint64_t end = size > searched ? size - searched : 0;
    *n = 0;
    for (uint64_t high = size; high > end && tries < TRIES && !*extents;) {
        const uint64_t low = high > BUFFER ? high - BUFFER : 0;
        const uint64_t stop = high + overlap < size ? high + overlap : size;
        const size_t length = (size_t)(stop - low);
        TRY(ig_file_read(fd, low, buffer, length, error));
        for (const unsigned char *at = buffer; tries < TRIES && !*extents; at++) {
            at = memmem(at, length - (size_t)(at - buffer), magic_text, sizeof magic_text);
            if (!at) {
                break;
            }
            tries++;
            TRY(try_footer(fd, low + (uint64_t)(at - buffer) + sizeof magic_text, extents, n,
                           error));
        }
        high = low;
    }
    return IG_OK;
}
