/** What is said about bad configurations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample.h"

#define HEAD    "experiment: sample\nseeds: 2\n"
#define INTEGER "a whole number from 1 to 1000000000"
#define SERIES  "{linspace: [a, b, n]}, {logspace: [a, b, n]} or {range: [a, b, step]}"
#define FORMS   ", or a list of distinct ones, or " SERIES "\n"
#define SEEDS                                                                                      \
    ", allowed: a count from 1 to 10000000, or a list (or {range: [a, b, step]}) of distinct "     \
    "whole numbers from 0 to 9007199254740991\n"
#define TYPED "experiment: typed\nseeds: 2\n"
#define FILES "the path of a file, from the folder of this one unless it begins with /"
#define SIZES "a list of 0 to 4 whole numbers from 1 to 2147483647, such as [64, 64]\n"
#define MODES "one of slow, quick, {fixed: INTEGER}"

static const struct {
    const char *text, *faults;
} cases[] = {
    {"seeds: 2\nn: 1\n",
     "a.yaml:1:1: experiment: this key is missing, allowed: other, sample, typed\n"},
    {"experiment: [sample]\nseeds: 2\n",
     "a.yaml:1:13: experiment: not a name, allowed: other, sample, typed\n"},
    {"experiment: smaple\nseeds: 0\n", "a.yaml:1:13: experiment: unknown experiment \"smaple\", "
                                       "did you mean sample?, allowed: other, "
                                       "sample, typed\na.yaml:2:8: seeds: 0 is too small" SEEDS},
    {"experiment: sample\nn: 1\n", "a.yaml:1:1: seeds: this key is missing" SEEDS},
    {HEAD, "a.yaml:1:1: n: this key is missing, allowed: " INTEGER FORMS},
    {HEAD "n: []\n", "a.yaml:3:4: n: an empty list, allowed: " INTEGER FORMS},
    {HEAD "n: 0\n", "a.yaml:3:4: n: 0 is too small, allowed: " INTEGER "\n"},
    {HEAD "n: 1000000001\n", "a.yaml:3:4: n: 1000000001 is too large, allowed: " INTEGER "\n"},
    {HEAD "n: 99999999999999999999\n",
     "a.yaml:3:4: n: 99999999999999999999 is too large, allowed: " INTEGER "\n"},
    {HEAD "n: 1.5\n", "a.yaml:3:4: n: 1.5 is not a whole number, allowed: " INTEGER "\n"},
    {HEAD "n: [1, [2]]\n", "a.yaml:3:8: n: a list is not a single number, allowed: " INTEGER "\n"},
    {HEAD "n: [1, {a: 2}]\n",
     "a.yaml:3:8: n: a mapping is not a single number, allowed: " INTEGER "\n"},
    {HEAD "n: {linspace: [0, 10, 11]}\n", "a.yaml:3:4: n: 0 is too small, allowed: " INTEGER "\n"},
    {HEAD "n: {linspace: [1, 2, 3]}\n",
     "a.yaml:3:4: n: duplicate value 2, allowed: each value once\n"},
    {HEAD "n: {range: [1, 100, 0.25]}\n",
     "a.yaml:3:4: n: duplicate value 1, allowed: each value once\n"},
    {HEAD "n: {linspace: [1, x, 3]}\n",
     "a.yaml:3:4: n: linspace: \"x\" is not a number, allowed: " INTEGER FORMS},
    {HEAD "n: {linspace: [1, 2, 3], range: [1, 2, 3]}\n",
     "a.yaml:3:4: n: a mapping with not exactly one key, allowed: " INTEGER FORMS},
    {HEAD "n: {}\n", "a.yaml:3:4: n: a mapping with not exactly one key, allowed: " INTEGER FORMS},
    {HEAD "n: {range: [1, 100000, 1]}\n",
     "a.yaml:3:4: n: range: 100000 values exceed the limit of 30000, allowed: " INTEGER FORMS},
    {HEAD "n: 1\ntrain: {rate: {linspace: [-1e308, 1e308, 3]}}\n",
     "a.yaml:4:15: train.rate: linspace: a and b are too far apart, allowed: a number from -10 to "
     "1000" FORMS},
    {HEAD "n: 1\nmode: [slow, fast]\n",
     "a.yaml:4:14: mode: unknown choice \"fast\", allowed: " MODES "\n"},
    {HEAD "n: 1\nmode: {fixed: 1.5}\n", "a.yaml:4:7: mode: fixed: 1.5 is not a whole number (an "
                                        "INTEGER is at least 0), allowed: " MODES "\n"},
    {HEAD "n: 1\nmode: {fixed: 9007199254740992}\n",
     "a.yaml:4:7: mode: fixed: 9007199254740992 is too large (an INTEGER is at least 0), "
     "allowed: " MODES "\n"},
    {HEAD "n: 1\nmode: {slow: 1}\n",
     "a.yaml:4:7: mode: unknown choice {slow: ...}, allowed: " MODES "\n"},
    {HEAD "n: 1\nmode: {fixed: 1, b: 2}\n",
     "a.yaml:4:7: mode: a mapping of 2 keys is not a choice, allowed: " MODES "\n"},
    {HEAD "n: 1\nmode:\n", "a.yaml:4:6: mode: no value is given, allowed: " MODES "\n"},
    {HEAD "n: 1\nmode: [slow, [quick]]\n",
     "a.yaml:4:14: mode: a list is not a single choice, allowed: " MODES "\n"},
    {HEAD "n: 1\nwindow: 3\n",
     "a.yaml:4:9: window: not a list of two numbers, allowed: [LOW, HIGH], two numbers from -5 to "
     "5 in ascending order\n"},
    {HEAD "n: 1\nwindow: [[1, 0]]\n",
     "a.yaml:4:10: window: the interval is reversed, 1 is above 0, allowed: [LOW, HIGH], two "
     "numbers from -5 to 5 in ascending order\n"},
    {HEAD "n: 1\nwindow: [0, 6]\n", "a.yaml:4:9: window: 6 is too large, allowed: [LOW, HIGH], two "
                                    "numbers from -5 to 5 in ascending "
                                    "order\n"},
    {HEAD "n: 1\nholdout: [1]\n",
     "a.yaml:4:10: holdout: a list, but this key is not an axis, allowed: a whole number from 0 to "
     "100000000\n"},
    {HEAD "n: 1\nepochs: 3\n", "a.yaml:4:1: epochs: unknown key, did you mean train.epochs?\n"},
    {HEAD "n: 1\ntrain: {inner: {colour: 3}}\n",
     "a.yaml:4:17: train.inner.colour: unknown key, allowed: size\n"},
    {HEAD "n: 1\n\"\": 3\n",
     "a.yaml:4:1: unknown key, allowed: experiment, seeds, common_random_numbers, zip, parts, n, "
     "mode, "
     "train.epochs, train.rate, holdout, train.inner.size, window, note.alpha\n"},
    {HEAD "n: 1\ntrain: {seeds: 3}\n",
     "a.yaml:4:9: train.seeds: unknown key, did you mean seeds?\n"},
    {HEAD "n: 1\ntrain.epochs: 3\ntrain: {epochs: 3}\n",
     "a.yaml:5:9: train.epochs: duplicate key, first given in line 4, allowed: once\n"},
    {HEAD "n: 1\ncommon_random_numbers: yes\n",
     "a.yaml:4:24: common_random_numbers: \"yes\" is not a boolean, allowed: true or false\n"},
    {"experiment: sample\nn: 1\nseeds: []\n", "a.yaml:3:8: seeds: an empty list" SEEDS},
    {"experiment: sample\nn: 1\nseeds: [1, 2, 1, 1]\n",
     "a.yaml:3:15: seeds: seed 1 is given twice" SEEDS
     "a.yaml:3:18: seeds: seed 1 is given twice" SEEDS},
    {"experiment: sample\nn: 1\nseeds: {range: [-1, 5, 1]}\n",
     "a.yaml:3:8: seeds: -1 is too small" SEEDS},
    {"experiment: sample\nn: 1\nseeds: {range: [1, 50, 0.25]}\n",
     "a.yaml:3:8: seeds: seed 1 is given twice" SEEDS},
    {"experiment: sample\nn: 1\nseeds: [9007199254740992]\n",
     "a.yaml:3:9: seeds: 9007199254740992 is too large" SEEDS},
    {"experiment: sample\nn: 1\nseeds: 10000001\n",
     "a.yaml:3:8: seeds: 10000001 is too large" SEEDS},
    {HEAD "n: [1, 2]\nmode: [slow, quick, {fixed: 1}]\nzip: [[mode, n]]\n",
     "a.yaml:5:7: zip: n has 2 values and mode has 3, allowed: lists of equal length\n"},
    {HEAD "n: [1, 1]\nmode: [slow, slow]\nzip: [[mode, n]]\n",
     "a.yaml:3:8: n: duplicate value 1, allowed: each combination of the zip group once\n"},
    {HEAD "n: [1, 2]\nmode: [slow, quick]\nzip: [[mode, n, mode]]\n",
     "a.yaml:5:17: zip: mode is zipped twice, allowed: each key once in one group\n"},
    {HEAD "n: [1, 2]\nzip: [[n]]\n", "a.yaml:4:7: zip: a group of fewer than two keys, allowed: a "
                                     "list of groups of axis keys, such "
                                     "as [[train.epochs, train.minibatch]]\n"},
    {HEAD "n: [1, 2]\nzip: [[n, [mode]]]\n",
     "a.yaml:4:11: zip: not the name of a key, allowed: a list of groups of axis keys, such as "
     "[[train.epochs, train.minibatch]]\n"},
    {HEAD "n: [1, 2]\nzip: n\n",
     "a.yaml:4:6: zip: a single value, allowed: a list of groups of axis keys, such as "
     "[[train.epochs, train.minibatch]]\n"},
    {"experiment: sample\nseeds: 5000001\nn: [1, 2]\n",
     "a.yaml:3:1: n: the grid has 10000002 tasks (seeds 5000001, n 2), allowed: at most "
     "10000000\n"},
    {"experiment: sample\nseeds: 1e7\nn: 1\nmode: [slow, quick]\n",
     "a.yaml:4:1: mode: the grid has 20000000 tasks (seeds 10000000, mode 2), allowed: at most "
     "10000000\n"},
    {HEAD "n: [*x, 1]\nmode: *y\n",
     "a.yaml:3:5: unknown anchor *x, allowed: one defined before as &x\n"
     "a.yaml:4:7: unknown anchor *y, allowed: one defined before as &y\n"},
    {HEAD "n: {linspace: [*x, 1, 2]}\nmode: {fixed: *y}\nwindow: [*z, 1]\nzip: [*a, [n, *b]]\n"
          "train: *c\nholdout: *d\n",
     "a.yaml:3:16: unknown anchor *x, allowed: one defined before as &x\n"
     "a.yaml:4:15: unknown anchor *y, allowed: one defined before as &y\n"
     "a.yaml:5:10: unknown anchor *z, allowed: one defined before as &z\n"
     "a.yaml:6:7: unknown anchor *a, allowed: one defined before as &a\n"
     "a.yaml:6:15: unknown anchor *b, allowed: one defined before as &b\n"
     "a.yaml:7:8: unknown anchor *c, allowed: one defined before as &c\n"
     "a.yaml:8:10: unknown anchor *d, allowed: one defined before as &d\n"},
    {"*x", "a.yaml:1:1: unknown anchor *x, allowed: one defined before as &x\n"},
    {"just text",
     "a.yaml:1:1: a single value where a mapping is expected, allowed: `key: value` lines "
     "such as `experiment: NAME`\n"},
    {TYPED, "a.yaml:1:1: file: this key is missing, allowed: " FILES "\n"},
    {TYPED "file: ''\n", "a.yaml:3:7: file: an empty text, allowed: " FILES "\n"},
    {TYPED "file: [a, b]\nmore: {file: {a: 1}}\n",
     "a.yaml:3:7: file: a list, but this key is not an axis, allowed: " FILES "\n"
     "a.yaml:4:14: more.file: a mapping is not a text, allowed: " FILES "\n"},
    {TYPED "file: \"a\\x1bb\"\ncomment: \"\\uFEFF\"\n",
     "a.yaml:3:7: file: \"a\\x1bb\" has characters that do not print, allowed: " FILES "\n"
     "a.yaml:4:10: comment: \"\\xef\\xbb\\xbf\" has characters that do not print, allowed: a text "
     "of 0 to 4095 bytes\n"},
    {TYPED "file: a\nhidden: 64\n", "a.yaml:4:9: hidden: not a list, allowed: " SIZES},
    {TYPED "file: a\nhidden: [1, 2, 3, 4, 5]\n", "a.yaml:4:9: hidden: 5 numbers, allowed: " SIZES},
    {TYPED "file: a\nhidden: [[64], [0], [x], 3, [64]]\n",
     "a.yaml:4:16: hidden: 0 is too small, allowed: " SIZES
     "a.yaml:4:21: hidden: \"x\" is not a number, allowed: " SIZES
     "a.yaml:4:26: hidden: not a list, allowed: " SIZES
     "a.yaml:4:29: hidden: duplicate value [64], allowed: each value once\n"},
    {TYPED "file: a\nstandardise: yes\nmodel: \n",
     "a.yaml:4:14: standardise: \"yes\" is not a boolean, allowed: true or false\n"
     "a.yaml:5:7: model: no value is given, allowed: a text of 1 to 100 bytes\n"},
    {TYPED "file: a\nstandardise: \"true\"\nmodel: ~\n",
     "a.yaml:4:14: standardise: \"true\" is not a boolean because of its quotes, allowed: true or "
     "false\n"
     "a.yaml:5:8: model: no value is given, allowed: a text of 1 to 100 bytes\n"},
    {TYPED "file: a\nnames: [a, b, c, d, e]\nnames_only: []\n",
     "a.yaml:4:8: names: a list of 5, allowed: a list of 0 to 4 texts, such as [one, \"number "
     "two\"]\n"
     "a.yaml:5:13: names_only: a list of 0, allowed: a list of 1 to 3 texts, such as [one, "
     "\"number two\"]\n"},
    {TYPED "file: a\nnames: [a, [b]]\nnames_only: [[a]]\n",
     "a.yaml:4:8: names: a list is not a text, allowed: a list of 0 to 4 texts, such as [one, "
     "\"number two\"]\n"
     "a.yaml:5:13: names_only: a list, but this key is not an axis, allowed: a list of 1 to 3 "
     "texts, such as [one, \"number two\"]\n"},
    {TYPED "file: a\nparts: [{file: b}]\n",
     "a.yaml:4:10: file: not an axis key, allowed in a part: names, model, hidden, standardise\n"},
    {"experiment: sample\nseeds: {range: [1, 20000, 1]}\nn: {range: [1, 20000, 1]}\n",
     "a.yaml:3:4: n: 40000 values so far, allowed: at most 30000 on all axes together\n"},
};

static void faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = sample_faults(cases[i].text);
        if (strcmp(text, cases[i].faults) != 0) {
            print_error("for\n%s", cases[i].text);
        }
        assert_string_equal(text, cases[i].faults);
        free(text);
    }
}

/* Many faults at once come out in order of appearance, and a hundred are kept. */
static void all_are_reported(void **state)
{
    (void)state;
    char *faults_text = sample_faults("mode: fast\ntrian: 3\nseeds: 0\nexperiment: sample\n"
                                      "train: {epochs: 0, rate: .nan}\nzip: 3\nwindow: [2]\n");
    static const char *const parts[] = {
        ":1:1: n: ",     ":1:7: mode: ",          ":2:1: trian: ",
        ":3:8: seeds: ", ":5:17: train.epochs: ", ":5:26: train.rate: ",
        ":6:6: zip: ",   ":7:9: window: "};
    const char *from = faults_text;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        from = strstr(from, parts[i]);
        if (!from) {
            fail_msg("no %s in\n%s", parts[i], faults_text);
        }
    }
    free(faults_text);
    char text[8000] = HEAD "n: [";
    for (int i = 0; i < 120; i++) {
        strcat(text, "x, ");
    }
    sample s = sample_parse(strcat(text, "]\n"));
    assert_int_equal(s.status, IG_ERR_CONFIG);
    assert_int_equal(ig_diagnostics_count(s.diagnostics), 120);
    sample_clear(&s);
}

/* The untouched result of a failure. */
static void config_stays_untouched(void **state)
{
    (void)state;
    ig_diagnostics *d = ig_diagnostics_create();
    assert_non_null(d);
    ig_config *mark = (ig_config *)d, *config = mark;
    assert_int_equal(ig_config_parse("a", 1, "f", sample_schemas, SAMPLE_SCHEMAS, &config, d),
                     IG_ERR_CONFIG);
    assert_ptr_equal(config, mark);
    ig_diagnostics_destroy(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(faults), cmocka_unit_test(all_are_reported),
                                       cmocka_unit_test(config_stays_untouched)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
