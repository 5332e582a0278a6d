/* Which limit ends a run, on clocks of our own. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/limit.h"

static const double forever = (double)INFINITY;

static double left(double option, double job, double monotonic, double utc)
{
    const ig_limit limit = {.begin = 100, .option = option, .job = job};
    return ig_limit_left(&limit, (ig_instant){monotonic, utc});
}

/** The earlier one, whichever that is (mutation: the option replaces the job's end). */
static void both_limits_count(void **state)
{
    (void)state;
    assert_true(left(36000, 1e9 + 7200, 100, 1e9) == 7200);
    assert_true(left(3600, 1e9 + 7200, 100, 1e9) == 3600);
    assert_true(left(forever, 1e9 + 7200, 150, 1e9 + 50) == 7150);
    assert_true(left(3600, forever, 150, 1e9) == 3550);
    assert_true(left(forever, forever, 150, 1e9) == forever);
    assert_true(left(3600, forever, 3800, 1e9) == -100);
}

/** Setting the clock moves the end of the job and nothing else. */
static void clocks_that_jump(void **state)
{
    (void)state;
    assert_true(left(3600, forever, 150, 0) == 3550);
    assert_true(left(3600, forever, 150, 2e9) == 3550);
    assert_true(left(forever, 1e9 + 7200, 110, 1e9 + 7300) == -100);
    assert_true(left(forever, 1e9 + 7200, 110, 1e9 - 3600) == 10800);
}

static void the_earlier_one_is_named(void **state)
{
    (void)state;
    ig_limit limit = {.begin = 100, .option = 3600, .job = 1e9, .source = "SLURM_JOB_END_TIME=7"};
    char text[2 * IG_LIMIT_TEXT];
    assert_string_equal(ig_limit_name(&limit, (ig_instant){3700, 1e9 - 50}, text),
                        "--time-limit of 1 h 00 min");
    assert_non_null(strstr(ig_limit_name(&limit, (ig_instant){500, 1e9 - 50}, text),
                           "before the end of the Slurm job, SLURM_JOB_END_TIME=7"));
    assert_true(ig_limit_exists(&limit));
    limit.job = limit.option = forever;
    assert_false(ig_limit_exists(&limit));
}

static void ends_that_cannot_be(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0",     "-5",         "soon",  "1e10",  "inf",
                                        "nan",   "0x7fffffff", "1.5e9", " 5000", "5000 ",
                                        "+5000", "1000",       "999"};
    double end = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_non_null(ig_limit_refuse(wrong[i], true, 1000, &end));
    }
    assert_non_null(strstr(ig_limit_refuse("5000", false, 1000, &end), "SLURM_JOB_ID"));
    assert_non_null(strstr(ig_limit_refuse("1000", true, 1000, &end), "over"));
    assert_true(end == 7);
    assert_null(ig_limit_refuse("1001", true, 1000, &end));
    assert_true(end == 1001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_limits_count),
        cmocka_unit_test(clocks_that_jump),
        cmocka_unit_test(the_earlier_one_is_named),
        cmocka_unit_test(ends_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
