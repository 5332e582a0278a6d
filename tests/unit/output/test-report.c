/** Files into one report: what counts, what is refused, and the tables that come out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "make-file.h"
#include "printed.h"
#include "results/report.h"

enum { RESAMPLES = 200, SEEDS = 6, TASKS = 3 * SEEDS };

static const char yaml[] = "experiment: scaling\n"
                           "seeds: 6\n"
                           "anchors: [100, 1000, 10000]\n"
                           "train: {epochs: 1}\n";

/** Which tasks a file holds, and one that is special. */
typedef struct plan {
    size_t step, offset; /**< tasks with t % step == offset are done; the rest is empty */
    size_t special;      /**< this task is as `instead` says; SIZE_MAX: none */
    made_row instead;
} plan;

static made_row good_row(size_t task)
{
    double x = pow(10, 2 + (double)(task / SEEDS));
    ig_rng rng = ig_rng_start(ig_rng_key_make("values", task), IG_STREAM_NOISE, 0);
    return (made_row){.state = IG_STATE_DONE,
                      .dynamics = pow(x, -0.1) * exp(0.05 * ig_rng_normal(&rng)),
                      .reward = 60 * pow(x, -0.95) * exp(0.05 * ig_rng_normal(&rng)),
                      .seconds = 36};
}

static made_row planned_row(size_t task, void *context)
{
    const plan *p = context;
    if (task == p->special) {
        return p->instead;
    }
    return task % p->step == p->offset ? good_row(task) : (made_row){.state = IG_STATE_EMPTY};
}

static const plan everything = {1, 0, SIZE_MAX, {0}};

/** FOLDER/NAME; valid until eight more calls. */
static const char *in_folder(const char *name)
{
    static char paths[8][512];
    static size_t next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *made(const char *name, const char *text, plan p)
{
    const char *path = in_folder(name);
    make_file(path, text, planned_row, &p);
    return path;
}

static ig_report *created(const char *const *paths, size_t n)
{
    ig_report *report = NULL;
    ig_error error = {0};
    if (ig_report_create(ig_experiments(), paths, n, RESAMPLES, &report, &error)) {
        fail_msg("%s", error.text);
    }
    return report;
}

static void test_whole(void **state)
{
    (void)state;
    const char *path = made("whole.h5", yaml, everything);
    ig_report *report = created(&path, 1);
    assert_int_equal(ig_report_missing(report), 0);
    assert_int_equal(ig_report_failed(report), 0);
    assert_int_equal(report->laws.n, 2);
    assert_true(report->laws.laws[0].fitted && report->laws.laws[1].fitted);
    assert_true(fabs(report->laws.laws[0].law.exponent - 0.1) < 0.02);
    assert_true(fabs(report->laws.laws[1].law.exponent - 0.95) < 0.02);
    char *text = printed(report);
    expect(text, "18 of 18 tasks done, 0 failed, 0 missing", true);
    expect(text, "0.18 core-hours", true);
    expect(text, "beta: the published 0.96 lies", true);
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        assert_in_range(strcspn(line, "\n"), 0, 124);
    }
    free(text);
    ig_report_destroy(&report);
    assert_null(report);
}

/** Statistics with percentile intervals. */
static ig_status describe(const double *values, size_t n, size_t resamples, ig_rng *rng,
                          ig_statistics *statistics, ig_error *error)
{
    const ig_bootstrap how = {resamples, IG_INTERVAL_PERCENTILE};
    return ig_statistics_bootstrap(values, n, &how, rng, statistics, error);
}

/** What the CSV says is what the documented streams give, to the last bit. */
static void test_csv_round_trip(void **state)
{
    (void)state;
    const char *path = made("whole.h5", yaml, everything);
    ig_report *report = created(&path, 1);
    ig_error error = {0};
    size_t size, lines = 0;
    assert_int_equal(ig_report_write_csv(report, in_folder("a/b"), &error), IG_OK);
    char *text = read_file(folder, "a/b/statistics.csv", &size), *save = NULL;
    for (char *line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
        if (lines++ == 0) {
            expect(line, "column,anchor,teacher,policy,", true);
            expect(line,
                   ",n,failed,missing,mean,sem,mean_low,mean_high,median,median_low,"
                   "median_high,iqm,iqm_low,iqm_high",
                   true);
            continue;
        }
        double number[10], values[SEEDS];
        size_t cell = lines - 2, column = cell / 3, point = cell % 3;
        const char *field = strrchr(line, ',');
        for (size_t i = 10; i-- > 0; field--) {
            while (*field != ',') {
                field--;
            }
            number[i] = strtod(field + 1, NULL);
        }
        for (size_t s = 0; s < SEEDS; s++) {
            made_row row = good_row(point * SEEDS + s);
            values[s] = column ? row.reward : row.dynamics;
        }
        ig_statistics expected;
        ig_rng rng = ig_rng_start(ig_rng_key_make("scaling", 0), IG_STREAM_BOOTSTRAP, cell);
        assert_int_equal(describe(values, SEEDS, RESAMPLES, &rng, &expected, &error), IG_OK);
        assert_memory_equal(number, &expected.mean, sizeof number);
    }
    assert_int_equal(lines, 7);
    free(text);
    ig_report_destroy(&report);
}

