/** test-writer FILE: the parallel row writer on however many ranks it is started with. Each rank
 *  writes its own rows; rank 0 then reads everything back. Prints the checksum of all result
 * columns on one line, the same for any number of ranks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "faults.h"
#include "helpers.h"
#include "run/output.h"
#include "store/internal.h"

static int failures, rank, ranks;
static int write_fault; /* errno of every write to the result file; 0: none */
static ino_t faulty;    /* the result file */

int fault_of_write(int fd)
{
    struct stat info;
    return write_fault && fstat(fd, &info) == 0 && info.st_ino == faulty ? write_fault : 0;
}

static void check(bool truth, const char *what, const char *more)
{
    if (!truth) {
        fprintf(stderr, "rank %d: FAILED: %s (%s)\n", rank, what, more);
        failures++;
    }
}

static ig_status put(ig_writer *writer, const fixture *f, size_t task, const char *failure,
                     ig_error *error)
{
    ig_row row = {f->layout, malloc(f->layout->row_size)};
    if (!row.bytes) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory");
    }
    test_compute(&row, task);
    ig_outcome outcome = {.task = task,
                          .state = *failure ? IG_STATE_FAILED : IG_STATE_DONE,
                          .bytes = row.bytes,
                          .failure = failure,
                          .rank = rank,
                          .start = 1e9 + (double)task,
                          .seconds = 0.25};
    ig_status status = ig_writer_put(writer, &outcome, error);
    free(row.bytes);
    return status;
}

static ig_status open_writer(const char *path, const fixture *f, const ig_layout *layout,
                             ig_writer **writer, ig_error *error)
{
    const ig_identity rows = ig_identity_of_run(ig_experiments(), f->config, IG_ISA_PORTABLE, NULL);
    return ig_output_writer(ig_experiments(), path, MPI_COMM_WORLD, layout, &rows, writer, error);
}

/** All ranks: what cannot be opened is an error on every one of them. */
static void rejections(const char *path, const fixture *f)
{
    ig_error error = {0};
    ig_writer *writer = NULL;
    fixture longer;
    char missing[TEST_PATH];
    snprintf(missing, sizeof missing, "%s.missing", path);
    ig_status status = open_writer(missing, f, f->layout, &writer, &error);
    check(status == IG_ERR_IO && !writer, "a missing file is an I/O error", error.text);
    check(strstr(error.text, missing) != NULL, "which names the file", error.text);
    check(!fixture_init(&longer, "experiment: probe\nseeds: 3\nn: 1\nepochs: 5\n"), "fixture", "");
    status = open_writer(path, f, longer.layout, &writer, &error);
    check(status == IG_ERR_FORMAT && !writer, "another layout is rejected", error.text);
    fixture_clear(&longer);
    /* Rows of another instruction set have no way in. */
    const ig_identity other = ig_identity_of_run(ig_experiments(), f->config, IG_ISA_AVX2, NULL);
    status = ig_output_writer(ig_experiments(), path, MPI_COMM_WORLD, f->layout, &other, &writer,
                              &error);
    check(status == IG_ERR_MISMATCH && !writer, "another instruction set is rejected", error.text);
    /* Wrong on the last rank only, which the others cannot see by themselves. */
    status = open_writer(rank == ranks - 1 ? missing : path, f, f->layout, &writer, &error);
    check(status == IG_ERR_IO && !writer, "one rank's failure is everybody's", error.text);
}

/** All ranks: a full or broken disk is told from one another, and rows can be written after it. */
static void faults(ig_writer *writer, const fixture *f, size_t task)
{
    const struct {
        int fault;
        ig_status status;
    } cases[] = {{ENOSPC, IG_ERR_SPACE}, {EDQUOT, IG_ERR_SPACE}, {EIO, IG_ERR_IO}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ig_error error = {0};
        /* The rows at hand are not to be lost with the one that fails. */
        check(ig_writer_flush(writer, &error) == IG_OK, "writing the rows at hand", error.text);
        write_fault = cases[i].fault;
        ig_status status = put(writer, f, task, "", &error);
        status = status ? status : ig_writer_flush(writer, &error);
        write_fault = 0;
        check(status == cases[i].status, "status of a failed write", error.text);
        check(strstr(error.text, strerror(cases[i].fault)) != NULL, "its cause", error.text);
    }
}

