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

#include "make-file.h"
#include "output/output.h"
#include "shown.h"

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

static ig_merged made(share a, share b)
{
    static const char *const paths[] = {"a.h5", "b.h5"};
    const ig_merge_request request = {.how = {.resamples = RESAMPLES}};
    ig_merged merged = {0};
    ig_error error = {0};
    unlink(paths[0]);
    unlink(paths[1]);
    make_file(paths[0], yaml, row, &a);
    make_file(paths[1], yaml, row, &b);
    if (ig_merge(ig_experiments(), paths, 2, &request, &merged, &error)) {
        fail_msg("%s", error.text);
    }
    return merged;
}

static ig_status write_summary(const ig_merged *merged, const char *path, ig_error *error)
{
    AUTO(ig_facts_clear) ig_facts facts = {0};
    TRY(ig_facts_of(merged, &facts, error));
    return ig_output_hdf5(&merged->tables, &facts, path, error);
}

static const share all = {1, 0}, none = {1, 1}, even = {2, 0}, odd = {2, 1};

static void assert_written(const ig_merged *merged, const char *path)
{
    ig_error error = {0};
    if (write_summary(merged, path, &error)) {
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
    assert_true(H5Aexists(dataset, "DIMENSION_LIST") > 0);
    assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0);
    H5Pclose(properties);
    H5Sclose(space);
    H5Dclose(dataset);
}

static const ig_table *stored_as(const ig_tables *tables, const char *dimension)
{
    for (size_t i = 0; i < tables->n; i++) {
        const char *own = tables->tables[i]->dimension;
        if (own && strcmp(own, dimension) == 0) {
            return tables->tables[i];
        }
    }
    fail_msg("no table has the dimension %s", dimension);
    return NULL;
}

