/** Power laws of rows: which grid points one is fitted to, and what it says of them. */
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

static made_row a_row(size_t task, void *context)
{
    (void)context;
    double error = 1 / (1 + (double)task);
    return (made_row){.state = IG_STATE_DONE, .dynamics = error, .reward = error, .seconds = 1};
}

/** Rows of a file and their laws; owned. */
typedef struct fitted {
    ig_rows rows;
    ig_laws laws;
} fitted;

static fitted fit_file(const char *yaml, made_row (*row)(size_t task, void *context), void *context)
{
    char path[512];
    const char *const paths[] = {path};
    const ig_bootstrap how = {.resamples = 300};
    fitted f = {0};
    ig_error error = {0};
    snprintf(path, sizeof path, "%s/out.h5", folder);
    remove(path);
    make_file(path, yaml, row, context);
    if (ig_rows_read(ig_experiments(), paths, 1, &how, &f.rows, &error) ||
        ig_laws_fit(&f.rows, ig_summary_analysis(&f.rows.experiment->summary, IG_ANALYSIS_LAWS, 0),
                    NULL, &f.laws, &error)) {
        fail_msg("%s", error.text);
    }
    return f;
}

static void fitted_clear(fitted *f)
{
    ig_laws_clear(&f->laws);
    ig_rows_clear(&f->rows);
}

/** `parts` can give one axis value several values of another key: these points differ by more than
 *  the axis, and one line through them would say nothing. */
static void test_parts(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *labels[4];
        size_t points[3];
    } cases[] = {
        {"parts:\n"
         "  - {anchors: [100, 1000, 10000], policy: uniform}\n"
         "  - {anchors: [100, 1000], policy: sinusoid}\n",
         {"policy=uniform", "policy=sinusoid", NULL},
         {3, 2}},
        {"parts:\n"
         "  - {anchors: 100, train.minibatch: 8}\n"
         "  - {anchors: [1000, 10000], train.minibatch: 32}\n",
         {"", NULL},
         {3}},
        {"policy: [uniform, sinusoid]\n"
         "parts:\n"
         "  - anchors: [100, 1000]\n"
         "  - anchors: 10000\n",
         {"policy=uniform", "policy=sinusoid", NULL},
         {3, 3}},
        {"anchors: [100, 100, 1000]\n"
         "train: {epochs: [1, 2, 2]}\n"
         "zip: [[anchors, train.epochs]]\n",
         {"train.epochs=1", "train.epochs=2", NULL},
         {1, 2}},
        {"anchors: [100, 1000]\n"
         "policy: [uniform, sinusoid]\n"
         "train: {epochs: [1, 2]}\n"
         "zip: [[anchors, train.epochs]]\n",
         {"policy=uniform", "policy=sinusoid", NULL},
         {2, 2}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[512];
        snprintf(yaml, sizeof yaml, "experiment: scaling\nseeds: 3\n%s", cases[i].yaml);
        fitted f = fit_file(yaml, a_row, NULL);
        size_t n = 0;
        for (; cases[i].labels[n]; n++) {
            assert_true(n < f.laws.n);
            assert_string_equal(f.laws.laws[n].label, cases[i].labels[n]);
            assert_int_equal(f.laws.laws[n].n_points, cases[i].points[n]);
        }
        /* As many again for the second exponent. */
        assert_int_equal(f.laws.n, 2 * n);
        fitted_clear(&f);
    }
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
    fitted f = fit_file(grouped, a_row, NULL);
    assert_int_equal(ig_grid_n_points(f.rows.grid), 6);
    assert_int_equal(f.laws.n, 4);
    for (size_t i = 0; i < 4; i++) {
        const ig_law *law = &f.laws.laws[i];
        assert_int_equal(law->n_points, 3);
        assert_string_equal(law->fit->exponent, i < 2 ? "alpha" : "beta");
        assert_string_equal(law->label, i % 2 ? "policy=sinusoid" : "policy=uniform");
        for (size_t p = 0; p < law->n_points; p++) {
            size_t key = ig_config_key(f.rows.config, "policy");
            assert_string_equal(ig_grid_value(f.rows.grid, law->points[p], key)->text,
                                i % 2 ? "sinusoid" : "uniform");
        }
    }
    fitted_clear(&f);
}

static const ig_fits *laws_of(const fitted *f)
{
    return ig_summary_analysis(&f->rows.experiment->summary, IG_ANALYSIS_LAWS, 0);
}

/** Panels of the figure of a grid; their titles, joined by "|". */
static size_t panels(const char *yaml, char titles[256])
{
    fitted f = fit_file(yaml, a_row, NULL);
    ig_figures figures = {0};
    ig_error error = {0};
    assert_int_equal(ig_laws_figure(&f.rows, laws_of(&f), &f.laws, &figures, &error), IG_OK);
    const ig_figure *figure = figures.figures[0];
    const size_t n = figure->n;
    titles[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        const size_t used = strlen(titles);
        snprintf(titles + used, 256 - used, "%s%s", i ? "|" : "", figure->panels[i].title);
    }
    ig_figures_clear(&figures);
    fitted_clear(&f);
    return n;
}

/** Up to four laws share a panel; more have one for each column and value of their first key. */
static void test_panels(void **state)
{
    (void)state;
    char titles[256];
    assert_int_equal(panels("experiment: scaling\nseeds: 2\nanchors: [100, 1000]\n"
                            "policy: [uniform, sinusoid]\n",
                            titles),
                     1);
    assert_int_equal(panels("experiment: scaling\nseeds: 2\nanchors: [100, 1000]\n"
                            "students: {output: [none, tanh], width: [1, 2, 4]}\n",
                            titles),
                     4);
    assert_string_equal(titles, "dynamics_mse, students.output=none|"
                                "dynamics_mse, students.output=tanh|"
                                "reward_mse, students.output=none|"
                                "reward_mse, students.output=tanh");
}

enum { SEEDS = 5 };

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

static made_row shared_row(size_t task, void *context)
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

static void test_whole_seeds(void **state)
{
    (void)state;
    size_t special[] = {1, 3 * SEEDS + 3}, none[] = {SIZE_MAX, SIZE_MAX};
    fitted f = fit_file(yaml, shared_row, special);
    assert_int_equal(f.laws.n, 4);
    for (size_t i = 0; i < f.laws.n; i++) {
        const ig_law *law = &f.laws.laws[i];
        assert_int_equal(law->n, 3 * SEEDS - 1);
        assert_int_equal(law->failed, i % 2 == 0);
        assert_int_equal(law->missing, i % 2 == 1);
        assert_int_equal(law->n_whole, SEEDS - 1);
        assert_true(law->whole.exponent.low <= law->whole.exponent.high);
        assert_true(law->whole.exponent.se < law->law.exponent.se);
    }
    fitted_clear(&f);
    /* Without common random numbers there is nothing that whole seeds share. */
    char apart[512];
    snprintf(apart, sizeof apart, "%scommon_random_numbers: false\n", yaml);
    f = fit_file(apart, shared_row, none);
    assert_true(isnan(f.laws.laws[0].whole.exponent.low) && f.laws.laws[0].n_whole == 0);
    fitted_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_parts, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_groups, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_panels, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_whole_seeds, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
