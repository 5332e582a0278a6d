#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "program/template.h"

static const char *lookup(void *context, const char *name)
{
    const char *const *pairs = context;
    while (*pairs && strcmp(*pairs, name) != 0) {
        pairs += 2;
    }
    return *pairs ? pairs[1] : NULL;
}

static const char *const values[] = {"n", "1000", "lr", "0.001", "empty", "", "brace", "{n}", NULL};

static void assert_filled(const char *text, const char *wanted)
{
    char *filled = NULL;
    ig_error error = {0};
    assert_int_equal(ig_template_fill(text, lookup, (void *)(size_t)values, &filled, &error),
                     IG_OK);
    assert_string_equal(filled, wanted);
    free(filled);
}

static void assert_wrong(const char *text, const char *part)
{
    char *filled = NULL;
    ig_error error = {0};
    assert_int_equal(ig_template_fill(text, lookup, (void *)(size_t)values, &filled, &error),
                     IG_ERR_USAGE);
    assert_non_null(strstr(error.text, part));
    assert_null(filled);
}

static void test_values(void **state)
{
    (void)state;
    assert_filled("", "");
    assert_filled("--n", "--n");
    assert_filled("{n}", "1000");
    assert_filled("--n={n},{lr}!{empty}", "--n=1000,0.001!");
    /* Values are never read as templates. */
    assert_filled("{brace}{brace}", "{n}{n}");
}

static void test_braces(void **state)
{
    (void)state;
    assert_filled("{{n}}", "{n}");
    assert_filled("{{{n}}}", "{1000}");
    assert_filled("awk '{{print}}' {{{{", "awk '{print}' {{");
    assert_wrong("{n", "not closed");
    assert_wrong("a{", "not closed");
    assert_wrong("{n{lr}", "not closed");
    assert_wrong("n}", "} without {");
    assert_wrong("{}", "empty placeholder");
    assert_wrong("{m}", "unknown placeholder {m}");
    assert_wrong("{aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg}", "63 bytes");
}

static void test_places(void **state)
{
    (void)state;
    const char *text = "a {n} {{x}} {lr", *fault = NULL;
    char name[IG_PLACEHOLDER];
    assert_int_equal(ig_template_next(&text, name, &fault), 1);
    assert_string_equal(name, "n");
    assert_string_equal(text, " {{x}} {lr");
    assert_int_equal(ig_template_next(&text, name, &fault), -1);
    assert_string_equal(text, "{lr");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_braces),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