static void test_contents(void **state)
{
    (void)state;
    AUTO(ig_merged_clear) ig_merged merged = made(all, none);
    double number[POINTS];
    int64_t integer[POINTS];
    char text[4][16] = {{0}};
    assert_written(&merged, "summary.h5");
    hid_t file = H5Fopen("summary.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    read_numbers(file, "reward_mse_median_high", H5T_NATIVE_DOUBLE, number, POINTS);
    for (size_t p = 0; p < POINTS; p++) {
        assert_true(number[p] == ig_rows_statistics(&merged.rows, 1, p)->median.high);
    }
    read_numbers(file, "dynamics_mse_n", H5T_NATIVE_INT64, integer, POINTS);
    assert_int_equal(integer[5], SEEDS);
    read_numbers(file, "anchor", H5T_NATIVE_INT64, integer, POINTS);
    assert_int_equal(integer[1], 100);
    assert_int_equal(integer[5], 10000);
    read_numbers(file, "exponent_low", H5T_NATIVE_DOUBLE, number, 4);
    const ig_table *fits = stored_as(&merged.tables, "fit");
    assert_true(number[3] == ig_table_at(fits, 3, ig_table_find(fits, "exponent_low"))->real);
    read_numbers(file, "published_high", H5T_NATIVE_DOUBLE, number, 4);
    assert_true(number[0] == 0.13 && number[3] == 0.99);
    /* One character each, as wide as "policy=sinusoid". */
    read_numbers(file, "fit_group", H5T_C_S1, text, 4 * strlen("policy=sinusoid"));
    assert_memory_equal(text[0], "policy=uniform\0policy=sinusoid", 30);
    H5Fclose(file);
}

/** However the rows were spread over the files, the bytes are the same. */
static void test_same_bytes(void **state)
{
    (void)state;
    const share first[] = {all, even, odd, all}, second[] = {none, odd, even, all};
    char *expected = NULL;
    size_t size, length = 0;
    for (size_t i = 0; i < 4; i++) {
        AUTO(ig_merged_clear) ig_merged merged = made(first[i], second[i]);
        assert_written(&merged, "summary.h5");
        char *bytes = read_file(".", "summary.h5", &size);
        if (expected) {
            assert_int_equal(size, length);
            assert_memory_equal(bytes, expected, size);
            free(bytes);
        } else {
            expected = bytes;
            length = size;
        }
    }
    free(expected);
}

static void test_only_summaries_are_replaced(void **state)
{
    (void)state;
    AUTO(ig_merged_clear) ig_merged merged = made(even, odd);
    ig_error error = {0};
    size_t before, after;
    char *bytes = read_file(".", "a.h5", &before);
    assert_int_equal(write_summary(&merged, "a.h5", &error), IG_ERR_USAGE);
    assert_non_null(strstr(error.text, "a.h5"));
    char *again = read_file(".", "a.h5", &after);
    assert_int_equal(before, after);
    assert_memory_equal(bytes, again, before);
    FILE *notes = fopen("notes.txt", "w");
    assert_non_null(notes);
    fputs("not HDF5\n", notes);
    fclose(notes);
    assert_int_equal(write_summary(&merged, "notes.txt", &error), IG_ERR_USAGE);
    assert_int_equal(write_summary(&merged, "/dev/null", &error), IG_ERR_USAGE);
    assert_int_equal(symlink("a.h5", "link.h5"), 0);
    assert_int_equal(write_summary(&merged, "link.h5", &error), IG_ERR_USAGE);
    assert_int_equal(write_summary(&merged, "nowhere/summary.h5", &error), IG_ERR_IO);
    free(bytes);
    free(again);
}

/** A write that fails leaves the summary that was there, and no half of a new one. */
static void test_failed_write(void **state)
{
    (void)state;
    AUTO(ig_merged_clear) ig_merged merged = made(all, none);
    ig_error error = {0};
    struct rlimit limit, small;
    size_t before, after;
    assert_written(&merged, "summary.h5");
    char *bytes = read_file(".", "summary.h5", &before);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = 4096;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ig_status status = write_summary(&merged, "summary.h5", &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, IG_ERR_IO);
    assert_int_not_equal(access("summary.h5.partial", F_OK), 0);
    char *again = read_file(".", "summary.h5", &after);
    assert_int_equal(before, after);
    assert_memory_equal(bytes, again, before);
    free(bytes);
    free(again);
    assert_written(&merged, "summary.h5");
}

/** What was written is read back; names that are not there are said. */
static void test_reading(void **state)
{
    (void)state;
    AUTO(ig_merged_clear) ig_merged merged = made(all, none);
    ig_error error = {0};
    size_t n = 0, width = 0;
    ig_summary_file *file = NULL;
    assert_written(&merged, "summary.h5");
    assert_int_equal(ig_summary_open("a.h5", &file, &error), IG_ERR_FORMAT);
    assert_non_null(strstr(error.text, "is a result file"));
    assert_int_equal(ig_summary_open("summary.h5", &file, &error), IG_OK);
    AUTO_FREE char *experiment = NULL, *texts = NULL;
    AUTO_FREE double *numbers = NULL;
    assert_int_equal(ig_summary_fact(file, "experiment", &experiment, &error), IG_OK);
    assert_string_equal(experiment, "scaling");
    assert_int_equal(ig_summary_texts(file, "policy", &n, &width, &texts, &error), IG_OK);
    assert_int_equal(n, POINTS);
    assert_string_equal(texts, "uniform");
    assert_string_equal(texts + width, "sinusoid");
    assert_int_equal(ig_summary_numbers(file, "anchor", &n, &numbers, &error), IG_OK);
    assert_true(numbers[5] == 10000);
    bool anchor, anchors;
    assert_int_equal(ig_summary_has(file, "anchor", &anchor, &error), IG_OK);
    assert_int_equal(ig_summary_has(file, "anchors", &anchors, &error), IG_OK);
    assert_true(anchor && !anchors);
    assert_true(ig_summary_has_fact(file, "kind") && !ig_summary_has_fact(file, "plugin"));
    n = POINTS + 1;
    double *others = NULL;
    assert_int_equal(ig_summary_numbers(file, "anchor", &n, &others, &error), IG_ERR_FORMAT);
    assert_int_equal(ig_summary_numbers(file, "policy", &n, &others, &error), IG_ERR_FORMAT);
    assert_null(others);
    ig_summary_close(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_contents, setup, teardown),
        cmocka_unit_test_setup_teardown(test_same_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_only_summaries_are_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failed_write, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reading, setup, teardown),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
