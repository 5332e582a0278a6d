#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/components.h"
#include "doctor/parallel.h"
#include "run/ranks.h"
#include "run/stop.h"
#include "store/file.h"
#include "store/h5.h"

/* Rows shorter than a page and of alternating ranks: what one host's cache keeps of a page must not
 * undo what another host wrote into it. */
enum { ROWS = 64, NUMBERS = 13 };
static const unsigned patience = 60;

typedef struct shared_file {
    const ig_ranks *ranks;
    char path[IG_SCRATCH_NAME];
    hid_t file, dataset, transfer;
    haddr_t offset; /**< of the numbers in the file */
    double seconds; /**< this rank's time for its rows */
} shared_file;

/** Number `i` of row `row`: all different, none zero. */
static double number(size_t row, size_t i)
{
    return (double)(row * NUMBERS + i + 1);
}

/** Rank 0: the file with its one dataset, allocated, as the store makes them. */
static ig_status create(const shared_file *s, ig_error *error)
{
    hsize_t shape[2] = {(hsize_t)s->ranks->ranks * ROWS, NUMBERS};
    hid_t access = ig_h5_access(), layout = H5Pcreate(H5P_DATASET_CREATE);
    hid_t file = H5Fcreate(s->path, H5F_ACC_EXCL, H5P_DEFAULT, access), dataset = -1;
    hid_t space = H5Screate_simple(2, shape, NULL);
    if (H5Pset_layout(layout, H5D_CONTIGUOUS) >= 0 &&
        H5Pset_alloc_time(layout, H5D_ALLOC_TIME_EARLY) >= 0) {
        dataset =
            H5Dcreate2(file, "rows", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    }
    ig_status status =
        dataset < 0 ? ig_h5_error(error, IG_ERR_IO, "the shared file cannot be made") : IG_OK;
    if (dataset >= 0) {
        H5Dclose(dataset);
    }
    if (file >= 0 && H5Fclose(file) < 0 && !status) {
        status = ig_h5_error(error, IG_ERR_IO, "the shared file cannot be closed");
    }
    H5Sclose(space);
    H5Pclose(layout);
    H5Pclose(access);
    return status;
}

/** Collective: open for all with the MPI-IO driver. */
static ig_status open_shared(shared_file *s, ig_error *error)
{
    hid_t access = ig_h5_access();
    ig_status status = IG_OK;
    if (access < 0 || H5Pset_fapl_mpio(access, s->ranks->comm, MPI_INFO_NULL) < 0) {
        status = ig_h5_error(error, IG_ERR_IO, "MPI-IO");
    }
    status = ig_agree(s->ranks->comm, status, error);
    if (!status) {
        s->file = H5Fopen(s->path, H5F_ACC_RDWR, access);
        s->dataset = s->file < 0 ? -1 : H5Dopen2(s->file, "rows", H5P_DEFAULT);
        s->transfer = H5Pcreate(H5P_DATASET_XFER);
        if (s->dataset < 0 || s->transfer < 0 ||
            H5Pset_dxpl_mpio(s->transfer, H5FD_MPIO_INDEPENDENT) < 0) {
            status = ig_h5_error(error, IG_ERR_IO, "rank %d cannot open the shared file",
                                 s->ranks->rank);
        } else {
            s->offset = H5Dget_offset(s->dataset);
        }
        status = ig_agree(s->ranks->comm, status, error);
    }
    if (access >= 0) {
        H5Pclose(access);
    }
    return status;
}

/** Collective where all have opened the file. */
static ig_status close_shared(shared_file *s, ig_error *error)
{
    ig_status status = IG_OK;
    if (H5Pclose(s->transfer) < 0 || H5Dclose(s->dataset) < 0 ||
        H5Fflush(s->file, H5F_SCOPE_GLOBAL) < 0 || H5Fclose(s->file) < 0) {
        status =
            ig_h5_error(error, IG_ERR_IO, "rank %d cannot close the shared file", s->ranks->rank);
    }
    return ig_agree(s->ranks->comm, status, error);
}

/** Collective: close what was used with this rank's `mine`; the status of all, that of the use
 *  first. */
static ig_status close_after(shared_file *s, ig_status mine, ig_error *error)
{
    ig_error trouble = {0};
    ig_status status = ig_agree(s->ranks->comm, mine, error);
    /* HDF5 closes together, and nobody can be told any more. */
    if (status == IG_ERR_MPI) {
        return status;
    }
    ig_status closed = close_shared(s, &trouble);
    if (closed && !(status && closed != IG_ERR_MPI)) {
        *error = trouble;
        return closed;
    }
    return status;
}

/** Write all rows of rank `owner`, or read and compare them. */
static ig_status transfer_rows(shared_file *s, int owner, bool writing, ig_error *error)
{
    hsize_t count[2] = {1, NUMBERS};
    hid_t memory = H5Screate_simple(2, count, NULL), space = H5Dget_space(s->dataset);
    ig_status status = IG_OK;
    for (size_t k = 0; k < ROWS && !status; k++) {
        size_t row = k * (size_t)s->ranks->ranks + (size_t)owner;
        hsize_t start[2] = {row, 0};
        double numbers[NUMBERS] = {0};
        for (size_t i = 0; i < NUMBERS && writing; i++) {
            numbers[i] = number(row, i);
        }
        herr_t failed = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
        if (failed >= 0) {
            failed =
                writing
                    ? H5Dwrite(s->dataset, H5T_NATIVE_DOUBLE, memory, space, s->transfer, numbers)
                    : H5Dread(s->dataset, H5T_NATIVE_DOUBLE, memory, space, s->transfer, numbers);
        }
        if (failed < 0) {
            status = ig_h5_error(error, IG_ERR_IO, "rank %d cannot %s row %zu", s->ranks->rank,
                                 writing ? "write" : "read", row);
        }
        for (size_t i = 0; i < NUMBERS && !status; i++) {
            if (numbers[i] != number(row, i)) {
                status =
                    ig_error_set(error, IG_ERR_FORMAT, "rank %d reads %g where rank %d wrote %g",
                                 s->ranks->rank, numbers[i], owner, number(row, i));
            }
        }
    }
    H5Sclose(space);
    H5Sclose(memory);
    return status;
}

/** Rank 0: every number as plain file calls see it. */
static ig_status compare_all(const shared_file *s, ig_error *error)
{
    double numbers[NUMBERS];
    size_t n = (size_t)s->ranks->ranks * ROWS;
    int fd = open(s->path, O_RDONLY | O_CLOEXEC);
    ig_status status = fd < 0 ? ig_file_error(error, errno, "the shared file") : IG_OK;
    for (size_t row = 0; row < n && !status; row++) {
        status = ig_file_read(fd, s->offset + row * sizeof numbers, numbers, sizeof numbers, error);
        for (size_t i = 0; i < NUMBERS && !status; i++) {
            if (numbers[i] != number(row, i)) {
                status = ig_error_set(error, IG_ERR_FORMAT,
                                      "row %zu of rank %zu was lost: %g instead of %g", row,
                                      row % (size_t)s->ranks->ranks, numbers[i], number(row, i));
            }
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

/** Collective: the whole exercise. `component` gets the MPI-IO component that did it. */
static ig_status exercise(shared_file *s, char component[64], ig_error *error)
{
    const ig_ranks *r = s->ranks;
    ig_status status = ig_agree(r->comm, r->rank == 0 ? create(s, error) : IG_OK, error);
    if (!status) {
        status = open_shared(s, error);
    }
    if (status) {
        return status;
    }
    ig_components_mpi_io(component, 64);
    double begin = ig_clock_monotonic();
    status = transfer_rows(s, r->rank, true, error);
    s->seconds = ig_clock_monotonic() - begin;
    status = close_after(s, status, error);
    if (!status) {
        status = open_shared(s, error);
    }
    if (!status) {
        status = close_after(s, transfer_rows(s, (r->rank + 1) % r->ranks, false, error), error);
    }
    if (!status) {
        status = ig_agree(r->comm, r->rank == 0 ? compare_all(s, error) : IG_OK, error);
    }
    return status;
}

ig_status ig_parallel_mpi_io(const ig_ranks *ranks, const ig_scratch *scratch,
                             ig_findings *findings, ig_error *error)
{
    shared_file s = {.ranks = ranks, .file = -1, .dataset = -1, .transfer = -1};
    char component[64] = "";
    ig_error cause = {0};
    double slowest = 0;
    ig_scratch_shared(scratch, "mpi-io.h5", s.path);
    ig_h5_report report = ig_h5_mute();
    if (ranks->rank == 0) {
        ig_scratch_watch(patience, "ranks write one file through MPI-IO",
                         "imagrid does not use it; for other programs try OMPI_MCA_io=romio321 "
                         "(Open MPI 4) or romio341 (Open MPI 5)\n",
                         findings->count[IG_UNFIT] > 0 ? 4 : 0);
    }
    ig_status failed = exercise(&s, component, &cause);
    if (ranks->rank == 0) {
        ig_scratch_watch(0, "", "", 0);
    }
    ig_h5_restore(report);
    if (failed == IG_ERR_MPI) {
        *error = cause;
        return failed;
    }
    ig_status status =
        ig_mpi_check(MPI_Allreduce(&s.seconds, &slowest, 1, MPI_DOUBLE, MPI_MAX, ranks->comm),
                     "MPI_Allreduce", error);
    const char *name = component[0] ? component : "unknown";
    if (!status && failed) {
        ig_findings_add(findings, IG_NOTE, "MPI-IO", "component %s: %s (imagrid does not use it)",
                        name, cause.text);
    } else if (!status) {
        ig_findings_add(findings, IG_GOOD, "MPI-IO",
                        "component %s: %.3g rows/s a rank (imagrid does not use it)", name,
                        ROWS / fmax(slowest, 1e-9));
    }
    return status;
}
