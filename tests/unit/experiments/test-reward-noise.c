/** The checks of `reward_noise` on a small grid: they pass, with the floor where Proposition 2 says
 * it is, and they fail for noise, bounds and weights that are a little wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run-grid.h"

/** What is done to the noise of the rewards: the other normal numbers are left alone. */
static struct {
    float mean, scale;
} mistake = {0, 1};

/* The linker puts the first in place of the second. */
void __wrap_ig_normals(ig_isa isa, ig_rng *rng, size_t n, float *x);
void __real_ig_normals(ig_isa isa, ig_rng *rng, size_t n, float *x);

void __wrap_ig_normals(ig_isa isa, ig_rng *rng, size_t n, float *x)
{
    __real_ig_normals(isa, rng, n, x);
    for (size_t i = 0; rng->counter[3] == IG_STREAM_NOISE && i < n; i++) {
        x[i] = mistake.mean + mistake.scale * x[i];
    }
}

static const char *const claims[] = {"share", "added_test", "noise_test", "unbiased_test",
                                     "floor_test"};
enum { CLAIMS = sizeof claims / sizeof *claims };

static const char small[] = "experiment: reward_noise\n"
                            "seeds: 2\n"
                            "replicates: 1000\n"
                            "reference: 16384\n"
                            "parts:\n"
                            "  - {trajectories: [1, 16], sigma: [0, 0.3, 3], horizon: 10,\n"
                            "     bias: [none, constant, state], gamma: [0.9, 0.99]}\n"
                            "  - {trajectories: 4, sigma: 1, horizon: 5, bias: state,\n"
                            "     gamma: 0.9, baseline: [mean, value], teacher_gain: scaled}\n"
                            "  - {trajectories: 4, sigma: 1, horizon: 5, bias: state,\n"
                            "     gamma: 0.9, dims.policy: 8}\n"
                            "  - {trajectories: 2, sigma: 3, horizon: 10, gamma: 0.001,\n"
                            "     discount_state: paper, dims.action: 32}\n";

static void test_the_claims_hold(void **state)
{
    (void)state;
    run_grid run;
    run_grid_init(small, &run);
    for (int i = 0; i < CLAIMS; i++) {
        if (run_grid_broken(&run, claims[i], 1)) {
            fail_msg("%s is above 1", claims[i]);
        }
    }
    for (size_t t = 0; t < run.n_tasks; t++) {
        /* Little noise drowns in how it happens to fall in with the gradients. */
        const double sigma = run_grid_key(&run, t, "sigma")->real;
        const double variance = run_grid_number(&run, t, "variance");
        const double free = run_grid_number(&run, t, "variance_noise_free");
        assert_true(sigma > 0 ? sigma < 1 || variance > free : variance == free);
        assert_true(run_grid_number(&run, t, "share_low") <= run_grid_number(&run, t, "share"));
        assert_true(run_grid_number(&run, t, "share_high") >= run_grid_number(&run, t, "share"));
        assert_true(sigma < 3 || fabs(run_grid_number(&run, t, "added_ratio") - 1) < 0.5);
    }
    run_grid_clear(&run);
}

/** The floor of each kind of bias, from many replicates of one teacher. */
static void test_the_floor(void **state)
{
    (void)state;
    run_grid run;
    run_grid_init("experiment: reward_noise\n"
                  "seeds: [0, 2]\n"
                  "replicates: 3000\n"
                  "reference: 200000\n"
                  "trajectories: 64\n"
                  "horizon: 5\n"
                  "bias: [constant, state]\n"
                  "discount_state: [paper, exact]\n",
                  &run);
    for (size_t t = 0; t < run.n_tasks; t++) {
        const char *bias = run_grid_key(&run, t, "bias")->text;
        const char *discount = run_grid_key(&run, t, "discount_state")->text;
        const double floor = run_grid_number(&run, t, "floor");
        const double error = run_grid_number(&run, t, "floor_error");
        const double ratio = run_grid_number(&run, t, "floor_ratio");
        if (strcmp(bias, "constant") == 0) {
            /* A constant reward has no gradient, however it is discounted. */
            assert_true(fabs(floor) < 5 * error && ratio == 0);
        } else if (strcmp(discount, "exact") == 0) {
            assert_true(fabs(ratio - 1) < 0.05);
            const double mse = run_grid_number(&run, t, "mse");
            assert_true(fabs(mse / run_grid_number(&run, t, "mse_predicted") - 1) < 0.05);
        }
    }
    run_grid_clear(&run);
}