static void write_rows(const char *path, const fixture *f)
{
    ig_error error = {0};
    ig_writer *writer = NULL;
    size_t n = ig_grid_n_tasks(f->grid);
    char longest[IG_ROW_ERROR + 11];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    ig_status status = open_writer(path, f, f->layout, &writer, &error);
    check(status == IG_OK, "opening", error.text);
    if (status) {
        return;
    }
    for (size_t t = (size_t)rank; t < n; t += (size_t)ranks) {
        if (t % 5 == 0) {
            faults(writer, f, t);
        }
        if (t % 8 != 7) {
            status = put(writer, f, t, t % 6 == 3 ? longest : "", &error);
            check(status == IG_OK, "writing a row", error.text);
        }
    }
    status = put(writer, f, n, "", &error);
    check(status == IG_ERR_USAGE, "a task beyond the last", error.text);
    status = ig_output_writer_close(MPI_COMM_WORLD, &writer, &error);
    check(status == IG_OK && !writer, "closing", error.text);
    status = ig_output_writer_close(MPI_COMM_WORLD, &writer, &error);
    check(status == IG_OK, "closing nothing", error.text);
}

/** Bytes outside the rows, which nothing may change once the file is made. */
static void check_fixed(const ig_store *store, const unsigned char *before, size_t size)
{
    size_t now_size = 0;
    unsigned char *now = file_load(ig_store_path(store), &now_size);
    check(now && now_size == size, "the length of the file stays", "");
    for (size_t i = 0; now && now_size == size && i < store->root->n; i++) {
        const ig_variable *v = &store->root->variables[i];
        if (v->role == IG_ROLE_ROWS) {
            memcpy(now + v->offset, before + v->offset, ig_variable_size(v));
        }
    }
    check(now && memcmp(now, before, size) == 0, "metadata stays as it was", "");
    free(now);
}

/** Rank 0: everything is there. */
static void read_back(const char *path, const unsigned char *before, size_t size)
{
    ig_error error = {0};
    ig_store *store = NULL;
    ig_store_scan scan = {0};
    ig_status status = ig_store_open(ig_experiments(), path, false, &store, &error);
    check(status == IG_OK, "opening for reading", error.text);
    if (status) {
        return;
    }
    size_t n = ig_grid_n_tasks(ig_store_grid(store));
    int8_t *state = malloc(n);
    double *values = malloc(n * sizeof *values);
    char reason[IG_ROW_ERROR + 1];
    if (!state || !values || ig_store_check(store, state, &scan, &error)) {
        check(false, "reading", error.text);
        goto done;
    }
    /* 24 tasks: 7, 15 and 23 left out; 3, 9 and 21 failed (15 would have). */
    check(scan.empty == 3 && scan.failed == 3 && scan.done == 18 && scan.damaged == 0, "counts",
          "");
    check(!ig_store_failure(store, 9, reason, &error) && strlen(reason) == IG_ROW_ERROR,
          "the longest reason", reason);
    check(!ig_store_read(store, IG_STORE_RANK, values, &error) && values[4] == 4 % ranks &&
              values[7] != values[7],
          "ranks", error.text);
    check(!ig_store_read(store, IG_STORE_START, values, &error) && values[2] == 1e9 + 2, "starts",
          error.text);
    check_fixed(store, before, size);
    check(!ig_store_read(store, IG_STORE_CRC, values, &error), "checksums", error.text);
    printf("rows %016llx\n", (unsigned long long)XXH3_64bits(values, n * sizeof *values));
done:
    free(values);
    free(state);
    ig_store_close(&store);
}

int main(int argc, char **argv)
{
    fixture f;
    ig_error error = {0};
    unsigned char *before = NULL;
    size_t size = 0;
    struct stat info = {0};
    if (argc != 2 || MPI_Init(&argc, &argv) != MPI_SUCCESS || fixture_init(&f, test_yaml)) {
        fprintf(stderr, "usage: test-writer FILE\n");
        return 2;
    }
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (rank == 0) {
        unlink(argv[1]);
        check(!ig_store_create(argv[1], f.experiment, f.grid, f.layout, &test_provenance, &error),
              "creating", error.text);
        before = file_load(argv[1], &size);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    check(stat(argv[1], &info) == 0, "the file is there", argv[1]);
    faulty = info.st_ino;
    rejections(argv[1], &f);
    write_rows(argv[1], &f);
    if (rank == 0) {
        read_back(argv[1], before, size);
        unlink(argv[1]);
    }
    free(before);
    fixture_clear(&f);
    int all = 0;
    MPI_Allreduce(&failures, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Finalize();
    return all ? 1 : 0;
}
