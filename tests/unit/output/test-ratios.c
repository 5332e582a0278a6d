/** Ratios that theory bounds by 1: groups, pools, checks, and what is reported and drawn of them.
 */
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
#include "output/output.h"
#include "results/analyses.h"
#include "shown.h"

static const char yaml[] = "experiment: calibration\n"
                           "seeds: 4\n"
                           "published: {lqg_median: 0.25}\n"
                           "parts:\n"
                           "  - {arm: synthetic_generic, kappa: [0.3, 0.6]}\n"
                           "  - {arm: synthetic_aligned, dims: {state: 1, action: 1}}\n"
                           "  - {arm: lqg}\n"
                           "  - {arm: stochastic_generic}\n";
enum { GENERIC = 0, ALIGNED = 8, LQG = 12, STOCHASTIC = 16, TASKS = 20 };

/** What the rows hold: R by task, unless a test says otherwise. */
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

static ig_merged merge_of(rows r)
{
    char path[512];
    snprintf(path, sizeof path, "%s/a.h5", folder);
    remove(path);
    make_any_file(path, yaml, set, &r);
    return merge_file(path, 10);
}

/** Number of a column in a row of a table of R's. */
static double number_in(const ig_merged *m, const char *name, size_t row, const char *column)
{
    const ig_table *table = ig_tables_find(&m->tables, name);
    assert_non_null(table);
    assert_true(row < ig_table_rows(table));
    const size_t c = ig_table_find(table, column);
    assert_in_range(c, 0, table->n_columns - 1);
    const ig_cell *cell = ig_table_at(table, row, c);
    return table->columns[c].type == IG_CELL_COUNT ? (double)cell->count : cell->real;
}

static double number(const ig_merged *m, size_t row, const char *column)
{
    return number_in(m, "ratio-R-spread", row, column);
}

static void test_groups(void **state)
{
    (void)state;
    static const char *const labels[] = {
        "synthetic_generic", "synthetic_aligned", "lqg",       "stochastic_generic",
        "synthetic",         "synthetic and lqg", "stochastic"};
    static const size_t counts[] = {8, 4, 4, 4, 12, 16, 4};
    AUTO(ig_merged_clear) ig_merged m = merge_of(good());
    static const char beside[] = "ratio-R-beside-spread";
    const ig_table *table = ig_tables_find(&m.tables, beside);
    assert_non_null(table);
    /* Every group of the ratio and of the three columns beside it. */
    assert_int_equal(ig_table_rows(table), 7 * 3);
    table = ig_tables_find(&m.tables, "ratio-R-spread");
    assert_non_null(table);
    assert_int_equal(ig_table_rows(table), 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(ig_table_at(table, i, ig_table_find(table, "group"))->text, labels[i]);
        assert_true(number(&m, i, "n") == (double)counts[i]);
        assert_true(number(&m, i, "at_most_one") == (double)counts[i]);
        assert_true(i == 1 ? number(&m, i, "attained") == 4 : isnan(number(&m, i, "attained")));
    }
    assert_true(number(&m, 2, "minimum") == 0.125 && number(&m, 2, "q1") == 0.21875);
    assert_true(number(&m, 2, "median") == 0.3125 && number(&m, 2, "q3") == 0.40625);
    assert_true(number(&m, 2, "maximum") == 0.5);
    assert_true(number_in(&m, beside, 2, "median") == 0.5);
    assert_true(isnan(number_in(&m, beside, 2, "at_most_one")));
    table = ig_tables_find(&m.tables, "ratio-unshared_R-spread");
    assert_int_equal(ig_table_rows(table), 1);
    assert_string_equal(ig_table_at(table, 0, 1)->text, "stochastic_generic");
    char *text = shown(&m.tables);
    expect(text, "R <= 1 holds on 20 of 20 rows", true);
    expect(text, "R = 1, where theory says so, holds on 4 of 4 rows", true);
    expect(text, "unshared_low <= 1 holds on 4 of 4 rows", true);
    expect(text, "       0.25       1.25", true);
    expect(text, "      0.999      0.501", true);
    expect(text, "0.5 [0.25, 0.75]", true);
    expect(text, "VIOLATED", false);
    expect_narrow(text);
    free(text);
}

