/* Policy gradients and Adam's ascent against PyTorch's, on its trajectories. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/policy.h"

/** A file of tests/reference/make-policy-fixture.py, which describes it. */
typedef struct fixture {
    ig_gaussian policy;
    ig_trajectories t; /**< without noise */
    size_t updates, size;
    float gamma, rate, *gradients, *after;
} fixture;

static float *read_floats(FILE *file, size_t n)
{
    float *array = malloc(n * sizeof *array);
    assert_non_null(array);
    assert_int_equal(fread(array, sizeof *array, n, file), n);
    return array;
}

static fixture read_fixture(const char *name)
{
    char path[512], magic[8];
    int32_t n[6];
    float numbers[3];
    snprintf(path, sizeof path, "%s/%s", getenv("IMAGRID_REFERENCE"), name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(magic, 1, sizeof magic, file), sizeof magic);
    assert_memory_equal(magic, "IGPOLICY", sizeof magic);
    assert_int_equal(fread(n, sizeof *n, 6, file), 6);
    assert_int_equal(fread(numbers, sizeof *numbers, 3, file), 3);
    fixture f = {.policy = {n[0], n[1], n[2], numbers[0], NULL},
                 .t = {.n = (size_t)n[3], .steps = (size_t)n[4], .state = n[0], .action = n[2]},
                 .updates = (size_t)n[5],
                 .gamma = numbers[1],
                 .rate = numbers[2]};
    size_t all = f.t.n * f.t.steps;
    f.size = ig_gaussian_size(&f.policy);
    f.policy.parameters = read_floats(file, f.size);
    f.t.states = read_floats(file, all * (size_t)f.t.state);
    f.t.actions = read_floats(file, all * (size_t)f.t.action);
    f.t.rewards = read_floats(file, all);
    f.gradients = read_floats(file, f.updates * f.size);
    f.after = read_floats(file, f.size);
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    return f;
}

/** Largest difference over the largest number of b. */
static double apart(size_t n, const float *a, const float *b)
{
    double most = 0, scale = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = fabs((double)a[i] - (double)b[i]);
        most = difference > most || isnan(difference) ? difference : most;
        scale = fmax(scale, fabs((double)b[i]));
    }
    return most / scale;
}

static void check(const char *name, ig_isa isa)
{
    fixture f = read_fixture(name);
    size_t all = f.t.n * f.t.steps;
    float *weights = malloc(all * sizeof *weights), *gradient = malloc(f.size * sizeof *gradient);
    ig_reinforce *r = NULL;
    ig_optimizer *o = NULL;
    assert_true(weights && gradient);
    assert_int_equal(ig_reinforce_create(isa, &f.policy, f.t.n, f.t.steps, &r, NULL), IG_OK);
    assert_int_equal(ig_optimizer_create(isa, f.size, f.rate, &o, NULL), IG_OK);
    ig_reinforce_returns(f.t.n, f.t.steps, f.t.steps, (double)f.gamma, IG_DISCOUNT_EXACT,
                         f.t.rewards, weights);
    for (size_t i = 0; i < all; i++) {
        weights[i] /= (float)f.t.n;
    }
    double worst = 0;
    for (size_t update = 0; update < f.updates; update++) {
        ig_reinforce_gradient(r, &f.policy, &f.t, 0, f.t.n, f.t.steps, weights, gradient);
        worst = fmax(worst, apart(f.size, gradient, f.gradients + update * f.size));
        ig_optimizer_ascend(o, gradient, f.policy.parameters);
    }
    double end = apart(f.size, f.policy.parameters, f.after);
    print_message("%s, %s: gradients %.1g apart, parameters %.1g\n", name, ig_isa_name(isa), worst,
                  end);
    assert_true(f.updates == 5 && worst < 1e-5 && end < 1e-5);
    ig_optimizer_destroy(&o);
    ig_reinforce_destroy(&r);
    ig_trajectories_clear(&f.t);
    free(f.policy.parameters);
    free(f.gradients);
    free(f.after);
    free(weights);
    free(gradient);
}

static void as_pytorch(void **state)
{
    (void)state;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        check("policy-paper.bin", isa);
        check("policy-linear.bin", isa);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pytorch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
