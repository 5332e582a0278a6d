/** Velocity fields: their Lipschitz constants, and the planar one's turn. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "env/system.h"
#include "theory/theory.h"

static ig_bend roll(ig_velocity_kind kind, double eps, size_t dimension, uint64_t seed)
{
    const ig_velocity_options options = {kind, eps, dimension, 32, 60};
    ig_bend bend;
    ig_error error = {0};
    if (ig_velocity_rollout(&options, ig_rng_key_make("test", seed), NULL, &bend, &error)) {
        fail_msg("%s", error.text);
    }
    return bend;
}

static void test_tanh(void **state)
{
    (void)state;
    static const size_t dimensions[] = {2, 5, 32};
    for (uint64_t seed = 0; seed < 60; seed++) {
        double eps = 0.05 + 0.9 * (double)(seed % 20) / 19, bound, visited;
        ig_bend b = roll(IG_VELOCITY_TANH, eps, dimensions[seed % 3], seed);
        assert_true(b.lipschitz > 0 && b.lipschitz <= eps * (1 + 1e-9));
        assert_int_equal(ig_curvature_bound(eps, &bound, NULL), IG_OK);
        assert_int_equal(ig_curvature_bound(b.lipschitz, &visited, NULL), IG_OK);
        assert_true(b.mean <= b.largest && b.largest <= visited && visited <= bound * (1 + 1e-9));
        assert_true(b.steps >= 2 && b.steps <= 60);
    }
}

/** Every step turns by asin(eps), whatever start and sign. */
static void test_planar(void **state)
{
    (void)state;
    for (double eps = 1e-4; eps < 1; eps *= 1.7) {
        for (uint64_t seed = 0; seed < 5; seed++) {
            double supremum;
            ig_bend b = roll(IG_VELOCITY_PLANAR, eps, 2, seed);
            assert_int_equal(ig_curvature_supremum(eps, &supremum, NULL), IG_OK);
            assert_true(fabs(b.largest / supremum - 1) < 1e-10);
            assert_true(fabs(b.mean / supremum - 1) < 1e-10);
            assert_true(fabs(b.lipschitz / eps - 1) < 1e-10);
            assert_int_equal(b.steps, 60);
        }
    }
}

/** In one dimension nothing bends until the velocity turns round. */
static void test_line(void **state)
{
    (void)state;
    ig_bend b = roll(IG_VELOCITY_TANH, 0.5, 1, 3);
    assert_true(b.largest == 0);
}

static ig_status stop_now(void *context)
{
    (void)context;
    return IG_ERR_STOPPED;
}

static void test_refused(void **state)
{
    (void)state;
    ig_velocity_options options = {IG_VELOCITY_PLANAR, 0.5, 3, 4, 10};
    const ig_rng_key key = ig_rng_key_make("test", 0);
    ig_bend kept = {.steps = 5};
    ig_error error = {0};
    assert_int_equal(ig_velocity_rollout(&options, key, NULL, &kept, &error), IG_ERR_USAGE);
    assert_non_null(strstr(error.text, "two dimensions"));
    options.dimension = 2;
    assert_int_equal(ig_velocity_rollout(&options, key, &(ig_yield){stop_now, NULL}, &kept, NULL),
                     IG_ERR_STOPPED);
    options.steps = 1;
    assert_int_equal(ig_velocity_rollout(&options, key, NULL, &kept, &error), IG_ERR_NUMERIC);
    assert_int_equal(kept.steps, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tanh),
        cmocka_unit_test(test_planar),
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests_name("velocity", tests, NULL, NULL);
}
