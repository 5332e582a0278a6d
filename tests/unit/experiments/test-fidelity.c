/** `fidelity`: measured and predicted errors agree, prices behave as Corollary 2 says, and where
 * they do not, the noise-free variance is the reason. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run-grid.h"

/* 100: much noise; 3: little. K is 64, 16 and 4. */
static const char text[] = "experiment: fidelity\n"
                           "seeds: 4\n"
                           "budget: 64\n"
                           "prices: [1, 16]\n"
                           "cost: [1, 4, 16]\n"
                           "noise: [3, 100]\n"
                           "replicates: 1000\n"
                           "reference: 4096\n"
                           "pilot: 2048\n"
                           "parts:\n"
                           "  - {curve: power, exponent: [0.5, 1, 1.5]}\n"
                           "  - {curve: [bounded, floor]}\n";

static run_grid run;

static int setup(void **state)
{
    (void)state;
    run_grid_init(text, &run);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    run_grid_clear(&run);
    return 0;
}

/** Sum over the seeds of a column at a price, and of its squared error where `error` is not NULL.
 */
static double sum_at(const char *curve, double exponent, double noise, double cost,
                     const char *column, double *error)
{
    double sum = 0, squares = 0;
    size_t n = 0;
    for (size_t t = 0; t < run.n_tasks; t++) {
        if (strcmp(run_grid_key(&run, t, "curve")->text, curve) == 0 &&
            run_grid_key(&run, t, "exponent")->real == exponent &&
            run_grid_key(&run, t, "noise")->real == noise &&
            run_grid_key(&run, t, "cost")->real == cost) {
            sum += run_grid_number(&run, t, column);
            squares += error ? pow(run_grid_number(&run, t, "added_error"), 2) : 0;
            n++;
        }
    }
    assert_int_equal(n, 4);
    if (error) {
        *error = sqrt(squares);
    }
    return sum;
}

/** What the noise adds at price `high` less that at `low`, in standard errors. */
static double rise(const char *curve, double exponent, double noise, double low, double high)
{
    double error_low, error_high;
    const double first = sum_at(curve, exponent, noise, low, "added", &error_low);
    const double last = sum_at(curve, exponent, noise, high, "added", &error_high);
    return (last - first) / hypot(error_low, error_high);
}

static void test_claims(void **state)
{
    (void)state;
    assert_int_equal(run_grid_broken(&run, "phi_test", 1), 0);
    assert_int_equal(run_grid_broken(&run, "mse_test", 1), 0);
}

static void test_corollary2(void **state)
{
    (void)state;
    assert_true(rise("power", 0.5, 100, 1, 16) > 5);
    assert_true(fabs(rise("power", 1, 100, 1, 16)) < 4);
    assert_true(rise("power", 1.5, 100, 1, 16) < -5);
    assert_true(rise("floor", 1, 100, 1, 16) > 5);
    assert_true(rise("bounded", 1, 100, 1, 4) > 5 && rise("bounded", 1, 100, 4, 16) < -5);
    assert_true(fabs(rise("bounded", 1, 100, 1, 16)) < 4);
}

static void test_predicted_prices(void **state)
{
    (void)state;
    assert_true(sum_at("power", 0.5, 100, 4, "best_phi", NULL) == 4 * 1);
    assert_true(sum_at("power", 1.5, 100, 4, "best_phi", NULL) == 4 * 16);
    assert_true(sum_at("power", 1.5, 100, 4, "best_total", NULL) == 4 * 16);
    assert_true(sum_at("floor", 1, 100, 4, "best_total", NULL) == 4 * 1);
    /* Little noise: the dearest is the best for Phi, and for the gradient no longer. */
    const double total = sum_at("power", 1.5, 3, 4, "best_total", NULL);
    assert_true(sum_at("power", 1.5, 3, 4, "best_phi", NULL) == 4 * 16);
    assert_true(total < 4 * 16);
    assert_true(sum_at("power", 1.5, 3, 1, "mse", NULL) <
                    sum_at("power", 1.5, 3, 16, "mse", NULL) ||
                sum_at("power", 1.5, 3, 4, "mse", NULL) < sum_at("power", 1.5, 3, 16, "mse", NULL));
    assert_true(sum_at("power", 1.5, 3, 16, "added", NULL) <
                sum_at("power", 1.5, 3, 1, "added", NULL));
}

/** A K that is not scaled to the same money, or a price forgotten, would be seen. */
static void test_mistakes(void **state)
{
    (void)state;
    for (size_t t = 0; t < run.n_tasks; t++) {
        const double cost = run_grid_key(&run, t, "cost")->real;
        const double k = run_grid_number(&run, t, "trajectories");
        const double measured = run_grid_number(&run, t, "mse");
        const double error = run_grid_number(&run, t, "mse_error");
        assert_true(k == 64 / cost);
        assert_true(fabs(measured * 1.6 - run_grid_number(&run, t, "mse_predicted")) > 4 * error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_corollary2),
        cmocka_unit_test(test_predicted_prices),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests_name("fidelity", tests, setup, teardown);
}
