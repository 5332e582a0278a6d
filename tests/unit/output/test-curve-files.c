/** What is told and written of curves: the table for people, CSV, summary.h5 and figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <hdf5.h>

#include "curve-experiment.h"
#include "make-file.h"
#include "output/outputs.h"
#include "printed.h"

enum { MOST_TASKS = 512 };

static const char yaml[] = "experiment: diver\nseeds: 3\ngamma: [0.5, 0.9]\n"
                           "noise: [none, some]\ndepth: [1, 2, 4]\n";

static char *path_variable;
static curve_row rows[MOST_TASKS];

static int setup(void **state)
{
    path_variable = strdup(getenv("PATH"));
    for (size_t t = 0; t < MOST_TASKS; t++) {
        static const double of_depth[] = {2, 1, 4};
        const double spread = 0.25 * (double)(t % 3);
        rows[t] = (curve_row){IG_STATE_DONE, of_depth[t / 3 % 3] + spread, 8 + spread, 2, 9};
    }
    return enter_folder(state);
}

static int teardown(void **state)
{
    setenv("PATH", path_variable, 1);
    free(path_variable);
    return leave_folder(state);
}

static void test_print(void **state)
{
    (void)state;
    rows[5].state = IG_STATE_EMPTY;
    for (size_t t = 27; t < 36; t++) {
        rows[t].state = IG_STATE_EMPTY;
    }
    ig_report *report = make_curve_report(yaml, rows, 50);
    char *text = printed(report);
    expect(text, "depth: Regret against depth", true);
    expect(text, "gamma=0.9, noise=some      1  0     0     3       -  -  ", true);
    expect(text, "gamma=0.5, noise=some      1  3     0     0    2.25  [2, 2.5]             ",
           true);
    expect(text, "  2  2     0     1   1.125  [1, 1.25]  least      8.125\n", true);
    expect(text, "gamma=0.5, noise=some  3       2  [2, 2]      1   1.25  [1, 1.5]", true);
    expect(text, "gamma=0.9, noise=some  0       -  -           -      -  -", true);
    expect(text, "guess: near, within 5 % of the least, on 3 of 3 lines.", true);
    expect(text, "other: near, within 5 % of the least, on 0 of 3 lines.", true);
    expect(text, "9  [9, 9] ", true);
    expect(text, "not near  above all x\n", true);
    expect(text, "resamples of whole seeds, the same at every x", true);
    /* Grid points go to the files. */
    expect(text, "grid point ", false);
    expect_narrow(text);
    free(text);
    ig_report_destroy(&report);
}

static void test_csv(void **state)
{
    (void)state;
    ig_error error = {0};
    size_t size;
    rows[5].state = IG_STATE_EMPTY;
    ig_report *report = make_curve_report(yaml, rows, 50);
    assert_int_equal(ig_report_write_csv(report, folder, &error), IG_OK);
    char *csv = read_file(folder, "curves.csv", &size);
    expect(csv,
           "curve,panel,line,x,grid_point,n,median,median_low,median_high,reference\r\n"
           "depth,gamma=0.5,noise=none,1,0,3,2.25,2,2.5,8.25\r\n"
           "depth,gamma=0.5,noise=none,2,1,2,1.125,1,1.25,8.125\r\n",
           true);
    expect(csv, "\r\ncalm,,gamma=0.9,4,8,3,8.25,8,8.5,nan\r\n", true);
    expect(csv, "\r\nplain,,gamma=0.9 noise=some,4,11,3,4.25,", true);
    free(csv);
    csv = read_file(folder, "optima.csv", &size);
    expect(csv,
           "curve,panel,line,predicted,n,best,best_low,best_high,best_share,best_ties,best_end,"
           "least,least_low,least_high,predicted_x,predicted_q1,predicted_q3,predicted_outside,"
           "predicted_there,predicted_excess,predicted_near\r\n",
           true);
    expect(csv,
           "\r\ndepth,gamma=0.9,noise=none,guess,3,2,2,2,1,1,0,1.25,1,1.5,"
           "2,2,2,0,1.25,0,1\r\n",
           true);
    expect(csv,
           "\r\ndepth,gamma=0.9,noise=none,other,3,2,2,2,1,1,0,1.25,1,1.5,"
           "9,9,9,1,4.25,2.4,0\r\n",
           true);
    expect(csv,
           "\r\nplain,,gamma=0.9 noise=none,,3,2,2,2,1,1,0,1.25,1,1.5,"
           "nan,nan,nan,nan,nan,nan,nan\r\n",
           true);
    expect(csv, "calm", false);
    free(csv);
    ig_report_destroy(&report);
}

