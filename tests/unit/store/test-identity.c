/** Which rows may stand together, and what is said where they may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "store/store.h"
#include "test-experiment.h"

#define HASH_A "0123456789abcdef0123456789abcdef"
#define HASH_B "fedcba9876543210fedcba9876543210"

static fixture two_seeds, three_seeds;

static int enter(void **state)
{
    (void)state;
    return fixture_init(&two_seeds, "experiment: probe\nseeds: 2\nn: 1\n") ||
           fixture_init(&three_seeds, "experiment: probe\nseeds: 3\nn: 1\n");
}

static int leave(void **state)
{
    (void)state;
    fixture_clear(&two_seeds);
    fixture_clear(&three_seeds);
    return 0;
}

static ig_identity some(void)
{
    return (ig_identity){
        .name = "a.h5", .config = two_seeds.config, .results_version = 1, .isa = "portable"};
}

/** Rejected in both directions, with every word in the message. */
static void reject(ig_identity a, ig_identity b, ig_identity_use use, const char *const *words)
{
    for (int turn = 0; turn < 2; turn++) {
        ig_error error = {0};
        const ig_identity *one = turn ? &a : &b, *other = turn ? &b : &a;
        assert_int_equal(ig_identity_match(one, other, use, NULL, &error), IG_ERR_MISMATCH);
        for (size_t i = 0; words[i]; i++) {
            if (!strstr(error.text, words[i])) {
                fail_msg("no '%s' in: %s", words[i], error.text);
            }
        }
    }
}

static void the_same_may_stand_together(void **state)
{
    (void)state;
    ig_error error = {0};
    bool rebuilt = true;
    const ig_identity a = some(), b = some();
    assert_int_equal(ig_identity_match(&a, &b, IG_IDENTITY_TASKS, &rebuilt, &error), IG_OK);
    assert_false(rebuilt);
}

static void configurations_may_differ_for_reuse_only(void **state)
{
    (void)state;
    ig_error error = {0};
    const ig_identity a = some();
    ig_identity b = some();
    b.name = "b.h5";
    b.config = three_seeds.config;
    reject(a, b, IG_IDENTITY_TASKS,
           (const char *[]){"a.h5", "b.h5", "configuration", "seeds", "--reuse", NULL});
    assert_int_equal(ig_identity_match(&a, &b, IG_IDENTITY_ROWS, NULL, &error), IG_OK);
}

static void instruction_sets_and_results_versions_never_mix(void **state)
{
    (void)state;
    const ig_identity a = some();
    ig_identity b = some(), c = some();
    b.isa = "avx2";
    c.results_version = 2;
    for (int use = IG_IDENTITY_TASKS; use <= IG_IDENTITY_ROWS; use++) {
        reject(a, b, (ig_identity_use)use,
               (const char *[]){"instruction set", "portable", "avx2", "--isa", NULL});
        reject(a, c, (ig_identity_use)use,
               (const char *[]){"results version", "probe", "1", "2", "new file", NULL});
    }
}

static void match(const char *there, const char *here, ig_status wanted, bool wanted_rebuilt)
{
    ig_error error = {0};
    bool rebuilt = false;
    ig_identity a = some(), b = some();
    a.origin = there;
    b.origin = here;
    assert_int_equal(ig_identity_match(&a, &b, IG_IDENTITY_TASKS, &rebuilt, &error), wanted);
    assert_int_equal(rebuilt, wanted_rebuilt);
    assert_int_equal(error.status, wanted);
}

static void plugins_match_by_version(void **state)
{
    (void)state;
    match(NULL, NULL, IG_OK, false);
    match("p 1 " HASH_A " /a b/p.so", "p 1 " HASH_A " /c/p.so", IG_OK, false);
    match("p 1 " HASH_A " /a/p.so", "p 1 " HASH_B " /a/p.so", IG_OK, true);
    match("p 1 " HASH_A " /a/p.so", "p 2 " HASH_B " /a/p.so", IG_ERR_MISMATCH, false);
    match("p 1 " HASH_A " /a/p.so", "q 1 " HASH_A " /a/p.so", IG_ERR_MISMATCH, false);
    match(NULL, "p 1 " HASH_A " /a/p.so", IG_ERR_MISMATCH, false);
    match("p 1 " HASH_A " /a/p.so", NULL, IG_ERR_MISMATCH, false);
    match("p", "p 1 " HASH_A " /a/p.so", IG_ERR_MISMATCH, false);
}

static void a_run_has_one(void **state)
{
    (void)state;
    const ig_identity run =
        ig_identity_of_run(ig_experiments(), two_seeds.config, IG_ISA_AVX2, NULL);
    assert_string_equal(run.isa, "avx2");
    assert_null(run.origin);
    /* Experiments that state no results version have the first. */
    assert_int_equal(run.results_version, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_may_stand_together),
        cmocka_unit_test(configurations_may_differ_for_reuse_only),
        cmocka_unit_test(instruction_sets_and_results_versions_never_mix),
        cmocka_unit_test(plugins_match_by_version),
        cmocka_unit_test(a_run_has_one),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
