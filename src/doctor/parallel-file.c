#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/parallel.h"
#include "run/provenance.h"
#include "run/ranks.h"
#include "run/stop.h"
#include "run/writer.h"

/* Rows of neighbouring tasks come from different ranks: what one host's cache keeps of a page must
 * not undo what another host wrote into it. */
enum { ROWS = 64 };
static const char column[] = "reward_mse";
static const unsigned patience = 60;

/** A result file as runs make them, of no real tasks. */
typedef struct exercise {
    const ig_ranks *ranks;
    char path[IG_SCRATCH_NAME];
    ig_config *config;
    ig_grid *grid;
    ig_layout *layout;
    ig_row row;
    double seconds; /**< this rank's time for its rows */
} exercise;

static ig_status prepare(exercise *e, ig_error *error)
{
    char text[128];
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    snprintf(text, sizeof text, "experiment: scaling\nseeds: %d\nanchors: 1\ntrain: {epochs: 1}\n",
             e->ranks->ranks * ROWS);
    ig_status status = diagnostics ? ig_experiment_configure(ig_experiments(), text, strlen(text),
                                                             "doctor", &e->config, diagnostics)
                                   : IG_ERR_MEMORY;
    ig_diagnostics_destroy(&diagnostics);
    if (status) {
        return ig_error_set(error, status, "no grid for %d ranks", e->ranks->ranks);
    }
    status = ig_grid_create(e->config, &e->grid, error);
    const ig_experiment *x = ig_experiment_of(e->config);
    if (!status) {
        status = ig_layout_create(x->columns, x->n_columns, x->dimensions, x->n_dimensions,
                                  e->config, &e->layout, error);
    }
    if (!status) {
        e->row = (ig_row){e->layout, malloc(e->layout->row_size)};
        status = e->row.bytes ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "no memory for a row");
    }
    return status;
}

static void exercise_clear(exercise *e)
{
    free(e->row.bytes);
    ig_layout_destroy(&e->layout);
    ig_grid_destroy(&e->grid);
    ig_config_destroy(&e->config);
}

static ig_status create(const exercise *e, ig_error *error)
{
    char libraries[IG_LIBRARIES_TEXT];
    ig_provenance provenance = ig_provenance_collect(IG_ISA_PORTABLE, libraries);
    return ig_store_create(e->path, ig_experiment_of(e->config), e->grid, e->layout, &provenance,
                           error);
}

/** This rank's rows, each written by itself. */
static ig_status write_rows(exercise *e, ig_writer *writer, ig_error *error)
{
    ig_status status = IG_OK;
    double begin = ig_clock_monotonic();
    for (size_t k = 0; k < ROWS && !status; k++) {
        ig_outcome outcome = {.task = k * (size_t)e->ranks->ranks + (size_t)e->ranks->rank,
                              .state = IG_STATE_DONE,
                              .bytes = e->row.bytes,
                              .failure = "",
                              .rank = e->ranks->rank};
        ig_row_clear(&e->row);
        ig_row_set(&e->row, column, (double)(outcome.task + 1));
        status = ig_writer_put(writer, &outcome, error);
        if (!status) {
            status = ig_writer_flush(writer, error);
        }
    }
    e->seconds = ig_clock_monotonic() - begin;
    return status;
}

/** Every row has its checksum and its number. */
static ig_status read_rows(const exercise *e, ig_error *error)
{
    size_t n = ig_grid_n_tasks(e->grid);
    ig_store *store = NULL;
    ig_store_scan scan = {0};
    int8_t *state = malloc(n);
    double *values = malloc(n * sizeof *values);
    ig_status status = state && values
                           ? ig_store_open(ig_experiments(), e->path, false, &store, error)
                           : ig_error_set(error, IG_ERR_MEMORY, "no memory for rows");
    if (!status) {
        status = ig_store_check(store, state, &scan, error);
    }
    if (!status) {
        status = ig_store_read(store, column, values, error);
    }
    for (size_t t = 0; t < n && !status; t++) {
        if (state[t] != IG_STATE_DONE || values[t] != (double)(t + 1)) {
            status = ig_error_set(error, IG_ERR_FORMAT,
                                  "on host %s %zu of %zu rows are there and %zu damaged; the first "
                                  "wrong one was written by rank %zu",
                                  e->ranks->hosts[e->ranks->rank], scan.done, n, scan.damaged,
                                  t % (size_t)e->ranks->ranks);
        }
    }
    ig_store_close(&store);
    free(state);
    free(values);
    return status;
}

/** Collective: make, write, close, and read on every host. */
static ig_status work(exercise *e, ig_error *error)
{
    MPI_Comm comm = e->ranks->comm;
    ig_writer *writer = NULL;
    ig_status status = ig_agree(comm, prepare(e, error), error);
    if (!status) {
        status = ig_agree(comm, e->ranks->rank == 0 ? create(e, error) : IG_OK, error);
    }
    if (!status) {
        status = ig_writer_open(ig_experiments(), e->path, comm, e->layout, &writer, error);
    }
    if (status) {
        return status;
    }
    ig_error trouble = {0};
    status = ig_agree(comm, write_rows(e, writer, error), error);
    if (status == IG_ERR_MPI) {
        return status;
    }
    ig_status closed = ig_writer_close(&writer, &trouble);
    if (!status && closed) {
        *error = trouble;
        status = closed;
    }
    if (!status) {
        status =
            ig_agree(comm, ig_ranks_first_of_host(e->ranks) ? read_rows(e, error) : IG_OK, error);
    }
    return status;
}

ig_status ig_parallel_file(const ig_ranks *ranks, const ig_scratch *scratch, ig_findings *findings,
                           ig_error *error)
{
    exercise e = {.ranks = ranks};
    ig_error cause = {0};
    double slowest = 0;
    ig_scratch_file(scratch, "shared.h5", e.path);
    if (ranks->rank == 0) {
        ig_scratch_watch(patience, "ranks write one result file", "take another directory\n", 4);
    }
    ig_status failed = work(&e, &cause);
    if (ranks->rank == 0) {
        ig_scratch_watch(0, "", "", 0);
    }
    exercise_clear(&e);
    if (failed == IG_ERR_MPI) {
        *error = cause;
        return failed;
    }
    ig_status status =
        ig_mpi_check(MPI_Allreduce(&e.seconds, &slowest, 1, MPI_DOUBLE, MPI_MAX, ranks->comm),
                     "MPI_Allreduce", error);
    if (!status && failed) {
        ig_findings_add(findings, IG_UNFIT, "result file", "%s", cause.text);
    } else if (!status) {
        ig_findings_add(findings, IG_GOOD, "result file",
                        "%d rank%s wrote %d rows each, one at a time: %.3g rows/s a rank; all are "
                        "there on every host",
                        ranks->ranks, ranks->ranks == 1 ? "" : "s", ROWS,
                        ROWS / fmax(slowest, 1e-9));
    }
    return status;
}