static void read_numbers(hid_t file, const char *name, double *numbers, size_t n)
{
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    assert_true(dataset >= 0);
    hid_t space = H5Dget_space(dataset);
    assert_int_equal(H5Sget_simple_extent_npoints(space), n);
    assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
}

static void test_summary(void **state)
{
    (void)state;
    ig_error error = {0};
    char path[512];
    double numbers[64];
    ig_report *report = make_curve_report(yaml, rows, 50);
    snprintf(path, sizeof path, "%s/s.h5", folder);
    if (ig_report_write(report, path, &error)) {
        fail_msg("%s", error.text);
    }
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    /* 4 lines, 2 lines without noise, and 4 lines, of 3 points; 4 lines with two predictions each,
       and 4 with none. */
    read_numbers(file, "curve_median", numbers, 12 + 6 + 12);
    assert_true(numbers[0] == 2.25 && numbers[11] == 4.25 && numbers[12] == 8.25);
    read_numbers(file, "curve_grid_point", numbers, 30);
    assert_true(numbers[11] == 11 && numbers[15] == 6);
    read_numbers(file, "optimum_best", numbers, 12);
    assert_true(numbers[0] == 2 && numbers[11] == 2);
    read_numbers(file, "optimum_predicted_near", numbers, 12);
    assert_true(numbers[0] == 1 && numbers[1] == 0);
    H5Fclose(file);
    ig_report_destroy(&report);
}

static void test_figure(void **state)
{
    (void)state;
    ig_error error = {0};
    size_t size;
    rows[5].state = IG_STATE_EMPTY;
    ig_report *report = make_curve_report(yaml, rows, 50);
    bool no_gnuplot = ig_report_draw(report, folder, &error) && strstr(error.text, "gnuplot-nox");
    char *data = read_file(folder, "depth.dat", &size);
    char *script = read_file(folder, "depth.gp", &size);
    expect(data,
           "# gamma=0.5; noise=none\n# depth median low high reference\n"
           "1 2.25 2 2.5 8.25\n2 1.125 1 1.25 8.125\n4 4.25 4 4.5 8.25\n\n\n",
           true);
    expect(script, "n_panels = 2\n", true);
    expect(script, "panel_text[2] = 'gamma=0.9'\nfirst[2] = 3\nlast[2] = 4\n", true);
    expect(script, "legend[2] = 'noise=some'\n", true);
    expect(script, "style[4] = 2\nbest_x[4] = 2\nbest_y[4] = 1.25\npredicted[7] = 2\n", true);
    /* 9 lies beyond the axis and is drawn at its edge. */
    expect(script, "predicted[8] = 4.2", true);
    free(data);
    free(script);
    ig_report_destroy(&report);
    if (no_gnuplot) {
        skip();
    }
    assert_string_equal(error.text, "");
    char *png = read_file(folder, "depth.png", &size);
    assert_true(size > 10000 && memcmp(png, "\x89PNG", 4) == 0);
    char *svg = read_file(folder, "calm.svg", &size);
    assert_true(strncmp(svg, "<?xml", 5) == 0 && strstr(svg, "</svg>"));
    expect(svg, "Bound without noise", true);
    expect(svg, "gamma=0.9", true);
    free(png);
    free(svg);
}

