/** Corollary 2: noise curves, Phi, and best prices against a search through all of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/rng.h"
#include "theory/theory.h"

enum { GRID = 20001 };

static void check_close(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected))) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}

static double phi(const ig_fidelity *f, double c)
{
    double value = (double)NAN;
    assert_int_equal(ig_fidelity_phi(f, c, &value, NULL), IG_OK);
    return value;
}

static ig_best_cost best(const ig_fidelity *f, double low, double high, double v, double h)
{
    ig_best_cost b;
    assert_int_equal(ig_fidelity_best(f, low, high, v, h, &b, NULL), IG_OK);
    return b;
}

static void test_curves(void **state)
{
    (void)state;
    const ig_fidelity power = {.family = IG_FIDELITY_POWER, .scale = 8, .exponent = 1.5};
    const ig_fidelity bounded = {.family = IG_FIDELITY_BOUNDED, .scale = 8, .clean = 10};
    const ig_fidelity floored = {.family = IG_FIDELITY_FLOOR, .scale = 8, .floor = 3};
    double variance;
    assert_int_equal(ig_fidelity_variance(&power, 4, &variance, NULL), IG_OK);
    check_close(variance, 1, 1e-15);
    assert_int_equal(ig_fidelity_variance(&bounded, 4, &variance, NULL), IG_OK);
    check_close(variance, 4.8, 1e-15);
    assert_int_equal(ig_fidelity_variance(&floored, 4, &variance, NULL), IG_OK);
    check_close(variance, 5, 1e-15);
    check_close(phi(&power, 4), 4, 1e-15);
    check_close(phi(&bounded, 4), 19.2, 1e-15);
    check_close(phi(&floored, 4), 20, 1e-15);
    assert_true(phi(&bounded, 10) == 0);
}

static void test_corollary2(void **state)
{
    (void)state;
    ig_fidelity f = {.family = IG_FIDELITY_POWER, .scale = 5, .exponent = 1.5};
    ig_best_cost b = best(&f, 1, 64, 0, 1);
    assert_true(b.cost == 64 && b.worst == 1 && !b.indifferent && !b.both_ends);
    check_close(b.objective, 5. / 8, 1e-14);
    f.exponent = 0.5;
    b = best(&f, 1, 64, 0, 1);
    assert_true(b.cost == 1 && b.worst == 64 && !b.indifferent && !b.both_ends);
    f.exponent = 1;
    b = best(&f, 1, 64, 0, 1);
    assert_true(b.cost == 1 && b.indifferent && !b.both_ends);
    f = (ig_fidelity){.family = IG_FIDELITY_FLOOR, .scale = 5, .floor = 0.1};
    b = best(&f, 1, 64, 0, 1);
    assert_true(b.cost == 1 && b.worst == 64 && !b.indifferent && !b.both_ends);
    f.floor = 0;
    assert_true(best(&f, 1, 64, 0, 1).indifferent);
    /* The ends are equally good where they lie symmetrically about half of the price without noise,
     * which is the worst. */
    f = (ig_fidelity){.family = IG_FIDELITY_BOUNDED, .scale = 5, .clean = 65};
    b = best(&f, 1, 64, 0, 1);
    assert_true(b.cost == 1 && b.both_ends && !b.indifferent);
    check_close(b.worst, 32.5, 1e-15);
    f.clean = 64;
    b = best(&f, 1, 64, 0, 1);
    assert_true(b.cost == 64 && b.objective == 0 && !b.both_ends);
    check_close(b.worst, 32, 1e-15);
}

/** The best of very many prices, evenly spaced in the logarithm. */
static void check_by_search(const ig_fidelity *f, double low, double high, double v, double h)
{
    ig_best_cost b = best(f, low, high, v, h);
    double least = (double)INFINITY, most = 0, at_worst;
    for (int i = 0; i < GRID; i++) {
        double c = low * pow(high / low, i / (GRID - 1.0));
        double variance = (double)NAN;
        c = i == GRID - 1 ? high : c;
        assert_int_equal(ig_fidelity_variance(f, c, &variance, NULL), IG_OK);
        least = fmin(least, c * (v + h * variance));
        most = fmax(most, c * (v + h * variance));
    }
    assert_int_equal(ig_fidelity_variance(f, b.worst, &at_worst, NULL), IG_OK);
    assert_true(b.objective <= least * (1 + 1e-12));
    check_close(b.objective, least, 1e-6);
    check_close(b.worst * (v + h * at_worst), most, 1e-6);
    assert_true(b.cost >= low && b.cost <= high);
}

