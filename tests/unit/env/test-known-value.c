/** Known value functions: the closed form of the linear one, plain rollouts of the others. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "env/known-value.h"

static double phi(ig_value_shape shape, double x)
{
    const double values[] = {x, tanh(x), sin(x), x * x};
    return values[shape];
}

static double next_state(const ig_known_value *m, double s)
{
    return m->shape == IG_VALUE_LINEAR ? m->slope * s + m->centre
                                       : m->centre + m->slope * (s - m->centre);
}

static double reward(const ig_known_value *m, double s)
{
    double here = phi(m->shape, m->scale * s);
    return m->shape == IG_VALUE_LINEAR
               ? here
               : here - m->gamma * phi(m->shape, m->scale * next_state(m, s));
}

/** J of the model that is off by `dyn` and `rew`, the naive way. */
static double value(const ig_known_value *m, double dyn, double rew)
{
    double s = m->slope == 1 ? m->centre : m->centre + 0.5, sum = 0, weight = 1;
    for (int t = 0; t < 3000; t++) {
        sum += weight * (reward(m, s) + rew);
        s = next_state(m, s) + dyn;
        weight *= m->gamma;
    }
    return sum;
}

static void test_value_is_known(void **state)
{
    (void)state;
    for (int shape = IG_VALUE_TANH; shape <= IG_VALUE_QUADRATIC; shape++) {
        const ig_known_value flat = {(ig_value_shape)shape, 0.9, 1, 1.3, 0.4};
        const ig_known_value steep = {(ig_value_shape)shape, 0.8, 0.5, 0.7, -0.4};
        assert_true(fabs(value(&flat, 0, 0) - phi(flat.shape, 1.3 * 0.4)) < 1e-12);
        assert_true(fabs(value(&steep, 0, 0) - phi(steep.shape, 0.7 * 0.1)) < 1e-12);
    }
}

static void test_gaps_against_plain_rollouts(void **state)
{
    (void)state;
    const double errors[] = {-0.3, -0.01, 0.02, 0.2, 1};
    for (int shape = IG_VALUE_LINEAR; shape <= IG_VALUE_QUADRATIC; shape++) {
        for (int slope = 0; slope < 3; slope++) {
            const ig_known_value m = {(ig_value_shape)shape, 0.9, 0.25 + 0.375 * slope, 1.2, 0.5};
            for (int i = 0; i < 5; i++) {
                double plain = fabs(value(&m, errors[i], 0) - value(&m, 0, 0));
                double gap = ig_known_value_gap_dynamics(&m, errors[i]);
                assert_true(fabs(gap - plain) < 1e-11 * (1 + plain));
                plain = fabs(value(&m, 0, errors[i]) - value(&m, 0, 0));
                assert_true(fabs(ig_known_value_gap_reward(&m, errors[i]) - plain) < 1e-11);
            }
            assert_true(ig_known_value_gap_dynamics(&m, 0) == 0);
        }
    }
}

/** gamma L_r / ((1 - gamma)(1 - gamma L_f)) e, however small e is and long the horizon. */
static void test_linear_is_exact(void **state)
{
    (void)state;
    const double slopes[] = {0, 0.25, 0.75, 1, 1.2}, gammas[] = {0.6, 0.8, 0.99};
    for (int i = 0; i < 5; i++) {
        for (int k = 0; k < 3; k++) {
            const double gamma = gammas[k], slope = slopes[i];
            if (gamma * slope >= 1) {
                continue;
            }
            const ig_known_value m = {IG_VALUE_LINEAR, gamma, slope, 2, 0.5};
            const double factor = gamma * 2 / ((1 - gamma) * (1 - gamma * slope));
            for (double e = 1e-12; e < 10; e *= 100) {
                assert_true(fabs(ig_known_value_gap_dynamics(&m, e) / (factor * e) - 1) < 1e-12);
                assert_true(fabs(ig_known_value_gap_reward(&m, e) * (1 - gamma) / e - 1) < 1e-12);
            }
        }
    }
}

static void test_steepest_against_a_grid(void **state)
{
    (void)state;
    for (int shape = IG_VALUE_TANH; shape <= IG_VALUE_QUADRATIC; shape++) {
        for (double centre = -4; centre < 4.1; centre += 0.7) {
            const ig_known_value m = {(ig_value_shape)shape, 0.9, 1, 1.1, centre};
            double steepest = 0;
            for (int i = 0; i < 20000; i++) {
                double s = centre - 0.8 + 1.6 * i / 19999, h = 1e-6;
                double slope =
                    (phi(m.shape, 1.1 * (s + h)) - phi(m.shape, 1.1 * (s - h))) / (2 * h);
                steepest = fmax(steepest, fabs(slope));
            }
            assert_true(fabs(ig_known_value_steepest(&m, 0.8) - steepest) < 1e-4);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value_is_known),
        cmocka_unit_test(test_gaps_against_plain_rollouts),
        cmocka_unit_test(test_linear_is_exact),
        cmocka_unit_test(test_steepest_against_a_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
