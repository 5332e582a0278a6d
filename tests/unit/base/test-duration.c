#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void what_people_write(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"90", 90},       {"90s", 90},         {"15m", 900},           {"15min", 900},
                {"2h", 7200},     {"1.5d", 129600},    {"30:00", 1800},        {"2:00:00", 7200},
                {"1-12", 129600}, {"1-12:30", 131400}, {"2-00:00:10", 172810}, {"0:01", 1}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double seconds = 0;
        assert_int_equal(ig_duration_parse(good[i].text, &seconds, NULL), IG_OK);
        assert_true(seconds == good[i].seconds);
    }
}

static void invalid_ones_are_rejected(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "h",
                                      "2x",
                                      "2hh",
                                      "-5",
                                      "1:",
                                      ":30",
                                      "1:2:3:4",
                                      "0",
                                      "0s",
                                      "1e3",
                                      "0x10",
                                      "inf",
                                      "nan",
                                      "1-",
                                      "-1:00",
                                      "1-2-3",
                                      "1..5",
                                      "99999999999999999999999999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double seconds = -1;
        ig_error error = {0};
        assert_int_equal(ig_duration_parse(bad[i], &seconds, &error), IG_ERR_USAGE);
        assert_true(seconds == -1);
        assert_non_null(strstr(error.text, "2:00:00"));
    }
}

static void for_slurm(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, "00:00:00"},         {0.01, "00:00:01"},      {59.5, "00:01:00"},
                 {3600, "01:00:00"},      {86399.5, "1-00:00:00"}, {90061, "1-01:01:01"},
                 {1e30, "10000-00:00:00"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[IG_DURATION_TEXT];
        double back = 0;
        assert_string_equal(ig_duration_slurm(cases[i].seconds, text), cases[i].text);
        assert_int_equal(ig_duration_parse(text, &back, NULL), i == 0 ? IG_ERR_USAGE : IG_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_people_write),
                                       cmocka_unit_test(invalid_ones_are_rejected),
                                       cmocka_unit_test(for_slurm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
