#include "runner/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/agree.h"
#include "runner/clock.h"
#include "store/file.h"
#include "store/h5.h"
#include "store/padded.h"
#include "store/plan.h"

/** One dataset of rows, kept open. */
typedef struct target {
    const char *name;
    ig_stored type;
    size_t count; /**< numbers per row */
    hid_t dataset, file_space;
    int axes;            /**< of the dataset */
    uint64_t offset;     /**< of its values in the file */
    unsigned char *rows; /**< the rows at hand, packed; owned */
} target;

/* Rows of tasks that take microseconds are written together; none waits longer than this. */
static const double longest_wait = 0.1;
enum { BATCH_BYTES = 1 << 18 };

/* Bookkeeping after the data columns, in the order of writing: a row counts from the moment its
 * state byte is there, so that comes last, and the checksum that makes it trusted just before. */
enum { FAILURE, RANK, START, SECONDS, CRC, STATE, N_BOOKS };

struct ig_writer {
    char *path;
    MPI_Comm comm;
    const ig_layout *layout; /**< borrowed */
    hid_t file, transfer;
    hsize_t n_tasks;
    size_t n_targets;
    target *targets; /**< layout->n_columns + N_BOOKS */
    size_t first, n; /**< tasks first ... first + n - 1 are at hand */
    size_t capacity; /**< rows that fit at hand */
    double since;    /**< monotonic clock when the first was taken */
};

static size_t target_size(const target *t)
{
    return t->count * ig_stored_size(t->type);
}

/** Everything that is closed without the others. */
static void clear(ig_writer *w)
{
    for (size_t i = 0; w->targets && i < w->n_targets; i++) {
        target *t = &w->targets[i];
        if (t->file_space >= 0) {
            H5Sclose(t->file_space);
        }
        if (t->dataset >= 0) {
            H5Dclose(t->dataset);
        }
        t->file_space = t->dataset = -1;
        free(t->rows);
        t->rows = NULL;
    }
    if (w->transfer >= 0) {
        H5Pclose(w->transfer);
        w->transfer = -1;
    }
}

static void destroy(ig_writer **writer)
{
    if (*writer) {
        clear(*writer);
        free((*writer)->targets);
        free((*writer)->path);
        free(*writer);
        *writer = NULL;
    }
}

static ig_writer *create(const char *path, MPI_Comm comm, const ig_layout *layout)
{
    static const target books[N_BOOKS] = {
        [FAILURE] = {IG_STORE_FAILURE, IG_STORED_CHAR, IG_ROW_ERROR, -1, -1, 0, 0, NULL},
        [RANK] = {IG_STORE_RANK, IG_STORED_I32, 1, -1, -1, 0, 0, NULL},
        [START] = {IG_STORE_START, IG_STORED_F64, 1, -1, -1, 0, 0, NULL},
        [SECONDS] = {IG_STORE_SECONDS, IG_STORED_F64, 1, -1, -1, 0, 0, NULL},
        [CRC] = {IG_STORE_CRC, IG_STORED_U32, 1, -1, -1, 0, 0, NULL},
        [STATE] = {IG_STORE_STATE, IG_STORED_I8, 1, -1, -1, 0, 0, NULL},
    };
    size_t n = layout->n_columns + N_BOOKS;
    ig_writer *w = calloc(1, sizeof *w);
    if (!w) {
        return NULL;
    }
    *w = (ig_writer){.path = strdup(path),
                     .comm = comm,
                     .layout = layout,
                     .file = -1,
                     .transfer = -1,
                     .targets = malloc(n * sizeof *w->targets)};
    if (!w->path || !w->targets) {
        destroy(&w);
        return NULL;
    }
    w->n_targets = n;
    for (size_t c = 0; c < layout->n_columns; c++) {
        const ig_column *column = &layout->columns[c];
        w->targets[c] = (target){
            column->name, ig_stored_of(column->type), layout->counts[c], -1, -1, 0, 0, NULL};
    }
    memcpy(w->targets + layout->n_columns, books, sizeof books);
    size_t row = 0;
    for (size_t i = 0; i < n; i++) {
        row += target_size(&w->targets[i]);
    }
    w->capacity = row < BATCH_BYTES ? BATCH_BYTES / row : 1;
    for (size_t i = 0; i < n; i++) {
        w->targets[i].rows = malloc(w->capacity * target_size(&w->targets[i]));
        if (!w->targets[i].rows) {
            destroy(&w);
            return NULL;
        }
    }
    return w;
}

