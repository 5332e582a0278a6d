/** Every allocation of the policies' room fails once: IG_ERR_MEMORY, nothing leaked, outputs
 *  untouched. The linker sends the library's calls here (--wrap). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "imagrid/env.h"
#include "imagrid/policy.h"
#include "naive.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

/* Allocations until the one that fails; 0: none does. */
static size_t countdown;

static bool fails(void)
{
    return countdown > 0 && --countdown == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

typedef ig_status attempt(ig_gaussian *policy, ig_error *error);

/** Make allocation 1, 2, ... fail until all succeed; returns how many failed. */
static size_t fail_each(attempt *try)
{
    ig_gaussian policy = naive_policy(3, 5, 2, 0.3f);
    size_t k = 0;
    bool reached = true;
    while (reached) {
        ig_error error = {0};
        countdown = ++k;
        ig_status status = try(&policy, &error);
        reached = countdown == 0;
        countdown = 0;
        assert_int_equal(status, reached ? IG_ERR_MEMORY : IG_OK);
        assert_int_equal(error.status, status);
    }
    free(policy.parameters);
    return k - 1;
}

static ig_status try_trajectories(ig_gaussian *policy, ig_error *error)
{
    ig_trajectories t = {.n = 99};
    ig_status status = ig_trajectories_init(4, 5, policy->state, policy->action, &t, error);
    assert_true(status == IG_OK || t.n == 99);
    if (!status) {
        ig_trajectories_clear(&t);
    }
    return status;
}

static ig_status try_reinforce(ig_gaussian *policy, ig_error *error)
{
    ig_reinforce *r = NULL;
    ig_status status = ig_reinforce_create(IG_ISA_PORTABLE, policy, 4, 5, &r, error);
    assert_true((status == IG_OK) == (r != NULL));
    ig_reinforce_destroy(&r);
    return status;
}

static ig_status try_world(ig_gaussian *policy, ig_error *error)
{
    float dynamics[3 * 6] = {0}, reward[6] = {0};
    ig_student student = {policy->state, policy->action, 0, 0, dynamics, reward};
    ig_world world = {.state = 99};
    ig_status status = ig_world_student(IG_ISA_PORTABLE, &student, IG_SQUASH_TANH, &world, error);
    assert_true(status == IG_OK || world.state == 99);
    if (!status) {
        ig_world_clear(&world);
    }
    return status;
}

static ig_status try_optimizer(ig_gaussian *policy, ig_error *error)
{
    ig_optimizer *o = NULL;
    ig_status status =
        ig_optimizer_create(IG_ISA_PORTABLE, ig_gaussian_size(policy), 0.1f, &o, error);
    assert_true((status == IG_OK) == (o != NULL));
    ig_optimizer_destroy(&o);
    return status;
}

/** A world without memory of its own. */
static void start(void *context, ig_rng *rng, float *s)
{
    (void)context;
    s[0] = s[1] = s[2] = (float)ig_rng_uniform(rng);
}

static void step(void *context, size_t batch, const float *s, const float *a, float *next,
                 float *reward)
{
    (void)context;
    for (size_t b = 0; b < batch; b++) {
        reward[b] = -s[3 * b] * s[3 * b];
        next[3 * b] = s[3 * b] + a[2 * b];
        next[3 * b + 1] = next[3 * b + 2] = 0;
    }
}

static ig_status try_training(ig_gaussian *policy, ig_error *error)
{
    const ig_world world = {3, 2, start, step, NULL, NULL};
    ig_policy_train_options options = {
        .iterations = 2,
        .trajectories = 3,
        .steps = 4,
        .discount = 0.9,
        .learning_rate = 0.01f,
        .baseline = IG_BASELINE_VALUE,
        .value = {.hidden = 4, .epochs = 1, .minibatch = 5, .learning_rate = 0.01f},
        .isa = IG_ISA_PORTABLE};
    return ig_policy_train(&options, &world, ig_rng_key_make("memory", 0), policy, NULL, NULL,
                           error);
}

static void each(void **state)
{
    (void)state;
    assert_int_equal(fail_each(try_trajectories), 4);
    assert_true(fail_each(try_reinforce) > 6);
    assert_true(fail_each(try_world) > 6);
    assert_int_equal(fail_each(try_optimizer), 5);
    assert_true(fail_each(try_training) > 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
