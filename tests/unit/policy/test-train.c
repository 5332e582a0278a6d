/** Training a policy: it improves, repeats itself, stops, and says when the world runs away. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/env.h"
#include "imagrid/policy.h"
#include "naive.h"

static const ig_rng_key key = {{21, 22}};

enum { ITERATIONS = 60 };

static ig_policy_train_options small_options(ig_isa isa, ig_baseline baseline)
{
    return (ig_policy_train_options){
        .iterations = ITERATIONS,
        .trajectories = 40,
        .steps = 15,
        .discount = 0.95,
        .discount_state = IG_DISCOUNT_EXACT,
        .learning_rate = 0.05f,
        .baseline = baseline,
        .value = {.hidden = 16, .epochs = 2, .minibatch = 64, .learning_rate = 5e-3f},
        .isa = isa};
}

/** Mean over a tenth of the curve. */
static double mean_of(const double *curve)
{
    double sum = 0;
    for (int i = 0; i < ITERATIONS / 10; i++) {
        sum += curve[i] / (ITERATIONS / 10);
    }
    return sum;
}

/** Return lost, from -J at the start to -J at the end. */
static double improvement(const ig_policy_train_options *options, int hidden)
{
    ig_error error = {0};
    double curve[ITERATIONS];
    ig_gaussian policy = naive_policy(2, hidden, 2, 0.3f);
    ig_world world = naive_world(2, 2);
    assert_int_equal(ig_policy_train(options, &world, key, &policy, curve, NULL, &error), IG_OK);
    double first = mean_of(curve), last = mean_of(curve + ITERATIONS - ITERATIONS / 10);
    free(policy.parameters);
    ig_world_clear(&world);
    return last / first;
}

static void improves(void **unused)
{
    (void)unused;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        for (ig_baseline b = IG_BASELINE_NONE; b <= IG_BASELINE_VALUE; b++) {
            for (int i = 0; i < 4; i++) {
                ig_policy_train_options options = small_options(isa, b);
                options.normalise = i / 2;
                double left = improvement(&options, i % 2 ? 12 : 0);
                print_message("%s, baseline %d, normalise %d, hidden %d: %.3f of the cost left\n",
                              ig_isa_name(isa), (int)b, i / 2, i % 2 ? 12 : 0, left);
                assert_true(left < 0.8);
            }
        }
    }
}

static ig_status count(void *context)
{
    size_t *calls = context;
    ++*calls;
    return IG_OK;
}

static void repeats(void **unused)
{
    (void)unused;
    for (ig_baseline b = IG_BASELINE_NONE; b <= IG_BASELINE_VALUE; b++) {
        ig_policy_train_options options = small_options(ig_isa_detect(), b);
        ig_world world = naive_world(2, 2);
        float parameters[2][100];
        double curves[2][ITERATIONS];
        size_t calls = 0;
        ig_yield yield = {count, &calls};
        for (int i = 0; i < 2; i++) {
            ig_gaussian policy = naive_policy(2, 12, 2, 0.3f);
            assert_int_equal(
                ig_policy_train(&options, &world, key, &policy, curves[i], i ? &yield : NULL, NULL),
                IG_OK);
            memcpy(parameters[i], policy.parameters, 62 * sizeof(float));
            free(policy.parameters);
        }
        assert_memory_equal(parameters[0], parameters[1], 62 * sizeof(float));
        assert_memory_equal(curves[0], curves[1], sizeof curves[0]);
        assert_true(calls >= 2 * ITERATIONS);
        ig_world_clear(&world);
    }
}

/** naive_world with rewards so small that Adam's eps shows how long the gradient is. */
static void tiny_step(void *context, size_t batch, const float *s, const float *a, float *next,
                      float *reward)
{
    ig_world *inner = context;
    inner->step(inner->context, batch, s, a, next, reward);
    for (size_t b = 0; b < batch; b++) {
        reward[b] *= 1e-9f;
    }
}

static void inner_start(void *context, ig_rng *rng, float *s)
{
    ig_world *inner = context;
    inner->start(inner->context, rng, s);
}

/** Weights of the first iteration's scores by the definition. */
static void first_weights(const ig_policy_train_options *o, const ig_trajectories *t,
                          float *weights)
{
    float baseline[600];
    double squares = 0;
    ig_reinforce_returns(40, 15, 15, 0.95, IG_DISCOUNT_PAPER, t->rewards, weights);
    ig_policy_baseline_mean(40, 15, weights, baseline);
    ig_policy_advantages(40, 15, 0.95, o->discount_state, weights,
                         o->baseline == IG_BASELINE_NONE ? NULL : baseline, weights);
    for (size_t i = 0; i < 600; i++) {
        squares += (double)weights[i] * (double)weights[i];
    }
    double scale = o->normalise ? 1 / sqrt(squares / 600) : 1;
    for (size_t i = 0; i < 600; i++) {
        weights[i] = (float)(scale * (double)weights[i] / 40);
    }
}

