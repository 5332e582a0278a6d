/** Parts: a union of products, and what is said about bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/grid.h"
#include "sample.h"

#define HEAD "experiment: sample\nseeds: 2\n"

/** A text with parts is the same configuration as one written out by hand. */
static void expect_same(const char *parts, const char *by_hand)
{
    sample a = sample_good(parts), b = sample_good(by_hand);
    assert_string_equal(ig_config_resolved(a.config), ig_config_resolved(b.config));
    assert_string_equal(ig_config_hash(a.config), ig_config_hash(b.config));
    sample_clear(&a);
    sample_clear(&b);
}

static void unions(void **state)
{
    (void)state;
    /* The last key of the table runs fastest in each part. */
    expect_same(HEAD "parts: [{n: [1, 2], mode: [slow, quick]}, {n: 3, mode: slow}]\n",
                HEAD "n: [1, 1, 2, 2, 3]\nmode: [slow, quick, slow, quick, slow]\n"
                     "zip: [[n, mode]]\n");
    /* What a part leaves out is the file's own, all of its values, or the default. */
    expect_same(HEAD "n: [1, 2]\nparts: [{mode: quick}, {n: 9}, {train: {epochs: [5, 6]}}]\n",
                HEAD "n: [1, 2, 9, 1, 1, 2, 2]\n"
                     "mode: [quick, quick, slow, slow, slow, slow, slow]\n"
                     "train.epochs: [200, 200, 200, 5, 6, 5, 6]\n"
                     "zip: [[n, mode, train.epochs]]\n");
    /* Other axes multiply, other groups stay. */
    expect_same(HEAD "n: 1\nwindow: [[0, 1], [1, 2]]\ntrain: {epochs: [1, 2], rate: [3, 4]}\n"
                     "zip: [[train.rate, train.epochs]]\nparts: [{mode: quick, n: 5}, {}]\n",
                HEAD "n: [5, 1]\nwindow: [[0, 1], [1, 2]]\ntrain: {epochs: [1, 2], rate: [3, 4]}\n"
                     "mode: [quick, slow]\nzip: [[train.rate, train.epochs], [n, mode]]\n");
    /* One key alone is an axis. */
    expect_same(HEAD "parts: [{n: 1}, {n: {range: [3, 7, 2]}}]\n", HEAD "n: [1, 3, 5, 7]\n");
    expect_same(HEAD "parts: [{n: 4, mode: quick}]\n",
                HEAD "n: 4\nmode: quick\nzip: [[n, mode]]\n");
}

static void grid_of_parts(void **state)
{
    (void)state;
    sample s = sample_good(sample_parted);
    ig_grid *grid = NULL;
    assert_int_equal(ig_grid_create(s.config, &grid, NULL), IG_OK);
    assert_int_equal(ig_grid_n_points(grid), (2 + 2 * 3 + 2 * 2) * 2);
    assert_true(ig_config_given(s.config, ig_config_key(s.config, "train.rate")));
    assert_false(ig_config_given(s.config, ig_config_key(s.config, "holdout")));
    size_t line, column, n = ig_config_key(s.config, "n");
    ig_config_position(s.config, n, 0, &line, &column);
    assert_true(line == 6 && column == 9);
    ig_config_position(s.config, n, 3, &line, &column);
    assert_true(line == 3 && column == 8);
    ig_grid_destroy(&grid);
    sample_clear(&s);
}

static const struct {
    const char *text, *faults;
} cases[] = {
    {HEAD "n: 1\nparts: 3\n", "a.yaml:4:8: parts: not a list, allowed: a list of mappings of axis "
                              "keys, such as [{n: [1, 2]}, {n: 3}]\n"},
    {HEAD "n: 1\nparts: []\n", "a.yaml:4:8: parts: an empty list, allowed: a list of mappings of "
                               "axis keys, such as [{n: [1, 2]}, {n: 3}]\n"},
    {HEAD "n: 1\nparts: [n]\n", "a.yaml:4:9: parts: not a mapping, allowed: a list of mappings of "
                                "axis keys, such as [{n: [1, 2]}, {n: 3}]\n"},
    {HEAD "parts: [{n: 0}, {n: 1, mod: slow}]\n",
     "a.yaml:3:13: n: 0 is too small, allowed: a whole number from 1 to 1000000000\n"
     "a.yaml:3:24: mod: unknown key, did you mean mode?\n"},
    {HEAD "n: 1\nparts: [{holdout: 3}]\n",
     "a.yaml:4:10: holdout: not an axis key, allowed in a part: n, mode, train.epochs, train.rate, "
     "window\n"},
    {HEAD "n: 1\nparts: [{seeds: 3}]\n",
     "a.yaml:4:10: seeds: unknown key, allowed: n, mode, train.epochs, train.rate, window\n"},
    {HEAD "parts: [{n: 2}, {mode: quick}]\n",
     "a.yaml:3:17: n: missing in this part, allowed: in every part or beside `parts`\n"},
    {HEAD "parts: [{mode: quick}, {mode: slow}]\n",
     "a.yaml:1:1: n: this key is missing, allowed: a whole number from 1 to 1000000000, or a list "
     "of distinct ones, or {linspace: [a, b, n]}, {logspace: [a, b, n]} or {range: [a, b, "
     "step]}\n"},
    {HEAD "parts: [{n: 2, mode: quick}, {n: [1, 2], mode: quick}]\n",
     "a.yaml:3:38: n: duplicate value 2, allowed: each combination of the zip group once\n"},
    {HEAD "n: 1\nparts: [{n: [1, 2], n: 3}]\n",
     "a.yaml:4:21: n: duplicate key, first given in line 4, allowed: once\n"},
    {HEAD "mode: [slow, quick]\nparts: [{n: 1}, {n: 2, train.rate: 1}]\n"
          "zip: [[mode, train.rate]]\n",
     "a.yaml:5:14: zip: train.rate is in `parts` already, allowed: each key once in one "
     "group\n"},
    {HEAD "parts: [{n: {range: [1, 200, 1]}, train.epochs: {range: [1, 200, 1]}}]\n",
     "a.yaml:3:9: parts: too many combinations, allowed: a list of mappings of axis keys, such as "
     "[{n: [1, 2]}, {n: 3}]\n"},
};

static void faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *reported = sample_faults(cases[i].text);
        assert_string_equal(reported, cases[i].faults);
        free(reported);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unions), cmocka_unit_test(grid_of_parts),
                                       cmocka_unit_test(faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
