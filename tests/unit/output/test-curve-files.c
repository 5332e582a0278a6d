/** What is reported, written and drawn of curves. */
#include <math.h>
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
#include "output/output.h"
#include "shown.h"

enum { MOST_TASKS = 512 };

static const char yaml[] = "experiment: diver\nseeds: 3\ngamma: [0.5, 0.9]\n"
                           "noise: [none, some]\ndepth: [1, 2, 4]\n";

static const char many[] = "experiment: diver\nseeds: 3\ngamma: {range: [0.1, 0.22, 0.01]}\n"
                           "depth: [0, 2, 4]\n";

static curve_row rows[MOST_TASKS];

static int setup(void **state)
{
    for (size_t t = 0; t < MOST_TASKS; t++) {
        static const double of_depth[] = {2, 1, 4};
        const double spread = 0.25 * (double)(t % 3);
        rows[t] = (curve_row){IG_STATE_DONE, of_depth[t / 3 % 3] + spread, 8 + spread, 2, 9};
    }
    return enter_folder(state);
}

static ig_merged merge_of(const char *text, size_t resamples)
{
    char path[512];
    make_curve_file(text, rows, path);
    return merge_file(path, resamples);
}

static void test_print(void **state)
{
    (void)state;
    rows[5].state = IG_STATE_EMPTY;
    for (size_t t = 27; t < 36; t++) {
        rows[t].state = IG_STATE_EMPTY;
    }
    AUTO(ig_merged_clear) ig_merged m = merge_of(yaml, 50);
    char *text = shown(&m.tables);
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
}

static void test_csv(void **state)
{
    (void)state;
    ig_error error = {0};
    size_t size;
    rows[5].state = IG_STATE_EMPTY;
    AUTO(ig_merged_clear) ig_merged m = merge_of(yaml, 50);
    assert_int_equal(ig_output_csv(&m.tables, folder, &error), IG_OK);
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
    const ig_facts facts = {.n = 0};
    AUTO(ig_merged_clear) ig_merged m = merge_of(yaml, 50);
    snprintf(path, sizeof path, "%s/s.h5", folder);
    if (ig_output_hdf5(&m.tables, &facts, path, &error)) {
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
}

/** Figure number i by its name. */
static const ig_figure *figure_of(const ig_merged *m, size_t i, const char *name)
{
    assert_in_range(i, 0, m->figures.n - 1);
    assert_string_equal(m->figures.figures[i]->name, name);
    return m->figures.figures[i];
}

/** Whether the panel's key has this text. */
static bool explains(const ig_panel *panel, const char *title)
{
    bool found = false;
    for (size_t i = 0; i < panel->n; i++) {
        found = found || (panel->series[i].title && strcmp(panel->series[i].title, title) == 0);
    }
    return found;
}

static void test_figure(void **state)
{
    (void)state;
    rows[5].state = IG_STATE_EMPTY;
    AUTO(ig_merged_clear) ig_merged m = merge_of(yaml, 50);
    assert_int_equal(m.figures.n, 3);
    const ig_figure *f = figure_of(&m, CURVE_DEPTH, "depth");
    assert_int_equal(f->n, 2);
    assert_string_equal(f->panels[1].title, "gamma=0.9");
    for (size_t p = 0; p < 2; p++) {
        const ig_panel *panel = &f->panels[p];
        assert_true(panel->x.log && !panel->y.log);
        for (size_t l = 0; l < 2; l++) {
            const ig_figure_series *points = series_of(panel, IG_SERIES_POINTS, l);
            assert_true(points->style == (int)l && points->n == 3);
            assert_string_equal(points->title, l ? "noise=some" : "noise=none");
            assert_string_equal(series_of(panel, IG_SERIES_OPTIMUM, l) ? "there" : "", "there");
        }
        /* A reference and the medians of each line, two predictions of each. */
        assert_non_null(series_of(panel, IG_SERIES_LINE, 3));
        assert_null(series_of(panel, IG_SERIES_LINE, 4));
        assert_true(series_of(panel, IG_SERIES_VERTICAL, 2)->x[0] == 2);
        assert_true(series_of(panel, IG_SERIES_VERTICAL, 3)->x[0] == 9);
        assert_true(explains(panel, "the bound") && explains(panel, "predicted: guess"));
        assert_true(explains(panel, "least of the line"));
    }
    const ig_figure_series *points = series_of(&f->panels[0], IG_SERIES_POINTS, 0);
    assert_true(points->x[1] == 2 && points->y[1] == 1.125);
    assert_true(points->low[1] == 1 && points->high[1] == 1.25);
    const ig_figure_series *reference = series_of(&f->panels[0], IG_SERIES_LINE, 0);
    assert_true(reference->dash > 0 && reference->y[0] == 8.25 && reference->y[1] == 8.125);
    const ig_figure_series *best = series_of(&f->panels[1], IG_SERIES_OPTIMUM, 1);
    assert_true(best->x[0] == 2 && best->y[0] == 1.25);
    /* Lines without labels are called by what is measured; no optima, no reference. */
    f = figure_of(&m, CURVE_CALM, "calm");
    assert_true(f->n == 1 && f->panels[0].y.log && !f->panels[0].x.log);
    assert_string_equal(series_of(&f->panels[0], IG_SERIES_POINTS, 1)->title, "gamma=0.9");
    assert_null(series_of(&f->panels[0], IG_SERIES_OPTIMUM, 0));
    assert_null(series_of(&f->panels[0], IG_SERIES_VERTICAL, 0));
    assert_false(explains(&f->panels[0], "least of the line"));
}

/** More panels than a picture holds. */
static void test_panels(void **state)
{
    (void)state;
    for (size_t t = 0; t < 9; t++) {
        rows[t].state = IG_STATE_EMPTY;
    }
    AUTO(ig_merged_clear) ig_merged m = merge_of(many, 200);
    const ig_figure *f = figure_of(&m, CURVE_DEPTH, "depth");
    assert_int_equal(f->n, IG_FIGURE_PANELS + 1);
    for (size_t p = 0; p < f->n; p++) {
        assert_true(explains(&f->panels[p], "the bound"));
    }
    assert_string_equal(f->panels[0].title, "gamma=0.1");
    assert_true(isnan(series_of(&f->panels[0], IG_SERIES_POINTS, 0)->y[0]));
    assert_string_equal(f->panels[IG_FIGURE_PANELS].title, "gamma=0.22");
}

/** Draw, or skip the test where there is no gnuplot. */
static void draw(const ig_merged *m)
{
    ig_error error = {0};
    if (ig_output_draw(&m->figures, folder, &error)) {
        if (strstr(error.text, "gnuplot-nox")) {
            skip();
        }
        fail_msg("%s", error.text);
    }
}

static void test_pictures(void **state)
{
    (void)state;
    size_t size;
    AUTO(ig_merged_clear) ig_merged m = merge_of(yaml, 50);
    draw(&m);
    AUTO_FREE char *png = read_file(folder, "depth.png", &size);
    assert_non_null(png);
    assert_true(size > 10000 && memcmp(png, "\x89PNG", 4) == 0);
    AUTO_FREE char *svg = read_file(folder, "calm.svg", &size);
    assert_true(strncmp(svg, "<?xml", 5) == 0 && strstr(svg, "</svg>"));
    expect(svg, "Bound without noise", true);
    expect(svg, "gamma=0.9", true);
    AUTO_FREE char *depth = read_file(folder, "depth.svg", &size);
    expect(depth, "least of the line", true);
    expect(depth, "predicted: guess", true);
    expect(depth, "the bound", true);
}

/** More panels than a picture holds, and numbers that logarithmic axes have no place for. */
static void test_pages(void **state)
{
    (void)state;
    size_t size;
    for (size_t t = 9; t < 18; t++) {
        rows[t].bound = t < 12 ? -1 : 0;
    }
    rows[18].bound = -1;
    AUTO(ig_merged_clear) ig_merged m = merge_of(many, 200);
    draw(&m);
    AUTO_FREE char *second = read_file(folder, "depth-2.svg", &size);
    expect(second, "gamma=0.22", true);
    expect(second, "gamma=0.21", false);
    expect(second, "the bound", true);
    AUTO_FREE char *first = read_file(folder, "depth.svg", &size);
    expect(first, "gamma=0.21", true);
    expect(first, "gamma=0.22", false);
    AUTO_FREE char *png = read_file(folder, "depth.png", &size);
    assert_non_null(png);
    assert_true(size > 10000);
    AUTO_FREE char *data = read_file(folder, "calm.dat", &size);
    expect(data, "-1", false);
}

static void make_executable(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, 0755), 0);
}