/** Adam's first step is the learning rate times g / (|g| + 1e-8). */
static void check_first_step(const ig_policy_train_options *options)
{
    ig_error error = {0};
    ig_gaussian policy = naive_policy(2, 12, 2, 0.3f), before = naive_policy(2, 12, 2, 0.3f);
    ig_world inner = naive_world(2, 2), world = {2, 2, inner_start, tiny_step, &inner, NULL};
    ig_trajectories t;
    ig_reinforce *r = NULL;
    float weights[600], gradient[62];
    double curve, sum = 0;
    assert_int_equal(ig_trajectories_init(40, 15, 2, 2, &t, &error), IG_OK);
    assert_int_equal(ig_reinforce_create(options->isa, &before, 40, 15, &r, &error), IG_OK);
    assert_int_equal(
        ig_reinforce_rollout(r, &before, &world, key, IG_STREAM_POLICY, 0, false, &t, NULL, &error),
        IG_OK);
    for (size_t i = 0; i < 600; i++) {
        sum += pow(0.95, (double)(i / 40)) * (double)t.rewards[i] / 40;
    }
    first_weights(options, &t, weights);
    ig_reinforce_gradient(r, &before, &t, 0, 40, 15, weights, gradient);
    assert_int_equal(ig_policy_train(options, &world, key, &policy, &curve, NULL, &error), IG_OK);
    assert_true(fabs(curve / sum - 1) < 1e-5);
    for (size_t i = 0; i < 62; i++) {
        double g = (double)gradient[i], wanted = 0.05 * g / (fabs(g) + 1e-8);
        double step = (double)policy.parameters[i] - (double)before.parameters[i];
        assert_true(fabs(step - wanted) < 1e-5);
    }
    ig_reinforce_destroy(&r);
    ig_trajectories_clear(&t);
    ig_world_clear(&inner);
    free(policy.parameters);
    free(before.parameters);
}

/** In the first iteration the value network knows nothing, and the mean stands in. */
static void first_step(void **unused)
{
    (void)unused;
    for (ig_baseline b = IG_BASELINE_NONE; b <= IG_BASELINE_VALUE; b++) {
        for (int i = 0; i < 4; i++) {
            ig_policy_train_options options = small_options(ig_isa_detect(), b);
            options.iterations = 1;
            options.normalise = i / 2;
            options.discount_state = i % 2 ? IG_DISCOUNT_EXACT : IG_DISCOUNT_PAPER;
            check_first_step(&options);
        }
    }
}

static void runs_away(void **unused)
{
    (void)unused;
    ig_error error = {0};
    float dynamics[3] = {1e30f, 0, 0}, reward[3] = {1, 0, 0}, parameters[2] = {0.1f, 0.2f};
    ig_student student = {1, 1, 0, 0, dynamics, reward};
    ig_gaussian policy = {1, 0, 1, 0.5f, parameters};
    ig_world world;
    for (ig_baseline b = IG_BASELINE_NONE; b <= IG_BASELINE_VALUE; b++) {
        ig_policy_train_options options = small_options(ig_isa_detect(), b);
        assert_int_equal(ig_world_student(options.isa, &student, IG_SQUASH_NONE, &world, &error),
                         IG_OK);
        assert_int_equal(ig_policy_train(&options, &world, key, &policy, NULL, NULL, &error),
                         IG_ERR_NUMERIC);
        assert_string_equal(error.text, "iteration 1: the policy's gradient is not finite; nor are "
                                        "the returns of 40 of 40 trajectories");
        assert_true(parameters[0] == 0.1f && parameters[1] == 0.2f);
        ig_world_clear(&world);
    }
}

/** Counts calls down and stops at zero. */
static ig_status stop_later(void *context)
{
    size_t *left = context;
    return --*left == 0 ? IG_ERR_STOPPED : IG_OK;
}

static void stops_anywhere(void **unused)
{
    (void)unused;
    ig_policy_train_options options = small_options(ig_isa_detect(), IG_BASELINE_VALUE);
    options.iterations = 2;
    ig_world world = naive_world(2, 2);
    ig_status status = IG_ERR_STOPPED;
    size_t places = 0;
    options.value.minibatch = 600;
    options.value.epochs = 200;
    while (status == IG_ERR_STOPPED) {
        ig_error error = {0};
        ig_gaussian policy = naive_policy(2, 12, 2, 0.3f);
        size_t left = ++places;
        ig_yield yield = {stop_later, &left};
        status = ig_policy_train(&options, &world, key, &policy, NULL, &yield, &error);
        assert_true(status == IG_OK || status == IG_ERR_STOPPED);
        assert_int_equal(error.status, status);
        free(policy.parameters);
    }
    assert_int_equal(status, IG_OK);
    assert_true(places > 6);
    ig_world_clear(&world);
}

static void optimizer(void **unused)
{
    (void)unused;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        ig_optimizer *o = NULL;
        float x[19], y[19], gradient[19];
        double m[19] = {0}, v[19] = {0}, p[19];
        assert_int_equal(ig_optimizer_create(isa, 19, 0.01f, &o, NULL), IG_OK);
        for (size_t i = 0; i < 19; i++) {
            x[i] = (float)i * 0.1f;
            p[i] = (double)x[i];
        }
        for (int t = 1; t <= 30; t++) {
            for (size_t i = 0; i < 19; i++) {
                gradient[i] = (float)sin((double)(i + 1) * t);
                double g = -(double)gradient[i];
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.999 * v[i] + 0.001 * g * g;
                p[i] -= 0.01 * m[i] / (1 - pow(0.9, t)) / (sqrt(v[i] / (1 - pow(0.999, t))) + 1e-8);
            }
            ig_optimizer_ascend(o, gradient, x);
        }
        for (size_t i = 0; i < 19; i++) {
            assert_true(fabs((double)x[i] - p[i]) < 1e-5);
        }
        ig_optimizer_destroy(&o);
        ig_optimizer_destroy(&o);
        assert_int_equal(ig_optimizer_create(isa, 19, 0.01f, &o, NULL), IG_OK);
        memset(y, 0, sizeof y);
        ig_optimizer_descend(o, gradient, y);
        for (size_t i = 0; i < 19; i++) {
            assert_true(fabsf(y[i] + copysignf(0.01f, gradient[i])) < 1e-5f);
        }
        ig_optimizer_destroy(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(improves),  cmocka_unit_test(repeats),        cmocka_unit_test(first_step),
        cmocka_unit_test(runs_away), cmocka_unit_test(stops_anywhere), cmocka_unit_test(optimizer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
