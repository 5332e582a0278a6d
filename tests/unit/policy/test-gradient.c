/** The policy gradient against finite differences in double, for every instruction set. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/policy.h"
#include "naive.h"

/** A rolled batch of one shape, with weights, on one instruction set. */
typedef struct batch {
    ig_gaussian policy;
    ig_world world;
    ig_trajectories t;
    ig_reinforce *reinforce;
    float *weights, *gradient;
    double *expected;
    size_t size;
} batch;

static const ig_rng_key key = {{11, 12}};

static batch batch_make(ig_isa isa, int state, int hidden, int action, size_t n, size_t steps)
{
    ig_error error = {0};
    batch b = {.policy = naive_policy(state, hidden, action, 0.4f),
               .world = naive_world(state, action)};
    b.size = ig_gaussian_size(&b.policy);
    assert_int_equal(ig_trajectories_init(n, steps, state, action, &b.t, &error), IG_OK);
    assert_int_equal(ig_reinforce_create(isa, &b.policy, n, steps, &b.reinforce, &error), IG_OK);
    assert_int_equal(ig_reinforce_rollout(b.reinforce, &b.policy, &b.world, key, IG_STREAM_NOISE, 0,
                                          false, &b.t, NULL, &error),
                     IG_OK);
    b.weights = malloc(n * steps * sizeof *b.weights);
    b.gradient = malloc(b.size * sizeof *b.gradient);
    b.expected = malloc(b.size * sizeof *b.expected);
    assert_true(b.weights && b.gradient && b.expected);
    ig_rng rng = ig_rng_start(key, IG_STREAM_DATA, 0);
    for (size_t i = 0; i < n * steps; i++) {
        b.weights[i] = (float)ig_rng_normal(&rng);
    }
    return b;
}

static void batch_clear(batch *b)
{
    free(b->policy.parameters);
    ig_world_clear(&b->world);
    ig_trajectories_clear(&b->t);
    ig_reinforce_destroy(&b->reinforce);
    free(b->weights);
    free(b->gradient);
    free(b->expected);
}

static void check_range(batch *b, size_t begin, size_t end, size_t steps)
{
    ig_reinforce_gradient(b->reinforce, &b->policy, &b->t, begin, end, steps, b->weights,
                          b->gradient);
    naive_gradient(&b->policy, &b->t, begin, end, steps, b->weights, b->expected);
    assert_true(naive_difference(b->size, b->gradient, b->expected) < 2e-5);
}

static void finite_differences(void **unused)
{
    (void)unused;
    static const struct {
        int state, hidden, action;
        size_t n, steps;
    } shapes[] = {{1, 0, 1, 1, 1},   {3, 0, 2, 5, 7},   {1, 1, 1, 2, 3},    {12, 0, 4, 9, 11},
                  {12, 13, 4, 7, 9}, {5, 17, 1, 6, 8},  {17, 33, 16, 3, 5}, {4, 64, 17, 50, 1},
                  {2, 3, 3, 1, 49},  {15, 16, 2, 48, 2}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
            size_t n = shapes[i].n, steps = shapes[i].steps;
            batch b =
                batch_make(isa, shapes[i].state, shapes[i].hidden, shapes[i].action, n, steps);
            check_range(&b, 0, n, steps);
            check_range(&b, n - 1, n, (steps + 1) / 2);
            check_range(&b, n / 2, n / 2 + 1, steps);
            batch_clear(&b);
        }
    }
}

/** Other parameters than those the trajectories were rolled with: a - mu is not std * noise. */
static void other_parameters(void **unused)
{
    (void)unused;
    for (int hidden = 0; hidden < 20; hidden += 19) {
        batch b = batch_make(ig_isa_detect(), 6, hidden, 3, 10, 6);
        for (size_t i = 0; i < b.size; i++) {
            b.policy.parameters[i] += 0.1f * (float)(i % 3);
        }
        b.policy.std = 0.7f;
        check_range(&b, 0, 10, 6);
        batch_clear(&b);
    }
}

static void empty_ranges(void **unused)
{
    (void)unused;
    batch b = batch_make(ig_isa_detect(), 3, 5, 2, 4, 6);
    for (int which = 0; which < 2; which++) {
        memset(b.gradient, 1, b.size * sizeof *b.gradient);
        ig_reinforce_gradient(b.reinforce, &b.policy, &b.t, 2, which ? 2 : 3, which ? 6 : 0,
                              b.weights, b.gradient);
        for (size_t i = 0; i < b.size; i++) {
            assert_true(b.gradient[i] == 0);
        }
    }
    batch_clear(&b);
}

/** Gradients of single trajectories add up to the batch's. */
static void trajectories_add_up(void **unused)
{
    (void)unused;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        batch b = batch_make(isa, 12, 64, 4, 130, 20);
        memset(b.expected, 0, b.size * sizeof *b.expected);
        for (size_t k = 0; k < b.t.n; k++) {
            ig_reinforce_gradient(b.reinforce, &b.policy, &b.t, k, k + 1, 20, b.weights,
                                  b.gradient);
            for (size_t i = 0; i < b.size; i++) {
                b.expected[i] += (double)b.gradient[i];
            }
        }
        ig_reinforce_gradient(b.reinforce, &b.policy, &b.t, 0, b.t.n, 20, b.weights, b.gradient);
        assert_true(naive_difference(b.size, b.gradient, b.expected) < 1e-5);
        batch_clear(&b);
    }
}

/** ||grad log pi||^2 of every step, from that step's own gradient. */
static void score_norms(void **unused)
{
    (void)unused;
    static const int shapes[][3] = {{12, 20, 4}, {5, 7, 1}, {3, 0, 2}, {4, 0, 1}, {20, 33, 17}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
            batch b = batch_make(isa, shapes[i][0], shapes[i][1], shapes[i][2], 7, 9);
            float norms[7 * 9], only[7 * 9] = {0};
            ig_reinforce_score_norms(b.reinforce, &b.policy, &b.t, norms);
            for (size_t at = 0; at < 7 * 9; at++) {
                double sum = 0;
                only[at] = 1;
                ig_reinforce_gradient(b.reinforce, &b.policy, &b.t, at % 7, at % 7 + 1, 9, only,
                                      b.gradient);
                only[at] = 0;
                for (size_t j = 0; j < b.size; j++) {
                    sum += (double)b.gradient[j] * (double)b.gradient[j];
                }
                assert_true(fabs((double)norms[at] - sum) < 1e-5 * sum);
            }
            batch_clear(&b);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finite_differences), cmocka_unit_test(other_parameters),
        cmocka_unit_test(empty_ranges), cmocka_unit_test(trajectories_add_up),
        cmocka_unit_test(score_norms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
