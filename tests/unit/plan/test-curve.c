/** Learning curves: exact laws, roots, seeds that are shared, hindcasts, refusals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"

static ig_rng start(uint64_t part)
{
    return ig_rng_start(ig_rng_key_make("test-curve", 0), IG_STREAM_DATA, part);
}

/** n different N, 100, 200, 400, ..., with `seeds` measurements each of floor + 3 N^-0.4, times
 *  e^(sd z) and the luck of each seed, e^(luck z). */
static void measure(size_t n, size_t seeds, double floor, double sd, double luck, ig_rng *rng,
                    ig_measured *m)
{
    ig_error error = {0};
    double lucks[16];
    assert_int_equal(ig_measured_init(n, n * seeds, true, m, &error), IG_OK);
    for (size_t k = 0; k < seeds; k++) {
        lucks[k] = luck * ig_rng_normal(rng);
    }
    for (size_t i = 0; i < n; i++) {
        m->x[i] = 100 * pow(2, (double)i);
        for (size_t k = 0; k < seeds; k++) {
            m->y[i * seeds + k] =
                (floor + 3 * pow(m->x[i], -0.4)) * exp(sd * ig_rng_normal(rng) + lucks[k]);
            m->seed[i * seeds + k] = k;
        }
        m->first[i + 1] = (i + 1) * seeds;
    }
    strcpy(m->name, "what");
    ig_measured_describe(m);
}

static void fit(const ig_measured *m, ig_law_choice law, ig_learning_curve *c)
{
    ig_rng rng = start(99);
    ig_error error = {0};
    if (ig_learning_curve_fit(m, law, 1000, &rng, c, &error)) {
        fail_msg("%s", error.text);
    }
}

static bool holds(const ig_estimate *e, double value)
{
    return e->low <= value && value <= e->high;
}

static void test_exact_line(void **state)
{
    (void)state;
    ig_rng rng = start(0);
    ig_measured m;
    ig_learning_curve c;
    measure(5, 2, 0, 0, 0, &rng, &m);
    fit(&m, IG_LAW_POWER, &c);
    assert_true(fabs(c.power.exponent.value - 0.4) < 1e-4);
    assert_true(fabs(c.fits.power.law.exponent - 0.4) < 1e-12);
    assert_true(fabs(c.power.amplitude.value - 3) < 1e-2 && c.power.floor.high == 0);
    assert_true(c.n_low == 100 && c.n_high == 1600 && c.n_anchors == 5);
    assert_true(c.count_low == 2 && c.count_high == 2 && !c.shared);
    assert_int_equal(c.used, IG_LAW_POWER);
    assert_string_equal(c.reason, "");
    assert_int_equal(c.n_hindcasts, 2);
    assert_true(fabs(c.hindcasts[0].off) < 1e-4 && fabs(c.hindcasts[1].off) < 1e-3);
    assert_true(c.hindcasts[0].x == 1600 && c.hindcasts[1].x == 1600);
    ig_learning_curve_clear(&c);
    ig_measured_clear(&m);
}

/** Roots are taken of what was measured: exponents are halved, and a mean over outputs becomes a
 *  norm. A missing sqrt(outputs) is what this test is for. */
static void test_roots(void **state)
{
    (void)state;
    ig_rng rng = start(1);
    ig_measured m;
    ig_learning_curve c;
    measure(5, 3, 0, 0, 0, &rng, &m);
    ig_measured_take_root(&m, 12);
    assert_true(fabs(m.mean[0] - sqrt(12 * 3 * pow(100, -0.4))) < 1e-12);
    fit(&m, IG_LAW_AUTO, &c);
    assert_true(fabs(c.fits.power.typical.exponent - 0.2) < 1e-12);
    assert_true(fabs(c.fits.power.typical.amplitude - sqrt(12 * 3)) < 1e-9);
    ig_learning_curve_clear(&c);
    ig_measured_clear(&m);
    /* Means alone: the standard error of a root. */
    ig_error error = {0};
    assert_int_equal(ig_measured_init(2, 0, false, &m, &error), IG_OK);
    m.mean[0] = 4;
    m.sem[0] = 0.4;
    m.mean[1] = 1;
    m.sem[1] = (double)NAN;
    ig_measured_take_root(&m, 1);
    assert_true(m.mean[0] == 2 && fabs(m.sem[0] - 0.1) < 1e-15 && isnan(m.sem[1]));
    ig_measured_clear(&m);
}