/** Whether this rank can use the file at all; one that cannot must not leave the others waiting
 *  inside MPI-IO. `*access` gets the serial properties. */
static ig_status prepare(const ig_writer *w, hid_t *access, ig_error *error)
{
    *access = ig_h5_access();
    if (*access < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "%s", w->path);
    }
    if (euidaccess(w->path, R_OK | W_OK) != 0) {
        ig_file_error(error, errno, "cannot be opened for writing");
        return ig_error_context(error, "%s", w->path);
    }
    return IG_OK;
}

/** Collective: open the file with the MPI-IO driver. Naming the communicator is collective too, as
 *  it is duplicated. */
static ig_status open_file(ig_writer *w, ig_error *error)
{
    hid_t access = -1;
    ig_status status = ig_agree(w->comm, prepare(w, &access, error), error);
    if (!status) {
        if (H5Pset_fapl_mpio(access, w->comm, MPI_INFO_NULL) < 0) {
            status = ig_h5_error(error, IG_ERR_MPI, "%s: MPI-IO", w->path);
        }
        status = ig_agree(w->comm, status, error);
    }
    if (!status) {
        w->file = H5Fopen(w->path, H5F_ACC_RDWR, access);
        if (w->file < 0) {
            status = ig_h5_error(error, IG_ERR_IO, "%s: cannot be opened through MPI-IO", w->path);
        }
        status = ig_agree(w->comm, status, error);
    }
    if (access >= 0) {
        H5Pclose(access);
    }
    return status;
}

static ig_status wrong(const ig_writer *w, const target *t, ig_error *error)
{
    return ig_error_set(error, IG_ERR_FORMAT, "%s: dataset %s is not what it should be", w->path,
                        t->name);
}

/** Open one dataset and check it against the layout. */
static ig_status open_target(ig_writer *w, target *t, ig_error *error)
{
    hsize_t shape[2] = {0, 1};
    t->dataset = H5Dopen2(w->file, t->name, H5P_DEFAULT);
    if (t->dataset < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "%s: dataset %s", w->path, t->name);
    }
    t->file_space = H5Dget_space(t->dataset);
    int axes = t->file_space < 0 ? -1 : H5Sget_simple_extent_ndims(t->file_space);
    if (axes < 1 || axes > 2 || H5Sget_simple_extent_dims(t->file_space, shape, NULL) < 0 ||
        shape[1] != t->count || (w->n_tasks != 0 && shape[0] != w->n_tasks)) {
        return wrong(w, t, error);
    }
    w->n_tasks = shape[0];
    hid_t type = H5Dget_type(t->dataset);
    bool same = type >= 0 && H5Tequal(type, ig_stored_type(t->type)) > 0;
    if (type >= 0) {
        H5Tclose(type);
    }
    t->offset = H5Dget_offset(t->dataset);
    if (!same || t->offset == HADDR_UNDEF) {
        return wrong(w, t, error);
    }
    t->axes = axes;
    return IG_OK;
}

static ig_status open_targets(ig_writer *w, ig_error *error)
{
    ig_status status = IG_OK;
    /* Ranks write when they finish a task, so never together; collective writes are also what
     * Open MPI 4.1 and 5.0 get wrong on some communicators (its issue 12718). */
    w->transfer = H5Pcreate(H5P_DATASET_XFER);
    if (w->transfer < 0 || H5Pset_dxpl_mpio(w->transfer, H5FD_MPIO_INDEPENDENT) < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "%s", w->path);
    }
    for (size_t i = 0; i < w->n_targets && !status; i++) {
        status = open_target(w, &w->targets[i], error);
    }
    return status;
}