/** More panels than a figure holds, and numbers that logarithmic axes have no place for. */
static void test_pages(void **state)
{
    (void)state;
    static const char many[] = "experiment: diver\nseeds: 3\ngamma: {range: [0.1, 0.22, 0.01]}\n"
                               "depth: [0, 2, 4]\n";
    ig_error error = {0};
    size_t size;
    for (size_t t = 9; t < 18; t++) {
        rows[t].bound = t < 12 ? -1 : 0;
    }
    rows[18].bound = -1;
    for (size_t t = 0; t < 9; t++) {
        rows[t].state = IG_STATE_EMPTY;
    }
    ig_report *report = make_curve_report(many, rows, 200);
    assert_int_equal(report->curves[CURVE_DEPTH].n_panels, IG_CURVE_PANELS + 1);
    bool no_gnuplot = ig_report_draw(report, folder, &error) && strstr(error.text, "gnuplot-nox");
    char *data = read_file(folder, "calm.dat", &size);
    expect(data,
           "# ; gamma=0.11\n# depth median low high reference\n0 nan nan nan nan\n"
           "2 nan nan nan nan\n",
           true);
    /* The bar of a positive median ends at the edge. */
    const char *clipped =
        strstr(data, "# ; gamma=0.12\n# depth median low high reference\n0 8.25 ");
    assert_non_null(clipped);
    assert_in_range(strtod(strstr(clipped, "8.25 ") + 5, NULL), 7, 8);
    free(data);
    data = read_file(folder, "depth.dat", &size);
    expect(data, "# gamma=0.12; \n# depth median low high reference\nnan 2.25 ", true);
    expect(data, "gamma=0.21", true);
    expect(data, "gamma=0.22", false);
    free(data);
    ig_report_destroy(&report);
    if (no_gnuplot) {
        skip();
    }
    assert_string_equal(error.text, "");
    data = read_file(folder, "depth-2.dat", &size);
    expect(data, "# gamma=0.22; \n", true);
    free(data);
    free(read_file(folder, "depth.png", &size));
    char *svg = read_file(folder, "depth-2.svg", &size);
    expect(svg, "gamma=0.22", true);
    expect(svg, "gamma=0.21", false);
    free(svg);
}

/** Nothing finished at all: empty panels, no failure. */
static void test_nothing(void **state)
{
    (void)state;
    ig_error error = {0};
    for (size_t t = 0; t < MOST_TASKS; t++) {
        rows[t].state = IG_STATE_EMPTY;
    }
    ig_report *report = make_curve_report(yaml, rows, 10);
    char *text = printed(report);
    expect(text, "on 0 of 0 lines", true);
    free(text);
    assert_int_equal(ig_report_write_csv(report, folder, &error), IG_OK);
    if (ig_report_draw(report, folder, &error) && !strstr(error.text, "gnuplot-nox")) {
        fail_msg("%s", error.text);
    }
    ig_report_destroy(&report);
}

static void make_empty(const char *name, const char *text, mode_t mode)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

/** A picture that gnuplot did not finish, or an older one, must not pass for the new one. */
static void test_failing_gnuplot(void **state)
{
    (void)state;
    ig_error error = {0};
    char path[512];
    make_empty("depth.svg", "old", 0644);
    make_empty("gnuplot", "#!/bin/sh\necho half > depth.png\nexit 3\n", 0755);
    ig_report *report = make_curve_report(yaml, rows, 10);
    char *search = NULL;
    assert_true(asprintf(&search, "%s:%s", folder, path_variable) > 0);
    setenv("PATH", search, 1);
    assert_int_equal(ig_report_draw(report, folder, &error), IG_ERR_IO);
    expect(error.text, "gnuplot failed", true);
    static const char *const pictures[] = {"depth.png", "depth.svg", "calm.png"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, pictures[i]);
        assert_int_not_equal(access(path, F_OK), 0);
    }
    snprintf(path, sizeof path, "%s/depth.gp", folder);
    assert_int_equal(access(path, F_OK), 0);
    free(search);
    ig_report_destroy(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_print, setup, teardown),
        cmocka_unit_test_setup_teardown(test_csv, setup, teardown),
        cmocka_unit_test_setup_teardown(test_summary, setup, teardown),
        cmocka_unit_test_setup_teardown(test_figure, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing_gnuplot, setup, teardown),
    };
    return cmocka_run_group_tests_name("curve-files", tests, NULL, NULL);
}
