/** Rows go to their places by plain calls at the offsets that HDF5 gave its contiguous datasets.
 *  Writing through HDF5's MPI-IO driver would not keep the store's promises: closing rewrites the
 *  superblock, and where one rank's disk fails the others wait for it inside HDF5 for ever. */
#include "run/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <xxhash.h>

#include "run/ranks.h"
#include "run/stop.h"
#include "store/file.h"
#include "store/internal.h"
#include "store/padded.h"

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

/* Rows of tasks that take microseconds are written together; none waits longer than this. */
static const double longest_wait = 0.1;
enum { BATCH_BYTES = 1 << 18 };

struct ig_writer {
    char *path;
    MPI_Comm comm;
    const ig_layout *layout; /**< borrowed */
    int fd;
    bool locking; /**< a file system on which clients overwrite each other's bytes within a page */
    size_t n_tasks;
    size_t n_targets;
    target *targets; /**< layout->n_columns + N_BOOKS */
    size_t first, n; /**< tasks first ... first + n - 1 are at hand */
    size_t capacity; /**< rows that fit at hand */
    double since;    /**< monotonic clock when the first was taken */
};

/** What tells one result file from another of the same configuration: its starts. */
typedef struct identity {
    uint64_t n_tasks, starts_offset, hash;
} identity;

static void destroy(ig_writer **writer)
{
    ig_writer *w = *writer;
    if (w) {
        for (size_t i = 0; i < w->n_targets; i++) {
            free(w->targets[i].rows);
        }
        if (w->fd >= 0) {
            close(w->fd);
        }
        free(w->targets);
        free(w->path);
        free(w);
        *writer = NULL;
    }
}

static ig_writer *create(const char *path, MPI_Comm comm, const ig_layout *layout)
{
    static const target books[N_BOOKS] = {
        [FAILURE] = {IG_STORE_FAILURE, IG_ROW_ERROR, 0, NULL},
        [RANK] = {IG_STORE_RANK, sizeof(int32_t), 0, NULL},
        [START] = {IG_STORE_START, sizeof(double), 0, NULL},
        [SECONDS] = {IG_STORE_SECONDS, sizeof(double), 0, NULL},
        [CRC] = {IG_STORE_CRC, sizeof(uint32_t), 0, NULL},
        [STATE] = {IG_STORE_STATE, sizeof(int8_t), 0, NULL},
    };
    size_t n = layout->n_columns + N_BOOKS, row = 0;
    ig_writer *w = calloc(1, sizeof *w);
    if (!w) {
        return NULL;
    }
    *w = (ig_writer){.path = strdup(path),
                     .comm = comm,
                     .layout = layout,
                     .fd = -1,
                     .targets = calloc(n, sizeof *w->targets)};
    if (!w->path || !w->targets) {
        destroy(&w);
        return NULL;
    }
    w->n_targets = n;
    for (size_t i = 0; i < n; i++) {
        w->targets[i] =
            i < layout->n_columns
                ? (target){layout->columns[i].name,
                           layout->counts[i] * ig_type_size(layout->columns[i].type), 0, NULL}
                : books[i - layout->n_columns];
        row += w->targets[i].size;
    }
    w->capacity = row < BATCH_BYTES ? BATCH_BYTES / row : 1;
    for (size_t i = 0; i < n; i++) {
        w->targets[i].rows = malloc(w->capacity * w->targets[i].size);
        if (!w->targets[i].rows) {
            destroy(&w);
            return NULL;
        }
    }
    return w;
}

/** Hash of the starts noted in an open file. */
static ig_status hash_starts(int fd, uint64_t offset, uint64_t *hash, ig_error *error)
{
    double begin[IG_STORE_STARTS];
    ig_status status = ig_file_read(fd, offset, begin, sizeof begin, error);
    *hash = status ? 0 : XXH3_64bits(begin, sizeof begin);
    return status;
}

/** One rank: let HDF5 look at the file, and learn where the rows are. */
static ig_status locate(ig_writer *w, const ig_registry *registry, identity *id, ig_error *error)
{
    ig_store *store = NULL;
    ig_status status = ig_store_open(registry, w->path, false, &store, error);
    if (status) {
        return status;
    }
    if (store->layout->row_size != w->layout->row_size ||
        store->layout->n_columns != w->layout->n_columns) {
        status = ig_error_set(error, IG_ERR_FORMAT, "%s holds other columns", w->path);
    }
    for (size_t i = 0; i < w->n_targets && !status; i++) {
        target *t = &w->targets[i];
        const ig_variable *v = ig_plan_find(store->root, t->name);
        if (!v || v->shape[1] * ig_stored_size(v->type) != t->size) {
            status = ig_error_set(error, IG_ERR_FORMAT, "%s: dataset %s is not what it should be",
                                  w->path, t->name);
        } else {
            t->offset = v->offset;
        }
    }
    if (!status) {
        id->n_tasks = store->n_tasks;
        id->starts_offset = ig_plan_find(store->starts, "begin")->offset;
        status = hash_starts(store->fd, id->starts_offset, &id->hash, error);
    }
    ig_store_close(&store);
    return status;
}

