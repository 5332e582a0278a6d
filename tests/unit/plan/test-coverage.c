/** The 95 % intervals of a plan hold the truth about as often as they say: the short form of
 *  simulate-plan, the same numbers every time.
 *
 *  An interval of the floors together that is a percentile of their sums alone misses 0 in an
 * eighth of the replicates where there is no floor and little was measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coverage.h"

enum { REPLICATES = 40, DRAWS = 250, LEAST = 35 };

/** Of 40 intervals that hold the truth in 96 % of cases, fewer than 35 do so once in 170 times. */
static void test_intervals_hold_the_truth(void **state)
{
    (void)state;
    const coverage_case cases[] = {
        {.truth = &truths[0], .design = &designs[0], .scatter = 0.2},
        {.truth = &truths[1], .design = &designs[1], .scatter = 0.03},
        {.truth = &truths[1], .design = &designs[2], .scatter = 0.2, .shared = true, .level = 0.3},
        {.truth = &truths[2], .design = &designs[2], .scatter = 0.03},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const coverage_case *c = &cases[k];
        ig_error error = {0};
        plan_coverage r;
        if (plan_coverage_run(c, REPLICATES, DRAWS, &r, &error)) {
            fail_msg("%s", error.text);
        }
        for (int i = 0; i < PLAN_COVERED; i++) {
            if (r.inside[i] < LEAST) {
                fail_msg("%s, %s: %s is inside %zu of %d intervals", c->truth->name,
                         c->design->name, plan_covered_names[i], r.inside[i], REPLICATES);
            }
        }
        assert_int_equal(r.wrong, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intervals_hold_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