/** A bound with a factor forgotten is a share multiplied by it. */
static void test_mistaken_bounds(void **state)
{
    (void)state;
    run_grid run;
    run_grid_init("experiment: reward_noise\n"
                  "seeds: 3\n"
                  "replicates: 1000\n"
                  "reference: 8192\n"
                  "trajectories: 2\n"
                  "sigma: 2\n"
                  "horizon: 10\n"
                  "gamma: 0.001\n"
                  "discount_state: paper\n"
                  "dims.action: 32\n",
                  &run);
    const double h = 10, sigma = 2;
    assert_int_equal(run_grid_broken(&run, "share", 1), 0);
    assert_int_equal(run_grid_broken(&run, "share", h), 3);
    assert_int_equal(run_grid_broken(&run, "share", sigma), 3);
    run_grid_clear(&run);
}

/** One step: of the bound only the (1 - gamma)^2 is left unused. */
static void test_one_step(void **state)
{
    (void)state;
    run_grid run;
    run_grid_init("experiment: reward_noise\n"
                  "seeds: 3\n"
                  "replicates: 2000\n"
                  "trajectories: 2\n"
                  "horizon: 1\n"
                  "baseline: mean\n"
                  "gamma: [0.001, 0.5]\n",
                  &run);
    for (size_t t = 0; t < run.n_tasks; t++) {
        const double left = pow(1 - run_grid_key(&run, t, "gamma")->real, 2);
        assert_true(fabs(run_grid_number(&run, t, "share") / left - 1) < 0.15);
        assert_true(
            fabs(run_grid_number(&run, t, "added") / run_grid_number(&run, t, "bound") / left - 1) <
            1e-9);
    }
    assert_int_equal(run_grid_broken(&run, "share", 1), 0);
    run_grid_clear(&run);
}

static size_t broken_by(float mean, float scale, const char *claim)
{
    run_grid run;
    mistake.mean = mean;
    mistake.scale = scale;
    run_grid_init("experiment: reward_noise\n"
                  "seeds: 2\n"
                  "replicates: 2000\n"
                  "reference: 8192\n"
                  "trajectories: 4\n"
                  "sigma: 3\n"
                  "bias: [none, constant, state]\n",
                  &run);
    mistake.mean = 0;
    mistake.scale = 1;
    size_t broken = run_grid_broken(&run, claim, 1);
    run_grid_clear(&run);
    return broken;
}

static void test_mistaken_noise(void **state)
{
    (void)state;
    for (int i = 0; i < CLAIMS; i++) {
        assert_int_equal(broken_by(0, 1, claims[i]), 0);
    }
    assert_int_equal(broken_by(0.05f, 1, "noise_test"), 6);
    /* The mean of a noise is a constant bias, which no gradient shows. */
    assert_int_equal(broken_by(0.05f, 1, "unbiased_test"), 0);
    assert_int_equal(broken_by(0, 1.05f, "noise_test"), 6);
    assert_int_equal(broken_by(0, 1.5f, "added_test"), 6);
}

/** The paper's weights under the claim that is made of the exact ones. */
static void test_mistaken_weights(void **state)
{
    (void)state;
    run_grid run;
    run_grid_init("experiment: reward_noise\n"
                  "seeds: 2\n"
                  "replicates: 2000\n"
                  "reference: 65536\n"
                  "trajectories: 64\n"
                  "horizon: 5\n"
                  "gamma: 0.5\n"
                  "discount_state: [paper, exact]\n",
                  &run);
    for (size_t t = 0; t < run.n_tasks; t++) {
        const bool paper = strcmp(run_grid_key(&run, t, "discount_state")->text, "paper") == 0;
        assert_true(paper == (run_grid_number(&run, t, "unbiased_test") > 1));
        assert_true(run_grid_number(&run, t, "paper_offset2") >
                    10 * fabs(run_grid_number(&run, t, "exact_offset2")));
    }
    run_grid_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_claims_hold), cmocka_unit_test(test_the_floor),
        cmocka_unit_test(test_mistaken_bounds), cmocka_unit_test(test_one_step),
        cmocka_unit_test(test_mistaken_noise),  cmocka_unit_test(test_mistaken_weights),
    };
    return cmocka_run_group_tests_name("reward_noise", tests, NULL, NULL);
}