/** A picture that gnuplot did not finish, or an older one, must not pass for the new one. */
static void test_failing_gnuplot(void **state)
{
    (void)state;
    static const char *const pictures[] = {"depth.png", "depth.svg", "calm.png"};
    ig_error error = {0};
    char path[512];
    make_executable("depth.svg", "old");
    make_executable("gnuplot", "#!/bin/sh\necho half > depth.png\nexit 3\n");
    AUTO(ig_merged_clear) ig_merged m = merge_of(yaml, 10);
    AUTO_FREE char *before = strdup(getenv("PATH")), *search = NULL;
    assert_true(asprintf(&search, "%s:%s", folder, before) > 0);
    setenv("PATH", search, 1);
    const ig_status status = ig_output_draw(&m.figures, folder, &error);
    setenv("PATH", before, 1);
    assert_int_equal(status, IG_ERR_IO);
    expect(error.text, "gnuplot failed", true);
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, pictures[i]);
        assert_int_not_equal(access(path, F_OK), 0);
    }
    snprintf(path, sizeof path, "%s/depth.gp", folder);
    assert_int_equal(access(path, F_OK), 0);
}

/** Nothing finished at all: empty panels, no failure. */
static void test_nothing(void **state)
{
    (void)state;
    ig_error error = {0};
    for (size_t t = 0; t < MOST_TASKS; t++) {
        rows[t].state = IG_STATE_EMPTY;
    }
    AUTO(ig_merged_clear) ig_merged m = merge_of(yaml, 10);
    char *text = shown(&m.tables);
    expect(text, "on 0 of 0 lines", true);
    free(text);
    assert_int_equal(ig_output_csv(&m.tables, folder, &error), IG_OK);
    assert_int_equal(figure_of(&m, CURVE_DEPTH, "depth")->n, 2);
    draw(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_print, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_csv, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_summary, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_figure, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_panels, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_pictures, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_pages, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_failing_gnuplot, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_nothing, setup, leave_folder),
    };
    return cmocka_run_group_tests_name("curve-files", tests, NULL, NULL);
}
