#include "store/seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "store/file.h"

/* The words after the stretches, counted from the first of them. */
enum { N_STRETCHES, FILE_SIZE, FIXED_HASH, SEAL_HASH, VERSION, MAGIC, N_TAIL };
enum { BUFFER = 1 << 20, MAX_STRETCHES = 1 << 16 };

static const char magic_text[8] = {'i', 'm', 'a', 'g', 'r', 'i', 'd', '\n'};

typedef struct stretch {
    uint64_t offset, length;
} stretch;

static uint64_t magic_word(void)
{
    uint64_t word;
    memcpy(&word, magic_text, sizeof word);
    return word;
}

static size_t count_stretches(const ig_plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n; i++) {
        n += plan->variables[i].role == IG_ROLE_ROWS;
    }
    return n;
}

size_t ig_seal_words(const ig_plan *root, const ig_plan *starts)
{
    return 2 * (count_stretches(root) + count_stretches(starts)) + N_TAIL;
}

static ig_status hash_part(int fd, uint64_t from, uint64_t to, void *buffer, XXH3_state_t *state,
                           ig_error *error)
{
    while (from < to) {
        size_t part = to - from < BUFFER ? (size_t)(to - from) : BUFFER;
        ig_status status = ig_file_read(fd, from, buffer, part, error);
        if (status) {
            return status;
        }
        if (XXH3_64bits_update(state, buffer, part) != XXH_OK) {
            return ig_error_set(error, IG_ERR_MEMORY, "the checksum could not be computed");
        }
        from += part;
    }
    return IG_OK;
}

/** Hash of bytes 0 ... end-1 without the stretches, which are in order and within. */
static ig_status hash_fixed(int fd, const stretch *stretches, size_t n, uint64_t end,
                            uint64_t *hash, ig_error *error)
{
    ig_status status = IG_OK;
    uint64_t at = 0;
    void *buffer = malloc(BUFFER);
    XXH3_state_t *state = XXH3_createState();
    if (!buffer || !state || XXH3_64bits_reset(state) != XXH_OK) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for a checksum");
        goto done;
    }
    for (size_t i = 0; i < n && !status; i++) {
        status = hash_part(fd, at, stretches[i].offset, buffer, state, error);
        at = stretches[i].offset + stretches[i].length;
    }
    if (!status) {
        status = hash_part(fd, at, end, buffer, state, error);
    }
    if (!status) {
        *hash = XXH3_64bits_digest(state);
    }
done:
    XXH3_freeState(state);
    free(buffer);
    return status;
}

static int compare(const void *a, const void *b)
{
    const stretch *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static size_t list(const ig_plan *plan, stretch *stretches)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n; i++) {
        const ig_variable *v = &plan->variables[i];
        if (v->role == IG_ROLE_ROWS) {
            stretches[n++] = (stretch){v->offset, ig_variable_size(v)};
        }
    }
    return n;
}

/** Seal the last bytes of a file of `size` bytes; the n stretches are in order. */
static ig_status seal(int fd, uint64_t size, const stretch *stretches, size_t n, ig_error *error)
{
    size_t n_words = 2 * n + N_TAIL;
    uint64_t at = size - n_words * sizeof(uint64_t);
    uint64_t *words = malloc(n_words * sizeof *words);
    if (!words) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the seal");
    }
    if (n > 0) {
        memcpy(words, stretches, n * sizeof *stretches);
    }
    uint64_t *tail = words + 2 * n;
    tail[N_STRETCHES] = n;
    tail[FILE_SIZE] = size;
    ig_status status = hash_fixed(fd, stretches, n, at, &tail[FIXED_HASH], error);
    if (!status) {
        tail[SEAL_HASH] = XXH3_64bits(words, (2 * n + SEAL_HASH) * sizeof *words);
        tail[VERSION] = IG_FORMAT_VERSION;
        tail[MAGIC] = magic_word();
        status = ig_file_write(fd, at, words, n_words * sizeof *words, error);
    }
    free(words);
    return status;
}

