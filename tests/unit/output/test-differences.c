/** Paired differences and the whole-seed fits of a report. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "make-file.h"
#include "results/report.h"
#include "results/statistics.h"

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

static ig_status report_of(const char *text, const char *compare, size_t failed, size_t missing,
                           ig_report **report, ig_error *error)
{
    char path[512];
    size_t special[] = {failed, missing};
    snprintf(path, sizeof path, "%s/a.h5", folder);
    remove(path);
    make_file(path, text, row, special);
    const char *const paths[] = {path};
    const ig_report_options options = {RESAMPLES, IG_INTERVAL_PERCENTILE, compare};
    return ig_report_create_with(ig_experiments(), paths, 1, &options, report, error);
}

static void test_pairs(void **state)
{
    (void)state;
    ig_report *report = NULL;
    ig_error error = {0};
    /* Seed 1 of the first baseline failed; seed 3 of grid point 3 is missing. */
    assert_int_equal(report_of(yaml, "policy=sinusoid", 1, 3 * SEEDS + 3, &report, &error), IG_OK);
    const ig_report_differences *d = &report->differences;
    for (size_t p = 0; p < POINTS; p++) {
        assert_int_equal(d->pairs[p].baseline, p % 2 ? p - 1 : SIZE_MAX);
        assert_int_equal(d->statistics[p].n, p % 2 == 0 ? 0 : p < 4 ? SEEDS - 1 : SEEDS);
        assert_int_equal(d->pairs[p].lost, SEEDS - d->statistics[p].n);
        assert_int_equal(d->above[p], d->statistics[p].n);
    }
    assert_true(isnan(d->statistics[0].mean));
    /* Directly: seeds 0, 2, 3, 4 of grid points 0 and 1. */
    static const size_t seeds[] = {0, 2, 3, 4};
    double differences[4];
    for (size_t i = 0; i < 4; i++) {
        differences[i] = value_of(1, seeds[i]) - value_of(0, seeds[i]);
    }
    ig_statistics expected;
    const ig_bootstrap how = {RESAMPLES, IG_INTERVAL_PERCENTILE};
    ig_rng rng = ig_rows_rng(&report->rows, IG_BLOCK_DIFFERENCES, 1);
    assert_int_equal(ig_statistics_bootstrap(differences, 4, &how, &rng, &expected, &error), IG_OK);
    assert_memory_equal(&d->statistics[1], &expected, sizeof expected);
    /* The pairs agree where the unpaired spread is ten times as large. */
    assert_true(d->statistics[1].mean_high < 1.5 && d->statistics[1].mean_low >= 1);
    assert_true(ig_rows_statistics(&report->rows, 0, 1)->sem > 5);
    ig_report_destroy(&report);
}

/** Asking for a comparison changes no other number. */
static void test_nothing_else_changes(void **state)
{
    (void)state;
    ig_report *with = NULL, *without = NULL;
    ig_error error = {0};
    assert_int_equal(report_of(yaml, "anchor=1000", 1, 2, &with, &error), IG_OK);
    assert_int_equal(report_of(yaml, NULL, 1, 2, &without, &error), IG_OK);
    assert_false(without->differences.asked);
    assert_memory_equal(with->rows.statistics, without->rows.statistics,
                        2 * POINTS * sizeof *with->rows.statistics);
    for (size_t i = 0; i < with->laws.n; i++) {
        assert_memory_equal(&with->laws.laws[i].law, &without->laws.laws[i].law,
                            sizeof(ig_power_law));
    }
    assert_int_equal(with->differences.pairs[0].baseline, 2);
    assert_int_equal(with->differences.pairs[5].baseline, 3);
    assert_int_equal(with->differences.pairs[3].baseline, SIZE_MAX);
    ig_report_destroy(&with);
    ig_report_destroy(&without);
}

static void test_csv(void **state)
{
    (void)state;
    ig_report *report = NULL;
    ig_error error = {0};
    size_t size, lines = 0;
    assert_int_equal(report_of(yaml, "policy=uniform", SIZE_MAX, SIZE_MAX, &report, &error), IG_OK);
    assert_int_equal(ig_report_write_csv(report, folder, &error), IG_OK);
    char *text = read_file(folder, "differences.csv", &size);
    assert_non_null(strstr(text, ",baseline,n,lost,above,mean,sem,"));
    assert_non_null(strstr(text, ",anchors=1000 policy=uniform,5,0,0,-1."));
    for (const char *c = text; *c; c++) {
        lines += *c == '\n';
    }
    assert_int_equal(lines, 1 + 2 * 3);
    free(text);
    text = read_file(folder, "fits.csv", &size);
    assert_non_null(strstr(text, ",n,failed,missing,n_whole_seeds,whole_exponent_se,"));
    free(text);
    ig_report_destroy(&report);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {{"policy=circle", "policy has no value 'circle'"},
                 {"speed=1", "no axis is named 'speed'"},
                 {"policy", "policy has no value ''"},
                 {"", "no axis is named ''"},
                 {"train.epochs=1", "no grid point differs"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ig_report *report = NULL;
        ig_error error = {0};
        assert_int_equal(report_of(yaml, cases[i].text, SIZE_MAX, SIZE_MAX, &report, &error),
                         IG_ERR_USAGE);
        if (!strstr(error.text, cases[i].says) || strncmp(error.text, "--compare: ", 11) != 0) {
            fail_msg("%s", error.text);
        }
        assert_null(report);
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
    ig_report *report = NULL;
    ig_error error = {0};
    assert_int_equal(report_of(parts, "policy=sinusoid", SIZE_MAX, SIZE_MAX, &report, &error),
                     IG_OK);
    const size_t anchors = ig_config_key(report->rows.config, "anchors");
    size_t paired = 0;
    for (size_t p = 0; p < ig_grid_n_points(report->rows.grid); p++) {
        const size_t base = report->differences.pairs[p].baseline;
        if (base != SIZE_MAX) {
            paired++;
            assert_string_equal(ig_grid_value(report->rows.grid, p, anchors)->text,
                                ig_grid_value(report->rows.grid, base, anchors)->text);
        }
    }
    assert_int_equal(paired, 2);
    ig_report_destroy(&report);
}

static void test_whole_seeds(void **state)
{
    (void)state;
    ig_report *report = NULL;
    ig_error error = {0};
    assert_int_equal(report_of(yaml, NULL, 1, 3 * SEEDS + 3, &report, &error), IG_OK);
    assert_int_equal(report->laws.n, 4);
    for (size_t i = 0; i < report->laws.n; i++) {
        const ig_report_fit *f = &report->laws.laws[i];
        assert_int_equal(f->n, 3 * SEEDS - 1);
        assert_int_equal(f->failed, i % 2 == 0);
        assert_int_equal(f->missing, i % 2 == 1);
        assert_int_equal(f->n_whole, SEEDS - 1);
        assert_true(f->whole.exponent_low <= f->whole.exponent_high);
        assert_true(f->whole.exponent_se < f->law.exponent_se);
    }
    ig_report_destroy(&report);
    /* Without common random numbers there is nothing that whole seeds share. */
    char apart[512];
    snprintf(apart, sizeof apart, "%scommon_random_numbers: false\n", yaml);
    assert_int_equal(report_of(apart, NULL, SIZE_MAX, SIZE_MAX, &report, &error), IG_OK);
    assert_true(isnan(report->laws.laws[0].whole.exponent_low) &&
                report->laws.laws[0].n_whole == 0);
    ig_report_destroy(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pairs, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_nothing_else_changes, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_csv, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_refused, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_parts, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_whole_seeds, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("differences", tests, NULL, NULL);
}
