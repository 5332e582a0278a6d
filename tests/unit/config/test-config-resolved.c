/** The resolved text, its hash, and how configurations differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "sample.h"

#define HEAD "experiment: sample\nseeds: 2\n"

static const char rich_resolved[] = "experiment: sample\n"
                                    "seeds: [7, 3, 9007199254740991]\n"
                                    "common_random_numbers: false\n"
                                    "n: [1000, 10000, 100000]\n"
                                    "mode: [quick, {fixed: 3}, slow]\n"
                                    "train:\n"
                                    "  epochs: [10, 20, 20]\n"
                                    "  rate: [0.1, 0.2, 0.3]\n"
                                    "  inner:\n"
                                    "    size: 4\n"
                                    "holdout: 20000\n"
                                    "window: [[0, 1], [-0.5, 0.0025]]\n"
                                    "note:\n"
                                    "  alpha: 0\n"
                                    "zip: [[n, mode], [train.epochs, train.rate]]\n";

static void expect_idempotent(const char *text)
{
    sample once = sample_good(text);
    sample twice = sample_good(ig_config_resolved(once.config));
    assert_string_equal(ig_config_resolved(once.config), ig_config_resolved(twice.config));
    assert_string_equal(ig_config_hash(once.config), ig_config_hash(twice.config));
    char difference[200];
    ig_config_difference(once.config, twice.config, difference, sizeof difference);
    assert_string_equal(difference, "");
    for (size_t k = 0; k < ig_config_schema(once.config)->n_keys; k++) {
        assert_int_equal(ig_config_count(once.config, k), ig_config_count(twice.config, k));
        assert_int_equal(ig_config_zip_group(once.config, k), ig_config_zip_group(twice.config, k));
        for (size_t i = 0; i < ig_config_count(once.config, k); i++) {
            const ig_value *a = ig_config_value(once.config, k, i),
                           *b = ig_config_value(twice.config, k, i);
            assert_memory_equal(a, b, offsetof(ig_value, string));
            assert_string_equal(ig_value_text(a), ig_value_text(b));
            assert_int_equal(a->n, b->n);
            assert_memory_equal(a->sizes, b->sizes, sizeof a->sizes);
            for (size_t t = 0; a->texts && t < a->n; t++) {
                assert_string_equal(a->texts[t], b->texts[t]);
            }
        }
    }
    sample_clear(&twice);
    sample_clear(&once);
}

static void text_and_hash(void **state)
{
    (void)state;
    sample s = sample_good(sample_rich);
    assert_string_equal(ig_config_resolved(s.config), rich_resolved);
    /* The hash is of the text without the annotation and the group that held only it. */
    char hashed[sizeof rich_resolved];
    const char *note = strstr(rich_resolved, "note:"), *zip = strstr(rich_resolved, "zip:");
    memcpy(hashed, rich_resolved, (size_t)(note - rich_resolved));
    strcpy(hashed + (note - rich_resolved), zip);
    XXH128_hash_t hash = XXH3_128bits(hashed, strlen(hashed));
    char expected[33];
    snprintf(expected, sizeof expected, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    assert_string_equal(ig_config_hash(s.config), expected);
    sample_clear(&s);
}

static void idempotent(void **state)
{
    (void)state;
    expect_idempotent(sample_rich);
    expect_idempotent(sample_parted);
    expect_idempotent(HEAD "n: 1\n");
    expect_idempotent(HEAD "n: [5]\nmode: [{fixed: 1}]\nwindow: [[1, 2]]\n");
    expect_idempotent(HEAD "n: 1\ntrain.rate: {logspace: [1e-9, 1000, 300]}\n");
    expect_idempotent("experiment: sample\nseeds: {range: [1, 29000, 1]}\n"
                      "n: {range: [1, 9, 1]}\n");
    expect_idempotent("experiment: sample\nseeds: 1\ntrain.rate: {linspace: [-0.123456789012345, "
                      "-0.9, 29999]}\nn: 1\n");
    expect_idempotent("{experiment: other, seeds: 1}");
}

static void expect_same(const char *a, const char *b, bool same)
{
    sample x = sample_good(a), y = sample_good(b);
    char difference[300];
    ig_config_difference(x.config, y.config, difference, sizeof difference);
    assert_true((strcmp(ig_config_hash(x.config), ig_config_hash(y.config)) == 0) == same);
    assert_true((difference[0] == '\0') == same);
    sample_clear(&x);
    sample_clear(&y);
}

