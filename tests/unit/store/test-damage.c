/** Files that are not ours, cut short or changed: an error or a damaged row, never a wrong number
 *  and never a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helpers.h"
#include "store/internal.h"

enum { TASKS = 24, MUTATIONS = 240 };

typedef struct workspace {
    char folder[TEST_PATH], path[TEST_PATH];
    fixture f;
    unsigned char *bytes; /**< the file as it was made */
    size_t size;
    int8_t state[TASKS];
    double error[TASKS], steps[TASKS];
} workspace;

static ig_status look(const char *path, int8_t *state, ig_store_scan *scan, double *error_column,
                      double *steps, ig_error *error)
{
    ig_store *store = NULL;
    ig_session_record sessions[IG_STORE_SESSIONS];
    size_t n = 0;
    ig_status status = ig_store_open(ig_experiments(), path, false, &store, error);
    if (!status) {
        status = ig_store_check(store, state, scan, error);
    }
    if (!status) {
        status = ig_store_read(store, "error", error_column, error);
    }
    if (!status) {
        status = ig_store_read(store, "steps", steps, error);
    }
    for (size_t t = 0; t < TASKS && !status; t++) {
        char reason[IG_ROW_ERROR + 1];
        status = ig_store_failure(store, t, reason, error);
        assert_true(status || strlen(reason) <= IG_ROW_ERROR);
    }
    if (!status) {
        status = ig_store_sessions(store, sessions, &n, error);
    }
    for (size_t i = 0; i < n && !status; i++) {
        assert_true(strlen(sessions[i].hosts) < IG_STORE_HOSTS);
        assert_true(strlen(sessions[i].job) < IG_STORE_JOB);
    }
    ig_store_close(&store);
    return status;
}

static int enter(void **state)
{
    workspace *r = calloc(1, sizeof *r);
    ig_error error = {0};
    ig_store_scan scan;
    if (!r || scratch_make(r->folder) || fixture_init(&r->f, test_yaml)) {
        return -1;
    }
    scratch_path(r->folder, "out.h5", r->path);
    if (!make_file(r->path, &r->f) || !(r->bytes = file_load(r->path, &r->size)) ||
        look(r->path, r->state, &scan, r->error, r->steps, &error)) {
        return -1;
    }
    *state = r;
    return 0;
}

static int leave(void **state)
{
    workspace *r = *state;
    free(r->bytes);
    fixture_clear(&r->f);
    scratch_remove(r->folder);
    free(r);
    return 0;
}

static void rows_read_back(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_store *store = NULL;
    ig_store_scan scan = {0};
    int8_t states[TASKS];
    char reason[IG_ROW_ERROR + 1];
    double values[TASKS];
    assert_int_equal(ig_store_open(ig_experiments(), r->path, false, &store, &error), IG_OK);
    assert_int_equal(ig_store_check(store, states, &scan, &error), IG_OK);
    assert_true(scan.done == 17 && scan.failed == 3 && scan.empty == 4 && scan.damaged == 0);
    assert_int_equal(ig_store_read(store, "error", values, &error), IG_OK);
    assert_true(values[0] == 1.0 && values[1] == 0.5 && values[4] != values[4]);
    assert_int_equal(ig_store_read(store, IG_STORE_CRC, values, &error), IG_OK);
    assert_true(values[0] > 0 && values[4] == 0);
    assert_int_equal(ig_store_read(store, IG_STORE_STATE, values, &error), IG_OK);
    assert_true(values[0] == 1 && values[4] == 0 && values[6] == 2);
    assert_int_equal(ig_store_failure(store, 6, reason, &error), IG_OK);
    assert_string_equal(reason, "diverged");
    assert_int_equal(ig_store_failure(store, TASKS, reason, &error), IG_ERR_USAGE);
    ig_store_close(&store);
}

static void what_is_not_ours_is_a_format_error(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_store *store = NULL;
    char other[TEST_PATH];
    scratch_path(r->folder, "other", other);
    assert_int_equal(ig_store_open(ig_experiments(), other, false, &store, &error), IG_ERR_IO);
    assert_int_equal(ig_store_open(ig_experiments(), r->folder, false, &store, &error),
                     IG_ERR_FORMAT);
    assert_int_equal(mkfifo(other, 0644), 0);
    assert_int_equal(ig_store_open(ig_experiments(), other, false, &store, &error), IG_ERR_FORMAT);
    assert_int_equal(unlink(other), 0);
    const char text[] = "task,error\n0,1\n1,2\n and some more text so that it is not too short "
                        "to be looked at as a file of results";
    assert_int_equal(file_save(other, (const unsigned char *)text, sizeof text), 0);
    assert_int_equal(ig_store_open(ig_experiments(), other, false, &store, &error), IG_ERR_FORMAT);
    assert_non_null(strstr(error.text, "not an HDF5 file"));
    assert_int_equal(file_save(other, (const unsigned char *)"", 0), 0);
    assert_int_equal(ig_store_open(ig_experiments(), other, false, &store, NULL), IG_ERR_FORMAT);
    assert_null(store);
}

static void another_format_version_is_named(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_store *store = NULL;
    r->bytes[r->size - 16] = 2;
    assert_int_equal(file_save(r->path, r->bytes, r->size), 0);
    assert_int_equal(ig_store_open(ig_experiments(), r->path, false, &store, &error),
                     IG_ERR_FORMAT);
    assert_non_null(strstr(error.text, "format version 2"));
}