static char *csv_of(const char *const *paths, size_t n, const char *name)
{
    ig_report *report = created(paths, n);
    ig_error error = {0};
    size_t size;
    assert_int_equal(ig_report_write_csv(report, folder, &error), IG_OK);
    char *text = read_file(folder, name, &size);
    ig_report_destroy(&report);
    return text;
}

static void test_halves_are_the_whole(void **state)
{
    (void)state;
    const char *whole = made("whole.h5", yaml, everything);
    const char *even = made("even.h5", yaml, (plan){2, 0, SIZE_MAX, {0}});
    const char *odd = made("odd.h5", yaml, (plan){2, 1, SIZE_MAX, {0}});
    const char *orders[][3] = {{even, odd, whole}, {odd, even, whole}, {whole, odd, even}};
    const size_t counts[] = {2, 2, 3};
    static const char *const names[] = {"statistics.csv", "fits.csv"};
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 2; k++) {
            char *expected = csv_of(&whole, 1, names[k]);
            char *merged = csv_of(orders[i], counts[i], names[k]);
            assert_string_equal(merged, expected);
            free(expected);
            free(merged);
        }
    }
    ig_report *report = created(&odd, 1);
    assert_int_equal(ig_report_missing(report), TASKS / 2);
    char *text = printed(report);
    expect(text, "missing: anchors=1000: 3 of 6 seeds", true);
    free(text);
    ig_report_destroy(&report);
}

static void test_conflict_is_refused(void **state)
{
    (void)state;
    made_row other = good_row(7);
    other.reward *= 1 + 1e-15;
    const char *paths[] = {made("a.h5", yaml, everything),
                           made("b.h5", yaml, (plan){1, 0, 7, other})};
    ig_report *report = NULL;
    ig_error error = {0};
    assert_int_equal(ig_report_create(ig_experiments(), paths, 2, RESAMPLES, &report, &error),
                     IG_ERR_MISMATCH);
    assert_null(report);
    expect(error.text, "task 7", true);
    expect(error.text, paths[0], true);
    expect(error.text, paths[1], true);
}

static void test_done_wins_over_failed(void **state)
{
    (void)state;
    made_row failure = {.state = IG_STATE_FAILED, .failure = "the student diverged"};
    const char *failed = made("a.h5", yaml, (plan){1, 0, 4, failure});
    const char *paths[] = {failed, made("b.h5", yaml, everything)};
    ig_report *report = created(&failed, 1);
    assert_int_equal(ig_report_failed(report), 1);
    assert_int_equal(ig_report_missing(report), 0);
    assert_int_equal(ig_rows_statistics(&report->rows, 0, 0)->n, SEEDS - 1);
    char *text = printed(report);
    expect(text, "failed: anchors=100 seed=4: the student diverged", true);
    free(text);
    ig_report_destroy(&report);
    for (size_t swap = 0; swap < 2; swap++) {
        const char *ordered[] = {paths[swap], paths[1 - swap]};
        report = created(ordered, 2);
        assert_int_equal(ig_report_failed(report), 0);
        assert_int_equal(ig_rows_statistics(&report->rows, 0, 0)->n, SEEDS);
        ig_report_destroy(&report);
    }
}

static void test_damaged_is_missing(void **state)
{
    (void)state;
    made_row damaged = good_row(0);
    damaged.damaged = true;
    damaged.dynamics = 1e9;
    const char *path = made("a.h5", yaml, (plan){1, 0, 0, damaged});
    ig_report *report = created(&path, 1);
    assert_int_equal(ig_report_missing(report), 1);
    assert_true(ig_rows_statistics(&report->rows, 0, 0)->mean < 1);
    char *text = printed(report);
    expect(text, "damaged: 1 rows", true);
    free(text);
    ig_report_destroy(&report);
}

