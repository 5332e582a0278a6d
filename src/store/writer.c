/** Rows go to their places by plain calls at the offsets that HDF5 gave its contiguous datasets.
 *  Writing through HDF5's MPI-IO driver would not keep the store's promises: closing rewrites the
 *  superblock, and where one rank's disk fails the others wait for it inside HDF5 for ever. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <xxhash.h>

#include "base/clock.h"
#include "base/try.h"
#include "store/file.h"
#include "store/internal.h"

/* Kernel headers before 5.13 lack these. */
#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xff534d42
#define SMB2_SUPER_MAGIC 0xfe534d42
#endif

/** One dataset of rows. */
typedef struct target {
    const char *name;
    size_t size;         /**< bytes per row */
    uint64_t offset;     /**< of its rows in the file */
    unsigned char *rows; /**< the rows at hand, packed; owned */
} target;

/* Bookkeeping after the data columns, in the order of writing: a row counts from the moment its
 * state byte is there, so that comes last, and the checksum that makes it trusted just before. */
enum { FAILURE, RANK, START, SECONDS, CRC, STATE, N_BOOKS };

static const target books[N_BOOKS] = {
    [FAILURE] = {IG_STORE_FAILURE, IG_ROW_ERROR, 0, NULL},
    [RANK] = {IG_STORE_RANK, sizeof(int32_t), 0, NULL},
    [START] = {IG_STORE_START, sizeof(double), 0, NULL},
    [SECONDS] = {IG_STORE_SECONDS, sizeof(double), 0, NULL},
    [CRC] = {IG_STORE_CRC, sizeof(uint32_t), 0, NULL},
    [STATE] = {IG_STORE_STATE, sizeof(int8_t), 0, NULL},
};

/* The words of the places before the offsets; SESSIONS_HASH tells one result file from another of
 * the same configuration; PROGRESS_OFFSET is 0 where there is no such column. */
enum { N_TASKS, SESSIONS_OFFSET, SESSIONS_HASH, PROGRESS_OFFSET, N_FIXED };

/* Rows of tasks that take microseconds are written together. What waits may be lost with its rank:
 * a tenth of a second of work is nothing, and ten writes a second are no load on any disk. */
static const double longest_wait = 0.1;
/* Written in one call per column; more than fills a network file system's largest request. */
enum { BATCH_BYTES = 1 << 18 };

struct ig_writer {
    char *path;
    const ig_layout *layout; /**< borrowed */
    int fd;
    bool locking; /**< a file system on which clients overwrite each other's bytes within a page */
    size_t n_tasks;
    uint64_t progress; /**< offset of the column in the file; 0: there is none */
    size_t n_targets;
    target *targets; /**< layout->n_columns + N_BOOKS */
    size_t first, n; /**< tasks first ... first + n - 1 are at hand */
    size_t capacity; /**< rows that fit at hand */
    double since;    /**< monotonic clock when the first was taken */
};

/** Column number i of a row, name and size only. */
static target target_of(const ig_layout *layout, size_t i)
{
    return i < layout->n_columns
               ? (target){layout->columns[i].name,
                          layout->counts[i] * ig_type_size(layout->columns[i].type), 0, NULL}
               : books[i - layout->n_columns];
}

static size_t count_targets(const ig_layout *layout)
{
    return layout->n_columns + N_BOOKS;
}

size_t ig_places_words(const ig_layout *layout)
{
    return N_FIXED + count_targets(layout);
}

/** Hash of the sessions recorded in an open file. */
static ig_status hash_sessions(int fd, uint64_t offset, uint64_t *hash, ig_error *error)
{
    double begin[IG_STORE_SESSIONS];
    TRY(ig_file_read(fd, offset, begin, sizeof begin, error));
    *hash = XXH3_64bits(begin, sizeof begin);
    return IG_OK;
}