ig_status ig_seal_write(int fd, const ig_plan *root, const ig_plan *starts, ig_error *error)
{
    size_t n = (ig_seal_words(root, starts) - N_TAIL) / 2;
    uint64_t size = 0;
    stretch *stretches = malloc((n + 1) * sizeof *stretches);
    ig_status status = stretches ? ig_file_length(fd, &size, error)
                                 : ig_error_set(error, IG_ERR_MEMORY, "no memory for the seal");
    if (!status) {
        list(starts, stretches + list(root, stretches));
        qsort(stretches, n, sizeof *stretches, compare);
        status = seal(fd, size, stretches, n, error);
    }
    free(stretches);
    return status;
}

ig_status ig_seal_append(int fd, ig_error *error)
{
    uint64_t size = 0;
    ig_status status = ig_file_length(fd, &size, error);
    return status ? status : seal(fd, size + N_TAIL * sizeof(uint64_t), NULL, 0, error);
}

/** Whether stretches are in order, apart and before `end`. */
static int in_order(const stretch *stretches, size_t n, uint64_t end)
{
    uint64_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (stretches[i].offset < at || stretches[i].offset > end ||
            stretches[i].length > end - stretches[i].offset) {
            return 0;
        }
        at = stretches[i].offset + stretches[i].length;
    }
    return 1;
}

static ig_status check_words(int fd, const uint64_t *tail, uint64_t size, ig_error *error)
{
    size_t n = (size_t)tail[N_STRETCHES], n_words = 2 * n + N_TAIL;
    uint64_t at = size - n_words * sizeof(uint64_t), hash = 0;
    ig_status status = IG_OK;
    uint64_t *words = malloc(n_words * sizeof *words);
    stretch *stretches = malloc((n + 1) * sizeof *stretches);
    if (!words || !stretches) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for the seal");
        goto done;
    }
    status = ig_file_read(fd, at, words, n_words * sizeof *words, error);
    if (status) {
        goto done;
    }
    memcpy(stretches, words, n * sizeof *stretches);
    if (XXH3_64bits(words, (2 * n + SEAL_HASH) * sizeof *words) != tail[SEAL_HASH] ||
        !in_order(stretches, n, at)) {
        status = ig_error_set(error, IG_ERR_FORMAT, "the file is damaged (its seal)");
        goto done;
    }
    status = hash_fixed(fd, stretches, n, at, &hash, error);
    if (!status && hash != tail[FIXED_HASH]) {
        status = ig_error_set(error, IG_ERR_FORMAT,
                              "the file is damaged, or was edited by another program");
    }
done:
    free(stretches);
    free(words);
    return status;
}

ig_status ig_seal_check(int fd, ig_error *error)
{
    static const unsigned char hdf5[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char start[8];
    uint64_t tail[N_TAIL];
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return ig_file_error(error, errno, "cannot be examined");
    }
    if (!S_ISREG(info.st_mode)) {
        return ig_error_set(error, IG_ERR_FORMAT, "not a regular file");
    }
    uint64_t size = (uint64_t)info.st_size;
    if (size < sizeof start + sizeof tail) {
        return ig_error_set(error, IG_ERR_FORMAT, "too short for a file of imagrid");
    }
    ig_status status = ig_file_read(fd, 0, start, sizeof start, error);
    if (!status) {
        status = ig_file_read(fd, size - sizeof tail, tail, sizeof tail, error);
    }
    if (status) {
        return status;
    }
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
    if (tail[FILE_SIZE] != size || tail[N_STRETCHES] > MAX_STRETCHES ||
        (2 * tail[N_STRETCHES] + N_TAIL) * sizeof(uint64_t) > size) {
        return ig_error_set(error, IG_ERR_FORMAT, "the file is damaged (its seal)");
    }
    return check_words(fd, tail, size, error);
}
