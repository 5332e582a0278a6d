/** Claims that a ratio is at most 1: groups, pools, judgement, and what is told of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hdf5.h>

#include "make-file.h"
#include "printed.h"
#include "results/ratios.h"

static const char yaml[] = "experiment: calibration\n"
                           "seeds: 4\n"
                           "published: {lqg_median: 0.25}\n"
                           "parts:\n"
                           "  - {arm: synthetic_generic, kappa: [0.3, 0.6]}\n"
                           "  - {arm: synthetic_aligned, dims: {state: 1, action: 1}}\n"
                           "  - {arm: lqg}\n"
                           "  - {arm: stochastic_generic}\n";
enum { GENERIC = 0, ALIGNED = 8, LQG = 12, STOCHASTIC = 16, TASKS = 20 };

/** What the rows hold: R by task, unless told otherwise. */
typedef struct rows {
    double R[TASKS];
    double unshared_low;
    size_t missing; /**< the first tasks that are not there */
} rows;

static rows good(void)
{
    rows r = {.unshared_low = 0.5};
    for (size_t t = 0; t < TASKS; t++) {
        bool aligned = t >= ALIGNED && t < LQG;
        r.R[t] = aligned ? 1 - 1e-12 : 0.125 * (double)(1 + t % 4);
    }
    return r;
}

static int8_t set(size_t task, const ig_row *row, void *context)
{
    const rows *r = context;
    ig_row_set(row, "R", r->R[task]);
    ig_row_set(row, "unshared_R", 3);
    ig_row_set(row, "unshared_low", r->unshared_low);
    ig_row_set(row, "share_dynamics", task % 2 ? 0.25 : 0.75);
    return task < r->missing ? IG_STATE_EMPTY : IG_STATE_DONE;
}

static ig_report *report_of(const char *text, rows r)
{
    char path[512];
    const char *paths[] = {path};
    ig_report *report = NULL;
    ig_error error = {0};
    snprintf(path, sizeof path, "%s/a.h5", folder);
    remove(path);
    make_any_file(path, text, set, &r);
    if (ig_report_create(ig_experiments(), paths, 1, 10, &report, &error)) {
        fail_msg("%s", error.text);
    }
    return report;
}

/** The printed report has a part, or (`wanted` false) has it not. */
static void expect_printed(const ig_report *report, const char *part, bool wanted)
{
    char *text = printed(report);
    expect(text, part, wanted);
    free(text);
}

static void test_groups(void **state)
{
    (void)state;
    static const char *const labels[] = {
        "synthetic_generic", "synthetic_aligned", "lqg",       "stochastic_generic",
        "synthetic",         "synthetic and lqg", "stochastic"};
    static const size_t counts[] = {8, 4, 4, 4, 12, 16, 4};
    ig_report *report = report_of(yaml, good());
    assert_int_equal(report->n_ratios, 2);
    const ig_report_ratio *r = &report->ratios[0];
    assert_int_equal(r->n_groups, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(r->groups[i].label, labels[i]);
        assert_int_equal(r->groups[i].n, counts[i]);
        assert_int_equal(r->groups[i].pooled, i > 3);
        assert_int_equal(r->groups[i].must_attain, i == 1);
    }
    assert_true(r->n == TASKS && r->holds == TASKS && r->must_attain == 4 && r->attains == 4);
    const ig_spread lqg = r->groups[2].spread;
    assert_true(lqg.minimum == 0.125 && lqg.q1 == 0.21875 && lqg.median == 0.3125);
    assert_true(lqg.q3 == 0.40625 && lqg.maximum == 0.5);
    assert_true(r->groups[2].beside[0].median == 0.5);
    assert_int_equal(report->ratios[1].n_groups, 1);
    assert_string_equal(report->ratios[1].groups[0].label, "stochastic_generic");
    expect_printed(report, "R <= 1 holds on 20 of 20 rows", true);
    expect_printed(report, "R = 1, where theory says so, holds on 4 of 4 rows", true);
    expect_printed(report, "unshared_low <= 1 holds on 4 of 4 rows", true);
    expect_printed(report, "       0.25       1.25", true);
    expect_printed(report, "      0.999      0.501", true);
    expect_printed(report, "VIOLATED", false);
    char *text = printed(report);
    expect_narrow(text);
    free(text);
    ig_report_destroy(&report);
}