ig_status ig_writer_open(const char *path, MPI_Comm comm, const ig_layout *layout,
                         ig_writer **writer, ig_error *error)
{
    ig_h5_report report = ig_h5_mute();
    ig_error mine = {0};
    ig_writer *w = create(path, comm, layout);
    ig_status status =
        w ? IG_OK : ig_error_set(&mine, IG_ERR_MEMORY, "%s: no memory to write rows", path);
    status = ig_agree(comm, status, &mine);
    if (status) {
        goto done;
    }
    status = open_file(w, &mine);
    if (status) {
        goto done;
    }
    status = ig_agree(comm, open_targets(w, &mine), &mine);
    if (status) {
        clear(w);
        H5Fclose(w->file);
        goto done;
    }
    *writer = w;
    w = NULL;
done:
    destroy(&w);
    ig_h5_restore(report);
    return status ? ig_error_set(error, status, "%s", mine.text) : IG_OK;
}

/** Why a write failed. MPI-IO keeps the cause to itself (Open MPI prints it and says no more than
 *  that too few bytes were written), so the same bytes are written once more without it: to their
 *  own place, where they belong. */
static ig_status diagnose(const ig_writer *w, const target *t, ig_error *error)
{
    size_t size = target_size(t);
    ig_error cause = {0};
    ig_status status =
        ig_h5_error(&cause, IG_ERR_IO, "%s: task %zu, dataset %s", w->path, w->first, t->name);
    int fd = open(w->path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return ig_error_set(error, status, "%s", cause.text);
    }
    ig_error again = {0};
    if (ig_file_write(fd, t->offset + (uint64_t)w->first * size, t->rows, w->n * size, &again) ||
        (fsync(fd) != 0 && ig_file_error(&again, errno, "cannot be written"))) {
        status = again.status;
        ig_error_set(&cause, status, "%s: task %zu, dataset %s %s", w->path, w->first, t->name,
                     again.text);
    }
    close(fd);
    return ig_error_set(error, status, "%s", cause.text);
}

/** Write the rows at hand of one dataset. */
static ig_status write_target(const ig_writer *w, const target *t, ig_error *error)
{
    const hsize_t start[2] = {w->first, 0}, count[2] = {w->n, t->count};
    hid_t memory = H5Screate_simple(t->axes, count, NULL);
    bool written =
        memory >= 0 &&
        H5Sselect_hyperslab(t->file_space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
        H5Dwrite(t->dataset, ig_stored_type(t->type), memory, t->file_space, w->transfer,
                 t->rows) >= 0;
    ig_status status = written ? IG_OK : diagnose(w, t, error);
    if (memory >= 0) {
        H5Sclose(memory);
    }
    return status;
}

ig_status ig_writer_flush(ig_writer *writer, ig_error *error)
{
    ig_status status = IG_OK;
    if (writer->n == 0) {
        return IG_OK;
    }
    ig_h5_report report = ig_h5_mute();
    for (size_t i = 0; i < writer->n_targets && !status; i++) {
        status = write_target(writer, &writer->targets[i], error);
    }
    ig_h5_restore(report);
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
        size_t size = target_size(&w->targets[i]);
        memcpy(w->targets[i].rows + w->n * size, bytes, size);
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
    ig_error mine = {0};
    if (!w) {
        return IG_OK;
    }
    ig_status status = ig_writer_flush(w, &mine);
    ig_h5_report report = ig_h5_mute();
    clear(w);
    /* Rows of earlier puts may still be on their way to the disk: MPI_File_sync says how it went.
     */
    if (H5Fflush(w->file, H5F_SCOPE_GLOBAL) < 0 && !status) {
        status = ig_h5_error(&mine, IG_ERR_IO, "%s: cannot be made durable", w->path);
    }
    if (H5Fclose(w->file) < 0 && !status) {
        status = ig_h5_error(&mine, IG_ERR_IO, "%s: cannot be closed", w->path);
    }
    status = ig_agree(w->comm, status, &mine);
    destroy(writer);
    ig_h5_restore(report);
    return status ? ig_error_set(error, status, "%s", mine.text) : IG_OK;
}