static ig_status find_places(const ig_store *store, const ig_layout *layout, uint64_t *places,
                             ig_error *error)
{
    if (store->layout->row_size != layout->row_size ||
        store->layout->n_columns != layout->n_columns) {
        return ig_error_set(error, IG_ERR_FORMAT, "%s has other columns", store->path);
    }
    for (size_t i = 0; i < count_targets(layout); i++) {
        const target t = target_of(layout, i);
        const ig_variable *v = ig_datasets_find(store->root, t.name);
        if (!v || v->spooled || v->shape[1] * ig_stored_size(v->type) != t.size) {
            return ig_error_set(error, IG_ERR_FORMAT, "%s: dataset %s is not what it should be",
                                store->path, t.name);
        }
        places[N_FIXED + i] = v->offset;
    }
    const ig_variable *progress = ig_datasets_find(store->root, IG_STORE_PROGRESS);
    places[PROGRESS_OFFSET] =
        progress && !progress->missing && !progress->spooled ? progress->offset : 0;
    places[N_TASKS] = store->n_tasks;
    places[SESSIONS_OFFSET] = ig_datasets_find(store->sessions, "begin")->offset;
    return hash_sessions(store->fd, places[SESSIONS_OFFSET], &places[SESSIONS_HASH], error);
}

ig_status ig_places_find(const ig_registry *registry, const char *path, const ig_layout *layout,
                         const ig_identity *rows, ig_identity_use use, uint64_t *places,
                         ig_error *error)
{
    AUTO(ig_store_close) ig_store *store = NULL;
    TRY(ig_store_open(registry, path, false, &store, error));
    const ig_identity file = ig_store_identity(store);
    TRY(ig_identity_match(&file, rows, use, NULL, error));
    return find_places(store, layout, places, error);
}

static void destroy(ig_writer **writer)
{
    ig_writer *w = *writer;
    if (w) {
        for (size_t i = 0; w->targets && i < w->n_targets; i++) {
            free(w->targets[i].rows);
        }
        ig_file_close(&w->fd);
        free(w->targets);
        free(w->path);
        free(w);
        *writer = NULL;
    }
}

static ig_status create(const char *path, const ig_layout *layout, const uint64_t *places,
                        ig_writer **writer, ig_error *error)
{
    AUTO(destroy) ig_writer *w = NULL;
    size_t row = 0;
    TRY(IG_ALLOC(w, 1, error));
    *w = (ig_writer){.layout = layout,
                     .fd = -1,
                     .n_tasks = (size_t)places[N_TASKS],
                     .progress = places[PROGRESS_OFFSET],
                     .n_targets = count_targets(layout)};
    w->path = ig_strdup(path, error);
    if (!w->path) {
        return IG_ERR_MEMORY;
    }
    TRY(IG_ALLOC(w->targets, w->n_targets, error));
    for (size_t i = 0; i < w->n_targets; i++) {
        w->targets[i] = target_of(layout, i);
        w->targets[i].offset = places[N_FIXED + i];
        row += w->targets[i].size;
    }
    w->capacity = row > 0 && row < BATCH_BYTES ? BATCH_BYTES / row : 1;
    for (size_t i = 0; i < w->n_targets; i++) {
        TRY(IG_ALLOC(w->targets[i].rows, w->capacity * w->targets[i].size, error));
    }
    *writer = ig_take(&w);
    return IG_OK;
}

/** This process's own way to the file, which must be the one that the places come from: a relative
 *  path or a folder of the node may lead elsewhere. */
static ig_status open_file(ig_writer *w, const uint64_t *places, ig_error *error)
{
    struct statfs system;
    uint64_t hash = 0;
    w->fd = open(w->path, O_RDWR | O_CLOEXEC);
    if (w->fd < 0 || fstatfs(w->fd, &system) != 0) {
        return ig_file_error(error, errno, "cannot be opened for writing");
    }
    w->locking = system.f_type == NFS_SUPER_MAGIC || system.f_type == SMB_SUPER_MAGIC ||
                 system.f_type == CIFS_SUPER_MAGIC || system.f_type == SMB2_SUPER_MAGIC;
    ig_status status = hash_sessions(w->fd, places[SESSIONS_OFFSET], &hash, error);
    /* One that is too short is another one, too. */
    if (status == IG_ERR_FORMAT || (!status && hash != places[SESSIONS_HASH])) {
        char host[256] = "this host";
        gethostname(host, sizeof host - 1);
        return ig_error_set(error, IG_ERR_IO,
                            "%s sees a different file than the first rank: use a path that all "
                            "hosts share",
                            host);
    }
    return status;
}

ig_status ig_writer_open(const char *path, const ig_layout *layout, const uint64_t *places,
                         ig_writer **writer, ig_error *error)
{
    AUTO(destroy) ig_writer *w = NULL;
    TRY(create(path, layout, places, &w, error));
    ig_status status = open_file(w, places, error);
    if (status) {
        ig_error_context(error, "%s", path);
        return status;
    }
    *writer = ig_take(&w);
    return IG_OK;
}