static void test_other_configuration_is_refused(void **state)
{
    (void)state;
    static const char other[] = "experiment: scaling\n"
                                "seeds: 6\n"
                                "anchors: [100, 1000, 10000]\n"
                                "train: {epochs: 2}\n";
    const char *paths[] = {made("a.h5", yaml, everything), made("b.h5", other, everything)};
    ig_report *report = NULL;
    ig_error error = {0};
    assert_int_equal(ig_report_create(ig_experiments(), paths, 2, RESAMPLES, &report, &error),
                     IG_ERR_MISMATCH);
    expect(error.text, "epochs", true);
    paths[1] = in_folder("nowhere.h5");
    assert_int_equal(ig_report_create(ig_experiments(), paths, 2, RESAMPLES, &report, &error),
                     IG_ERR_IO);
    assert_int_equal(ig_report_create(ig_experiments(), paths, 0, RESAMPLES, &report, &error),
                     IG_ERR_USAGE);
    assert_int_equal(ig_report_create(ig_experiments(), paths, 1, 1, &report, &error),
                     IG_ERR_USAGE);
    assert_null(report);
}

static void test_no_fit_is_said(void **state)
{
    (void)state;
    made_row zero = good_row(3);
    zero.reward = 0;
    const char *path = made("a.h5", yaml, (plan){1, 0, 3, zero});
    ig_report *report = created(&path, 1);
    assert_true(report->laws.laws[0].fitted && !report->laws.laws[1].fitted);
    assert_true(isnan(report->laws.laws[1].law.exponent));
    assert_int_equal(ig_rows_statistics(&report->rows, 1, 0)->n, SEEDS);
    char *text = printed(report);
    expect(text, "no fit: result 0 at axis value 100 is not positive", true);
    free(text);
    ig_report_destroy(&report);
}

static void test_nothing_finished(void **state)
{
    (void)state;
    const char *path = made("a.h5", yaml, (plan){1, 1, SIZE_MAX, {0}});
    ig_report *report = created(&path, 1);
    ig_error error = {0};
    assert_int_equal(ig_report_missing(report), TASKS);
    char *text = printed(report);
    expect(text, "anchors=1000   0     0     6     -  -", true);
    expect(text, "no fit: a power law needs two axis values", true);
    free(text);
    assert_int_equal(ig_report_write_csv(report, folder, &error), IG_OK);
    assert_int_equal(ig_report_draw(report, folder, &error), IG_OK);
    ig_report_destroy(&report);
}

/** One fit for every combination of the other axes; keys zipped with the axis go with it. */
static void test_groups(void **state)
{
    (void)state;
    static const char grouped[] = "experiment: scaling\n"
                                  "seeds: 2\n"
                                  "anchors: [100, 1000, 10000]\n"
                                  "policy: [uniform, sinusoid]\n"
                                  "train: {epochs: [1, 2, 3]}\n"
                                  "zip: [[anchors, train.epochs]]\n";
    const char *path = made("a.h5", grouped, everything);
    ig_report *report = created(&path, 1);
    assert_int_equal(ig_grid_n_points(report->rows.grid), 6);
    assert_int_equal(report->laws.n, 4);
    for (size_t i = 0; i < 4; i++) {
        const ig_report_fit *f = &report->laws.laws[i];
        assert_int_equal(f->n_points, 3);
        assert_string_equal(f->fit->exponent, i < 2 ? "alpha" : "beta");
        assert_string_equal(f->label, i % 2 ? "policy=sinusoid" : "policy=uniform");
        for (size_t p = 0; p < f->n_points; p++) {
            size_t key = ig_config_key(report->rows.config, "policy");
            assert_string_equal(ig_grid_value(report->rows.grid, f->points[p], key)->text,
                                i % 2 ? "sinusoid" : "uniform");
        }
    }
    ig_report_destroy(&report);
}

static void test_csv_trouble(void **state)
{
    (void)state;
    const char *path = made("a.h5", yaml, everything);
    ig_report *report = created(&path, 1);
    ig_error error = {0};
    assert_int_equal(ig_report_write_csv(report, path, &error), IG_ERR_IO);
    assert_int_equal(ig_report_write_csv(report, "", &error), IG_ERR_USAGE);
    /* What was there stays as it was. */
    assert_int_equal(ig_report_write_csv(report, folder, &error), IG_OK);
    size_t size, again;
    char *before = read_file(folder, "statistics.csv", &size);
    limit_files(200);
    ig_status status = ig_report_write_csv(report, folder, &error);
    limit_files(-1);
    assert_int_equal(status, IG_ERR_IO);
    expect(error.text, "statistics.csv", true);
    char *after = read_file(folder, "statistics.csv", &again);
    assert_int_equal(again, size);
    assert_memory_equal(before, after, size);
    assert_int_not_equal(access(in_folder("statistics.csv.partial"), F_OK), 0);
    free(before);
    free(after);
    ig_report_destroy(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_csv_round_trip, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_halves_are_the_whole, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_conflict_is_refused, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_done_wins_over_failed, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_damaged_is_missing, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_other_configuration_is_refused, enter_folder,
                                        leave_folder),
        cmocka_unit_test_setup_teardown(test_no_fit_is_said, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_nothing_finished, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_groups, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_csv_trouble, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
