/** Files merged: what counts, what is refused, and the tables that come out. */
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
#include "output/output.h"
#include "shown.h"

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

static ig_status merge(const char *const *paths, size_t n, size_t resamples, ig_merged *merged,
                       ig_error *error)
{
    const ig_merge_request request = {.how = {.resamples = resamples}};
    return ig_merge(ig_experiments(), paths, n, &request, merged, error);
}

static ig_merged merge_files(const char *const *paths, size_t n)
{
    ig_merged merged = {0};
    ig_error error = {0};
    if (merge(paths, n, RESAMPLES, &merged, &error)) {
        fail_msg("%s", error.text);
    }
    return merged;
}

static void test_whole(void **state)
{
    (void)state;
    const char *path = made("whole.h5", yaml, everything);
    ig_merged merged = merge_files(&path, 1);
    assert_int_equal(merged.rows.missing, 0);
    assert_int_equal(merged.rows.failed, 0);
    const ig_table *laws = ig_tables_find(&merged.tables, "laws");
    const size_t exponent = ig_table_find(laws, "exponent");
    assert_int_equal(ig_table_rows(laws), 2);
    assert_true(fabs(ig_table_at(laws, 0, exponent)->real - 0.1) < 0.02);
    assert_true(fabs(ig_table_at(laws, 1, exponent)->real - 0.95) < 0.02);
    char *text = shown_all(&merged);
    expect(text, "18 of 18 tasks done, 0 failed, 0 missing", true);
    expect(text, "0.18 core-hours", true);
    expect(text, "beta: the published 0.96 lies", true);
    expect(text, "Laws of the typical training", true);
    expect(text, "Hindcast", true);
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        assert_in_range(strcspn(line, "\n"), 0, 124);
    }
    free(text);
    ig_merged_clear(&merged);
    assert_null(merged.rows.paths);
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
    ig_merged merged = merge_files(&path, 1);
    ig_error error = {0};
    size_t size, lines = 0;
    assert_int_equal(ig_output_csv(&merged.tables, in_folder("a/b"), &error), IG_OK);
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
        ig_statistics e;
        ig_rng rng = ig_rng_start(ig_rng_key_make("scaling", 0), IG_STREAM_BOOTSTRAP, cell);
        assert_int_equal(describe(values, SEEDS, RESAMPLES, &rng, &e, &error), IG_OK);
        const double expected[10] = {e.mean.value,   e.mean.se,    e.mean.low,    e.mean.high,
                                     e.median.value, e.median.low, e.median.high, e.iqm.value,
                                     e.iqm.low,      e.iqm.high};
        assert_memory_equal(number, expected, sizeof number);
    }
    assert_int_equal(lines, 7);
    free(text);
    ig_merged_clear(&merged);
}

static char *csv_of(const char *const *paths, size_t n, const char *name)
{
    ig_merged merged = merge_files(paths, n);
    ig_error error = {0};
    size_t size;
    assert_int_equal(ig_output_csv(&merged.tables, folder, &error), IG_OK);
    char *text = read_file(folder, name, &size);
    ig_merged_clear(&merged);
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
    ig_merged merged = merge_files(&odd, 1);
    assert_int_equal(merged.rows.missing, TASKS / 2);
    char *text = shown_all(&merged);
    expect(text, "missing: anchors=1000: 3 of 6 seeds", true);
    free(text);
    ig_merged_clear(&merged);
}

static void test_conflict_is_refused(void **state)
{
    (void)state;
    made_row other = good_row(7);
    other.reward *= 1 + 1e-15;
    const char *paths[] = {made("a.h5", yaml, everything),
                           made("b.h5", yaml, (plan){1, 0, 7, other})};
    ig_merged merged = {0};
    ig_error error = {0};
    assert_int_equal(merge(paths, 2, RESAMPLES, &merged, &error), IG_ERR_MISMATCH);
    assert_null(merged.rows.paths);
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
    ig_merged merged = merge_files(&failed, 1);
    assert_int_equal(merged.rows.failed, 1);
    assert_int_equal(merged.rows.missing, 0);
    assert_int_equal(ig_rows_statistics(&merged.rows, 0, 0)->n, SEEDS - 1);
    char *text = shown_all(&merged);
    expect(text, "failed: anchors=100 seed=4: the student diverged", true);
    free(text);
    ig_merged_clear(&merged);
    for (size_t swap = 0; swap < 2; swap++) {
        const char *ordered[] = {paths[swap], paths[1 - swap]};
        merged = merge_files(ordered, 2);
        assert_int_equal(merged.rows.failed, 0);
        assert_int_equal(ig_rows_statistics(&merged.rows, 0, 0)->n, SEEDS);
        ig_merged_clear(&merged);
    }
}

static void test_damaged_is_missing(void **state)
{
    (void)state;
    made_row damaged = good_row(0);
    damaged.damaged = true;
    damaged.dynamics = 1e9;
    const char *path = made("a.h5", yaml, (plan){1, 0, 0, damaged});
    ig_merged merged = merge_files(&path, 1);
    assert_int_equal(merged.rows.missing, 1);
    assert_true(ig_rows_statistics(&merged.rows, 0, 0)->mean.value < 1);
    char *text = shown_all(&merged);
    expect(text, "damaged: 1 rows", true);
    free(text);
    ig_merged_clear(&merged);
}