/** Texts, files, sizes and booleans; the path of a file is not hashed. */
static void typed_text_and_hash(void **state)
{
    (void)state;
    static const char expected[] =
        "experiment: typed\n"
        "seeds: 2\n"
        "common_random_numbers: true\n"
        "file: \"data/my \\\"hopper\\\".hdf5\"\n"
        "more:\n"
        "  file: \"\"\n"
        "names: [[], [achieved_goal, qpos], [qpos, \"a, b\", \"1\"]]\n"
        "model: [mlp, \"1e3\", \"big one\", \"true\", \"caf\xc3\xa9\", \"back\\\\slash\"]\n"
        "comment: \"\"\n"
        "hidden: [[], [64], [256, 2147483647, 1, 2000]]\n"
        "standardise: [false, true]\n"
        "names_only: [one]\n"
        "zip: [[names, hidden]]\n";
    sample s = sample_good(sample_typed);
    assert_string_equal(ig_config_resolved(s.config), expected);
    sample_clear(&s);
    expect_idempotent(sample_typed);
#define TYPED "experiment: typed\nseeds: 2\n"
    /* The longest text, all of it to be escaped. */
    static char text[9000] = TYPED "file: a\ncomment: '";
    const size_t begin = strlen(text);
    memset(text + begin, '"', 4095);
    strcpy(text + begin + 4095, "'\n");
    expect_idempotent(text);
    expect_same(TYPED "file: a\n", TYPED "file: b\nmore: {file: c}\n", true);
    expect_same(TYPED "file: a\n", TYPED "file: a\ncomment: \"\"\n", true);
    expect_same(TYPED "file: a\n", TYPED "file: a\ncomment: x\n", false);
    expect_same(TYPED "file: a\n", TYPED "file: a\nhidden: [256, 2.56e2]\n", true);
    expect_same(TYPED "file: a\n", TYPED "file: a\nhidden: [[256, 256]]\n", true);
    expect_same(TYPED "file: a\n", TYPED "file: a\nhidden: [256]\n", false);
    expect_same(TYPED "file: a\n", TYPED "file: a\nnames: [[]]\n", true);
    expect_same(TYPED "file: a\nnames: a\n", TYPED "file: a\nnames: ['a']\n", true);
    expect_same(TYPED "file: a\nnames: [a, b]\n", TYPED "file: a\nnames: ['a, b']\n", false);
    expect_same(TYPED "file: a\n", TYPED "file: a\nstandardise: true\n", true);
    expect_same(TYPED "file: a\n", TYPED "file: a\nstandardise: false\n", false);
}

static void what_the_hash_covers(void **state)
{
    (void)state;
    expect_same(HEAD "n: 1\n", HEAD "n: 1e0\n", true);
    expect_same(HEAD "n: 1\n", "n: 1\nexperiment: sample\nseeds: [0, 1]\n", true);
    expect_same(HEAD "n: 1\n", HEAD "n: 1\nnote: {alpha: 0.5}\n", true);
    expect_same(HEAD "n: 1\n", HEAD "n: 1\nholdout: 5000\n", true);
    expect_same(HEAD "n: [1, 2]\nmode: [slow, quick]\nzip: [[n, mode]]\n",
                HEAD "n: [1, 2]\nmode: [slow, quick]\nzip: [[mode, n]]\n", true);
    expect_same(HEAD "n: [1, 2]\nmode: [slow, quick]\nzip: [[n, mode]]\n",
                HEAD "n: [1, 2]\nmode: [slow, quick]\n", false);
    expect_same(HEAD "n: 1\n", HEAD "n: 2\n", false);
    expect_same(HEAD "n: 1\n", HEAD "n: [1, 2]\n", false);
    expect_same(HEAD "n: 1\n", HEAD "n: 1\ncommon_random_numbers: false\n", false);
    expect_same(HEAD "n: 1\n", "experiment: sample\nseeds: [1, 0]\nn: 1\n", false);
    expect_same(HEAD "n: 1\n", "{experiment: other, seeds: 2}", false);
}

/** A key that came later changes no hash of before: it is that of the text without it. */
static void later_keys(void **state)
{
    (void)state;
    static const char before[] = "experiment: other\nseeds: 2\ncommon_random_numbers: true\nm: 1\n";
    char expected[40];
    XXH128_hash_t hash = XXH3_128bits(before, strlen(before));
    snprintf(expected, sizeof expected, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    sample s = sample_good("{experiment: other, seeds: 2, late: {mode: slow}}");
    assert_string_equal(ig_config_hash(s.config), expected);
    assert_non_null(strstr(ig_config_resolved(s.config), "late:\n  mode: slow\n"));
    sample_clear(&s);
    expect_same("{experiment: other, seeds: 2}", "{experiment: other, seeds: 2, late.mode: slow}",
                true);
    expect_same("{experiment: other, seeds: 2}", "{experiment: other, seeds: 2, late.mode: quick}",
                false);
    expect_same("{experiment: other, seeds: 2}",
                "{experiment: other, seeds: 2, late.mode: [slow, quick]}", false);
}

static void expect_difference(const char *a, const char *b, size_t size, const char *expected)
{
    sample x = sample_good(a), y = sample_good(b);
    char *difference = malloc(size + 1);
    assert_non_null(difference);
    difference[size] = '#';
    ig_config_difference(x.config, y.config, difference, size);
    if (size > 0) {
        assert_string_equal(difference, expected);
    }
    assert_int_equal(difference[size], '#');
    free(difference);
    sample_clear(&x);
    sample_clear(&y);
}

static void differences(void **state)
{
    (void)state;
    const char *a = HEAD "n: 1\n",
               *b = "experiment: sample\nseeds: 3\nn: [1, 2]\nmode: {fixed: 1}\n";
    const char *whole = "seeds: 2 there, 3 here; n: 1 there, [1, 2] here; "
                        "mode: slow there, {fixed: 1} here";
    expect_difference(a, b, 200, whole);
    for (size_t size = 0; size < strlen(whole) + 2; size++) {
        char cut[200];
        snprintf(cut, size > 0 ? size : 1, "%s", whole);
        expect_difference(a, b, size, cut);
    }
    expect_difference(a, "{experiment: other, seeds: 9}", 100,
                      "experiment: sample there, other here");
    expect_difference(HEAD "n: {range: [100001, 100100, 1]}\n",
                      HEAD "n: {range: [100001, 100101, 1]}\n", 200,
                      "n: ...0098, 100099, 100100] there, ...0098, 100099, 100100, 100101] here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_hash),        cmocka_unit_test(idempotent),
        cmocka_unit_test(what_the_hash_covers), cmocka_unit_test(later_keys),
        cmocka_unit_test(differences),          cmocka_unit_test(typed_text_and_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
