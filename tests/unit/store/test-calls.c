/** Every call of HDF5 and of the system failing, one after the other: an error with a message, or
 *  the very result that would have been; nothing half made, nothing left open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failing-calls.h"
#include "helpers.h"

enum { TASKS = 24 };

typedef struct workspace {
    char folder[TEST_PATH], path[TEST_PATH];
    fixture f;
    unsigned char *whole; /* the file as it is without faults */
    size_t size;
} workspace;

static int enter(void **state)
{
    workspace *r = calloc(1, sizeof *r);
    if (!r || scratch_make(r->folder) || fixture_init(&r->f, test_yaml)) {
        return -1;
    }
    scratch_path(r->folder, "out.h5", r->path);
    *state = r;
    return 0;
}

static int leave(void **state)
{
    workspace *r = *state;
    fixture_clear(&r->f);
    scratch_remove(r->folder);
    free(r->whole);
    free(r);
    return 0;
}

/** Files open now; the listing's own not counted. */
static int open_files(void)
{
    int n = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) {
        return 0;
    }
    while (readdir(folder)) {
        n++;
    }
    closedir(folder);
    return n;
}

static ig_status create(const workspace *r, ig_error *error)
{
    return ig_store_create(r->path, r->f.experiment, r->f.grid, r->f.layout, &test_provenance,
                           error);
}

/** What reading a file gives. */
typedef struct contents {
    ig_store_scan scan;
    int8_t states[TASKS];
    double values[TASKS];
    unsigned char row[4096];
    char reason[IG_ROW_ERROR + 1];
    ig_session_record sessions[IG_STORE_SESSIONS];
    size_t n_sessions;
} contents;

static ig_status look(const workspace *r, contents *c, ig_error *error)
{
    ig_store *store = NULL;
    ig_status status = ig_store_open(ig_experiments(), r->path, false, &store, error);
    if (!status) {
        status = ig_store_check(store, c->states, &c->scan, error);
    }
    if (!status) {
        status = ig_store_read(store, "error", c->values, error);
    }
    if (!status) {
        status = ig_store_row(store, 1, c->row, error);
    }
    if (!status) {
        status = ig_store_failure(store, 6, c->reason, error);
    }
    if (!status) {
        status = ig_store_sessions(store, c->sessions, &c->n_sessions, error);
    }
    ig_store_close(&store);
    return status;
}

/** A fault was reported: as what it was, unless a reader had better say that the file is no good.
 *  Whether the cause is in the message (HDF5 forgets what went wrong with a type or a property
 * list).
 */
static bool assert_reported(ig_status status, const ig_error *error, const char *call, long k)
{
    if (status != IG_ERR_IO && status != IG_ERR_FORMAT && status != IG_ERR_MEMORY) {
        fail_msg("call %ld, %s: status %d (%s)", k, call, status, error->text);
    }
    assert_int_equal(error->status, status);
    assert_true(strlen(error->text) > 0);
    return strstr(error->text, calls_failed_in_hdf5() ? "file write failed" : strerror(EIO));
}

static void nothing_left_open(int files, const char *call, long k)
{
    ssize_t objects = H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL);
    if (objects != 0 || open_files() != files) {
        fail_msg("call %ld, %s: %zd objects of HDF5 and %d files left open", k, call, objects,
                 open_files() - files);
    }
}

static void creation(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    assert_int_equal(create(r, &error), IG_OK);
    r->whole = file_load(r->path, &r->size);
    assert_non_null(r->whole);
    unlink(r->path);
    int files = open_files(), failures = 0, kept = 0;
    for (long k = 0;; k++) {
        const char *call = "";
        error = (ig_error){0};
        calls_fail_at(k);
        ig_status status = create(r, &error);
        bool failed = calls_behave(&call);
        nothing_left_open(files, call, k);
        if (status) {
            kept += assert_reported(status, &error, call, k);
            failures++;
        }
        if (access(r->path, F_OK) == 0) {
            /* Under its name, even when its folder could not be made durable: whole. */
            size_t size = 0;
            unsigned char *now = file_load(r->path, &size);
            assert_non_null(now);
            assert_int_equal(size, r->size);
            assert_memory_equal(now, r->whole, size);
            free(now);
            unlink(r->path);
        } else {
            assert_int_not_equal(status, IG_OK);
        }
        assert_int_equal(scratch_count(r->folder), 0);
        if (!failed) {
            assert_int_equal(status, IG_OK);
            print_message("%ld calls failed, %d reported, %d with their cause\n", k, failures,
                          kept);
            assert_true(failures > 0 && kept > failures * 2 / 3);
            return;
        }
    }
}

static void reading(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    assert_true(make_file(r->path, &r->f));
    contents *whole = calloc(1, sizeof *whole), *now = calloc(1, sizeof *now);
    assert_true(whole && now);
    assert_int_equal(look(r, whole, &error), IG_OK);
    assert_true(whole->scan.done > 0 && whole->scan.failed > 0);
    int files = open_files(), failures = 0;
    for (bool failed = true; failed;) {
        const char *call = "";
        error = (ig_error){0};
        memset(now, 0, sizeof *now);
        calls_fail_at(failures);
        ig_status status = look(r, now, &error);
        failed = calls_behave(&call);
        nothing_left_open(files, call, failures);
        if (status) {
            assert_reported(status, &error, call, failures);
        } else {
            assert_memory_equal(now, whole, sizeof *now);
        }
        failures += failed;
    }
    assert_true(failures > 0);
    free(whole);
    free(now);
}

/** Clearing a failed row: cleared, or as it was. */
static ig_status clear(const workspace *r, size_t task, ig_error *error)
{
    ig_store *store = NULL;
    ig_status status = ig_store_open(ig_experiments(), r->path, true, &store, error);
    if (!status) {
        status = ig_store_clear(store, &task, 1, error);
    }
    ig_store_close(&store);
    return status;
}

static void clearing(void **state)
{
    workspace *r = *state;
    assert_true(make_file(r->path, &r->f));
    contents c = {0};
    ig_error error = {0};
    bool failed = true;
    for (long k = 0; failed; k++) {
        const char *call = "";
        error = (ig_error){0};
        calls_fail_at(k);
        ig_status status = clear(r, 6, &error);
        failed = calls_behave(&call);
        assert_int_equal(look(r, &c, &error), IG_OK);
        assert_int_equal(c.scan.damaged, 0);
        assert_true(status || c.states[6] == IG_STATE_EMPTY);
        assert_int_not_equal(c.states[6], IG_STATE_DONE);
        assert_int_equal(c.states[1], IG_STATE_DONE);
    }
    assert_int_equal(c.states[6], IG_STATE_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(creation, enter, leave),
        cmocka_unit_test_setup_teardown(reading, enter, leave),
        cmocka_unit_test_setup_teardown(clearing, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