static void test_other_configuration_is_refused(void **state)
{
    (void)state;
    static const char other[] = "experiment: scaling\n"
                                "seeds: 6\n"
                                "anchors: [100, 1000, 10000]\n"
                                "train: {epochs: 2}\n";
    const char *paths[] = {made("a.h5", yaml, everything), made("b.h5", other, everything)};
    ig_merged merged = {0};
    ig_error error = {0};
    assert_int_equal(merge(paths, 2, RESAMPLES, &merged, &error), IG_ERR_MISMATCH);
    expect(error.text, "epochs", true);
    paths[1] = in_folder("nowhere.h5");
    assert_int_equal(merge(paths, 2, RESAMPLES, &merged, &error), IG_ERR_IO);
    assert_int_equal(merge(paths, 0, RESAMPLES, &merged, &error), IG_ERR_USAGE);
    assert_int_equal(merge(paths, 1, 1, &merged, &error), IG_ERR_USAGE);
    assert_null(merged.rows.paths);
}

static void test_no_fit_is_said(void **state)
{
    (void)state;
    made_row zero = good_row(3);
    zero.reward = 0;
    const char *path = made("a.h5", yaml, (plan){1, 0, 3, zero});
    ig_merged merged = merge_files(&path, 1);
    const ig_table *laws = ig_tables_find(&merged.tables, "laws");
    const size_t exponent = ig_table_find(laws, "exponent");
    assert_true(isfinite(ig_table_at(laws, 0, exponent)->real));
    assert_true(isnan(ig_table_at(laws, 1, exponent)->real));
    assert_int_equal(ig_rows_statistics(&merged.rows, 1, 0)->n, SEEDS);
    char *text = shown_all(&merged);
    expect(text, "no fit: result 0 at axis value 100 is not positive", true);
    free(text);
    ig_merged_clear(&merged);
}

/** Rows of a law with a floor, with the same luck of a seed at every N. */
static made_row levelling_row(size_t task, void *context)
{
    (void)context;
    static const double x[] = {100, 300, 1000, 3000, 10000, 30000};
    ig_rng luck = ig_rng_start(ig_rng_key_make("luck", task % SEEDS), IG_STREAM_NOISE, 0);
    ig_rng noise = ig_rng_start(ig_rng_key_make("noise", task), IG_STREAM_NOISE, 0);
    const double level = exp(0.3 * ig_rng_normal(&luck) + 0.01 * ig_rng_normal(&noise));
    return (made_row){.state = IG_STATE_DONE,
                      .dynamics = (0.1 + 5 * pow(x[task / SEEDS], -0.6)) * level,
                      .reward = 60 * pow(x[task / SEEDS], -0.9) * level,
                      .seconds = 1};
}

static ig_merged merge_levelling(const char *law)
{
    static const char levelling[] = "experiment: scaling\n"
                                    "seeds: 6\n"
                                    "anchors: [100, 300, 1000, 3000, 10000, 30000]\n"
                                    "train: {epochs: 1}\n";
    const char *path = in_folder("levelling.h5");
    const ig_merge_request request = {.how = {.resamples = RESAMPLES}, .law = law};
    ig_merged merged = {0};
    ig_error error = {0};
    remove(path);
    make_file(path, levelling, levelling_row, NULL);
    if (ig_merge(ig_experiments(), &path, 1, &request, &merged, &error)) {
        fail_msg("%s", error.text);
    }
    return merged;
}

static double number_of(const ig_table *table, size_t row, const char *name)
{
    return ig_table_at(table, row, ig_table_find(table, name))->real;
}

static const char *law_of(const ig_merged *merged, size_t fit)
{
    const ig_table *laws = ig_tables_find(&merged->tables, "laws");
    return ig_table_at(laws, fit, ig_table_find(laws, "law"))->text;
}

/** The floor is found, the power law keeps its old numbers beside it, and what a plan needs is
 *  there. */
static void test_laws_with_floors(void **state)
{
    (void)state;
    ig_merged merged = merge_levelling(NULL);
    const ig_table *laws = ig_tables_find(&merged.tables, "laws");
    const ig_table *single = ig_tables_find(&merged.tables, "law-measurements");
    const ig_table *hindcasts = ig_tables_find(&merged.tables, "hindcast");
    assert_string_equal(law_of(&merged, 0), "floor");
    assert_string_equal(law_of(&merged, 1), "power");
    assert_true(number_of(laws, 0, "typical_floor_exponent_low") < 0.6);
    assert_true(number_of(laws, 0, "typical_floor_exponent_high") > 0.6);
    /* Seeds as wholes: their luck does not touch the exponent. */
    assert_true(number_of(laws, 0, "typical_floor_exponent_high") -
                    number_of(laws, 0, "typical_floor_exponent_low") <
                0.15);
    assert_true(fabs(number_of(laws, 0, "floor_exponent") - 0.6) < 0.05);
    assert_true(number_of(laws, 0, "exponent") < 0.5);
    assert_true(number_of(laws, 0, "lack_of_fit_p") < 1e-6);
    assert_true(number_of(laws, 0, "floor_lack_of_fit_p") > 1e-3);
    assert_true(number_of(laws, 0, "p_no_floor") < 1e-3 && number_of(laws, 1, "p_no_floor") > 0.2);
    assert_int_equal(ig_table_at(laws, 0, ig_table_find(laws, "shared"))->count, 1);
    assert_int_equal(ig_table_rows(single), 2 * 6 * SEEDS);
    assert_int_equal(ig_table_rows(hindcasts), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(ig_table_at(hindcasts, i, ig_table_find(hindcasts, "inside"))->count, 1);
        assert_true(fabs(number_of(hindcasts, i, "off")) < 0.1);
    }
    ig_merged_clear(&merged);
}

