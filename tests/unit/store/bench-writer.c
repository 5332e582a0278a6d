/** bench-writer FILE: how many rows a second the ranks write, and how long making and checking the
 *  file takes. Rows are of the tests' experiment with curves of 200 epochs: 10 datasets, 1.1 kB. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "helpers.h"
#include "run/output.h"

static const char yaml[] = "experiment: probe\nseeds: 20000\nn: [1, 2]\nepochs: 200\n";

enum { CHUNK = 64 };

static ig_status write_rows(const char *path, const fixture *f, double *seconds, ig_error *error)
{
    int rank, ranks;
    ig_writer *writer = NULL;
    ig_row row = {f->layout, malloc(f->layout->row_size)};
    const ig_identity rows = ig_identity_of_run(ig_experiments(), f->config, IG_ISA_PORTABLE, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    ig_status status = row.bytes ? ig_output_writer(ig_experiments(), path, MPI_COMM_WORLD,
                                                    f->layout, &rows, &writer, error)
                                 : ig_error_set(error, IG_ERR_MEMORY, "no memory for a row");
    if (status) {
        free(row.bytes);
        return status;
    }
    test_compute(&row, 2);
    MPI_Barrier(MPI_COMM_WORLD);
    double begin = MPI_Wtime();
    for (size_t t = 0; t < ig_grid_n_tasks(f->grid) && !status; t++) {
        /* Ranks are handed chunks of consecutive tasks. */
        if (t / CHUNK % (size_t)ranks != (size_t)rank) {
            continue;
        }
        ig_outcome outcome = {.task = t,
                              .state = IG_STATE_DONE,
                              .bytes = row.bytes,
                              .failure = "",
                              .rank = rank,
                              .start = begin,
                              .seconds = 1};
        status = ig_writer_put(writer, &outcome, error);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    *seconds = MPI_Wtime() - begin;
    free(row.bytes);
    ig_status closed = ig_output_writer_close(MPI_COMM_WORLD, &writer, status ? NULL : error);
    return status ? status : closed;
}

static ig_status read_rows(const char *path, size_t *done, ig_error *error)
{
    ig_store *store = NULL;
    ig_store_scan scan = {0};
    ig_status status = ig_store_open(ig_experiments(), path, false, &store, error);
    if (status) {
        return status;
    }
    int8_t *state = malloc(ig_grid_n_tasks(ig_store_grid(store)));
    status = state ? ig_store_check(store, state, &scan, error)
                   : ig_error_set(error, IG_ERR_MEMORY, "no memory for the states");
    *done = scan.done;
    free(state);
    ig_store_close(&store);
    return status;
}

int main(int argc, char **argv)
{
    fixture f;
    ig_error error = {0};
    ig_status status = IG_OK;
    int rank = 0;
    size_t n = 0, done = 0;
    double seconds = 0;
    if (argc != 2 || MPI_Init(&argc, &argv) != MPI_SUCCESS || fixture_init(&f, yaml)) {
        fprintf(stderr, "usage: bench-writer FILE\n");
        return 2;
    }
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    n = ig_grid_n_tasks(f.grid);
    double begin = MPI_Wtime();
    if (rank == 0) {
        unlink(argv[1]);
        status = ig_store_create(argv[1], f.experiment, f.grid, f.layout, &test_provenance, &error);
        printf("create %.3f s for %zu rows\n", MPI_Wtime() - begin, n);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    if (!status) {
        status = write_rows(argv[1], &f, &seconds, &error);
    }
    if (rank == 0 && !status) {
        begin = MPI_Wtime();
        status = read_rows(argv[1], &done, &error);
        printf("write %.0f rows/s, check %.0f rows/s\n", (double)n / seconds,
               (double)n / (MPI_Wtime() - begin));
    }
    if (status || (rank == 0 && done != n)) {
        fprintf(stderr, "bench-writer: %s\n", status ? error.text : "rows are missing");
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    if (rank == 0) {
        unlink(argv[1]);
    }
    fixture_clear(&f);
    return MPI_Finalize() == MPI_SUCCESS ? 0 : 1;
}