/** Collective: what rank 0 found reaches everybody. */
static ig_status share(ig_writer *w, identity *id, ig_error *error)
{
    uint64_t *offsets = malloc(w->n_targets * sizeof *offsets);
    ig_status status =
        offsets ? IG_OK
                : ig_error_set(error, IG_ERR_MEMORY, "%s: no memory to write rows", w->path);
    for (size_t i = 0; offsets && i < w->n_targets; i++) {
        offsets[i] = w->targets[i].offset;
    }
    status = ig_agree(w->comm, status, error);
    if (!status) {
        status =
            ig_mpi_check(MPI_Bcast(id, (int)sizeof *id, MPI_BYTE, 0, w->comm), "MPI_Bcast", error);
    }
    if (!status) {
        status = ig_mpi_check(
            MPI_Bcast(offsets, (int)(w->n_targets * sizeof *offsets), MPI_BYTE, 0, w->comm),
            "MPI_Bcast", error);
    }
    for (size_t i = 0; i < w->n_targets && !status; i++) {
        w->targets[i].offset = offsets[i];
    }
    w->n_tasks = (size_t)id->n_tasks;
    free(offsets);
    return status;
}

/** This rank's own way to the file, which must be the one that rank 0 has: a relative path or a
 *  folder of the node may lead elsewhere. */
static ig_status open_own(ig_writer *w, const identity *id, ig_error *error)
{
    struct statfs system;
    uint64_t hash = 0;
    w->fd = open(w->path, O_RDWR | O_CLOEXEC);
    if (w->fd < 0 || fstatfs(w->fd, &system) != 0) {
        ig_file_error(error, errno, "cannot be opened for writing");
        return ig_error_context(error, "%s", w->path);
    }
    w->locking = system.f_type == NFS_SUPER_MAGIC || system.f_type == SMB_SUPER_MAGIC ||
                 system.f_type == CIFS_SUPER_MAGIC || system.f_type == SMB2_SUPER_MAGIC;
    ig_status status = hash_starts(w->fd, id->starts_offset, &hash, error);
    if (status && status != IG_ERR_FORMAT) {
        ig_error_context(error, "%s", w->path);
        return status;
    }
    /* One that is too short is another one, too. */
    if (status || hash != id->hash) {
        char host[256] = "this host";
        gethostname(host, sizeof host - 1);
        return ig_error_set(error, IG_ERR_IO,
                            "%s is another file on %s than on the first rank: give a path that all "
                            "hosts share",
                            w->path, host);
    }
    return IG_OK;
}

ig_status ig_writer_open(const ig_registry *registry, const char *path, MPI_Comm comm,
                         const ig_layout *layout, ig_writer **writer, ig_error *error)
{
    int rank = 0;
    identity id = {0};
    ig_writer *w = create(path, comm, layout);
    ig_status status =
        w ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "%s: no memory to write rows", path);
    if (!status) {
        status = ig_mpi_check(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank", error);
    }
    if (!status && rank == 0) {
        status = locate(w, registry, &id, error);
    }
    status = ig_agree(comm, status, error);
    if (!status) {
        status = share(w, &id, error);
    }
    if (!status) {
        status = ig_agree(comm, open_own(w, &id, error), error);
    }
    if (status) {
        destroy(&w);
        return status;
    }
    *writer = w;
    return IG_OK;
}

/** Lock or unlock a stretch of the file: on NFS that makes this client forget what it knew of the
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

/** Write the rows at hand of one dataset. */
static ig_status write_target(const ig_writer *w, const target *t, ig_error *error)
{
    uint64_t offset = t->offset + (uint64_t)w->first * t->size;
    size_t size = w->n * t->size;
    ig_status status = lock_range(w, F_WRLCK, offset, size, error);
    if (!status) {
        status = ig_file_write(w->fd, offset, t->rows, size, error);
    }
    if (!status) {
        status = lock_range(w, F_UNLCK, offset, size, error);
    }
    return status ? ig_error_context(error, "%s: task %zu, dataset %s", w->path, w->first, t->name)
                  : IG_OK;
}

ig_status ig_writer_flush(ig_writer *writer, ig_error *error)
{
    ig_status status = IG_OK;
    for (size_t i = 0; i < writer->n_targets && writer->n > 0 && !status; i++) {
        status = write_target(writer, &writer->targets[i], error);
    }
    writer->n = 0;
    return status;
}

/** Put the row behind those at hand. */
static void take(ig_writer *w, const ig_outcome *outcome)
{
    const ig_layout *layout = w->layout;
    char failure[IG_ROW_ERROR];
    ig_padded_text(outcome->failure, strlen(outcome->failure), failure, sizeof failure);
    uint32_t crc = ig_row_crc(layout, outcome->task, outcome->bytes, outcome->state, failure);
    const void *const books[N_BOOKS] = {[FAILURE] = failure,
                                        [RANK] = &outcome->rank,
                                        [START] = &outcome->start,
                                        [SECONDS] = &outcome->seconds,
                                        [CRC] = &crc,
                                        [STATE] = &outcome->state};
    for (size_t i = 0; i < w->n_targets; i++) {
        const void *bytes = i < layout->n_columns ? outcome->bytes + layout->offsets[i]
                                                  : books[i - layout->n_columns];
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
    double now = ig_clock_monotonic();
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
    ig_writer *w = *writer;
    if (!w) {
        return IG_OK;
    }
    ig_status status = ig_writer_flush(w, error);
    if (!status && fdatasync(w->fd) != 0) {
        ig_file_error(error, errno, "cannot be made durable");
        status = ig_error_context(error, "%s", w->path);
    }
    status = ig_agree(w->comm, status, error);
    destroy(writer);
    return status;
}
