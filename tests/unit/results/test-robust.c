/** Interquartile means, BCa intervals and both bootstraps of a power law. Expected numbers are from
 *  scipy 1.10: stats.trim_mean, stats.bootstrap(method='BCa') with 200 000 resamples, and its
 * formula on given resamples. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_sort.h>

#include "results/power-law.h"
#include "results/statistics.h"

enum { N = 12 };
static const double sample[N] = {0.5, 1.25, 0.75, 3.5, 2.0, 9.0, 0.25, 1.0, 1.5, 4.0, 0.875, 6.0};

static ig_rng start(uint64_t substream)
{
    return ig_rng_start(ig_rng_key_make("test", 1), IG_STREAM_BOOTSTRAP, substream);
}

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) {
        fail_msg("%.17g is not %.17g", value, expected);
    }
}

static ig_statistics statistics_of(const double *values, size_t n, ig_interval interval,
                                   size_t resamples)
{
    ig_statistics s;
    ig_error error = {0};
    ig_rng rng = start(1);
    const ig_bootstrap how = {resamples, interval};
    assert_int_equal(ig_statistics_bootstrap(values, n, &how, &rng, &s, &error), IG_OK);
    return s;
}

static void test_iqm(void **state)
{
    (void)state;
    static const double expected[] = {
        0.5, 0.875, 0.8333333333333334, 1.0, 1.3333333333333333, 1.875, 1.6, 1.25, 1.3};
    for (size_t n = 1; n <= 9; n++) {
        near(statistics_of(sample, n, IG_INTERVAL_PERCENTILE, 10).iqm, expected[n - 1], 1e-15);
    }
    near(statistics_of(sample, N, IG_INTERVAL_PERCENTILE, 10).iqm, 1.6875, 1e-15);
}

/** The walk over counts gives what sorting a resample and cutting it gives. */
static void test_iqm_of_resamples(void **state)
{
    (void)state;
    enum { RESAMPLES = 400 };
    const ig_statistics s = statistics_of(sample, N, IG_INTERVAL_PERCENTILE, RESAMPLES);
    double sorted[N], means[RESAMPLES], low, high;
    ig_rng rng = start(1);
    memcpy(sorted, sample, sizeof sorted);
    gsl_sort(sorted, 1, N);
    for (size_t r = 0; r < RESAMPLES; r++) {
        double drawn[N];
        for (size_t i = 0; i < N; i++) {
            drawn[i] = sorted[ig_rng_below(&rng, N)];
        }
        gsl_sort(drawn, 1, N);
        means[r] = ig_iqm(drawn, N);
    }
    ig_interval_95(means, RESAMPLES, &low, &high);
    near(s.iqm_low, low, 1e-14);
    near(s.iqm_high, high, 1e-14);
}

static void test_leave_out(void **state)
{
    (void)state;
    static void (*const functions[])(const double *, size_t, double *) = {
        ig_leave_out_mean, ig_leave_out_median, ig_leave_out_iqm};
    for (size_t n = 2; n <= N; n++) {
        double sorted[N], left[N], rest[N];
        memcpy(sorted, sample, n * sizeof *sorted);
        gsl_sort(sorted, 1, n);
        for (size_t f = 0; f < 3; f++) {
            functions[f](sorted, n, left);
            for (size_t i = 0; i < n; i++) {
                memcpy(rest, sorted, i * sizeof *rest);
                memcpy(rest + i, sorted + i + 1, (n - i - 1) * sizeof *rest);
                const ig_statistics s = statistics_of(rest, n - 1, IG_INTERVAL_PERCENTILE, 2);
                const double expected[] = {s.mean, s.median, s.iqm};
                near(left[i], expected[f], 1e-14);
            }
        }
    }
}

