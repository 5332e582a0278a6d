/** Diagnostics, quoting and suggestions: what reaches the reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/diagnostics.h"
#include "imagrid/config.h"

static void forms(void **state)
{
    (void)state;
    ig_diagnostics *d = ig_diagnostics_create();
    assert_non_null(d);
    ig_diagnostics_add(d, "f", 3, 4, "key", "%d is bad", 5);
    ig_diagnostics_add(d, "f", 3, 5, NULL, "a");
    ig_diagnostics_add(d, "f", 3, 6, "", "b");
    ig_diagnostics_add(d, "f", 0, 0, "key", "c");
    ig_diagnostics_add(d, "f", 2, 9, "k\nl", "d\x1b[31m");
    static const char *const expected[] = {"f:2:9: k?l: d?[31m", "f:3:4: key: 5 is bad", "f:3:5: a",
                                           "f:3:6: b", "f: key: c"};
    assert_int_equal(ig_diagnostics_count(d), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(ig_diagnostics_text(d, i), expected[i]);
    }
    ig_diagnostics_destroy(&d);
    assert_null(d);
    ig_diagnostics_destroy(&d);
}

/** What a file says must not move the cursor, colour the screen or turn the text around. */
static void texts_are_sanitized(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"plain \xce\xb1 \xe2\x82\xac \xf0\x9f\x98\x80",
         "plain \xce\xb1 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"a\x1b[31mb\r\n\tc\x7f", "a?[31mb???c?"},
        {"\xc2\x9b 31m \xc2\xa0", "?? 31m \xc2\xa0"},
        {"\x9b 31m \xff \xc0\x9b \xe2\x82", "? 31m ? ?? ??"},
        {"\xe2\x80\xae \xe2\x81\xa7 \xe2\x80\xa8 \xe2\x80\x93", "??? ??? ??? \xe2\x80\x93"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64], shown[IG_SANITIZED_TEXT];
        snprintf(text, sizeof text, "%s", cases[i][0]);
        assert_int_equal(ig_text_is_sanitized(text), i == 0);
        ig_text_sanitize(text);
        assert_string_equal(text, cases[i][1]);
        assert_true(ig_text_is_sanitized(text));
        assert_string_equal(ig_text_sanitized(cases[i][0], shown), cases[i][1]);
        ig_error error = {0};
        ig_error_set(&error, IG_ERR_IO, "%s", cases[i][0]);
        assert_string_equal(error.text, cases[i][1]);
        ig_error_set(&error, IG_ERR_IO, "x");
        ig_error_context(&error, "%s", cases[i][0]);
        assert_memory_equal(error.text, cases[i][1], strlen(cases[i][1]));
    }
}

static void many_and_long(void **state)
{
    (void)state;
    ig_diagnostics *d = ig_diagnostics_create();
    assert_non_null(d);
    char name[5000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (size_t i = 0; i < 150; i++) {
        ig_diagnostics_add(d, name, 200 - i, 1, name, "%s", name);
    }
    assert_int_equal(ig_diagnostics_count(d), 150);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    ig_diagnostics_print(d, stream);
    assert_int_equal(fclose(stream), 0);
    assert_non_null(strstr(text, "... and 50 more errors\n"));
    assert_memory_equal(text, "...nnn", 6);
    assert_non_null(strstr(text, ":101:1: "));
    assert_null(strstr(text, ":100:1: "));
    free(text);
    ig_diagnostics_destroy(&d);
}

static void quoting(void **state)
{
    (void)state;
    char quoted[IG_QUOTE_TEXT], text[200];
    assert_string_equal(ig_text_quote("a b~", quoted), "a b~");
    assert_string_equal(ig_text_quote("\x1b[0m\xc3\xa4\x7f", quoted), "\\x1b[0m\\xc3\\xa4\\x7f");
    for (size_t n = 0; n < sizeof text - 1; n++) {
        for (int c = 1; c < 256; c += 64) {
            memset(text, c, n);
            text[n] = '\0';
            ig_text_quote(text, quoted);
            assert_true(strlen(quoted) < IG_QUOTE_TEXT);
            if (n >= IG_QUOTE_TEXT) {
                assert_string_equal(quoted + strlen(quoted) - 3, "...");
            }
        }
    }
}

static void lists(void **state)
{
    (void)state;
    char text[16] = "";
    ig_text_list(text, sizeof text, "one");
    ig_text_list(text, sizeof text, "two");
    assert_string_equal(text, "one, two");
    ig_text_list(text, sizeof text, "three");
    ig_text_list(text, sizeof text, "f");
    assert_string_equal(text, "one, two, ...");
    char full[4] = "abc";
    ig_text_list(full, sizeof full, "x");
    assert_string_equal(full, "abc");
}

static void distances(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {{"", "", 0},       {"", "abc", 3},           {"abc", "", 3},
                 {"abc", "abc", 0}, {"abc", "acb", 1},        {"abc", "abd", 1},
                 {"abc", "ab", 1},  {"kitten", "sitting", 3}, {"ca", "abc", 3},
                 {"ABC", "abc", 0}, {"epcohs", "epochs", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ig_suggest_distance(cases[i].a, cases[i].b), cases[i].distance);
        assert_int_equal(ig_suggest_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
    char longer[300];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(ig_suggest_distance(longer, ""), 64);
    assert_int_equal(ig_suggest_distance(longer, longer), 0);
}

static const char *nearest(const char *word)
{
    static const char *const known[] = {"seeds", "train.epochs", "train.rate", "policy", "n"};
    ig_suggestion s = {.word = word};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ig_suggest_offer(&s, known[i]);
    }
    return s.best ? s.best : "";
}

static void suggestions(void **state)
{
    (void)state;
    assert_string_equal(nearest("seed"), "seeds");
    assert_string_equal(nearest("Seeds"), "seeds");
    assert_string_equal(nearest("epochs"), "train.epochs");
    assert_string_equal(nearest("train.epoch"), "train.epochs");
    assert_string_equal(nearest("trainepochs"), "train.epochs");
    assert_string_equal(nearest("polciy"), "policy");
    assert_string_equal(nearest("colour"), "");
    assert_string_equal(nearest(""), "");
    assert_string_equal(nearest("m"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),         cmocka_unit_test(texts_are_sanitized),
        cmocka_unit_test(many_and_long), cmocka_unit_test(quoting),
        cmocka_unit_test(lists),         cmocka_unit_test(distances),
        cmocka_unit_test(suggestions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
