/** Returns, baselines and advantages against double loops, and the estimator's mean where the true
 *  gradient is known. */
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

static void returns(void **unused)
{
    (void)unused;
    static const size_t sizes[][3] = {{1, 1, 1}, {3, 5, 5}, {64, 7, 4}, {65, 3, 0}, {130, 9, 1}};
    ig_rng rng = ig_rng_start(ig_rng_key_make("returns", 0), IG_STREAM_NOISE, 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i][0], h = sizes[i][1], steps = sizes[i][2];
        float rewards[130 * 9], weights[130 * 9];
        for (size_t j = 0; j < n * h; j++) {
            rewards[j] = (float)ig_rng_normal(&rng);
        }
        for (int exact = 0; exact < 2; exact++) {
            memset(weights, 0x41, sizeof weights); /* 12.1 each */
            ig_reinforce_returns(n, h, steps, 0.9, exact ? IG_DISCOUNT_EXACT : IG_DISCOUNT_PAPER,
                                 rewards, weights);
            for (size_t t = 0; t < h; t++) {
                for (size_t k = 0; k < n; k++) {
                    double sum = 0;
                    for (size_t later = t; later < steps; later++) {
                        sum += pow(0.9, (double)(exact ? later : later - t)) *
                               (double)rewards[later * n + k];
                    }
                    assert_true(fabs((double)weights[t * n + k] - sum) < 1e-6);
                }
            }
        }
    }
}

static void advantages(void **unused)
{
    (void)unused;
    enum { N = 5, STEPS = 3 };
    float g[N * STEPS], baseline[N * STEPS], weights[N * STEPS], alone[1] = {3};
    for (size_t i = 0; i < N * STEPS; i++) {
        g[i] = (float)(i * i % 11);
    }
    ig_policy_baseline_mean(N, STEPS, g, baseline);
    for (size_t i = 0; i < N * STEPS; i++) {
        double others = -(double)g[i];
        for (size_t k = 0; k < N; k++) {
            others += (double)g[i / N * N + k];
        }
        assert_true(fabs((double)baseline[i] - others / (N - 1)) < 1e-6);
    }
    for (int exact = 0; exact < 2; exact++) {
        for (int with = 0; with < 2; with++) {
            ig_policy_advantages(N, STEPS, 0.8, exact ? IG_DISCOUNT_EXACT : IG_DISCOUNT_PAPER, g,
                                 with ? baseline : NULL, weights);
            for (size_t i = 0; i < N * STEPS; i++) {
                double wanted = (double)g[i] - (with ? (double)baseline[i] : 0);
                wanted *= exact ? pow(0.8, (double)(i / N)) : 1;
                assert_true(fabs((double)weights[i] - wanted) < 1e-6);
            }
        }
    }
    ig_policy_baseline_mean(1, 1, alone, alone);
    assert_true(alone[0] == 0);
}

/** A linear policy of one state and one action, w = 0.3 and b = 0.5, std 0.8, for three steps of
 *  naive_world: with A = 0.9 + 0.1 w, B = 0.1 b, c = (0.1 std)^2,
 *      J = -(1 + gamma (A^2 + B^2 + c) + gamma^2 (A^4 + A^2 B^2 + A^2 c + B^2 + 2 A B^2 + c)). */
static void true_gradient(double gamma, double *gradient)
{
    double a = 0.9 + 0.1 * 0.3, b = 0.1 * 0.5, c = 0.08 * 0.08;
    gradient[0] = -0.1 * (2 * gamma * a +
                          gamma * gamma * (4 * a * a * a + 2 * a * b * b + 2 * a * c + 2 * b * b));
    gradient[1] = -0.1 * (2 * gamma * b + gamma * gamma * (2 * a * a * b + 2 * b + 4 * a * b));
}

typedef enum choice { PLAIN, OTHERS, ALL, STATE_VALUE } choice;

