/** Exponents between neighbouring axis values, and how two columns' exponents compare. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/try.h"
#include "make-file.h"
#include "results/analyses.h"

enum { SEEDS = 3 };

/* The axis is not in order: grid points 0, 1, 2 are N = 1000, 100, 10000. */
#define GRID                                                                                       \
    "experiment: scaling\n"                                                                        \
    "seeds: 3\n"                                                                                   \
    "anchors: [1000, 100, 10000]\n"

/** Each seed's dynamics exponent below and above N = 1000, and what the reward's is times it. */
typedef struct world {
    double below[SEEDS], above[SEEDS], times;
    double harder;  /**< errors of a seed over those of the one before */
    size_t missing; /**< task */
} world;

static made_row a_row(size_t task, void *context)
{
    const world *w = context;
    const size_t seed = task % SEEDS;
    static const double decades[] = {0, -1, 1};
    const double d = decades[task / SEEDS];
    const double exponent = d < 0 ? w->below[seed] : w->above[seed];
    const double error = pow(w->harder, (double)seed) * pow(10, -exponent * d);
    return (made_row){.state = task == w->missing ? IG_STATE_EMPTY : IG_STATE_DONE,
                      .dynamics = error,
                      .reward = pow(10, -w->times * exponent * d),
                      .seconds = 1};
}

static ig_tables tables_of(const char *yaml, world w)
{
    char path[512];
    const char *const paths[] = {path};
    const ig_merge_request request = {.how = {.resamples = 100}};
    ig_rows rows = {0};
    AUTO(ig_laws_clear) ig_laws laws = {0};
    ig_tables tables = {0};
    ig_error error = {0};
    snprintf(path, sizeof path, "%s/out.h5", folder);
    remove(path);
    make_file(path, yaml, a_row, &w);
    if (ig_rows_read(ig_experiments(), paths, 1, &request.how, &rows, &error) ||
        ig_laws_fit(&rows, ig_summary_analysis(&rows.experiment->summary, IG_ANALYSIS_LAWS, 0),
                    NULL, &laws, &error) ||
        ig_slopes_tables(&rows, &laws, &tables, &error)) {
        fail_msg("%s", error.text);
    }
    ig_rows_clear(&rows);
    return tables;
}

static double real_at(const ig_table *table, size_t row, const char *name)
{
    return ig_table_at(table, row, ig_table_find(table, name))->real;
}

static size_t count_at(const ig_table *table, size_t row)
{
    return ig_table_at(table, row, ig_table_find(table, "n"))->count;
}

static void expect(const ig_table *table, size_t row, double from, double to, double value,
                   double half)
{
    assert_true(real_at(table, row, "from") == from && real_at(table, row, "to") == to);
    assert_true(fabs(real_at(table, row, "value") - value) < 1e-9);
    assert_true(fabs(real_at(table, row, "low") - (value - half)) < 1e-6);
    assert_true(fabs(real_at(table, row, "high") - (value + half)) < 1e-6);
}

/** The sd of 0.4, 0.5, 0.6 is 0.1, Student's t of 2 degrees of freedom 4.302653. */
static const world bent = {{0.4, 0.5, 0.6}, {0.2, 0.2, 0.2}, 2, 30, SIZE_MAX};
static const double half = 4.30265273 * 0.1 / 1.7320508076;

static void between_neighbours(void **state)
{
    (void)state;
    ig_tables tables = tables_of(GRID, bent);
    const ig_table *slopes = ig_tables_find(&tables, "slopes");
    assert_non_null(slopes);
    assert_int_equal(ig_table_rows(slopes), 4);
    expect(slopes, 0, 100, 1000, 0.5, half);
    expect(slopes, 1, 1000, 10000, 0.2, 0);
    expect(slopes, 2, 100, 1000, 1, 2 * half);
    expect(slopes, 3, 1000, 10000, 0.4, 0);
    assert_int_equal(count_at(slopes, 0), 3);
    ig_tables_clear(&tables);
}

/** beta is twice alpha in every seed: so is the ratio, however the seeds scatter, and however much
 *  harder one is than another. */
static void ratios(void **state)
{
    (void)state;
    ig_tables tables = tables_of(GRID, bent);
    const ig_table *table = ig_tables_find(&tables, "exponent-ratios");
    assert_non_null(table);
    assert_int_equal(ig_table_rows(table), 3);
    expect(table, 0, 100, 10000, 2, 0);
    expect(table, 1, 100, 1000, 2, 0);
    expect(table, 2, 1000, 10000, 2, 0);
    assert_string_equal(ig_table_at(table, 0, 0)->text, "beta / alpha");
    ig_tables_clear(&tables);
}

/** An exponent that may be 0 bounds no ratio; a missing row leaves its seed out where it counts. */
static void what_cannot_be_told(void **state)
{
    (void)state;
    const world flat = {{-0.5, 0.1, 0.5}, {0.2, 0.25, 0.3}, 2, 30, 2 * SEEDS + 1};
    ig_tables tables = tables_of(GRID, flat);
    const ig_table *table = ig_tables_find(&tables, "exponent-ratios");
    assert_true(isnan(real_at(table, 1, "low")) && isnan(real_at(table, 1, "high")));
    assert_true(isfinite(real_at(table, 1, "value")));
    assert_int_equal(count_at(table, 0), 2);
    assert_int_equal(count_at(table, 1), 3);
    assert_int_equal(count_at(table, 2), 2);
    expect(ig_tables_find(&tables, "slopes"), 1, 1000, 10000, 0.25, 12.7062047 * 0.1 / 2);
    ig_tables_clear(&tables);
}

/** Errors that stay where they are have an exponent of 0, below which nothing can be. */
static void constant_errors(void **state)
{
    (void)state;
    ig_tables tables = tables_of(GRID, (world){.times = 2, .harder = 1, .missing = SIZE_MAX});
    const ig_table *table = ig_tables_find(&tables, "exponent-ratios");
    assert_true(isnan(real_at(table, 0, "value")) && isnan(real_at(table, 0, "low")));
    expect(ig_tables_find(&tables, "slopes"), 0, 100, 1000, 0, 0);
    ig_tables_clear(&tables);
}

/** Seeds that share nothing between axis values have no exponents of their own. */
static void nothing_shared(void **state)
{
    (void)state;
    ig_tables tables = tables_of(GRID "common_random_numbers: false\n", bent);
    assert_null(ig_tables_find(&tables, "slopes"));
    ig_tables_clear(&tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(between_neighbours, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(ratios, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(what_cannot_be_told, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(constant_errors, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(nothing_shared, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