static void test_bca_formula(void **state)
{
    (void)state;
    static const double resamples[] = {4.0, 1.0, 2.0, 1.5, 2.0, 2.5, 6.0, 2.25, 3.5, 3.0};
    static const struct {
        double estimate, acceleration, low, high;
    } cases[] = {{2.25, 0.05, 1.0989426833286218, 5.475810219600572},
                 {2.25, 0, 1.060785980362553, 5.212343263038118},
                 {1.2, -0.1, 1.000000002742002, 2.0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double values[10], low, high;
        memcpy(values, resamples, sizeof values);
        ig_interval_bca(values, 10, cases[i].estimate, cases[i].acceleration, &low, &high);
        near(low, cases[i].low, 1e-12);
        near(high, cases[i].high, 1e-9);
    }
    double jackknife[] = {1, 2, 4, 4.5, 9}, equal[] = {3, 3, 3};
    ig_jackknife_influence(jackknife, 5);
    ig_jackknife_influence(equal, 3);
    near(ig_acceleration(jackknife, 5), -0.05552743946442031, 1e-15);
    assert_true(ig_acceleration(equal, 3) == 0);
    assert_true(ig_acceleration(equal, 0) == 0);
}

/** Estimates beyond all resamples, and accelerations past the pole of the formula. */
static void test_bca_extremes(void **state)
{
    (void)state;
    for (int side = -1; side <= 1; side += 2) {
        for (int bent = -1; bent <= 1; bent += 2) {
            double values[] = {1, 2, 3, 4}, low, high;
            ig_interval_bca(values, 4, 100.0 * side, bent * 0.9, &low, &high);
            assert_true(low >= 1 && low <= high && high <= 4);
        }
    }
    double many[1000], low, high;
    for (size_t i = 0; i < 1000; i++) {
        many[i] = (double)i;
    }
    ig_interval_bca(many, 1000, 1e9, 0.5, &low, &high);
    assert_true(high == 999 && low > 900);
}

static void test_bca_of_statistics(void **state)
{
    (void)state;
    const ig_statistics p = statistics_of(sample, N, IG_INTERVAL_PERCENTILE, 40000);
    const ig_statistics b = statistics_of(sample, N, IG_INTERVAL_BCA, 40000);
    assert_true(p.mean == b.mean && p.median == b.median && p.iqm == b.iqm);
    near(p.mean_low, 1.2708, 0.03);
    near(p.mean_high, 4.125, 0.06);
    near(b.mean_low, 1.4583, 0.03);
    near(b.mean_high, 4.53125, 0.06);
    near(b.median_low, 0.8125, 0.07);
    near(b.median_high, 3.75, 0.26);
    near(p.iqm_low, 0.875, 0.02);
    near(p.iqm_high, 3.6667, 0.06);
    near(b.iqm_low, 0.8958, 0.02);
    near(b.iqm_high, 3.8333, 0.08);
    /* Equal values, and a single one, are their own interval. */
    static const double equal[] = {0.1, 0.1, 0.1};
    const ig_statistics e = statistics_of(equal, 3, IG_INTERVAL_BCA, 50);
    near(e.mean_low, 0.1, 1e-16);
    assert_true(e.median_low == 0.1 && e.median_high == 0.1 && e.iqm_high == e.iqm_low);
    const ig_statistics one = statistics_of(sample, 1, IG_INTERVAL_BCA, 50);
    assert_true(one.mean_low == 0.5 && one.mean_high == 0.5 && one.iqm_low == 0.5);
}

enum { ANCHORS = 3, SEEDS = 8 };

/** Seeds that are good or bad at every axis value alike, with a little noise of their own. */
static void make_results(double own, double *y)
{
    for (size_t s = 0; s < SEEDS; s++) {
        for (size_t i = 0; i < ANCHORS; i++) {
            double wobble = own * sin((double)(7 * s + 3 * i));
            y[i * SEEDS + s] = pow(10, -0.5 * (double)i) * exp(0.4 * ((double)s - 3.5) + wobble);
        }
    }
}

static void test_whole_seeds(void **state)
{
    (void)state;
    static const double x[] = {1, 10, 100};
    static const size_t first[] = {0, SEEDS, 2 * SEEDS, 3 * SEEDS};
    const ig_bootstrap how = {2000, IG_INTERVAL_PERCENTILE};
    double y[ANCHORS * SEEDS];
    ig_power_law stratified, whole;
    ig_error error = {0};
    make_results(0.01, y);
    ig_rng rng = start(2), again = start(3);
    assert_int_equal(
        ig_power_law_fit_band(x, ANCHORS, y, first, &how, &rng, &stratified, NULL, &error), IG_OK);
    assert_int_equal(ig_power_law_fit_seeds(x, ANCHORS, y, SEEDS, &how, &again, &whole, &error),
                     IG_OK);
    assert_true(whole.exponent == stratified.exponent && whole.amplitude == stratified.amplitude);
    /* What a seed shares over the axis cancels in the slope, but not in the amplitude. */
    assert_true(whole.exponent_se < stratified.exponent_se / 10);
    assert_true(whole.exponent_low < whole.exponent && whole.exponent < whole.exponent_high);
    assert_true(whole.amplitude_se > stratified.amplitude_se / 3);
    /* Without noise of its own every resample has the same slope. */
    make_results(0, y);
    assert_int_equal(ig_power_law_fit_seeds(x, ANCHORS, y, SEEDS, &how, &again, &whole, &error),
                     IG_OK);
    near(whole.exponent_low, 0.5, 1e-12);
    near(whole.exponent_high, 0.5, 1e-12);
    assert_int_equal(ig_power_law_fit_seeds(x, ANCHORS, y, 1, &how, &again, &whole, &error),
                     IG_ERR_NUMERIC);
    assert_int_equal(ig_power_law_fit_seeds(x, 1, y, SEEDS, &how, &again, &whole, &error),
                     IG_ERR_NUMERIC);
}

/** With one anchor varying only, the fit's BCa interval is that of the logarithm of its mean. */
static void test_bca_of_fits(void **state)
{
    (void)state;
    static const double x[] = {1, 2.718281828459045};
    static const size_t first[] = {0, 1, 1 + N};
    const ig_bootstrap how = {20000, IG_INTERVAL_BCA};
    double y[1 + N] = {1};
    ig_power_law law;
    ig_error error = {0};
    memcpy(y + 1, sample, sizeof sample);
    ig_rng rng = start(4);
    assert_int_equal(ig_power_law_fit_band(x, 2, y, first, &how, &rng, &law, NULL, &error), IG_OK);
    near(law.exponent, -log(2.5520833333333335), 1e-12);
    /* A monotone function of the mean has nearly the transformed interval. */
    near(-law.exponent_high, log(1.4583), 0.05);
    near(-law.exponent_low, log(4.53125), 0.05);
    const ig_bootstrap plain = {20000, IG_INTERVAL_PERCENTILE};
    static const double three[] = {1, 10, 100};
    double wide[ANCHORS * SEEDS];
    ig_power_law bca, percentile;
    make_results(0.05, wide);
    ig_rng one = start(5), other = start(5);
    assert_int_equal(ig_power_law_fit_seeds(three, ANCHORS, wide, SEEDS, &how, &one, &bca, &error),
                     IG_OK);
    assert_int_equal(
        ig_power_law_fit_seeds(three, ANCHORS, wide, SEEDS, &plain, &other, &percentile, &error),
        IG_OK);
    assert_true(bca.exponent == percentile.exponent && bca.exponent_se == percentile.exponent_se);
    assert_true(bca.exponent_low != percentile.exponent_low);
    near(bca.exponent_low, percentile.exponent_low, percentile.exponent_se);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iqm),          cmocka_unit_test(test_iqm_of_resamples),
        cmocka_unit_test(test_leave_out),    cmocka_unit_test(test_bca_formula),
        cmocka_unit_test(test_bca_extremes), cmocka_unit_test(test_bca_of_statistics),
        cmocka_unit_test(test_whole_seeds),  cmocka_unit_test(test_bca_of_fits),
    };
    return cmocka_run_group_tests_name("robust", tests, NULL, NULL);
}