static void test_against_search(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("test", 2), IG_STREAM_DATA, 0);
    for (int i = 0; i < 60; i++) {
        double low = exp(4 * ig_rng_uniform(&rng) - 2), high = low * exp(4 * ig_rng_uniform(&rng));
        ig_fidelity f = {
            .family = (ig_fidelity_family)(i % 3),
            .scale = exp(6 * ig_rng_uniform(&rng) - 3),
            .exponent = 0.2 + 2.5 * ig_rng_uniform(&rng),
            .clean = high * (1 + ig_rng_uniform(&rng)),
            .floor = ig_rng_uniform(&rng),
        };
        double v = i % 2 ? exp(6 * ig_rng_uniform(&rng) - 3) : 0;
        check_by_search(&f, low, high, v, 0.1 + ig_rng_uniform(&rng));
    }
}

/** Noise that falls fast, with a noise-free variance beside it: a price inside is best. */
static void test_inside(void **state)
{
    (void)state;
    const ig_fidelity f = {.family = IG_FIDELITY_POWER, .scale = 100, .exponent = 2};
    ig_best_cost b = best(&f, 1, 64, 4, 1);
    check_close(b.cost, 5, 1e-14);
    check_close(b.objective, 40, 1e-14);
    assert_true(best(&f, 1, 64, 1e-6, 1).cost == 64 && best(&f, 1, 64, 1e6, 1).cost == 1);
}

static void test_domains(void **state)
{
    (void)state;
    const ig_fidelity good = {
        .family = IG_FIDELITY_POWER, .scale = 1, .exponent = 1, .clean = 2, .floor = 0};
    const double bad[] = {-1, 0, (double)NAN, (double)INFINITY};
    double kept = -1;
    ig_best_cost b = {.cost = -1};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ig_fidelity f[5] = {good, good, good, good, good};
        f[0].scale = f[1].exponent = f[2].clean = bad[i];
        f[2].family = IG_FIDELITY_BOUNDED;
        f[3].family = IG_FIDELITY_FLOOR;
        f[3].floor = bad[i] == 0 ? -0.1 : bad[i];
        for (int j = 0; j < 5; j++) {
            double cost = j < 4 ? 1 : bad[i];
            assert_int_equal(ig_fidelity_variance(&f[j], cost, &kept, NULL), IG_ERR_USAGE);
            assert_int_equal(ig_fidelity_phi(&f[j], cost, &kept, NULL), IG_ERR_USAGE);
            assert_int_equal(ig_fidelity_best(&f[j], cost, 2, 0, 1, &b, NULL), IG_ERR_USAGE);
        }
        assert_int_equal(ig_fidelity_best(&good, 1, 2, 1, bad[i], &b, NULL), IG_ERR_USAGE);
    }
    const ig_fidelity bounded = {.family = IG_FIDELITY_BOUNDED, .scale = 1, .clean = 2};
    ig_error error = {0};
    assert_int_equal(ig_fidelity_variance(&bounded, 2.1, &kept, &error), IG_ERR_USAGE);
    assert_non_null(strstr(error.text, "without noise"));
    assert_int_equal(ig_fidelity_best(&good, 2, 2, 0, 1, &b, NULL), IG_ERR_USAGE);
    assert_int_equal(ig_fidelity_best(&good, 1, 2, -1, 1, &b, NULL), IG_ERR_USAGE);
    assert_true(kept == -1 && b.cost == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curves),         cmocka_unit_test(test_corollary2),
        cmocka_unit_test(test_against_search), cmocka_unit_test(test_inside),
        cmocka_unit_test(test_domains),
    };
    return cmocka_run_group_tests_name("fidelity", tests, NULL, NULL);
}
