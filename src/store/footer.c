#include "store/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/try.h"

/* The words after the extents, counted from the first of them. */
enum { N_EXTENTS, FILE_SIZE, METADATA_HASH, WORDS_HASH, VERSION, MAGIC, N_TAIL };
/* More extents than any file of ours has datasets, so that a damaged number asks for no memory. */
enum { BUFFER = 1 << 20, EXTENTS_MAX = 1 << 16 };
/* Of a version 0 superblock: the first byte of its consistency flags, which HDF5 sets while a file
 * is open for writing and clears when it is closed. Says nothing about the contents. */
enum { OPEN_MARK = 20 };

static const char magic_text[8] = {'i', 'm', 'a', 'g', 'r', 'i', 'd', '\n'};

typedef struct extent {
    uint64_t offset, length;
} extent;

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
static ig_status hash_metadata(int fd, const extent *extents, size_t n, uint64_t end,
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
    const extent *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static size_t list_extents(const ig_datasets *list, extent *extents)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const ig_variable *v = &list->variables[i];
        if (v->role == IG_ROLE_ROWS) {
            extents[n++] = (extent){v->offset, ig_variable_size(v)};
        }
    }
    return n;
}

/** Write the last bytes of a file of `size` bytes; the n extents are in order. */
static ig_status write_footer(int fd, uint64_t size, const extent *extents, size_t n,
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
    AUTO_FREE extent *extents = NULL;
    TRY(IG_ALLOC(extents, n + 1, error));
    TRY(ig_file_length(fd, &size, error));
    list_extents(sessions, extents + list_extents(root, extents));
    qsort(extents, n, sizeof *extents, compare);
    return write_footer(fd, size, extents, n, error);
}

ig_status ig_footer_append(int fd, ig_error *error)
{
    uint64_t size = 0;
    TRY(ig_file_length(fd, &size, error));
    return write_footer(fd, size + N_TAIL * sizeof(uint64_t), NULL, 0, error);
}

/** Whether extents are in order, disjoint and before `end`. */
static bool in_order(const extent *extents, size_t n, uint64_t end)
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

static ig_status check_words(int fd, const uint64_t *tail, uint64_t size, ig_error *error)
{
    const size_t n = (size_t)tail[N_EXTENTS], n_words = 2 * n + N_TAIL;
    const uint64_t at = size - n_words * sizeof(uint64_t);
    uint64_t hash = 0;
    AUTO_FREE uint64_t *words = NULL;
    AUTO_FREE extent *extents = NULL;
    TRY(IG_ALLOC(words, n_words, error));
    TRY(IG_ALLOC(extents, n + 1, error));
    TRY(ig_file_read(fd, at, words, n_words * sizeof *words, error));
    memcpy(extents, words, n * sizeof *extents);
    if (XXH3_64bits(words, (2 * n + WORDS_HASH) * sizeof *words) != tail[WORDS_HASH] ||
        !in_order(extents, n, at)) {
        return ig_error_set(error, IG_ERR_FORMAT, "the file is damaged (its footer)");
    }
    TRY(hash_metadata(fd, extents, n, at, &hash, error));
    return hash == tail[METADATA_HASH]
               ? IG_OK
               : ig_error_set(error, IG_ERR_FORMAT,
                              "the file is damaged, or was edited by another program (the checksum "
                              "of its metadata is wrong): restore a copy, or run into a new file");
}

/** Length of a regular file that may be ours. */
static ig_status check_size(int fd, uint64_t *size, ig_error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return ig_file_error(error, errno, "cannot be examined");
    }
    if (!S_ISREG(info.st_mode)) {
        return ig_error_set(error, IG_ERR_FORMAT, "not a regular file");
    }
    *size = (uint64_t)info.st_size;
    return IG_OK;
}

ig_status ig_footer_check(int fd, ig_error *error)
{
    static const unsigned char hdf5[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char start[8];
    uint64_t tail[N_TAIL], size = 0;
    TRY(check_size(fd, &size, error));
    if (size < sizeof start + sizeof tail) {
        return ig_error_set(error, IG_ERR_FORMAT, "too short for a file of imagrid");
    }
    TRY(ig_file_read(fd, 0, start, sizeof start, error));
    TRY(ig_file_read(fd, size - sizeof tail, tail, sizeof tail, error));
    if (memcmp(start, hdf5, sizeof hdf5) != 0) {
        return ig_error_set(error, IG_ERR_FORMAT, "not an HDF5 file");
    }
    if (tail[MAGIC] != magic_word()) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "not a file of imagrid, or truncated, or edited by another program");
    }
    if (tail[VERSION] != IG_FORMAT_VERSION) {
        return ig_error_set(error, IG_ERR_FORMAT, "format version %llu; this program reads %d",
                            (unsigned long long)tail[VERSION], IG_FORMAT_VERSION);
    }
    if (tail[FILE_SIZE] != size || tail[N_EXTENTS] > EXTENTS_MAX ||
        (2 * tail[N_EXTENTS] + N_TAIL) * sizeof(uint64_t) > size) {
        return ig_error_set(error, IG_ERR_FORMAT, "the file is damaged (its footer)");
    }
    return check_words(fd, tail, size, error);
}
