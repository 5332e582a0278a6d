/** make-file OUT.h5: a small result file as a run of 3 ranks would leave it, written by one rank.
 *  Of 24 tasks every fifth is left out and every seventh has failed. For tests/python/read-files.py
 *  and other readers. */
#include <stdio.h>
#include <stdlib.h>

#include "store/store.h"
#include "test-experiment.h"

static ig_status put_rows(ig_writer *writer, const fixture *f, ig_error *error)
{
    ig_status status = IG_OK;
    ig_row row = {f->layout, malloc(f->layout->row_size)};
    if (!row.bytes) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a row");
    }
    for (size_t t = 0; t < ig_grid_n_tasks(f->grid) && !status; t++) {
        ig_outcome outcome = {.task = t,
                              .state = IG_STATE_DONE,
                              .bytes = row.bytes,
                              .failure = "",
                              .rank = (int32_t)(t % 3),
                              .start = 1.7e9 + (double)t,
                              .seconds = 0.5};
        if (t % 5 == 4) {
            continue;
        }
        test_compute(&row, t);
        if (t % 7 == 6) {
            ig_row_clear(&row);
            outcome.state = IG_STATE_FAILED;
            outcome.failure = "diverged: \xce\xb5 > 1";
        }
        status = ig_writer_put(writer, &outcome, error);
    }
    free(row.bytes);
    return status;
}

static ig_status open_writer(const char *path, const fixture *f, ig_writer **writer,
                             ig_error *error)
{
    const ig_identity rows = ig_identity_of_run(ig_experiments(), f->config, IG_ISA_PORTABLE, NULL);
    uint64_t *places = calloc(ig_places_words(f->layout), sizeof *places);
    ig_status status = places ? ig_places_find(ig_experiments(), path, f->layout, &rows,
                                               IG_IDENTITY_TASKS, places, error)
                              : IG_ERR_MEMORY;
    if (!status) {
        status = ig_writer_open(path, f->layout, places, writer, error);
    }
    free(places);
    return status;
}

static ig_status make(const char *path, const fixture *f, ig_error *error)
{
    ig_store *store = NULL;
    ig_writer *writer = NULL;
    ig_session_record session = {
        .begin = 1.7e9, .ranks = 3, .hosts = "node1:2 node2:1", .job = "4711"};
    size_t slot = 0;
    ig_status status =
        ig_store_create(path, f->experiment, f->grid, f->layout, &test_provenance, error);
    if (!status) {
        status = ig_store_open(ig_experiments(), path, true, &store, error);
    }
    if (!status) {
        status = ig_store_session_begin(store, &session, &slot, error);
    }
    if (!status) {
        status = open_writer(path, f, &writer, error);
    }
    if (!status) {
        status = put_rows(writer, f, error);
    }
    if (!status) {
        status = ig_writer_close(&writer, error);
    }
    if (!status) {
        status = ig_store_session_end(store, slot, 1.7e9 + 60, 3, error);
    }
    ig_store_close(&store);
    return status;
}

int main(int argc, char **argv)
{
    fixture f;
    ig_error error = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: make-file OUT.h5\n");
        return 2;
    }
    if (fixture_init(&f, test_yaml)) {
        return 1;
    }
    ig_status status = make(argv[1], &f, &error);
    if (status) {
        fprintf(stderr, "make-file: %s\n", error.text);
    }
    fixture_clear(&f);
    return status ? 1 : 0;
}
