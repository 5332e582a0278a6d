/** Creation of result files: what is in them, what is left when it fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "faults.h"
#include "helpers.h"

static long writes_left = -1; /* until failing; negative: never */
static int write_fault;
static dev_t faulty;                  /* device whose files take no more */
static unsigned long long free_bytes; /* what statvfs tells; 0: the truth */

int fault_of_write(int fd)
{
    struct stat info;
    if (writes_left < 0 || fstat(fd, &info) != 0 || info.st_dev != faulty) {
        return 0;
    }
    if (writes_left == 0) {
        return write_fault;
    }
    writes_left--;
    return 0;
}

/* By one name or the other, as the size of file offsets goes. */
int __real_statvfs(const char *path, struct statvfs *fs);
int __wrap_statvfs(const char *path, struct statvfs *fs);
int __wrap_statvfs64(const char *path, struct statvfs *fs);

int __wrap_statvfs(const char *path, struct statvfs *fs)
{
    int result = __real_statvfs(path, fs);
    if (result == 0 && free_bytes) {
        fs->f_bavail = free_bytes / fs->f_frsize;
    }
    return result;
}

int __wrap_statvfs64(const char *path, struct statvfs *fs)
{
    return __wrap_statvfs(path, fs);
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
    struct stat info;
    if (stat(r->folder, &info) != 0) {
        return -1;
    }
    faulty = info.st_dev;
    scratch_path(r->folder, "out.h5", r->path);
    *state = r;
    return 0;
}

static int leave(void **state)
{
    workspace *r = *state;
    writes_left = -1;
    free_bytes = 0;
    fixture_clear(&r->f);
    scratch_remove(r->folder);
    free(r);
    return 0;
}

static ig_status create(const workspace *r, const char *path, ig_error *error)
{
    return ig_store_create(path, r->f.experiment, r->f.grid, r->f.layout, &test_provenance, error);
}

static int open_descriptors(void)
{
    return scratch_count("/proc/self/fd");
}

static void opens_with_what_it_was_made_from(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_store *store = NULL;
    assert_int_equal(create(r, r->path, &error), IG_OK);
    assert_int_equal(ig_store_open(ig_experiments(), r->path, false, &store, &error), IG_OK);
    assert_string_equal(ig_store_path(store), r->path);
    assert_ptr_equal(ig_store_experiment(store), r->f.experiment);
    assert_string_equal(ig_config_hash(ig_store_config(store)), ig_config_hash(r->f.config));
    assert_int_equal(ig_grid_n_tasks(ig_store_grid(store)), 24);
    assert_int_equal(ig_store_layout(store)->row_size, r->f.layout->row_size);
    assert_string_equal(ig_store_attribute(store, "isa"), "portable");
    assert_string_equal(ig_store_attribute(store, "flags"), "");
    assert_string_equal(ig_store_attribute(store, "config"), ig_config_resolved(r->f.config));
    assert_string_equal(ig_store_attribute(store, "row_columns"), "error curve steps draws");
    assert_null(ig_store_attribute(store, "no such"));
    ig_store_close(&store);
    assert_null(store);
    assert_int_equal(scratch_count(r->folder), 1);
}

static void new_rows_are_empty(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_store *store = NULL;
    int8_t states[24];
    double values[24];
    ig_store_scan scan = {1, 1, 1, 1, 1};
    assert_int_equal(create(r, r->path, &error), IG_OK);
    assert_int_equal(ig_store_open(ig_experiments(), r->path, false, &store, &error), IG_OK);
    memset(states, 9, sizeof states);
    assert_int_equal(ig_store_check(store, states, &scan, &error), IG_OK);
    assert_true(scan.empty == 24 && !scan.done && !scan.failed && !scan.damaged);
    for (size_t t = 0; t < 24; t++) {
        assert_int_equal(states[t], IG_STATE_EMPTY);
    }
    const char *const missing[] = {"error", "steps", "draws", IG_STORE_RANK, IG_STORE_START};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        assert_int_equal(ig_store_read(store, missing[i], values, &error), IG_OK);
        assert_true(values[0] != values[0] && values[23] != values[23]);
    }
    assert_int_equal(ig_store_read(store, "curve", values, &error), IG_ERR_USAGE);
    assert_int_equal(ig_store_read(store, "kind", values, &error), IG_ERR_USAGE);
    assert_int_equal(ig_store_read(store, "no such", values, &error), IG_ERR_USAGE);
    ig_store_close(&store);
}