static void test_same_seeds(void **state)
{
    (void)state;
    ig_rng rng = start(12);
    ig_measured m;
    ig_learning_curve together, apart;
    measure(6, 6, 0, 0.02, 0.3, &rng, &m);
    assert_true(ig_measured_has_same_seeds(&m));
    fit(&m, IG_LAW_POWER, &apart);
    m.shared = true;
    fit(&m, IG_LAW_POWER, &together);
    assert_true(together.shared && !apart.shared);
    assert_true(holds(&together.power.exponent, 0.4) && holds(&apart.power.exponent, 0.4));
    /* The luck of a seed is the same everywhere: taken as wholes they say much more. */
    assert_true(together.power.exponent.high - together.power.exponent.low <
                0.3 * (apart.power.exponent.high - apart.power.exponent.low));
    ig_learning_curve_clear(&together);
    ig_learning_curve_clear(&apart);
    m.seed[7] = 99;
    assert_false(ig_measured_has_same_seeds(&m));
    ig_measured_clear(&m);
    measure(4, 1, 0, 0.02, 0.3, &rng, &m);
    assert_false(ig_measured_has_same_seeds(&m));
    ig_measured_clear(&m);
}

static void test_a_floor(void **state)
{
    (void)state;
    ig_rng rng = start(3);
    ig_measured m;
    ig_learning_curve c, power;
    measure(9, 5, 0.1, 0.01, 0, &rng, &m);
    fit(&m, IG_LAW_AUTO, &c);
    assert_int_equal(c.used, IG_LAW_FLOOR);
    assert_non_null(strstr(c.reason, "floor"));
    assert_true(holds(&c.all.floor, 0.1) && holds(&c.floor.floor, 0.1));
    assert_true(c.fits.power.lack < 1e-6 && c.fits.floor.lack > 1e-3);
    assert_true(c.hindcasts[0].inside && fabs(c.hindcasts[0].off) < 0.05);
    fit(&m, IG_LAW_POWER, &power);
    assert_true(power.used == IG_LAW_POWER && power.all.floor.high == 0);
    assert_true(power.hindcasts[0].off < c.hindcasts[0].off);
    ig_learning_curve_clear(&c);
    ig_learning_curve_clear(&power);
    ig_measured_clear(&m);
}

static void test_refusals(void **state)
{
    (void)state;
    ig_rng rng = start(4);
    ig_measured m;
    ig_learning_curve c = {.n_anchors = 42};
    ig_error error = {0};
    measure(2, 1, 0, 0.1, 0, &rng, &m);
    fit(&m, IG_LAW_AUTO, &c);
    assert_true(c.draws.assumed && c.n_hindcasts == 0);
    ig_learning_curve_clear(&c);
    m.n = 1;
    c.n_anchors = 42;
    assert_int_equal(ig_learning_curve_fit(&m, IG_LAW_AUTO, 100, &rng, &c, &error), IG_ERR_USAGE);
    assert_non_null(strstr(error.text, "what"));
    m.n = 2;
    m.y[1] = 0;
    assert_int_equal(ig_learning_curve_fit(&m, IG_LAW_AUTO, 100, &rng, &c, &error), IG_ERR_NUMERIC);
    assert_int_equal(c.n_anchors, 42);
    ig_measured_clear(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_line), cmocka_unit_test(test_roots),
        cmocka_unit_test(test_same_seeds), cmocka_unit_test(test_a_floor),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
