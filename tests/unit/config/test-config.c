/** What good configurations mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/try.h"
#include "imagrid/grid.h"
#include "sample.h"

#define HEAD "experiment: sample\nseeds: 2\n"

/** The values of a key as "a b c". */
static void expect_values(const ig_config *config, const char *path, const char *expected)
{
    char text[1000] = "";
    size_t key = ig_config_key(config, path);
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        strcat(strcat(text, i ? " " : ""), ig_config_value(config, key, i)->text);
    }
    assert_string_equal(text, expected);
}

/** The values that a text for key n or train.rate gives. */
static void expect_axis(const char *path, const char *axis, const char *expected)
{
    char text[500];
    snprintf(text, sizeof text, HEAD "%s%s: %s\n", path[0] == 'n' ? "" : "n: 1\n", path, axis);
    sample s = sample_good(text);
    expect_values(s.config, path, expected);
    sample_clear(&s);
}

static void defaults(void **state)
{
    (void)state;
    sample s = sample_good(HEAD "n: 20\n");
    const ig_config *c = s.config;
    assert_string_equal(ig_config_schema(c)->experiment, "sample");
    assert_string_equal(ig_config_file(c), "a.yaml");
    size_t n = ig_config_key(c, "n"), holdout = ig_config_key(c, "holdout");
    size_t line, column;
    assert_true(ig_config_given(c, n));
    assert_false(ig_config_given(c, holdout));
    assert_true(ig_config_value(c, n, 0)->integer == 20 && ig_config_value(c, n, 0)->real == 20);
    assert_int_equal(ig_config_value(c, holdout, 0)->integer, 5000);
    ig_config_position(c, n, 0, &line, &column);
    assert_true(line == 3 && column == 4);
    ig_config_position(c, holdout, 0, &line, &column);
    assert_true(line == 0 && column == 0);
    const ig_value *mode = ig_config_value(c, ig_config_key(c, "mode"), 0);
    assert_true(mode->choice == 0 && mode->integer == -1);
    const ig_value *window = ig_config_value(c, ig_config_key(c, "window"), 0);
    assert_true(window->interval[0] == 0 && window->interval[1] == 1);
    assert_true(ig_config_common_random_numbers(c));
    assert_int_equal(ig_config_zip_group(c, n), -1);
    assert_int_equal(ig_config_n_seeds(c), 2);
    assert_int_equal(ig_config_seed(c, 1), 1);
    sample_clear(&s);
}

/** What an experiment reads of texts, files, sizes and booleans. */
static void typed_values(void **state)
{
    (void)state;
    sample s = sample_good("experiment: typed\nseeds: 1\nfile: d/x.h5\nnames: [qpos, 'a b']\n"
                           "hidden: [[3, 5], []]\nstandardise: false\nmodel: 1e3\n");
    AUTO(ig_grid_destroy) ig_grid *grid = NULL;
    ig_error error = {0};
    assert_int_equal(ig_grid_create(s.config, &grid, &error), IG_OK);
    assert_int_equal(ig_grid_n_points(grid), 2);
    const ig_point first = {grid, 0}, last = {grid, 1};
    size_t n = 9, sizes[IG_SIZES_MAX];
    const char *const *names = ig_point_texts(&first, "names", &n);
    assert_true(n == 2 && strcmp(names[0], "qpos") == 0 && strcmp(names[1], "a b") == 0);
    assert_true(ig_point_sizes(&first, "hidden", sizes) == 2 && sizes[0] == 3 && sizes[1] == 5);
    assert_int_equal(ig_point_sizes(&last, "hidden", sizes), 0);
    assert_false(ig_point_boolean(&first, "standardise"));
    assert_string_equal(ig_point_text(&first, "model"), "1e3");
    char label[100];
    ig_grid_label(grid, 0, label, sizeof label);
    assert_string_equal(label, "hidden=[3, 5]");
    sample_clear(&s);
}

/** A path is meant from the folder of the configuration. */
static void paths(void **state)
{
    (void)state;
    static const char *const cases[][3] = {{"a.yaml", "x.h5", "x.h5"},
                                           {"conf/a.yaml", "x.h5", "conf/x.h5"},
                                           {"/etc/a.yaml", "../x.h5", "/etc/../x.h5"},
                                           {"/a.yaml", "x.h5", "/x.h5"},
                                           {"conf/a.yaml", "/data/x.h5", "/data/x.h5"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "{experiment: typed, seeds: 1, file: %s}", cases[i][1]);
        ig_diagnostics *d = ig_diagnostics_create();
        ig_config *config = NULL;
        assert_int_equal(ig_config_parse(text, strlen(text), cases[i][0], sample_schemas,
                                         SAMPLE_SCHEMAS, &config, d),
                         IG_OK);
        assert_string_equal(ig_config_path(config, "file"), cases[i][2]);
        assert_string_equal(ig_config_path(config, "more.file"), "");
        assert_non_null(strstr(ig_config_resolved(config), cases[i][1]));
        ig_config_destroy(&config);
        ig_diagnostics_destroy(&d);
    }
}