static void test_violations_are_told(void **state)
{
    (void)state;
    rows r = good();
    r.R[LQG + 2] = 1.0001;
    r.R[ALIGNED] = 1 + 1e-13;
    ig_report *report = report_of(yaml, r);
    expect_printed(report, "R <= 1 is VIOLATED on 1 of 20 rows", true);
    expect_printed(report, "R = 1.0001", true);
    expect_printed(report, "arm=lqg", true);
    expect_printed(report, "seed=2", true);
    ig_report_destroy(&report);
    r = good();
    r.R[ALIGNED + 1] = 0.999;
    report = report_of(yaml, r);
    expect_printed(report, "R <= 1 holds on 20 of 20 rows", true);
    expect_printed(report, "R = 1, where theory says so, is MISSED on 1 of 4 rows", true);
    expect_printed(report, "R = 0.999", true);
    ig_report_destroy(&report);
    /* The mean gap may exceed the bound by chance; its interval may not. */
    r = good();
    r.unshared_low = 1.01;
    report = report_of(yaml, r);
    expect_printed(report, "R <= 1 holds on 20 of 20 rows", true);
    expect_printed(report, "unshared_low <= 1 is VIOLATED on 4 of 4 rows", true);
    ig_report_destroy(&report);
    /* Only the first ones are listed. */
    r = good();
    for (size_t t = 0; t < TASKS; t++) {
        r.R[t] = 2;
    }
    report = report_of(yaml, r);
    assert_int_equal(report->ratios[0].n_wrong, IG_RATIO_VIOLATIONS);
    expect_printed(report, "is VIOLATED on 20 of 20 rows", true);
    ig_report_destroy(&report);
}

static void test_missing_rows(void **state)
{
    (void)state;
    rows r = good();
    r.missing = ALIGNED + 2;
    r.R[0] = 5;
    ig_report *report = report_of(yaml, r);
    assert_int_equal(report->ratios[0].n, TASKS - r.missing);
    assert_true(isnan(report->ratios[0].groups[0].spread.median));
    expect_printed(report, "synthetic_generic   0     0     8     0       -  -", true);
    expect_printed(report, "R <= 1 holds on 10 of 10 rows", true);
    ig_report_destroy(&report);
    r.missing = TASKS;
    report = report_of(yaml, r);
    ig_error error = {0};
    expect_printed(report, "holds", false);
    assert_int_equal(ig_report_draw(report, folder, &error), IG_OK);
    ig_report_destroy(&report);
}

static void test_files(void **state)
{
    (void)state;
    ig_report *report = report_of(yaml, good());
    char path[512];
    ig_error error = {0};
    size_t size;
    assert_int_equal(ig_report_write_csv(report, folder, &error), IG_OK);
    char *csv = read_file(folder, "ratios.csv", &size);
    assert_non_null(
        strstr(csv, "column,group,n,failed,missing,at_most_one,attained,minimum,q1,median,q3,"
                    "maximum,published_median,published_maximum,median_low,median_high\r\n"));
    assert_non_null(
        strstr(csv, "\r\nR,lqg,4,0,0,4,nan,0.125,0.21875,0.3125,0.40625,0.5,0.25,0.999,"));
    assert_non_null(strstr(csv, "\r\nR,synthetic_aligned,4,0,0,4,4,0.999999999999,"));
    assert_non_null(
        strstr(csv, "\r\nshare_dynamics,lqg,4,0,0,nan,nan,0.25,0.25,0.5,0.75,0.75,nan,"));
    assert_non_null(
        strstr(csv, "\r\nunshared_R,stochastic_generic,4,0,0,4,nan,3,3,3,3,3,nan,nan,3,3\r\n"));
    free(csv);
    snprintf(path, sizeof path, "%s/fits.csv", folder);
    assert_null(fopen(path, "r"));
    snprintf(path, sizeof path, "%s/s.h5", folder);
    assert_int_equal(ig_report_write(report, path, &error), IG_OK);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, "claim_maximum", H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    double maxima[64];
    /* Seven groups of R with three columns beside, and one of the unshared ratio. */
    assert_int_equal(H5Sget_simple_extent_npoints(space), 7 * 4 + 1);
    assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, maxima) >= 0);
    assert_true(maxima[2] == 0.5 && maxima[28] == 3);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
    ig_report_destroy(&report);
}