static void test_law_asked_for(void **state)
{
    (void)state;
    for (int i = 0; i < IG_LAW_CHOICES; i++) {
        ig_merged merged = merge_levelling(ig_law_choices[i]);
        assert_string_equal(law_of(&merged, 0), i == IG_LAW_POWER ? "power" : "floor");
        assert_string_equal(law_of(&merged, 1), i == IG_LAW_FLOOR ? "floor" : "power");
        ig_merged_clear(&merged);
    }
}

static void test_nothing_finished(void **state)
{
    (void)state;
    const char *path = made("a.h5", yaml, (plan){1, 1, SIZE_MAX, {0}});
    ig_merged merged = merge_files(&path, 1);
    ig_error error = {0};
    assert_int_equal(merged.rows.missing, TASKS);
    char *text = shown_all(&merged);
    expect(text, "anchors=1000   0     0     6     -  -", true);
    expect(text, "no fit: a power law needs two axis values", true);
    free(text);
    assert_int_equal(ig_output_csv(&merged.tables, folder, &error), IG_OK);
    assert_int_equal(ig_output_draw(&merged.figures, folder, &error), IG_OK);
    ig_merged_clear(&merged);
}

/** Asking for a comparison changes no other number. */
static void test_comparison_changes_nothing(void **state)
{
    (void)state;
    const char *path = made("a.h5", yaml, (plan){5, 0, SIZE_MAX, {0}});
    ig_merged without = merge_files(&path, 1), with = {0};
    const ig_merge_request request = {.how = {.resamples = RESAMPLES}, .compare = "anchor=1000"};
    ig_error error = {0};
    assert_int_equal(ig_merge(ig_experiments(), &path, 1, &request, &with, &error), IG_OK);
    assert_string_equal(with.baseline, "anchors=1000");
    assert_null(without.baseline);
    assert_non_null(ig_tables_find(&with.tables, "differences-reward_mse"));
    assert_null(ig_tables_find(&without.tables, "differences-reward_mse"));
    assert_memory_equal(with.rows.statistics, without.rows.statistics,
                        with.rows.n_columns * with.rows.n_points * sizeof *with.rows.statistics);
    const ig_table *laws[] = {ig_tables_find(&with.tables, "laws"),
                              ig_tables_find(&without.tables, "laws")};
    for (size_t r = 0; r < ig_table_rows(laws[0]); r++) {
        for (size_t c = 0; c < laws[0]->n_columns; c++) {
            if (laws[0]->columns[c].type == IG_CELL_REAL) {
                assert_memory_equal(&ig_table_at(laws[0], r, c)->real,
                                    &ig_table_at(laws[1], r, c)->real, sizeof(double));
            }
        }
    }
    ig_merged_clear(&with);
    ig_merged_clear(&without);
}

static void test_csv_trouble(void **state)
{
    (void)state;
    const char *path = made("a.h5", yaml, everything);
    ig_merged merged = merge_files(&path, 1);
    ig_error error = {0};
    assert_int_equal(ig_output_csv(&merged.tables, path, &error), IG_ERR_IO);
    assert_int_equal(ig_output_csv(&merged.tables, "", &error), IG_ERR_USAGE);
    /* What was there stays as it was. */
    assert_int_equal(ig_output_csv(&merged.tables, folder, &error), IG_OK);
    size_t size, again;
    char *before = read_file(folder, "statistics.csv", &size);
    limit_files(200);
    ig_status status = ig_output_csv(&merged.tables, folder, &error);
    limit_files(-1);
    assert_int_equal(status, IG_ERR_IO);
    expect(error.text, "statistics.csv", true);
    char *after = read_file(folder, "statistics.csv", &again);
    assert_int_equal(again, size);
    assert_memory_equal(before, after, size);
    assert_int_not_equal(access(in_folder("statistics.csv.partial"), F_OK), 0);
    free(before);
    free(after);
    ig_merged_clear(&merged);
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
        cmocka_unit_test_setup_teardown(test_laws_with_floors, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_law_asked_for, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_nothing_finished, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_comparison_changes_nothing, enter_folder,
                                        leave_folder),
        cmocka_unit_test_setup_teardown(test_csv_trouble, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