/** Lock or unlock an extent of the file: on NFS that makes this client forget what it knew of the
 *  pages, and send what it wrote. */
static ig_status lock_range(const ig_writer *w, short type, uint64_t offset, size_t size,
                            ig_error *error)
{
    struct flock range = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)offset, .l_len = (off_t)size};
    while (w->locking && fcntl(w->fd, F_OFD_SETLKW, &range) != 0) {
        if (errno != EINTR) {
            return ig_file_error(error, errno, "file locks do not work here");
        }
    }
    return IG_OK;
}

static ig_status write_range(const ig_writer *w, uint64_t offset, const void *bytes, size_t size,
                             ig_error *error)
{
    TRY(lock_range(w, F_WRLCK, offset, size, error));
    TRY(ig_file_write(w->fd, offset, bytes, size, error));
    return lock_range(w, F_UNLCK, offset, size, error);
}

/** Write the rows at hand of one dataset. */
static ig_status write_extent(const ig_writer *w, const target *t, ig_error *error)
{
    return write_range(w, t->offset + (uint64_t)w->first * t->size, t->rows, w->n * t->size, error);
}

ig_status ig_writer_progress(ig_writer *writer, size_t task, float share, int32_t rank,
                             double start, ig_error *error)
{
    const target *books_there = writer->targets + writer->layout->n_columns;
    const uint64_t row = task;
    if (writer->progress == 0 || task >= writer->n_tasks) {
        return IG_OK;
    }
    TRY(write_range(writer, books_there[RANK].offset + row * sizeof rank, &rank, sizeof rank,
                    error));
    TRY(write_range(writer, books_there[START].offset + row * sizeof start, &start, sizeof start,
                    error));
    return write_range(writer, writer->progress + row * sizeof share, &share, sizeof share, error);
}

ig_status ig_writer_flush(ig_writer *writer, ig_error *error)
{
    ig_status status = IG_OK;
    for (size_t i = 0; i < writer->n_targets && writer->n > 0 && !status; i++) {
        status = write_extent(writer, &writer->targets[i], error);
        if (status) {
            ig_error_context(error, "%s: task %zu, dataset %s", writer->path, writer->first,
                             writer->targets[i].name);
        }
    }
    writer->n = 0;
    return status;
}

/** Put the row behind those at hand. */
static void take(ig_writer *w, const ig_outcome *outcome)
{
    const ig_layout *layout = w->layout;
    char failure[IG_ROW_ERROR];
    ig_stored_text(outcome->failure, strlen(outcome->failure), failure, sizeof failure);
    uint32_t crc = ig_row_crc(layout, outcome->task, outcome->bytes, outcome->state, failure);
    const void *const values[N_BOOKS] = {[FAILURE] = failure,
                                         [RANK] = &outcome->rank,
                                         [START] = &outcome->start,
                                         [SECONDS] = &outcome->seconds,
                                         [CRC] = &crc,
                                         [STATE] = &outcome->state};
    for (size_t i = 0; i < w->n_targets; i++) {
        const void *bytes = i < layout->n_columns ? outcome->bytes + layout->offsets[i]
                                                  : values[i - layout->n_columns];
        memcpy(w->targets[i].rows + w->n * w->targets[i].size, bytes, w->targets[i].size);
    }
    w->n++;
}

ig_status ig_writer_put(ig_writer *writer, const ig_outcome *outcome, ig_error *error)
{
    ig_status status = IG_OK;
    if (outcome->task >= writer->n_tasks) {
        return ig_error_set(error, IG_ERR_USAGE, "%s has no task %zu", writer->path, outcome->task);
    }
    const double now = ig_clock_monotonic();
    if (writer->n == writer->capacity || outcome->task != writer->first + writer->n ||
        (writer->n > 0 && now - writer->since > longest_wait)) {
        status = ig_writer_flush(writer, error);
    }
    if (writer->n == 0) {
        writer->first = outcome->task;
        writer->since = now;
    }
    take(writer, outcome);
    return status;
}

ig_status ig_writer_close(ig_writer **writer, ig_error *error)
{
    AUTO(destroy) ig_writer *w = ig_take(writer);
    if (!w) {
        return IG_OK;
    }
    TRY(ig_writer_flush(w, error));
    if (fdatasync(w->fd) != 0) {
        const ig_status status = ig_file_error(error, errno, "fdatasync failed");
        ig_error_context(error, "%s", w->path);
        return status;
    }
    return IG_OK;
}