static void every_truncation_is_seen(void **state)
{
    workspace *r = *state;
    ig_store *store = NULL;
    for (size_t size = 0; size < r->size; size += size < 64 || r->size - size < 100 ? 1 : 1987) {
        ig_error error = {0};
        assert_int_equal(file_save(r->path, r->bytes, size), 0);
        assert_int_equal(ig_store_open(ig_experiments(), r->path, false, &store, &error),
                         IG_ERR_FORMAT);
    }
    /* What is put behind the end harms nothing. */
    assert_int_equal(file_save(r->path, r->bytes, r->size), 0);
    assert_int_equal(truncate(r->path, (off_t)r->size + 1), 0);
    assert_int_equal(ig_store_open(ig_experiments(), r->path, false, &store, NULL), IG_OK);
    assert_true(ig_store_changed(store));
    ig_store_close(&store);
}

/** Put byte `at` of the file to disk as it is in memory. */
static void poke(const workspace *r, int fd, size_t at)
{
    assert_int_equal(pwrite(fd, r->bytes + at, 1, (off_t)at), 1);
}

/** A row that is still trusted must be what it was. */
static void compare(const workspace *r, const int8_t *state, const double *error,
                    const double *steps)
{
    for (size_t t = 0; t < TASKS; t++) {
        if (state[t] != IG_STATE_EMPTY) {
            assert_int_equal(state[t], r->state[t]);
        }
        if (state[t] == IG_STATE_DONE) {
            assert_memory_equal(&error[t], &r->error[t], sizeof *error);
            assert_memory_equal(&steps[t], &r->steps[t], sizeof *steps);
        }
    }
}

static void every_changed_byte_is_seen_or_harmless(void **state)
{
    workspace *r = *state;
    size_t rejected = 0, damaged = 0;
    int fd = open(r->path, O_WRONLY);
    assert_true(fd >= 0);
    srand(1);
    for (int i = 0; i < MUTATIONS; i++) {
        ig_error error = {0};
        int8_t states[TASKS];
        double values[TASKS], steps[TASKS];
        ig_store_scan scan = {0};
        size_t n = 1 + (size_t)(rand() % 3), at[3];
        unsigned char was[3];
        for (size_t k = 0; k < n; k++) {
            /* Half of them among the rows of the first columns, which are few of all bytes. */
            size_t range = rand() % 2 ? r->size : 20000;
            at[k] = ((size_t)rand() * 32768 + (size_t)rand()) % range;
            was[k] = r->bytes[at[k]];
            r->bytes[at[k]] ^= (unsigned char)(1 + rand() % 255);
            poke(r, fd, at[k]);
        }
        ig_status status = look(r->path, states, &scan, values, steps, &error);
        if (status) {
            assert_int_equal(status, IG_ERR_FORMAT);
            rejected++;
        } else {
            compare(r, states, values, steps);
            damaged += scan.damaged > 0;
        }
        while (n-- > 0) {
            r->bytes[at[n]] = was[n];
            poke(r, fd, at[n]);
        }
    }
    close(fd);
    assert_true(rejected > MUTATIONS / 10);
    assert_true(damaged > MUTATIONS / 100);
}

/** Every byte of a row, one after the other: none may change without notice. */
static void every_byte_of_a_row_counts(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_store *store = NULL;
    const char *const names[] = {"error",      "curve",          "steps",       "draws",
                                 IG_STORE_CRC, IG_STORE_FAILURE, IG_STORE_STATE};
    assert_int_equal(ig_store_open(ig_experiments(), r->path, true, &store, &error), IG_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const ig_variable *v = ig_store_variable(store, names[i]);
        unsigned char row[IG_ROW_ERROR];
        size_t width = v->shape[1] * ig_stored_size(v->type);
        assert_true(width <= sizeof row);
        for (size_t k = 0; k < width; k++) {
            int8_t states[TASKS];
            ig_store_scan scan;
            assert_int_equal(ig_store_read_rows(store, v, 2, 1, row, &error), IG_OK);
            row[k] ^= 0x44;
            assert_int_equal(ig_store_write_rows(store, v, 2, 1, row, &error), IG_OK);
            assert_int_equal(ig_store_check(store, states, &scan, &error), IG_OK);
            assert_true(scan.damaged == 1 && scan.first_damaged == 2);
            assert_int_equal(states[2], IG_STATE_EMPTY);
            row[k] ^= 0x44;
            assert_int_equal(ig_store_write_rows(store, v, 2, 1, row, &error), IG_OK);
        }
    }
    ig_store_close(&store);
}

/** A row that was written for another task is not this task's. */
static void a_row_in_another_place_is_damaged(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_store *store = NULL;
    ig_store_scan scan;
    int8_t states[TASKS];
    assert_int_equal(ig_store_open(ig_experiments(), r->path, true, &store, &error), IG_OK);
    for (size_t i = 0; i < store->root->n; i++) {
        const ig_variable *v = &store->root->variables[i];
        unsigned char row[IG_ROW_ERROR];
        if (v->role == IG_ROLE_ROWS) {
            assert_int_equal(ig_store_read_rows(store, v, 0, 1, row, &error), IG_OK);
            assert_int_equal(ig_store_write_rows(store, v, 1, 1, row, &error), IG_OK);
        }
    }
    assert_int_equal(ig_store_check(store, states, &scan, &error), IG_OK);
    assert_true(scan.damaged == 1 && scan.first_damaged == 1);
    ig_store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_read_back, enter, leave),
        cmocka_unit_test_setup_teardown(what_is_not_ours_is_a_format_error, enter, leave),
        cmocka_unit_test_setup_teardown(another_format_version_is_named, enter, leave),
        cmocka_unit_test_setup_teardown(every_truncation_is_seen, enter, leave),
        cmocka_unit_test_setup_teardown(every_changed_byte_is_seen_or_harmless, enter, leave),
        cmocka_unit_test_setup_teardown(every_byte_of_a_row_counts, enter, leave),
        cmocka_unit_test_setup_teardown(a_row_in_another_place_is_damaged, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
