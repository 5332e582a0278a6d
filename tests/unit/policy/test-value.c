/** The value baseline: what it learns, in which order it sees samples, and its inputs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/reinforce.h"

enum { N = 30, STEPS = 20, ALL = N * STEPS };

static const ig_rng_key key = {{31, 32}};

static const ig_policy_train_options options = {
    .trajectories = N,
    .steps = STEPS,
    .value = {.hidden = 24, .epochs = 4, .minibatch = 50, .learning_rate = 0.01f},
    .isa = IG_ISA_PORTABLE};

/** A batch of two-dimensional states, of which the values use states alone. */
static ig_trajectories states_of(uint64_t part)
{
    ig_trajectories t;
    assert_int_equal(ig_trajectories_init(N, STEPS, 2, 1, &t, NULL), IG_OK);
    ig_rng rng = ig_rng_start(key, IG_STREAM_DATA, part);
    for (size_t i = 0; i < 2 * (ALL + N); i++) {
        t.states[i] = (float)(2 * ig_rng_uniform(&rng) - 1);
    }
    return t;
}

/** Far from zero, and of another scale than a fresh network's outputs. */
static void returns_of(const ig_trajectories *t, bool with_time, float *returns)
{
    for (size_t i = 0; i < ALL; i++) {
        float passed = (float)(i / N) / STEPS;
        returns[i] = 500 + 40 * t->states[2 * i] - 20 * fabsf(t->states[2 * i + 1]) -
                     (with_time ? 60 * passed : 0);
    }
}

/** Fit 30 batches; the share of the variance of another batch's returns that is left. */
static double variance_left(bool with_time)
{
    ig_state_value *value = NULL;
    float returns[ALL], values[ALL];
    assert_int_equal(ig_state_value_create(&options, 2, key, &value, NULL), IG_OK);
    assert_false(ig_state_value_is_fitted(value));
    for (int i = 0; i <= 30; i++) {
        ig_trajectories t = states_of((uint64_t)i);
        returns_of(&t, with_time, returns);
        ig_state_value_observe(value, &t);
        ig_trajectories_clear(&t);
        if (i < 30) {
            assert_int_equal(ig_state_value_fit(value, returns, i, NULL, NULL), IG_OK);
            assert_true(ig_state_value_is_fitted(value));
        }
    }
    ig_state_value_predict(value, values);
    ig_state_value_destroy(&value);
    ig_state_value_destroy(&value);
    double mean = 0, all = 0, left = 0;
    for (size_t i = 0; i < ALL; i++) {
        mean += (double)returns[i] / ALL;
    }
    for (size_t i = 0; i < ALL; i++) {
        all += pow((double)returns[i] - mean, 2);
        left += pow((double)returns[i] - (double)values[i], 2);
    }
    return left / all;
}

static void learns(void **unused)
{
    (void)unused;
    double of_state = variance_left(false), of_time = variance_left(true);
    print_message("variance left: %.4f of states, %.4f of states and time\n", of_state, of_time);
    assert_true(of_state < 0.02 && of_time < 0.02);
}

/** Without a hidden layer V is linear, which is enough for linear returns. */
static void linear(void **unused)
{
    (void)unused;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        ig_policy_train_options o = options;
        ig_state_value *value = NULL;
        float returns[ALL], values[ALL];
        ig_trajectories t = states_of(0);
        o.value.hidden = 0;
        o.isa = isa;
        for (size_t i = 0; i < ALL; i++) {
            returns[i] = 3 - 2 * t.states[2 * i] + t.states[2 * i + 1] - 5 * (float)(i / N) / STEPS;
        }
        assert_int_equal(ig_state_value_create(&o, 2, key, &value, NULL), IG_OK);
        ig_state_value_observe(value, &t);
        for (int i = 0; i < 50; i++) {
            assert_int_equal(ig_state_value_fit(value, returns, i, NULL, NULL), IG_OK);
        }
        ig_state_value_predict(value, values);
        for (size_t i = 0; i < ALL; i++) {
            assert_true(fabsf(values[i] - returns[i]) < 0.02f);
        }
        ig_state_value_destroy(&value);
        ig_trajectories_clear(&t);
    }
}

/** Another iteration shuffles in another order, and so ends elsewhere; the same one ends alike. */
static void order(void **unused)
{
    (void)unused;
    static const int iterations[] = {0, 0, 1};
    float returns[ALL], values[3][ALL];
    ig_trajectories t = states_of(0);
    returns_of(&t, true, returns);
    for (int i = 0; i < 3; i++) {
        ig_state_value *value = NULL;
        assert_int_equal(ig_state_value_create(&options, 2, key, &value, NULL), IG_OK);
        ig_state_value_observe(value, &t);
        assert_int_equal(ig_state_value_fit(value, returns, iterations[i], NULL, NULL), IG_OK);
        ig_state_value_predict(value, values[i]);
        ig_state_value_destroy(&value);
    }
    assert_memory_equal(values[0], values[1], sizeof values[0]);
    assert_memory_not_equal(values[0], values[2], sizeof values[0]);
    ig_trajectories_clear(&t);
}

/** Returns without any spread: nothing to divide by. */
static void constant_returns(void **unused)
{
    (void)unused;
    float returns[ALL], values[ALL];
    ig_state_value *value = NULL;
    ig_trajectories t = states_of(0);
    for (size_t i = 0; i < ALL; i++) {
        returns[i] = -7;
    }
    assert_int_equal(ig_state_value_create(&options, 2, key, &value, NULL), IG_OK);
    ig_state_value_observe(value, &t);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(ig_state_value_fit(value, returns, i, NULL, NULL), IG_OK);
    }
    ig_state_value_predict(value, values);
    for (size_t i = 0; i < ALL; i++) {
        assert_true(fabsf(values[i] + 7) < 0.1f);
    }
    ig_state_value_destroy(&value);
    ig_trajectories_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(learns), cmocka_unit_test(linear),
                                       cmocka_unit_test(order), cmocka_unit_test(constant_returns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
