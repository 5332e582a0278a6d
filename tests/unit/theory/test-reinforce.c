/** Theorem 2 and Proposition 2: the bound, what noise adds exactly, and their domains. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/rng.h"
#include "theory/theory.h"

enum { MOST = 60 };

static void check_close(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected))) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}

static void test_bound(void **state)
{
    (void)state;
    double bound = -1;
    assert_int_equal(ig_theorem2_bound(2, 10, 3, 4, 0.5, &bound, NULL), IG_OK);
    check_close(bound, 120, 1e-15);
    assert_int_equal(ig_theorem2_bound(0, 10, 3, 4, 0.5, &bound, NULL), IG_OK);
    assert_true(bound == 0);
    assert_int_equal(ig_theorem2_bound(1, 1, 3, 1, 0, &bound, NULL), IG_OK);
    check_close(bound, 3, 1e-15);
}

/** Sum over rewards u of (sum over scores t <= u of their weights squared times the mean norms):
 * the double sum as it stands in the proof. */
static double added_by_rewards(size_t steps, const double *score2, double gamma,
                               ig_discount_state discount)
{
    double sum = 0;
    for (size_t u = 0; u < steps; u++) {
        for (size_t t = 0; t <= u; t++) {
            double from = discount == IG_DISCOUNT_EXACT ? 0 : (double)t;
            sum += score2[t] * pow(gamma, 2 * ((double)u - from));
        }
    }
    return sum;
}

static void test_added(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("test", 1), IG_STREAM_DATA, 0);
    for (size_t steps = 1; steps <= MOST; steps++) {
        double score2[MOST], largest = 0, added = -1, bound = -1;
        double gamma = steps == 7 ? 1 : steps == 8 ? 0 : ig_rng_uniform(&rng);
        for (size_t t = 0; t < steps; t++) {
            score2[t] = ig_rng_uniform(&rng);
            largest = fmax(largest, score2[t]);
        }
        for (int d = IG_DISCOUNT_PAPER; d <= IG_DISCOUNT_EXACT; d++) {
            ig_discount_state discount = (ig_discount_state)d;
            assert_int_equal(
                ig_theorem2_added(1.5, steps, score2, 3, gamma, discount, &added, NULL), IG_OK);
            check_close(added, 0.75 * added_by_rewards(steps, score2, gamma, discount), 1e-12);
            if (gamma < 1) {
                assert_int_equal(ig_theorem2_bound(1.5, steps, largest, 3, gamma, &bound, NULL),
                                 IG_OK);
                assert_true(added <= bound * (1 + 1e-12));
            }
        }
    }
}

/** Nothing between the bound and what is added: one step, or no discounted future, equal scores. */
static void test_bound_is_attained(void **state)
{
    (void)state;
    const double score2[] = {2, 2, 2, 2};
    double added, bound;
    assert_int_equal(ig_theorem2_added(3, 4, score2, 5, 0, IG_DISCOUNT_PAPER, &added, NULL), IG_OK);
    assert_int_equal(ig_theorem2_bound(3, 4, 2, 5, 0, &bound, NULL), IG_OK);
    check_close(added, bound, 1e-15);
}

static void test_mse(void **state)
{
    (void)state;
    double mse = -1;
    assert_int_equal(ig_proposition2_mse(8, 4, 0.5, &mse, NULL), IG_OK);
    check_close(mse, 2.5, 1e-15);
    assert_int_equal(ig_proposition2_mse(8, 1000000000, 0.5, &mse, NULL), IG_OK);
    check_close(mse, 0.5, 1e-7);
}

static void test_domains(void **state)
{
    (void)state;
    const double bad[] = {-1e-300, -1, (double)NAN, (double)INFINITY};
    const double one = 1;
    double kept = -1;
    ig_error error = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double b = bad[i];
        assert_int_equal(ig_theorem2_bound(b, 1, 1, 1, 0.5, &kept, &error), IG_ERR_USAGE);
        assert_non_null(strstr(error.text, "sigma"));
        assert_int_equal(ig_theorem2_bound(1, 1, b, 1, 0.5, &kept, &error), IG_ERR_USAGE);
        assert_non_null(strstr(error.text, "W_H^2"));
        assert_int_equal(ig_theorem2_bound(1, 1, 1, 1, b, &kept, &error), IG_ERR_USAGE);
        assert_non_null(strstr(error.text, "gamma"));
        assert_int_equal(ig_theorem2_added(b, 1, &one, 1, 0.5, IG_DISCOUNT_EXACT, &kept, NULL),
                         IG_ERR_USAGE);
        assert_int_equal(ig_theorem2_added(1, 1, &b, 1, 0.5, IG_DISCOUNT_EXACT, &kept, NULL),
                         IG_ERR_USAGE);
        assert_int_equal(ig_theorem2_added(1, 1, &one, 1, b, IG_DISCOUNT_PAPER, &kept, NULL),
                         IG_ERR_USAGE);
        assert_int_equal(ig_proposition2_mse(b, 1, 0, &kept, NULL), IG_ERR_USAGE);
        assert_int_equal(ig_proposition2_mse(1, 1, b, &kept, NULL), IG_ERR_USAGE);
    }
    assert_int_equal(ig_theorem2_bound(1, 1, 1, 1, 1, &kept, NULL), IG_ERR_USAGE);
    assert_int_equal(ig_theorem2_bound(1, 0, 1, 1, 0.5, &kept, NULL), IG_ERR_USAGE);
    assert_int_equal(ig_theorem2_bound(1, 1, 1, 0, 0.5, &kept, NULL), IG_ERR_USAGE);
    assert_int_equal(ig_theorem2_added(1, 0, &one, 1, 0.5, IG_DISCOUNT_EXACT, &kept, NULL),
                     IG_ERR_USAGE);
    assert_int_equal(ig_proposition2_mse(1, 0, 1, &kept, NULL), IG_ERR_USAGE);
    assert_true(kept == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_added),
        cmocka_unit_test(test_bound_is_attained),
        cmocka_unit_test(test_mse),
        cmocka_unit_test(test_domains),
    };
    return cmocka_run_group_tests_name("reinforce", tests, NULL, NULL);
}
