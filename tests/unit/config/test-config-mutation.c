/** Good configurations with random damage: every one gets a status, never a crash, and one that is
 *  still good resolves to a text that is good too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/grid.h"
#include "sample.h"

enum { ROUNDS = 4000, ROOM = 4096 };

/** One random change; pieces of YAML are likelier to reach deep than random bytes. */
static size_t damage(ig_rng *rng, char *text, size_t size)
{
    static const char *const pieces[] = {"[",
                                         "]",
                                         "{",
                                         "}",
                                         ":",
                                         ",",
                                         "- ",
                                         "\n",
                                         "\t",
                                         "&a ",
                                         "*a",
                                         "*e",
                                         "!!int ",
                                         "? ",
                                         "| ",
                                         "\"",
                                         "'",
                                         "#",
                                         "---\n",
                                         "...\n",
                                         "<<: ",
                                         "~",
                                         "1e999",
                                         ".nan",
                                         "-1",
                                         "0",
                                         "[]",
                                         "{}",
                                         "\xff",
                                         "\xc3\xa4",
                                         "{fixed: 1}",
                                         "{range: [1, 9, 2]}",
                                         "{logspace: [1, 100, 3]}",
                                         "zip: [[n, mode]]\n",
                                         "parts: [{n: 2}, {mode: slow}]\n",
                                         "99999999999999999999",
                                         "%YAML 1.1\n",
                                         "\\x00",
                                         "n: 1\n"};
    size_t at = ig_rng_below(rng, size + 1), left = size - at;
    switch (ig_rng_below(rng, 4)) {
    case 0: {
        const char *piece = pieces[ig_rng_below(rng, sizeof pieces / sizeof *pieces)];
        size_t length = strlen(piece);
        memmove(text + at + length, text + at, left);
        memcpy(text + at, piece, length);
        return size + length;
    }
    case 1: {
        size_t cut = ig_rng_below(rng, (left < 9 ? left : 9) + 1);
        memmove(text + at, text + at + cut, left - cut);
        return size - cut;
    }
    case 2:
        if (left > 0) {
            text[at] = (char)ig_rng_below(rng, 256);
        }
        return size;
    default: {
        /* A piece of the text again, somewhere else. */
        size_t from = ig_rng_below(rng, size + 1), length = ig_rng_below(rng, 30);
        char copy[30];
        length = length < size - from ? length : size - from;
        memcpy(copy, text + from, length);
        memmove(text + at + length, text + at, left);
        memcpy(text + at, copy, length);
        return size + length;
    }
    }
}

/** Returns whether the text was good. */
static bool survives(const char *text, size_t size)
{
    sample s = {.diagnostics = ig_diagnostics_create()};
    assert_non_null(s.diagnostics);
    /* A copy of exactly this size, so that reading beyond it is seen. */
    char *exact = malloc(size ? size : 1);
    assert_non_null(exact);
    memcpy(exact, text, size);
    s.status =
        ig_config_parse(exact, size, "m", sample_schemas, SAMPLE_SCHEMAS, &s.config, s.diagnostics);
    free(exact);
    bool good = s.status == IG_OK;
    assert_true(good || s.status == IG_ERR_CONFIG);
    assert_true(good == (ig_diagnostics_count(s.diagnostics) == 0));
    if (good) {
        sample again = sample_good(ig_config_resolved(s.config));
        assert_string_equal(ig_config_resolved(s.config), ig_config_resolved(again.config));
        sample_clear(&again);
    }
    sample_clear(&s);
    return good;
}

static void damaged_texts(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("mutation", 1), IG_STREAM_DATA, 0);
    static char text[ROOM];
    size_t good = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const char *const texts[] = {sample_rich, sample_parted, sample_typed};
        const char *rich = texts[round % 3];
        size_t size = strlen(rich);
        memcpy(text, rich, size);
        for (uint64_t n = 1 + ig_rng_below(&rng, 6); n > 0; n--) {
            size = damage(&rng, text, size);
        }
        good += survives(text, size);
    }
    /* Both ends must be reached for the test to mean anything. */
    assert_true(good > ROUNDS / 100 && good < ROUNDS / 2);
}

static void cut_texts(void **state)
{
    (void)state;
    for (size_t size = 0; size <= strlen(sample_rich); size++) {
        (void)survives(sample_rich, size);
    }
    for (size_t size = 0; size <= strlen(sample_parted); size++) {
        (void)survives(sample_parted, size);
    }
    for (size_t size = 0; size <= strlen(sample_typed); size++) {
        (void)survives(sample_typed, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_texts),
                                       cmocka_unit_test(cut_texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
