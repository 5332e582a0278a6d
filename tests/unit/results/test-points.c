/** Differences between grid points, seed by seed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "make-file.h"
#include "results/analyses.h"

enum { SEEDS = 5, POINTS = 6, RESAMPLES = 300 };

/* Grid point = anchor * 2 + policy. */
static const char yaml[] = "experiment: scaling\n"
                           "seeds: 5\n"
                           "anchors: [100, 1000, 10000]\n"
                           "policy: [sinusoid, uniform]\n"
                           "train: {epochs: 1}\n";

static double value_of(size_t point, size_t seed)
{
    return 1 + 10 * (double)seed + (double)point * (1 + 0.25 * (double)(seed % 3));
}

static made_row row(size_t task, void *context)
{
    const size_t *special = context;
    double value = value_of(task / SEEDS, task % SEEDS);
    if (task == special[0]) {
        return (made_row){.state = IG_STATE_FAILED, .failure = "no"};
    }
    if (task == special[1]) {
        return (made_row){.state = IG_STATE_EMPTY};
    }
    return (made_row){IG_STATE_DONE, value, 2 * value, 1, false, NULL};
}

/** Rows of a file and their differences; owned. */
typedef struct compared {
    ig_rows rows;
    ig_differences differences;
} compared;

static void compared_clear(compared *c)
{
    ig_differences_clear(&c->differences);
    ig_rows_clear(&c->rows);
}

static ig_status compare(const char *text, const char *baseline, size_t failed, size_t missing,
                         compared *c, ig_error *error)
{
    char path[512];
    size_t special[] = {failed, missing};
    const ig_bootstrap how = {RESAMPLES, IG_INTERVAL_PERCENTILE};
    snprintf(path, sizeof path, "%s/a.h5", folder);
    remove(path);
    make_file(path, text, row, special);
    const char *const paths[] = {path};
    *c = (compared){0};
    assert_int_equal(ig_rows_read(ig_experiments(), paths, 1, &how, &c->rows, error), IG_OK);
    return ig_differences_compute(&c->rows, baseline, &c->differences, error);
}

static void test_pairs(void **state)
{
    (void)state;
    compared c;
    ig_error error = {0};
    /* Seed 1 of the first baseline failed; seed 3 of grid point 3 is missing. */
    assert_int_equal(compare(yaml, "policy=sinusoid", 1, 3 * SEEDS + 3, &c, &error), IG_OK);
    const ig_differences *d = &c.differences;
    for (size_t p = 0; p < POINTS; p++) {
        assert_int_equal(d->baseline[p], p % 2 ? p - 1 : SIZE_MAX);
        assert_int_equal(d->statistics[p].n, p % 2 == 0 ? 0 : p < 4 ? SEEDS - 1 : SEEDS);
        assert_int_equal(d->lost[p], SEEDS - d->statistics[p].n);
        assert_int_equal(d->above[p], d->statistics[p].n);
    }
    assert_true(isnan(d->statistics[0].mean.value));
    /* Directly: seeds 0, 2, 3, 4 of grid points 0 and 1. */
    static const size_t seeds[] = {0, 2, 3, 4};
    double differences[4];
    for (size_t i = 0; i < 4; i++) {
        differences[i] = value_of(1, seeds[i]) - value_of(0, seeds[i]);
    }
    ig_statistics expected;
    const ig_bootstrap how = {RESAMPLES, IG_INTERVAL_PERCENTILE};
    ig_rng rng = ig_rows_rng(&c.rows, IG_BLOCK_DIFFERENCES, 1);
    assert_int_equal(ig_statistics_bootstrap(differences, 4, &how, &rng, &expected, &error), IG_OK);
    assert_memory_equal(&d->statistics[1], &expected, sizeof expected);
    /* The pairs agree where the unpaired spread is ten times as large. */
    assert_true(d->statistics[1].mean.high < 1.5 && d->statistics[1].mean.low >= 1);
    assert_true(ig_rows_statistics(&c.rows, 0, 1)->mean.se > 5);
    compared_clear(&c);
}

static void test_tables(void **state)
{
    (void)state;
    compared c;
    ig_tables tables = {0};
    ig_error error = {0};
    assert_int_equal(compare(yaml, "policy=uniform", SIZE_MAX, SIZE_MAX, &c, &error), IG_OK);
    ig_differences_tables(&c.rows, &c.differences, &tables);
    ig_points_table(&c.rows, &c.differences, &tables);
    assert_int_equal(ig_tables_status(&tables, NULL), IG_OK);
    const ig_table *t = ig_tables_find(&tables, "differences-dynamics_mse");
    assert_string_equal(t->file, "differences");
    assert_int_equal(ig_table_rows(t), 3);
    assert_string_equal(ig_table_at(t, 1, ig_table_find(t, "baseline"))->text,
                        "anchors=1000 policy=uniform");
    assert_int_equal(ig_table_at(t, 1, ig_table_find(t, "n"))->count, SEEDS);
    assert_int_equal(ig_table_at(t, 1, ig_table_find(t, "above"))->count, 0);
    assert_true(ig_table_at(t, 1, ig_table_find(t, "mean"))->real < 0);
    assert_non_null(ig_tables_find(&tables, "differences-reward_mse"));
    t = ig_tables_find(&tables, "points");
    assert_int_equal(ig_table_rows(t), POINTS);
    const size_t mean = ig_table_find(t, "dynamics_mse_difference_mean");
    assert_true(mean < t->n_columns && isnan(ig_table_at(t, 1, mean)->real));
    ig_tables_clear(&tables);
    compared_clear(&c);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {{"policy=circle", "policy has no value 'circle'"},
                 {"speed=1", "no axis named 'speed'"},
                 {"policy", "policy has no value ''"},
                 {"", "no axis named ''"},
                 {"train.epochs=1", "no grid point differs"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        compared c;
        ig_error error = {0};
        assert_int_equal(compare(yaml, cases[i].text, SIZE_MAX, SIZE_MAX, &c, &error),
                         IG_ERR_USAGE);
        if (!strstr(error.text, cases[i].says) || strncmp(error.text, "--compare: ", 11) != 0) {
            fail_msg("%s", error.text);
        }
        assert_null(c.differences.baseline);
        compared_clear(&c);
    }
}

/** Where parts make one zip group of all keys, only points that differ in nothing else are paired.
 */
static void test_parts(void **state)
{
    (void)state;
    static const char parts[] = "experiment: scaling\nseeds: 5\ntrain: {epochs: 1}\nparts:\n"
                                "  - {anchors: [100, 1000], policy: [sinusoid, uniform]}\n"
                                "  - {anchors: 5000, policy: uniform}\n";
    compared c;
    ig_error error = {0};
    assert_int_equal(compare(parts, "policy=sinusoid", SIZE_MAX, SIZE_MAX, &c, &error), IG_OK);
    const size_t anchors = ig_config_key(c.rows.config, "anchors");
    size_t paired = 0;
    for (size_t p = 0; p < ig_grid_n_points(c.rows.grid); p++) {
        const size_t base = c.differences.baseline[p];
        if (base != SIZE_MAX) {
            paired++;
            assert_string_equal(ig_grid_value(c.rows.grid, p, anchors)->text,
                                ig_grid_value(c.rows.grid, base, anchors)->text);
        }
    }
    assert_int_equal(paired, 2);
    compared_clear(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pairs, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_tables, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_refused, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_parts, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("points", tests, NULL, NULL);
}