/** Weights of the scores, 1/K included, with one of several baselines. */
static void weigh(const ig_trajectories *t, double gamma, ig_discount_state discount, choice which,
                  float *weights)
{
    float g[12], baseline[12];
    ig_reinforce_returns(t->n, t->steps, t->steps, gamma, IG_DISCOUNT_PAPER, t->rewards, g);
    ig_policy_baseline_mean(t->n, t->steps, g, baseline);
    for (size_t i = 0; i < 12; i++) {
        if (which == ALL) {
            baseline[i] += (g[i] - baseline[i]) / (float)t->n;
        } else if (which == STATE_VALUE) {
            baseline[i] = -2 * t->states[i] * t->states[i] + 0.3f * t->states[i];
        }
    }
    ig_policy_advantages(t->n, t->steps, gamma, discount, g, which == PLAIN ? NULL : baseline,
                         weights);
    for (size_t i = 0; i < 12; i++) {
        weights[i] /= (float)t->n;
    }
}

/** Means of the estimate over many batches, in standard errors away from the true gradient; the
 *  estimate's variance, summed over both coordinates, into `variance`. */
static double z_score(ig_discount_state discount, choice which, double *variance)
{
    enum { N = 4, STEPS = 3, REPEATS = 200000 };
    const double gamma = 0.8;
    float parameters[] = {0.3f, 0.5f}, weights[N * STEPS], gradient[2];
    ig_gaussian policy = {1, 0, 1, 0.8f, parameters};
    ig_world world = naive_world(1, 1);
    ig_trajectories t;
    ig_reinforce *r = NULL;
    ig_error error = {0};
    assert_int_equal(ig_trajectories_init(N, STEPS, 1, 1, &t, &error), IG_OK);
    assert_int_equal(ig_reinforce_create(ig_isa_detect(), &policy, N, STEPS, &r, &error), IG_OK);
    double sum[2] = {0}, squares[2] = {0}, truth[2], worst = 0;
    for (uint64_t i = 0; i < REPEATS; i++) {
        assert_int_equal(ig_reinforce_rollout(r, &policy, &world, ig_rng_key_make("z", 1),
                                              IG_STREAM_NOISE, i * N, false, &t, NULL, &error),
                         IG_OK);
        weigh(&t, gamma, discount, which, weights);
        ig_reinforce_gradient(r, &policy, &t, 0, N, STEPS, weights, gradient);
        for (int j = 0; j < 2; j++) {
            sum[j] += (double)gradient[j];
            squares[j] += (double)gradient[j] * (double)gradient[j];
        }
    }
    true_gradient(gamma, truth);
    *variance = 0;
    for (int j = 0; j < 2; j++) {
        double mean = sum[j] / REPEATS, spread = squares[j] / REPEATS - mean * mean;
        worst = fmax(worst, fabs(mean - truth[j]) / sqrt(spread / REPEATS));
        *variance += spread;
    }
    ig_reinforce_destroy(&r);
    ig_trajectories_clear(&t);
    ig_world_clear(&world);
    return worst;
}

static void unbiased(void **unused)
{
    (void)unused;
    double plain, mean, value, other;
    double z[] = {z_score(IG_DISCOUNT_EXACT, PLAIN, &plain),
                  z_score(IG_DISCOUNT_EXACT, OTHERS, &mean),
                  z_score(IG_DISCOUNT_EXACT, STATE_VALUE, &value)};
    print_message("z-scores: none %.2f, mean %.2f, value %.2f; variances %.3f, %.3f, %.3f\n", z[0],
                  z[1], z[2], plain, mean, value);
    for (size_t i = 0; i < 3; i++) {
        assert_true(z[i] < 4);
    }
    assert_true(mean < plain && value < plain);
    /* The same test sees the paper's discounting, and a mean over all trajectories. */
    assert_true(z_score(IG_DISCOUNT_PAPER, STATE_VALUE, &other) > 5);
    assert_true(z_score(IG_DISCOUNT_EXACT, ALL, &other) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(returns), cmocka_unit_test(advantages),
                                       cmocka_unit_test(unbiased)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