static void expect_shown(rows r, const char *const *parts)
{
    AUTO(ig_merged_clear) ig_merged m = merge_of(r);
    char *text = shown(&m.tables);
    for (; *parts; parts++) {
        expect(text, *parts, true);
    }
    free(text);
}

static void test_violations_are_reported(void **state)
{
    (void)state;
    rows r = good();
    r.R[LQG + 2] = 1.0001;
    r.R[ALIGNED] = 1 + 1e-13;
    expect_shown(r, (const char *const[]){"R <= 1 is VIOLATED on 1 of 20 rows", "R = 1.0001",
                                          "arm=lqg", "seed=2", NULL});
    r = good();
    r.R[ALIGNED + 1] = 0.999;
    expect_shown(r, (const char *const[]){"R <= 1 holds on 20 of 20 rows",
                                          "R = 1, where theory says so, is MISSED on 1 of 4 rows",
                                          "R = 0.999", NULL});
    /* The mean gap may exceed the bound by chance; its interval may not. */
    r = good();
    r.unshared_low = 1.01;
    expect_shown(r, (const char *const[]){"R <= 1 holds on 20 of 20 rows",
                                          "unshared_low <= 1 is VIOLATED on 4 of 4 rows", NULL});
    /* Only the first ones are listed. */
    r = good();
    for (size_t t = 0; t < TASKS; t++) {
        r.R[t] = 2;
    }
    AUTO(ig_merged_clear) ig_merged m = merge_of(r);
    const ig_table *table = ig_tables_find(&m.tables, "ratio-R");
    size_t listed = 0;
    for (size_t i = 0; i < table->n_notes; i++) {
        listed += strncmp(table->notes[i], "  R = 2 at ", 11) == 0;
    }
    assert_int_equal(listed, 10);
    char *text = shown(&m.tables);
    expect(text, "is VIOLATED on 20 of 20 rows", true);
    free(text);
}

static void test_missing_rows(void **state)
{
    (void)state;
    rows r = good();
    r.missing = ALIGNED + 2;
    r.R[0] = 5;
    expect_shown(r, (const char *const[]){"synthetic_generic   0     0     8     0       -  -",
                                          "R <= 1 holds on 10 of 10 rows", NULL});
    r.missing = TASKS;
    AUTO(ig_merged_clear) ig_merged m = merge_of(r);
    char *text = shown(&m.tables);
    expect(text, "holds", false);
    free(text);
    assert_true(isnan(number(&m, 0, "median")));
    assert_int_equal(m.figures.n, 0);
}

static void test_files(void **state)
{
    (void)state;
    AUTO(ig_merged_clear) ig_merged m = merge_of(good());
    char path[512];
    const ig_facts facts = {.n = 0};
    ig_error error = {0};
    size_t size;
    assert_int_equal(ig_output_csv(&m.tables, folder, &error), IG_OK);
    char *csv = read_file(folder, "ratios.csv", &size);
    expect(csv,
           "column,group,n,failed,missing,at_most_one,attained,minimum,q1,median,q3,"
           "maximum,published_median,published_maximum,median_low,median_high\r\n",
           true);
    expect(csv, "\r\nR,lqg,4,0,0,4,nan,0.125,0.21875,0.3125,0.40625,0.5,0.25,0.999,", true);
    expect(csv, "\r\nR,synthetic_aligned,4,0,0,4,4,0.999999999999,", true);
    expect(csv, "\r\nshare_dynamics,lqg,4,0,0,nan,nan,0.25,0.25,0.5,0.75,0.75,nan,", true);
    expect(csv, "\r\nunshared_R,stochastic_generic,4,0,0,4,nan,3,3,3,3,3,nan,nan,3,3\r\n", true);
    free(csv);
    snprintf(path, sizeof path, "%s/fits.csv", folder);
    assert_null(fopen(path, "r"));
    snprintf(path, sizeof path, "%s/s.h5", folder);
    assert_int_equal(ig_output_hdf5(&m.tables, &facts, path, &error), IG_OK);
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
}

