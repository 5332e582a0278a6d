#include "runner/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/agree.h"
#include "store/file.h"
#include "store/h5.h"
#include "store/padded.h"
#include "store/plan.h"

/** One dataset of rows, kept open. */
typedef struct target {
    const char *name;
    ig_stored type;
    size_t count; /**< numbers per row */
    hid_t dataset, file_space, row_space;
    uint64_t offset; /**< of its values in the file */
} target;

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
};

/** Everything that is closed without the others. */
static void clear(ig_writer *w)
{
    for (size_t i = 0; w->targets && i < w->n_targets; i++) {
        target *t = &w->targets[i];
        if (t->row_space >= 0) {
            H5Sclose(t->row_space);
        }
        if (t->file_space >= 0) {
            H5Sclose(t->file_space);
        }
        if (t->dataset >= 0) {
            H5Dclose(t->dataset);
        }
        t->row_space = t->file_space = t->dataset = -1;
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
        [FAILURE] = {IG_STORE_FAILURE, IG_STORED_CHAR, IG_ROW_ERROR, -1, -1, -1, 0},
        [RANK] = {IG_STORE_RANK, IG_STORED_I32, 1, -1, -1, -1, 0},
        [START] = {IG_STORE_START, IG_STORED_F64, 1, -1, -1, -1, 0},
        [SECONDS] = {IG_STORE_SECONDS, IG_STORED_F64, 1, -1, -1, -1, 0},
        [CRC] = {IG_STORE_CRC, IG_STORED_U32, 1, -1, -1, -1, 0},
        [STATE] = {IG_STORE_STATE, IG_STORED_I8, 1, -1, -1, -1, 0},
    };
    size_t n = layout->n_columns + N_BOOKS;
    ig_writer *w = calloc(1, sizeof *w);
    if (!w) {
        return NULL;
    }
    *w = (ig_writer){strdup(path), comm, layout, -1, -1, 0, n, malloc(n * sizeof *w->targets)};
    if (!w->path || !w->targets) {
        w->n_targets = 0;
        destroy(&w);
        return NULL;
    }
    for (size_t c = 0; c < layout->n_columns; c++) {
        const ig_column *column = &layout->columns[c];
        w->targets[c] =
            (target){column->name, ig_stored_of(column->type), layout->counts[c], -1, -1, -1, 0};
    }
    memcpy(w->targets + layout->n_columns, books, sizeof books);
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
    const hsize_t row[2] = {1, t->count};
    t->row_space = H5Screate_simple(axes, row, NULL);
    return t->row_space < 0 ? ig_h5_error(error, IG_ERR_MEMORY, "%s: dataset %s", w->path, t->name)
                            : IG_OK;
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
static ig_status diagnose(const ig_writer *w, const target *t, size_t task, const void *bytes,
                          ig_error *error)
{
    size_t size = t->count * ig_stored_size(t->type);
    ig_error cause = {0};
    ig_status status =
        ig_h5_error(&cause, IG_ERR_IO, "%s: task %zu, dataset %s", w->path, task, t->name);
    int fd = open(w->path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return ig_error_set(error, status, "%s", cause.text);
    }
    ig_error again = {0};
    if (ig_file_write(fd, t->offset + (uint64_t)task * size, bytes, size, &again) ||
        (fsync(fd) != 0 && ig_file_error(&again, errno, "cannot be written"))) {
        status = again.status;
        ig_error_set(&cause, status, "%s: task %zu, dataset %s %s", w->path, task, t->name,
                     again.text);
    }
    close(fd);
    return ig_error_set(error, status, "%s", cause.text);
}

static ig_status put(const ig_writer *w, const target *t, size_t task, const void *bytes,
                     ig_error *error)
{
    const hsize_t start[2] = {task, 0}, count[2] = {1, t->count};
    if (H5Sselect_hyperslab(t->file_space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dwrite(t->dataset, ig_stored_type(t->type), t->row_space, t->file_space, w->transfer,
                 bytes) < 0) {
        return diagnose(w, t, task, bytes, error);
    }
    return IG_OK;
}

ig_status ig_writer_put(ig_writer *writer, const ig_outcome *outcome, ig_error *error)
{
    const ig_layout *layout = writer->layout;
    char failure[IG_ROW_ERROR];
    if (outcome->task >= writer->n_tasks) {
        return ig_error_set(error, IG_ERR_USAGE, "%s has no task %zu", writer->path, outcome->task);
    }
    ig_padded_text(outcome->failure, strlen(outcome->failure), failure, sizeof failure);
    uint32_t crc = ig_row_crc(layout, outcome->task, outcome->bytes, outcome->state, failure);
    const void *const books[N_BOOKS] = {[FAILURE] = failure,
                                        [RANK] = &outcome->rank,
                                        [START] = &outcome->start,
                                        [SECONDS] = &outcome->seconds,
                                        [CRC] = &crc,
                                        [STATE] = &outcome->state};
    ig_h5_report report = ig_h5_mute();
    ig_status status = IG_OK;
    for (size_t i = 0; i < writer->n_targets && !status; i++) {
        const void *bytes = i < layout->n_columns ? outcome->bytes + layout->offsets[i]
                                                  : books[i - layout->n_columns];
        status = put(writer, &writer->targets[i], outcome->task, bytes, error);
    }
    ig_h5_restore(report);
    return status;
}

ig_status ig_writer_close(ig_writer **writer, ig_error *error)
{
    ig_writer *w = *writer;
    ig_error mine = {0};
    ig_status status = IG_OK;
    if (!w) {
        return IG_OK;
    }
    ig_h5_report report = ig_h5_mute();
    clear(w);
    /* Rows of earlier puts may still be on their way to the disk: MPI_File_sync says how it went.
     */
    if (H5Fflush(w->file, H5F_SCOPE_GLOBAL) < 0) {
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
