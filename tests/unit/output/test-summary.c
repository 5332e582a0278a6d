/** summary.h5: what it holds, what it may replace, and what is left after trouble. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <hdf5.h>
#include <hdf5_hl.h>

#include "make-file.h"
#include "results/report.h"

enum { POINTS = 6, SEEDS = 4, RESAMPLES = 50 };

static const char yaml[] = "experiment: scaling\n"
                           "seeds: 4\n"
                           "anchors: [100, 1000, 10000]\n"
                           "policy: [uniform, sinusoid]\n"
                           "train: {epochs: 1}\n";

/** Tasks with t % step == offset are done. */
typedef struct share {
    size_t step, offset;
} share;

static made_row row(size_t task, void *context)
{
    const share *s = context;
    double x = pow(10, 2 + (double)(task / SEEDS / 2));
    double spread = 1 + 0.05 * (double)(task % 5);
    if (task % s->step != s->offset) {
        return (made_row){.state = IG_STATE_EMPTY};
    }
    return (made_row){IG_STATE_DONE, spread * pow(x, -0.1), spread * 60 / x, 1, false, NULL};
}

static char *came_from;

static int setup(void **state)
{
    enter_folder(state);
    came_from = getcwd(NULL, 0);
    return chdir(folder);
}

static int teardown(void **state)
{
    assert_int_equal(chdir(came_from), 0);
    free(came_from);
    return leave_folder(state);
}

static ig_report *made(share a, share b)
{
    static const char *const paths[] = {"a.h5", "b.h5"};
    ig_report *report = NULL;
    ig_error error = {0};
    unlink(paths[0]);
    unlink(paths[1]);
    make_file(paths[0], yaml, row, &a);
    make_file(paths[1], yaml, row, &b);
    if (ig_report_create(ig_experiments(), paths, 2, RESAMPLES, &report, &error)) {
        fail_msg("%s", error.text);
    }
    return report;
}

static const share all = {1, 0}, none = {1, 1}, even = {2, 0}, odd = {2, 1};

static void assert_written(const ig_report *report, const char *path)
{
    ig_error error = {0};
    if (ig_report_write(report, path, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_not_equal(access("summary.h5.partial", F_OK), 0);
}

static void read_numbers(hid_t location, const char *name, hid_t type, void *numbers, size_t n)
{
    hid_t dataset = H5Dopen2(location, name, H5P_DEFAULT);
    assert_true(dataset >= 0);
    hid_t space = H5Dget_space(dataset), properties = H5Dget_create_plist(dataset);
    assert_int_equal(H5Sget_simple_extent_npoints(space), n);
    assert_int_equal(H5Pget_layout(properties), H5D_CHUNKED);
    assert_int_equal(H5Pget_nfilters(properties), 3);
    assert_int_equal(H5DSget_num_scales(dataset, 0), 1);
    assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0);
    H5Pclose(properties);
    H5Sclose(space);
    H5Dclose(dataset);
}

static void test_contents(void **state)
{
    (void)state;
    ig_report *report = made(all, none);
    double number[POINTS];
    int64_t integer[POINTS];
    char text[4][16] = {{0}};
    assert_written(report, "summary.h5");
    hid_t file = H5Fopen("summary.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    read_numbers(file, "reward_mse_median_high", H5T_NATIVE_DOUBLE, number, POINTS);
    for (size_t p = 0; p < POINTS; p++) {
        assert_true(number[p] == ig_rows_statistics(&report->rows, 1, p)->median_high);
    }
    read_numbers(file, "dynamics_mse_n", H5T_NATIVE_INT64, integer, POINTS);
    assert_int_equal(integer[5], SEEDS);
    read_numbers(file, "anchor", H5T_NATIVE_INT64, integer, POINTS);
    assert_int_equal(integer[1], 100);
    assert_int_equal(integer[5], 10000);
    read_numbers(file, "exponent_low", H5T_NATIVE_DOUBLE, number, 4);
    assert_true(number[3] == report->laws.laws[3].law.exponent_low);
    read_numbers(file, "published_high", H5T_NATIVE_DOUBLE, number, 4);
    assert_true(number[0] == 0.13 && number[3] == 0.99);
    /* One character each, as wide as "policy=sinusoid". */
    read_numbers(file, "fit_group", H5T_C_S1, text, 4 * strlen("policy=sinusoid"));
    assert_memory_equal(text[0], "policy=uniform\0policy=sinusoid", 30);
    H5Fclose(file);
    ig_report_destroy(&report);
}

/** However the rows were spread over the files, the bytes are the same. */
static void test_same_bytes(void **state)
{
    (void)state;
    const share first[] = {all, even, odd, all}, second[] = {none, odd, even, all};
    char *expected = NULL;
    size_t size, length = 0;
    for (size_t i = 0; i < 4; i++) {
        ig_report *report = made(first[i], second[i]);
        assert_written(report, "summary.h5");
        char *bytes = read_file(".", "summary.h5", &size);
        if (expected) {
            assert_int_equal(size, length);
            assert_memory_equal(bytes, expected, size);
            free(bytes);
        } else {
            expected = bytes;
            length = size;
        }
        ig_report_destroy(&report);
    }
    free(expected);
}

static void test_only_summaries_are_replaced(void **state)
{
    (void)state;
    ig_report *report = made(even, odd);
    ig_error error = {0};
    size_t before, after;
    char *bytes = read_file(".", "a.h5", &before);
    assert_int_equal(ig_report_write(report, "a.h5", &error), IG_ERR_USAGE);
    assert_non_null(strstr(error.text, "a.h5"));
    char *again = read_file(".", "a.h5", &after);
    assert_int_equal(before, after);
    assert_memory_equal(bytes, again, before);
    FILE *notes = fopen("notes.txt", "w");
    assert_non_null(notes);
    fputs("not HDF5\n", notes);
    fclose(notes);
    assert_int_equal(ig_report_write(report, "notes.txt", &error), IG_ERR_USAGE);
    assert_int_equal(ig_report_write(report, "/dev/null", &error), IG_ERR_USAGE);
    assert_int_equal(symlink("a.h5", "link.h5"), 0);
    assert_int_equal(ig_report_write(report, "link.h5", &error), IG_ERR_USAGE);
    assert_int_equal(ig_report_write(report, "nowhere/summary.h5", &error), IG_ERR_IO);
    free(bytes);
    free(again);
    ig_report_destroy(&report);
}

/** A write that fails leaves the summary that was there, and no half of a new one. */
static void test_failed_write(void **state)
{
    (void)state;
    ig_report *report = made(all, none);
    ig_error error = {0};
    struct rlimit limit, small;
    size_t before, after;
    assert_written(report, "summary.h5");
    char *bytes = read_file(".", "summary.h5", &before);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = 4096;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ig_status status = ig_report_write(report, "summary.h5", &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, IG_ERR_IO);
    assert_int_not_equal(access("summary.h5.partial", F_OK), 0);
    char *again = read_file(".", "summary.h5", &after);
    assert_int_equal(before, after);
    assert_memory_equal(bytes, again, before);
    free(bytes);
    free(again);
    assert_written(report, "summary.h5");
    ig_report_destroy(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_contents, setup, teardown),
        cmocka_unit_test_setup_teardown(test_same_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_only_summaries_are_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failed_write, setup, teardown),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
