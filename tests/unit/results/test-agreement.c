/** Agreement of predicted and realized ratios: residuals by groups, computed again by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/try.h"
#include "make-file.h"
#include "results/analyses.h"

static const char yaml[] = "experiment: allocation\nseeds: 1\n"
                           "parts:\n"
                           "  - {group: linear, gamma: [0.6, 0.7, 0.8, 0.85, 0.9]}\n"
                           "  - {group: tanh, gamma: 0.6}\n"
                           "  - {group: sin, gamma: [0.6, 0.9]}\n";

/** By task: l, realized ratio, left out. The last two tasks, those of `sin`, are not done. */
enum { LINEAR = 5, DONE = LINEAR + 1, TASKS = DONE + 2 };
static const double l[DONE] = {0.5, -0.25, 0, 1, 99, -2};
static const double realized[DONE] = {1, 4, 2, 8, 1, 3};

static int8_t set(size_t task, const ig_row *row, void *context)
{
    (void)context;
    if (task >= DONE) {
        return task == DONE ? IG_STATE_FAILED : IG_STATE_EMPTY;
    }
    ig_row_set(row, "predicted_ratio", realized[task] * exp(l[task]));
    ig_row_set(row, "realized_ratio", realized[task]);
    ig_row_set(row, "l", l[task]);
    ig_row_set(row, "boundary_excluded", task == LINEAR - 1);
    return IG_STATE_DONE;
}

static double number(const ig_table *table, size_t row, const char *column)
{
    const size_t c = ig_table_find(table, column);
    assert_in_range(c, 0, table->n_columns - 1);
    const ig_cell *cell = ig_table_at(table, row, c);
    return table->columns[c].type == IG_CELL_COUNT ? (double)cell->count : cell->real;
}

/** Row of a group. */
static size_t row_of(const ig_table *table, const char *group)
{
    size_t row = 0;
    while (strcmp(ig_table_at(table, row, ig_table_find(table, "group"))->text, group) != 0) {
        row++;
        assert_true(row < ig_table_rows(table));
    }
    return row;
}

static void test_groups(void **state)
{
    (void)state;
    const ig_merge_request request = {.how = {.resamples = 100}};
    char path[512];
    const char *const paths[] = {path};
    AUTO(ig_merged_clear) ig_merged m = {0};
    ig_error error = {0};
    snprintf(path, sizeof path, "%s/a.h5", folder);
    make_any_file(path, yaml, set, NULL);
    if (ig_merge(ig_experiments(), paths, 1, &request, &m, &error)) {
        fail_msg("%s", error.text);
    }
    const ig_table *t = ig_tables_find(&m.tables, "agreement-records");
    assert_non_null(t);
    /* Four rows are left of five: -0.25, 0, 0.5, 1. */
    size_t row = row_of(t, "linear");
    assert_true(number(t, row, "rows") == 4 && number(t, row, "excluded") == 1);
    assert_true(number(t, row, "above") == 2 && number(t, row, "rows_failed") == 0);
    assert_true(number(t, row, "residual_median") == 0.25);
    assert_true(number(t, row, "residual_median_size") == 0.375);
    assert_true(number(t, row, "residual_largest") == 1);
    /* Predicted 1.65, 3.1, 2, 21.7 have the ranks of 1, 4, 2, 8. */
    assert_true(fabs(number(t, row, "spearman") - 1) < 1e-14);
    /* Two or three heads of three coins; the tie is no evidence. */
    assert_true(fabs(number(t, row, "sign_p") - 0.5) < 1e-14);
    assert_true(number(t, row, "residual_median_low") >= -0.25);
    assert_true(number(t, row, "residual_median_low") < number(t, row, "residual_median_high"));
    assert_true(number(t, row, "residual_median_size_high") <= 1);
    row = row_of(t, "tanh");
    assert_true(number(t, row, "rows") == 1 && number(t, row, "sign_p") == 1);
    assert_true(number(t, row, "residual_median") == -2 && isnan(number(t, row, "spearman")));
    assert_true(number(t, row, "residual_median_size_low") == 2);
    row = row_of(t, "sin");
    assert_true(number(t, row, "rows") == 0 && isnan(number(t, row, "residual_median")));
    assert_true(number(t, row, "rows_failed") == 1 && number(t, row, "rows_missing") == 1);
    assert_non_null(ig_tables_find(&m.tables, "agreement"));
    assert_non_null(ig_tables_find(&m.tables, "agreement-signs"));
    /* Realized against predicted, of the rows that count. */
    assert_int_equal(m.figures.n, 2);
    const ig_figure *f = m.figures.figures[0];
    assert_true(f->square && f->n == 1 && f->panels[0].x.log && f->panels[0].y.log);
    const ig_figure_series *s = &f->panels[0].series[0];
    assert_true(s->kind == IG_SERIES_POINTS && s->n == 4);
    assert_true(s->x[1] == 4 && s->y[1] == 4 * exp(-0.25));
    assert_non_null(strstr(s->title, "linear: n = 4, median |l| = 0.375"));
    assert_int_equal(f->panels[0].series[f->panels[0].n - 1].kind, IG_SERIES_DIAGONAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_groups, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("agreement", tests, NULL, NULL);
}