static void coordinates_follow_the_grid(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_store *store = NULL;
    double n[24], rate[24], seed[24];
    assert_int_equal(create(r, r->path, &error), IG_OK);
    assert_int_equal(ig_store_open(ig_experiments(), r->path, false, &store, &error), IG_OK);
    assert_int_equal(ig_store_read(store, "n", n, &error), IG_OK);
    assert_int_equal(ig_store_read(store, "rate", rate, &error), IG_OK);
    assert_int_equal(ig_store_read(store, "seed", seed, &error), IG_OK);
    size_t n_key = ig_config_key(r->f.config, "n"),
           rate_key = ig_config_key(r->f.config, "fit.rate");
    for (size_t t = 0; t < 24; t++) {
        assert_true(n[t] == (double)ig_grid_value(r->f.grid, t / 3, n_key)->integer);
        assert_true(rate[t] == ig_grid_value(r->f.grid, t / 3, rate_key)->real);
        assert_true(seed[t] == (double)ig_config_seed(r->f.config, t % 3));
    }
    ig_store_close(&store);
}

static void same_config_same_bytes(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    char other[TEST_PATH];
    size_t a_size = 0, b_size = 0;
    assert_int_equal(create(r, r->path, &error), IG_OK);
    assert_int_equal(create(r, scratch_path(r->folder, "b.h5", other), &error), IG_OK);
    unsigned char *a = file_load(r->path, &a_size), *b = file_load(other, &b_size);
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a, b, a_size);
    /* Superblock version 0: it has no mark of being open that a killed job would leave behind. */
    assert_int_equal(a[8], 0);
    free(a);
    free(b);
}

static void the_size_is_an_upper_estimate_and_the_blocks_are_real(void **state)
{
    workspace *r = *state;
    const char *const yamls[] = {test_yaml, "experiment: probe\nseeds: 1\nn: 1\nepochs: 1\n",
                                 "experiment: probe\nseeds: 3000\nn: [1, 2, 3]\nepochs: 50\n"};
    for (size_t i = 0; i < sizeof yamls / sizeof *yamls; i++) {
        fixture f;
        struct stat info;
        ig_error error = {0};
        assert_int_equal(fixture_init(&f, yamls[i]), 0);
        assert_int_equal(
            ig_store_create(r->path, f.experiment, f.grid, f.layout, &test_provenance, &error),
            IG_OK);
        assert_int_equal(stat(r->path, &info), 0);
        uint64_t estimate = 0, size = (uint64_t)info.st_size;
        assert_int_equal(ig_store_size(f.grid, f.layout, &estimate, NULL), IG_OK);
        assert_true(estimate >= size);
        assert_true(estimate <= size + size / 2 + 300000);
        assert_true((uint64_t)info.st_blocks * 512 >= size);
        assert_int_equal(unlink(r->path), 0);
        fixture_clear(&f);
    }
}

static void an_existing_file_is_never_replaced(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    size_t size = 0;
    assert_int_equal(file_save(r->path, (const unsigned char *)"mine", 4), 0);
    assert_int_equal(create(r, r->path, &error), IG_ERR_IO);
    assert_non_null(strstr(error.text, r->path));
    unsigned char *bytes = file_load(r->path, &size);
    assert_non_null(bytes);
    assert_int_equal(size, 4);
    assert_memory_equal(bytes, "mine", 4);
    free(bytes);
    assert_int_equal(scratch_count(r->folder), 1);
}

