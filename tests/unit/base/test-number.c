#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "imagrid/rng.h"

static void forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        ig_number_kind kind;
        double real;
    } cases[] = {
        {"20000", IG_NUMBER_WHOLE, 20000},
        {"2e4", IG_NUMBER_WHOLE, 20000},
        {"2E+4", IG_NUMBER_WHOLE, 20000},
        {"200_000", IG_NUMBER_WHOLE, 200000},
        {"+5", IG_NUMBER_WHOLE, 5},
        {"-5", IG_NUMBER_WHOLE, -5},
        {"0", IG_NUMBER_WHOLE, 0},
        {"-0", IG_NUMBER_WHOLE, 0},
        {"5.", IG_NUMBER_WHOLE, 5},
        {".5", IG_NUMBER_FINITE, 0.5},
        {"0.001", IG_NUMBER_FINITE, 0.001},
        {"1.0e-3", IG_NUMBER_FINITE, 0.001},
        {"1_0.2_5", IG_NUMBER_FINITE, 10.25},
        {"9223372036854775807", IG_NUMBER_WHOLE, 9223372036854775807.0},
        {"9223372036854775808", IG_NUMBER_FINITE, 9223372036854775808.0},
        {"1e300", IG_NUMBER_FINITE, 1e300},
        {"0e-999", IG_NUMBER_WHOLE, 0},
        {".inf", IG_NUMBER_INFINITE, 0},
        {"-.Inf", IG_NUMBER_INFINITE, 0},
        {"nan", IG_NUMBER_INFINITE, 0},
        {".NaN", IG_NUMBER_INFINITE, 0},
        {"1e309", IG_NUMBER_HUGE, 0},
        {"-1e99999", IG_NUMBER_HUGE, 0},
        {"1e-400", IG_NUMBER_TINY, 0},
        {"010", IG_NUMBER_OCTAL, 0},
        {"00", IG_NUMBER_OCTAL, 0},
        {"0x10", IG_NUMBER_NONE, 0},
        {"0x1p3", IG_NUMBER_NONE, 0},
        {"", IG_NUMBER_NONE, 0},
        {"-", IG_NUMBER_NONE, 0},
        {".", IG_NUMBER_NONE, 0},
        {"e5", IG_NUMBER_NONE, 0},
        {"1e", IG_NUMBER_NONE, 0},
        {"1e+", IG_NUMBER_NONE, 0},
        {"1__0", IG_NUMBER_NONE, 0},
        {"_1", IG_NUMBER_NONE, 0},
        {"1_", IG_NUMBER_NONE, 0},
        {"1 ", IG_NUMBER_NONE, 0},
        {"1,5", IG_NUMBER_NONE, 0},
        {"12abc", IG_NUMBER_NONE, 0},
        {"--1", IG_NUMBER_NONE, 0},
        {"true", IG_NUMBER_NONE, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ig_number number = {0};
        ig_number_kind kind = ig_number_parse(cases[i].text, &number);
        if (kind != cases[i].kind) {
            fail_msg("%s is taken for kind %d", cases[i].text, (int)kind);
        }
        assert_true(number.real == cases[i].real && !signbit(number.real - cases[i].real));
        if (kind == IG_NUMBER_WHOLE && fabs(cases[i].real) < 1e15) {
            assert_int_equal(number.integer, (int64_t)cases[i].real);
        }
    }
    ig_number number;
    assert_int_equal(ig_number_parse("9223372036854775807", &number), IG_NUMBER_WHOLE);
    assert_true(number.integer == INT64_MAX);
}

/* Every length around the buffer's, of digits in each of the three places. */
static void long_texts(void **state)
{
    (void)state;
    char text[400];
    for (size_t n = 100; n < 160; n++) {
        static const char *const before[] = {"1", "-1.", "1.5e"};
        for (size_t b = 0; b < 3; b++) {
            size_t used = strlen(before[b]);
            memcpy(text, before[b], used);
            memset(text + used, '1', n);
            text[used + n] = '\0';
            ig_number number;
            ig_number_kind kind = ig_number_parse(text, &number);
            assert_true(kind != IG_NUMBER_WHOLE && kind != IG_NUMBER_OCTAL);
            strcpy(text + used + n, ".e1");
            (void)ig_number_parse(text, &number);
        }
    }
}

static void shortest(void **state)
{
    (void)state;
    char text[IG_NUMBER_TEXT];
    static const struct {
        double number;
        const char *text;
    } cases[] = {{0.1, "0.1"},    {0.001, "0.001"},
                 {1e-5, "1e-05"}, {100000, "100000"},
                 {-0.0, "0"},     {1e22, "1e+22"},
                 {0.3, "0.3"},    {0.1 + 0.2, "0.30000000000000004"},
                 {-2.5, "-2.5"},  {1.0 / 3, "0.3333333333333333"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ig_number_format(cases[i].number, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void reads_back(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("number", 1), IG_STREAM_DATA, 0);
    for (int i = 0; i < 20000; i++) {
        char text[IG_NUMBER_TEXT];
        double number = ldexp(ig_rng_uniform(&rng) - 0.5, (int)ig_rng_below(&rng, 1800) - 900);
        ig_number back;
        ig_number_format(number, text);
        assert_true(strlen(text) <= 24);
        ig_number_kind kind = ig_number_parse(text, &back);
        assert_true(kind == IG_NUMBER_FINITE || kind == IG_NUMBER_WHOLE);
        assert_true(back.real == number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms), cmocka_unit_test(long_texts),
                                       cmocka_unit_test(shortest), cmocka_unit_test(reads_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