static void test_figure(void **state)
{
    (void)state;
    ig_report *report = report_of(yaml, good());
    ig_error error = {0};
    size_t size;
    bool no_gnuplot = ig_report_draw(report, folder, &error) && strstr(error.text, "gnuplot-nox");
    char *data = read_file(folder, "figure3.dat", &size);
    char *script = read_file(folder, "figure3.gp", &size);
    assert_non_null(strstr(data, "# lqg\n0 0\n0.125 0.25\n0.25 0.5\n"));
    assert_non_null(strstr(script, "n_curves = 3\n"));
    assert_non_null(strstr(script, "= 'lqg: 4 rows, median 0.312 (published 0.25), largest 0.5 "));
    free(data);
    free(script);
    ig_report_destroy(&report);
    if (no_gnuplot) {
        skip();
    }
    assert_string_equal(error.text, "");
    char *png = read_file(folder, "figure3.png", &size);
    assert_true(size > 10000 && memcmp(png, "\x89PNG", 4) == 0);
    free(png);
}

static int8_t set_curvature(size_t task, const ig_row *row, void *context)
{
    (void)context;
    ig_row_set(row, "ratio", 0.01 * (double)(task + 1));
    ig_row_set(row, "supremum_ratio", 1);
    return IG_STATE_DONE;
}

static void test_axis_figure(void **state)
{
    (void)state;
    static const char text[] = "experiment: curvature\nseeds: 3\neps: [0.5, 0.1]\n"
                               "parts: [{field: tanh, dims.state: [4, 8]}, {field: planar}]\n";
    char path[512];
    const char *paths[] = {path};
    ig_report *report = NULL;
    ig_error error = {0};
    size_t size;
    snprintf(path, sizeof path, "%s/c.h5", folder);
    make_any_file(path, text, set_curvature, NULL);
    assert_int_equal(ig_report_create(ig_experiments(), paths, 1, 10, &report, &error), IG_OK);
    assert_int_equal(report->ratios[0].n_groups, 3);
    assert_string_equal(report->ratios[0].groups[1].label, "tanh dims.state=8");
    assert_true(report->ratios[1].must_attain == 6 && report->ratios[1].attains == 6);
    bool no_gnuplot = ig_report_draw(report, folder, &error) && strstr(error.text, "gnuplot-nox");
    char *data = read_file(folder, "curvature.dat", &size);
    /* Sorted along the axis, whatever the order of the grid: x, q1, median, q3, maximum. */
    const char *block = strstr(data, "# tanh dims.state=4\n0.1 ");
    assert_non_null(block);
    assert_non_null(strstr(block, "\n0.5 "));
    free(data);
    ig_report_destroy(&report);
    if (no_gnuplot) {
        skip();
    }
    assert_string_equal(error.text, "");
    char *svg = read_file(folder, "curvature.svg", &size);
    assert_non_null(strstr(svg, "</svg>"));
    free(svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_groups, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_violations_are_told, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_missing_rows, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_files, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_figure, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_axis_figure, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("ratios", tests, NULL, NULL);
}