static void a_stale_partial_file_gives_way(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    char partial[TEST_PATH], victim[TEST_PATH];
    scratch_path(r->folder, "out.h5.partial", partial);
    assert_int_equal(file_save(partial, (const unsigned char *)"half", 4), 0);
    assert_int_equal(create(r, r->path, &error), IG_OK);
    assert_int_equal(scratch_count(r->folder), 1);
    /* A link put there must not be followed. */
    assert_int_equal(unlink(r->path), 0);
    assert_int_equal(
        file_save(scratch_path(r->folder, "victim", victim), (const unsigned char *)"safe", 4), 0);
    assert_int_equal(symlink(victim, partial), 0);
    assert_int_equal(create(r, r->path, &error), IG_OK);
    struct stat info;
    assert_int_equal(stat(victim, &info), 0);
    assert_int_equal(info.st_size, 4);
}

static void places_that_cannot_be_used_are_io_errors(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    char path[TEST_PATH], partial[TEST_PATH];
    assert_int_equal(create(r, scratch_path(r->folder, "no/out.h5", path), &error), IG_ERR_IO);
    assert_int_equal(mkdir(scratch_path(r->folder, "out.h5.partial", partial), 0755), 0);
    assert_int_equal(create(r, r->path, &error), IG_ERR_IO);
    assert_int_equal(create(r, r->path, NULL), IG_ERR_IO);
    assert_int_equal(scratch_count(r->folder), 1);
}

static void too_little_room_is_seen_before(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    free_bytes = 100000;
    writes_left = 0; /* nothing may be written at all */
    write_fault = EIO;
    assert_int_equal(create(r, r->path, &error), IG_ERR_SPACE);
    assert_int_equal(scratch_count(r->folder), 0);
}

/** The disk fails at the k-th write, for every k: the right status, nothing left, nothing leaked,
 *  and the next creation works. */
static void every_failing_write_leaves_nothing(void **state)
{
    workspace *r = *state;
    const struct {
        int fault;
        ig_status status;
    } faults[] = {{ENOSPC, IG_ERR_SPACE}, {EDQUOT, IG_ERR_SPACE}, {EIO, IG_ERR_IO}};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        long k = 0;
        for (;; k++) {
            ig_error error = {0};
            int before = open_descriptors();
            writes_left = k;
            write_fault = faults[i].fault;
            ig_status status = create(r, r->path, &error);
            writes_left = -1;
            if (!status) {
                break;
            }
            assert_int_equal(status, faults[i].status);
            assert_int_equal(scratch_count(r->folder), 0);
            assert_int_equal(open_descriptors(), before);
            assert_true(k < 10000);
        }
        assert_true(k > 20);
        assert_int_equal(scratch_count(r->folder), 1);
        assert_int_equal(unlink(r->path), 0);
    }
}

static herr_t report(hid_t stack, void *data)
{
    (void)stack;
    (void)data;
    return 0;
}

static void the_callers_error_report_comes_back(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_store *store = NULL;
    H5E_auto2_t now = NULL;
    void *data = NULL;
    assert_true(H5Eset_auto2(H5E_DEFAULT, report, r) >= 0);
    assert_int_equal(create(r, r->path, &error), IG_OK);
    assert_int_equal(ig_store_open(ig_experiments(), r->path, false, &store, &error), IG_OK);
    ig_store_close(&store);
    assert_int_equal(create(r, r->path, &error), IG_ERR_IO);
    assert_true(H5Eget_auto2(H5E_DEFAULT, &now, &data) >= 0);
    assert_true(now == report && data == r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_with_what_it_was_made_from, enter, leave),
        cmocka_unit_test_setup_teardown(new_rows_are_empty, enter, leave),
        cmocka_unit_test_setup_teardown(coordinates_follow_the_grid, enter, leave),
        cmocka_unit_test_setup_teardown(same_config_same_bytes, enter, leave),
        cmocka_unit_test_setup_teardown(the_size_is_an_upper_estimate_and_the_blocks_are_real,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(an_existing_file_is_never_replaced, enter, leave),
        cmocka_unit_test_setup_teardown(a_stale_partial_file_gives_way, enter, leave),
        cmocka_unit_test_setup_teardown(places_that_cannot_be_used_are_io_errors, enter, leave),
        cmocka_unit_test_setup_teardown(too_little_room_is_seen_before, enter, leave),
        cmocka_unit_test_setup_teardown(the_callers_error_report_comes_back, enter, leave),
        cmocka_unit_test_setup_teardown(every_failing_write_leaves_nothing, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