/** Draw and look at a picture; skip the test where there is no gnuplot. */
static void draw(const ig_merged *m, const char *name)
{
    ig_error error = {0};
    size_t size;
    if (ig_output_draw(&m->figures, folder, &error)) {
        if (strstr(error.text, "gnuplot-nox")) {
            skip();
        }
        fail_msg("%s", error.text);
    }
    AUTO_FREE char *svg = read_file(folder, name, &size);
    expect(svg, "</svg>", true);
    expect(svg, "ratio 1: the bound is used up", true);
}

/** Shares on a logarithmic and a linear axis, three groups each, with the bound and diamonds at the
 *  published medians. */
static void test_figure(void **state)
{
    (void)state;
    AUTO(ig_merged_clear) ig_merged m = merge_of(good());
    assert_int_equal(m.figures.n, 1);
    const ig_figure *f = m.figures.figures[0];
    assert_string_equal(f->name, "figure3");
    assert_int_equal(f->n, 2);
    for (size_t p = 0; p < 2; p++) {
        const ig_panel *panel = &f->panels[p];
        assert_int_equal(panel->x.log, p == 0);
        assert_true(panel->y.low == 0 && panel->y.high > 1 && panel->x.high > 1);
        assert_int_equal(series_of(panel, IG_SERIES_STEPS, 1)->n, 8 + 4 + 2);
        const ig_figure_series *lqg = series_of(panel, IG_SERIES_STEPS, 0);
        assert_non_null(series_of(panel, IG_SERIES_STEPS, 2));
        assert_null(series_of(panel, IG_SERIES_STEPS, 3));
        assert_int_equal(lqg->n, 6);
        assert_true(lqg->x[0] == panel->x.low && lqg->y[0] == 0);
        assert_true(lqg->x[1] == 0.125 && lqg->y[1] == 0.25);
        assert_true(lqg->x[4] == 0.5 && lqg->y[4] == 1 && lqg->x[5] >= 10 && lqg->y[5] == 1);
        expect(lqg->title, "lqg: 4 rows, median 0.312 (published 0.25), largest 0.5 ", true);
        const ig_figure_series *median = series_of(panel, IG_SERIES_DIAMOND, 0);
        assert_non_null(median);
        assert_true(series_of(panel, IG_SERIES_VERTICAL, 0)->x[0] == 1);
    }
    draw(&m, "figure3.svg");
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
    snprintf(path, sizeof path, "%s/c.h5", folder);
    make_any_file(path, text, set_curvature, NULL);
    AUTO(ig_merged_clear) ig_merged m = merge_file(path, 10);
    char *tables = shown(&m.tables);
    expect(tables, "\ntanh dims.state=8 ", true);
    expect(tables, "supremum_ratio = 1, where theory says so, holds on 6 of 6 rows", true);
    free(tables);
    assert_int_equal(m.figures.n, 1);
    const ig_panel *panel = &m.figures.figures[0]->panels[0];
    assert_true(panel->y.log && !panel->x.log);
    /* Sorted along the axis, whatever the order of the grid. */
    const ig_figure_series *band = series_of(panel, IG_SERIES_BAND, 0);
    const ig_figure_series *line = series_of(panel, IG_SERIES_LINE, 0);
    const ig_figure_series *points = series_of(panel, IG_SERIES_POINTS, 0);
    assert_true(band->n == 2 && line->n == 2 && points->n == 2);
    assert_true(band->x[0] == 0.1 && line->x[0] == 0.1 && points->x[1] == 0.5);
    for (size_t i = 0; i < 2; i++) {
        assert_true(band->low[i] < line->y[i] && line->y[i] < band->high[i]);
        assert_true(band->high[i] < points->y[i]);
    }
    expect(points->title, "tanh dims.state=4: 6 rows, largest 0.", true);
    assert_true(series_of(panel, IG_SERIES_LEVEL, 0)->y[0] == 1);
    assert_null(series_of(panel, IG_SERIES_BAND, 3));
    draw(&m, "curvature.svg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_groups, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_violations_are_reported, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_missing_rows, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_files, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_figure, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_axis_figure, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("ratios", tests, NULL, NULL);
}
