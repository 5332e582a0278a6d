/** Every allocation of the store failing, one after the other: the right status, nothing left
 * behind, and (under a leak checker) nothing leaked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helpers.h"

static long left = -1; /* allocations until one fails; negative: none does */

static bool fails(void)
{
    bool now = left == 0;
    left -= left >= 0;
    return now;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

int __real_vasprintf(char **text, const char *format, va_list arguments);
int __wrap_vasprintf(char **text, const char *format, va_list arguments);

int __wrap_vasprintf(char **text, const char *format, va_list arguments)
{
    return fails() ? -1 : __real_vasprintf(text, format, arguments);
}

typedef struct workspace {
    char folder[TEST_PATH], path[TEST_PATH];
    fixture f;
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
    free(r);
    return 0;
}

static ig_status create(const workspace *r, ig_error *error)
{
    return ig_store_create(r->path, r->f.experiment, r->f.grid, r->f.layout, &test_provenance,
                           error);
}

static ig_status use(const workspace *r, ig_error *error)
{
    ig_store *store = NULL;
    ig_store_scan scan;
    ig_session_record session = {.begin = 1};
    int8_t states[24];
    double values[24];
    size_t slot = 0;
    ig_status status = ig_store_open(ig_experiments(), r->path, true, &store, error);
    if (!status) {
        status = ig_store_check(store, states, &scan, error);
    }
    if (!status) {
        status = ig_store_read(store, "error", values, error);
    }
    if (!status) {
        status = ig_store_session_begin(store, &session, &slot, error);
    }
    ig_store_close(&store);
    return status;
}

static ig_status lock(const workspace *r, ig_error *error)
{
    ig_lock *taken = NULL;
    ig_status status = ig_lock_acquire(r->path, false, &taken, error);
    ig_lock_release(&taken);
    return status;
}

/** Call `work` with the k-th allocation failing, until it needs no more than k; returns that k.
 *  `n_files` are to be in the folder after each failure. */
static long fail_each(const workspace *r, ig_status (*work)(const workspace *, ig_error *),
                      int n_files)
{
    for (long k = 0;; k++) {
        ig_error error = {0};
        left = k;
        ig_status status = work(r, &error);
        bool all = left >= 0;
        left = -1;
        if (all) {
            assert_int_equal(status, IG_OK);
            return k;
        }
        assert_int_equal(status, IG_ERR_MEMORY);
        assert_int_equal(scratch_count(r->folder), n_files);
    }
}

static void creation(void **state)
{
    workspace *r = *state;
    assert_true(fail_each(r, create, 0) > 10);
    assert_int_equal(scratch_count(r->folder), 1);
}

static void use_of_a_file(void **state)
{
    workspace *r = *state;
    assert_true(make_file(r->path, &r->f));
    assert_true(fail_each(r, use, 1) > 10);
}

static void locking(void **state)
{
    assert_true(fail_each(*state, lock, 0) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(creation, enter, leave),
        cmocka_unit_test_setup_teardown(use_of_a_file, enter, leave),
        cmocka_unit_test_setup_teardown(locking, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