static void number_axes(void **state)
{
    (void)state;
    expect_axis("n", "20000", "20000");
    expect_axis("n", "[2e4, 200_000, 3]", "20000 200000 3");
    expect_axis("n", "{linspace: [1000, 2000, 3]}", "1000 1500 2000");
    expect_axis("n", "{linspace: [2000, 1000, 2]}", "2000 1000");
    expect_axis("n", "{logspace: [1000, 100000, 5]}", "1000 3162 10000 31623 100000");
    expect_axis("n", "{range: [1, 10, 3]}", "1 4 7 10");
    expect_axis("n", "{range: [1, 9, 3]}", "1 4 7");
    expect_axis("n", "{range: [9, 1, -4]}", "9 5 1");
    expect_axis("n", "{range: [3, 3, 1]}", "3");
    expect_axis("train.rate", "{linspace: [0.1, 0.5, 5]}", "0.1 0.2 0.3 0.4 0.5");
    expect_axis("train.rate", "{logspace: [1e-4, 0.1, 4]}", "0.0001 0.001 0.01 0.1");
    expect_axis("train.rate", "{range: [0, 1, 0.1]}", "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1");
    expect_axis("train.rate", "[-1e0, .5]", "-1 0.5");
    expect_axis("train.rate", "-0.0", "0");
    /* The ends are as given, to the last bit. */
    expect_axis("train.rate", "{linspace: [0.1, 0.7, 2]}", "0.1 0.7");
}

static void other_axes(void **state)
{
    (void)state;
    sample s = sample_good(HEAD "n: 1\nmode: [quick, {fixed: 3}, {fixed: 0}, \"slow\"]\n"
                                "window: [[0, 1], [-0.5, 0.0025]]\n");
    expect_values(s.config, "mode", "quick fixed=3 fixed=0 slow");
    expect_values(s.config, "window", "[0, 1] [-0.5, 0.0025]");
    size_t mode = ig_config_key(s.config, "mode");
    assert_true(ig_config_value(s.config, mode, 1)->integer == 3 &&
                ig_config_value(s.config, mode, 1)->choice == 2);
    assert_true(ig_config_value(s.config, mode, 0)->integer == -1 &&
                ig_config_value(s.config, mode, 0)->choice == 1);
    sample_clear(&s);
    s = sample_good(HEAD "n: 1\nmode: {fixed: 9007199254740991}\nwindow: [2, 2]\n");
    expect_values(s.config, "mode", "fixed=9007199254740991");
    expect_values(s.config, "window", "[2, 2]");
    sample_clear(&s);
}

static void nested_and_dotted(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "train: {epochs: 3, inner: {size: 7}}\n",
        "train.epochs: 3\ntrain.inner.size: 7\n",
        "train:\n  epochs: 3\n  inner.size: 7\n",
        "train: {epochs: 3}\ntrain.inner: {size: 7}\n",
        "train: {epochs: &k 3, inner: &i {size: 7}}\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[200];
        snprintf(text, sizeof text, HEAD "n: 1\n%s", texts[i]);
        sample s = sample_good(text);
        expect_values(s.config, "train.epochs", "3");
        expect_values(s.config, "train.inner.size", "7");
        sample_clear(&s);
    }
}

static void seed_lists(void **state)
{
    (void)state;
    sample s = sample_good("experiment: sample\nn: 1\nseeds: [5, 0, 9007199254740991]\n");
    assert_int_equal(ig_config_n_seeds(s.config), 3);
    assert_int_equal(ig_config_seed(s.config, 0), 5);
    assert_int_equal(ig_config_seed(s.config, 1), 0);
    assert_true(ig_config_seed(s.config, 2) == 9007199254740991);
    sample_clear(&s);
    s = sample_good("experiment: sample\nn: 1\nseeds: {range: [100, 199, 1]}\n");
    assert_int_equal(ig_config_n_seeds(s.config), 100);
    assert_int_equal(ig_config_seed(s.config, 99), 199);
    sample_clear(&s);
    s = sample_good("experiment: sample\nn: 1\nseeds: 10_000_000\n");
    assert_int_equal(ig_config_n_seeds(s.config), 10000000);
    sample_clear(&s);
}

static void aliases(void **state)
{
    (void)state;
    sample s = sample_good("experiment: sample\nseeds: &few 3\nn: &list [1, 2]\n"
                           "train: {epochs: *list, inner: {size: *few}}\n");
    expect_values(s.config, "train.epochs", "1 2");
    expect_values(s.config, "train.inner.size", "3");
    sample_clear(&s);
}

static void zip_groups(void **state)
{
    (void)state;
    sample s = sample_good(sample_rich);
    const ig_config *c = s.config;
    /* Numbered by the first key in the table, not as written. */
    assert_int_equal(ig_config_zip_group(c, ig_config_key(c, "n")), 0);
    assert_int_equal(ig_config_zip_group(c, ig_config_key(c, "mode")), 0);
    assert_int_equal(ig_config_zip_group(c, ig_config_key(c, "train.epochs")), 1);
    assert_int_equal(ig_config_zip_group(c, ig_config_key(c, "train.rate")), 1);
    assert_int_equal(ig_config_zip_group(c, ig_config_key(c, "window")), -1);
    sample_clear(&s);
    s = sample_good(HEAD "n: 1\nzip: []\n");
    sample_clear(&s);
}

static void other_schema(void **state)
{
    (void)state;
    sample s = sample_good("{experiment: other, seeds: 1, common_random_numbers: false, m: 2}");
    assert_string_equal(ig_config_schema(s.config)->experiment, "other");
    assert_false(ig_config_common_random_numbers(s.config));
    sample_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),     cmocka_unit_test(number_axes),
        cmocka_unit_test(other_axes),   cmocka_unit_test(nested_and_dotted),
        cmocka_unit_test(seed_lists),   cmocka_unit_test(aliases),
        cmocka_unit_test(zip_groups),   cmocka_unit_test(other_schema),
        cmocka_unit_test(typed_values), cmocka_unit_test(paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
