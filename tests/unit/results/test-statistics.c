/** Statistics and power laws against the fixture and against what theory says of the bootstrap;
 *  numbers of interquartile means and BCa intervals are from scipy 1.10: stats.trim_mean,
 *  stats.bootstrap(method='BCa') with 200 000 resamples, and its formula on given resamples. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "results/statistics.h"

enum { RESAMPLES = 2000, MOST = 256 };

static const char *fixture;

static ig_rng start(uint64_t cell)
{
    return ig_rng_start(ig_rng_key_make("test", 0), IG_STREAM_BOOTSTRAP, cell);
}

/** Statistics with percentile intervals. */
static ig_status describe(const double *values, size_t n, size_t resamples, ig_rng *rng,
                          ig_statistics *statistics, ig_error *error)
{
    const ig_bootstrap how = {resamples, IG_INTERVAL_PERCENTILE};
    return ig_statistics_bootstrap(values, n, &how, rng, statistics, error);
}

/** Fit n anchors whose measurements are y[first[i]] ... y[first[i + 1] - 1]. */
static ig_status fit_with(const double *x, size_t n, const double *y, const size_t *first,
                          ig_redraws redraws, const ig_bootstrap *how, ig_rng *rng,
                          ig_power_law *law, ig_error *error)
{
    ig_anchors a;
    assert_int_equal(ig_anchors_init(n, first[n] + 1, &a, error), IG_OK);
    memcpy(a.x, x, n * sizeof *x);
    memcpy(a.y, y, first[n] * sizeof *y);
    memcpy(a.first, first, (n + 1) * sizeof *first);
    for (size_t i = 0; i < n; i++) {
        a.mean[i] = gsl_stats_mean(y + first[i], 1, first[i + 1] - first[i]);
    }
    ig_status status = ig_power_law_fit(&a, redraws, how, rng, law, error);
    ig_anchors_clear(&a);
    return status;
}

static ig_status fit(const double *x, size_t n, const double *y, const size_t *first,
                     size_t resamples, ig_rng *rng, ig_power_law *law, ig_error *error)
{
    const ig_bootstrap how = {resamples, IG_INTERVAL_PERCENTILE};
    return fit_with(x, n, y, first, IG_REDRAW_SEEDS, &how, rng, law, error);
}

static void check_close(double value, double expected, double relative)
{
    if (isnan(expected)) {
        assert_true(isnan(value));
        return;
    }
    if (fabs(value - expected) > relative * fmax(fabs(expected), 1e-300)) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}

static void read_numbers(FILE *file, double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
    }
}

static void check_statistics_case(FILE *file, size_t n)
{
    double expected[3], values[MOST];
    ig_statistics s;
    ig_error error = {0};
    ig_rng rng = start(0);
    assert_true(n <= MOST);
    read_numbers(file, expected, 3);
    read_numbers(file, values, n);
    assert_int_equal(describe(values, n, RESAMPLES, &rng, &s, &error), IG_OK);
    assert_int_equal(s.n, n);
    check_close(s.mean.value, expected[0], 1e-12);
    check_close(s.mean.se, expected[1], 1e-7);
    check_close(s.median.value, expected[2], 1e-12);
    assert_true(s.mean.low <= s.mean.value && s.mean.value <= s.mean.high);
    assert_true(s.median.low <= s.median.value && s.median.value <= s.median.high);
}

static void check_power_law_case(FILE *file, size_t n)
{
    double expected[3], x[MOST], y[MOST];
    size_t first[MOST + 1] = {0};
    ig_power_law law;
    ig_error error = {0};
    ig_rng rng = start(1);
    read_numbers(file, expected, 3);
    for (size_t i = 0; i < n; i++) {
        size_t count = 0;
        read_numbers(file, &x[i], 1);
        assert_int_equal(fscanf(file, "%zu", &count), 1);
        assert_true(first[i] + count <= MOST);
        read_numbers(file, y + first[i], count);
        first[i + 1] = first[i] + count;
    }
    assert_int_equal(fit(x, n, y, first, RESAMPLES, &rng, &law, &error), IG_OK);
    assert_int_equal(law.n_anchors, n);
    check_close(law.exponent.value, expected[0], 1e-11);
    check_close(law.amplitude.value, expected[1], 1e-11);
    check_close(law.r2, expected[2], 1e-9);
}

static void test_fixture(void **state)
{
    (void)state;
    char what[32];
    size_t n, statistics = 0, laws = 0;
    FILE *file = fopen(fixture, "r");
    assert_non_null(file);
    while (fscanf(file, "%31s %zu", what, &n) == 2) {
        if (strcmp(what, "statistics") == 0) {
            check_statistics_case(file, n);
            statistics++;
        } else {
            assert_string_equal(what, "power-law");
            check_power_law_case(file, n);
            laws++;
        }
    }
    fclose(file);
    assert_int_equal(statistics, 6);
    assert_int_equal(laws, 5);
}

static void test_one_value(void **state)
{
    (void)state;
    const double value = 0.1;
    ig_statistics s;
    ig_error error = {0};
    ig_rng rng = start(0);
    assert_int_equal(describe(&value, 1, 10, &rng, &s, &error), IG_OK);
    assert_true(isnan(s.mean.se));
    assert_true(s.mean.value == value && s.mean.low == value && s.mean.high == value);
    assert_true(s.median.value == value && s.median.low == value && s.median.high == value);
}

/** The bootstrap's spread of a mean is the plug-in standard error sd / sqrt(n), sd with 1/n. */
static void test_interval_width(void **state)
{
    (void)state;
    enum { N = 200 };
    double values[N], square = 0;
    ig_statistics s;
    ig_error error = {0};
    ig_rng rng = start(2);
    for (size_t i = 0; i < N; i++) {
        values[i] = 10 + ig_rng_normal(&rng);
    }
    assert_int_equal(describe(values, N, 20000, &rng, &s, &error), IG_OK);
    for (size_t i = 0; i < N; i++) {
        square += (values[i] - s.mean.value) * (values[i] - s.mean.value);
    }
    check_close((s.mean.high - s.mean.low) / 2, 1.959964 * sqrt(square) / N, 0.03);
    check_close(s.mean.high + s.mean.low, 2 * s.mean.value, 1e-3);
    /* Asymptotically the median of normal values spreads sqrt(pi / 2) times as much. */
    check_close((s.median.high - s.median.low) / (s.mean.high - s.mean.low), sqrt(acos(-1) / 2),
                0.35);
}

/** 95 % intervals hold the truth about 19 times in 20 (a little less with few values). */
static void test_coverage(void **state)
{
    (void)state;
    enum { REPEATS = 400, N = 40 };
    size_t mean = 0, median = 0;
    for (uint64_t i = 0; i < REPEATS; i++) {
        double values[N];
        ig_statistics s;
        ig_error error = {0};
        ig_rng rng = start(100 + i);
        for (size_t k = 0; k < N; k++) {
            values[k] = ig_rng_normal(&rng);
        }
        assert_int_equal(describe(values, N, 400, &rng, &s, &error), IG_OK);
        mean += s.mean.low <= 0 && 0 <= s.mean.high;
        median += s.median.low <= 0 && 0 <= s.median.high;
    }
    assert_in_range(mean, REPEATS * 90 / 100, REPEATS * 98 / 100);
    assert_in_range(median, REPEATS * 90 / 100, REPEATS * 99 / 100);
}

static void test_same_numbers_same_intervals(void **state)
{
    (void)state;
    const double forward[] = {1, 2, 4, 8, 16}, backward[] = {16, 8, 4, 2, 1};
    ig_statistics a, b, c;
    ig_error error = {0};
    ig_rng rng = start(3), again = start(3), other = start(4);
    assert_int_equal(describe(forward, 5, 999, &rng, &a, &error), IG_OK);
    assert_int_equal(describe(backward, 5, 999, &again, &b, &error), IG_OK);
    assert_int_equal(describe(forward, 5, 999, &other, &c, &error), IG_OK);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(a.mean.low != c.mean.low || a.mean.high != c.mean.high);
}

/** To first order ln(mean) of an anchor spreads by sem / mean, and the slope is linear in them. */
static void test_exponent_error(void **state)
{
    (void)state;
    enum { ANCHORS = 7, SEEDS = 60 };
    const double x[ANCHORS] = {2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5};
    double y[ANCHORS * SEEDS], variance = 0, mean_x = 0, sxx = 0;
    size_t first[ANCHORS + 1] = {0};
    ig_error error = {0};
    ig_power_law law;
    ig_rng rng = start(5);
    for (size_t i = 0; i < ANCHORS; i++) {
        for (size_t k = 0; k < SEEDS; k++) {
            y[first[i]++] = 60 * pow(x[i], -0.95) * exp(0.2 * ig_rng_normal(&rng));
            first[i + 1] = first[i];
        }
        mean_x += log(x[i]) / ANCHORS;
    }
    for (size_t i = 0; i <= ANCHORS; i++) {
        first[i] = i * SEEDS;
    }
    for (size_t i = 0; i < ANCHORS; i++) {
        sxx += pow(log(x[i]) - mean_x, 2);
    }
    for (size_t i = 0; i < ANCHORS; i++) {
        double m = 0, v = 0;
        for (size_t k = first[i]; k < first[i + 1]; k++) {
            m += y[k] / SEEDS;
        }
        for (size_t k = first[i]; k < first[i + 1]; k++) {
            v += pow((y[k] - m) / m, 2) / SEEDS / SEEDS;
        }
        variance += pow((log(x[i]) - mean_x) / sxx, 2) * v;
    }
    assert_int_equal(fit(x, ANCHORS, y, first, 20000, &rng, &law, &error), IG_OK);
    check_close(law.exponent.se, sqrt(variance), 0.03);
    check_close(law.exponent.high - law.exponent.low, 2 * 1.959964 * sqrt(variance), 0.05);
    assert_true(fabs(law.exponent.value - 0.95) < 4 * law.exponent.se);
    assert_true(law.amplitude.low < law.amplitude.value &&
                law.amplitude.value < law.amplitude.high);
}

static void test_bad_values(void **state)
{
    (void)state;
    const double bad[] = {1, (double)NAN, 2}, infinite[] = {1, 2, (double)INFINITY};
    const double untouched = 42;
    ig_statistics s = {.mean.value = untouched};
    ig_error error = {0};
    ig_rng rng = start(7);
    assert_int_equal(describe(bad, 3, 10, &rng, &s, &error), IG_ERR_NUMERIC);
    assert_int_equal(describe(infinite, 3, 10, &rng, &s, &error), IG_ERR_NUMERIC);
    assert_int_equal(describe(bad, 0, 10, &rng, &s, &error), IG_ERR_USAGE);
    assert_int_equal(describe(bad, 1, 1, &rng, &s, &error), IG_ERR_USAGE);
    assert_true(s.mean.value == untouched);
    assert_int_equal(error.status, IG_ERR_USAGE);
}

static void test_bad_fits(void **state)
{
    (void)state;
    static const struct {
        double x[3], y[3];
        size_t n;
        ig_status status;
    } cases[] = {
        {{1, 2, 3}, {1, 0, 1}, 3, IG_ERR_NUMERIC},
        {{1, 2, 3}, {1, -1, 1}, 3, IG_ERR_NUMERIC},
        {{1, 2, 3}, {1, (double)NAN, 1}, 3, IG_ERR_NUMERIC},
        {{1, 2, 3}, {1, (double)INFINITY, 1}, 3, IG_ERR_NUMERIC},
        {{0, 2, 3}, {1, 1, 1}, 3, IG_ERR_NUMERIC},
        {{-1, 2, 3}, {1, 1, 1}, 3, IG_ERR_NUMERIC},
        {{5, 5, 5}, {1, 2, 3}, 3, IG_ERR_NUMERIC},
        {{1, 2, 3}, {1, 1, 1}, 1, IG_ERR_NUMERIC},
        {{1, 2, 3}, {1, 1, 1}, 0, IG_ERR_NUMERIC},
        {{1e300, 1.0000001e300, 1.0000002e300}, {1e300, 1, 1e-300}, 3, IG_ERR_NUMERIC},
    };
    const size_t first[] = {0, 1, 2, 3}, hole[] = {0, 1, 1, 3};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ig_power_law law = {.exponent.value = 42};
        ig_error error = {0};
        ig_rng rng = start(8);
        assert_int_equal(fit(cases[i].x, cases[i].n, cases[i].y, first, 10, &rng, &law, &error),
                         cases[i].status);
        assert_true(law.exponent.value == 42);
        assert_true(error.text[0] != '\0');
    }
    ig_power_law law;
    ig_error error = {0};
    ig_rng rng = start(9);
    assert_int_equal(fit(cases[0].x, 3, cases[7].y, hole, 10, &rng, &law, &error), IG_ERR_USAGE);
    assert_int_equal(fit(cases[0].x, 3, cases[7].y, first, 1, &rng, &law, &error), IG_ERR_USAGE);
}

static void test_flat_data(void **state)
{
    (void)state;
    const double x[] = {1, 10, 100}, y[] = {0.5, 0.5, 0.5};
    const size_t first[] = {0, 1, 2, 3};
    ig_power_law law;
    ig_error error = {0};
    ig_rng rng = start(10);
    assert_int_equal(fit(x, 3, y, first, 10, &rng, &law, &error), IG_OK);
    assert_true(fabs(law.exponent.value) < 1e-15 && law.exponent.se < 1e-15);
    check_close(law.amplitude.value, 0.5, 1e-14);
    assert_true(isnan(law.r2));
}

static ig_rng begin(uint64_t cell)
{
    return ig_rng_start(ig_rng_key_make("test", 1), IG_STREAM_BOOTSTRAP, cell);
}

enum { N_SAMPLE = 12 };
static const double sample[N_SAMPLE] = {0.5,  1.25, 0.75, 3.5, 2.0,   9.0,
                                        0.25, 1.0,  1.5,  4.0, 0.875, 6.0};

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
    ig_rng rng = begin(1);
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
        near(statistics_of(sample, n, IG_INTERVAL_PERCENTILE, 10).iqm.value, expected[n - 1],
             1e-15);
    }
    near(statistics_of(sample, N_SAMPLE, IG_INTERVAL_PERCENTILE, 10).iqm.value, 1.6875, 1e-15);
}

/** The walk over counts gives what sorting a resample and cutting it gives. */
static void test_iqm_of_resamples(void **state)
{
    (void)state;
    enum { N_RESAMPLES = 400 };
    const ig_statistics s = statistics_of(sample, N_SAMPLE, IG_INTERVAL_PERCENTILE, N_RESAMPLES);
    double sorted[N_SAMPLE], means[N_RESAMPLES], low, high;
    ig_rng rng = begin(1);
    memcpy(sorted, sample, sizeof sorted);
    gsl_sort(sorted, 1, N_SAMPLE);
    for (size_t r = 0; r < N_RESAMPLES; r++) {
        double drawn[N_SAMPLE];
        for (size_t i = 0; i < N_SAMPLE; i++) {
            drawn[i] = sorted[ig_rng_below(&rng, N_SAMPLE)];
        }
        gsl_sort(drawn, 1, N_SAMPLE);
        means[r] = ig_iqm(drawn, N_SAMPLE);
    }
    ig_interval_95(means, N_RESAMPLES, &low, &high);
    near(s.iqm.low, low, 1e-14);
    near(s.iqm.high, high, 1e-14);
}

static void test_leave_out(void **state)
{
    (void)state;
    for (size_t n = 2; n <= N_SAMPLE; n++) {
        double sorted[N_SAMPLE], left[N_SAMPLE], rest[N_SAMPLE];
        memcpy(sorted, sample, n * sizeof *sorted);
        gsl_sort(sorted, 1, n);
        for (ig_location f = IG_MEAN; f < IG_LOCATIONS; f++) {
            ig_leave_out(f, sorted, n, left);
            for (size_t i = 0; i < n; i++) {
                memcpy(rest, sorted, i * sizeof *rest);
                memcpy(rest + i, sorted + i + 1, (n - i - 1) * sizeof *rest);
                const ig_statistics s = statistics_of(rest, n - 1, IG_INTERVAL_PERCENTILE, 2);
                const double expected[] = {s.mean.value, s.median.value, s.iqm.value};
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
    const ig_statistics p = statistics_of(sample, N_SAMPLE, IG_INTERVAL_PERCENTILE, 40000);
    const ig_statistics b = statistics_of(sample, N_SAMPLE, IG_INTERVAL_BCA, 40000);
    assert_true(p.mean.value == b.mean.value && p.median.value == b.median.value &&
                p.iqm.value == b.iqm.value);
    near(p.mean.low, 1.2708, 0.03);
    near(p.mean.high, 4.125, 0.06);
    near(b.mean.low, 1.4583, 0.03);
    near(b.mean.high, 4.53125, 0.06);
    near(b.median.low, 0.8125, 0.07);
    near(b.median.high, 3.75, 0.26);
    near(p.iqm.low, 0.875, 0.02);
    near(p.iqm.high, 3.6667, 0.06);
    near(b.iqm.low, 0.8958, 0.02);
    near(b.iqm.high, 3.8333, 0.08);
    /* Equal values, and a single one, are their own interval. */
    static const double equal[] = {0.1, 0.1, 0.1};
    const ig_statistics e = statistics_of(equal, 3, IG_INTERVAL_BCA, 50);
    near(e.mean.low, 0.1, 1e-16);
    assert_true(e.median.low == 0.1 && e.median.high == 0.1 && e.iqm.high == e.iqm.low);
    const ig_statistics one = statistics_of(sample, 1, IG_INTERVAL_BCA, 50);
    assert_true(one.mean.low == 0.5 && one.mean.high == 0.5 && one.iqm.low == 0.5);
}

enum { N_ANCHORS = 3, SEEDS_EACH = 8 };

static ig_status fit_seeds(const double *x, size_t n, const double *y, size_t n_seeds,
                           const ig_bootstrap *how, ig_rng *rng, ig_power_law *law, ig_error *error)
{
    size_t first[N_ANCHORS + 1];
    for (size_t i = 0; i <= n; i++) {
        first[i] = i * n_seeds;
    }
    return fit_with(x, n, y, first, IG_REDRAW_WHOLE_SEEDS, how, rng, law, error);
}

/** Seeds that are good or bad at every axis value alike, with a little noise of their own. */
static void make_results(double own, double *y)
{
    for (size_t s = 0; s < SEEDS_EACH; s++) {
        for (size_t i = 0; i < N_ANCHORS; i++) {
            double wobble = own * sin((double)(7 * s + 3 * i));
            y[i * SEEDS_EACH + s] =
                pow(10, -0.5 * (double)i) * exp(0.4 * ((double)s - 3.5) + wobble);
        }
    }
}

static void test_whole_seeds(void **state)
{
    (void)state;
    static const double x[] = {1, 10, 100};
    static const size_t first[] = {0, SEEDS_EACH, 2 * SEEDS_EACH, 3 * SEEDS_EACH};
    const ig_bootstrap how = {2000, IG_INTERVAL_PERCENTILE};
    double y[N_ANCHORS * SEEDS_EACH];
    ig_power_law stratified, whole;
    ig_error error = {0};
    make_results(0.01, y);
    ig_rng rng = begin(2), again = begin(3);
    assert_int_equal(
        fit_with(x, N_ANCHORS, y, first, IG_REDRAW_SEEDS, &how, &rng, &stratified, &error), IG_OK);
    assert_int_equal(fit_seeds(x, N_ANCHORS, y, SEEDS_EACH, &how, &again, &whole, &error), IG_OK);
    assert_true(whole.exponent.value == stratified.exponent.value &&
                whole.amplitude.value == stratified.amplitude.value);
    /* What a seed shares over the axis cancels in the slope, but not in the amplitude. */
    assert_true(whole.exponent.se < stratified.exponent.se / 10);
    assert_true(whole.exponent.low < whole.exponent.value &&
                whole.exponent.value < whole.exponent.high);
    assert_true(whole.amplitude.se > stratified.amplitude.se / 3);
    /* Without noise of its own every resample has the same slope. */
    make_results(0, y);
    assert_int_equal(fit_seeds(x, N_ANCHORS, y, SEEDS_EACH, &how, &again, &whole, &error), IG_OK);
    near(whole.exponent.low, 0.5, 1e-12);
    near(whole.exponent.high, 0.5, 1e-12);
    assert_int_equal(fit_seeds(x, N_ANCHORS, y, 1, &how, &again, &whole, &error), IG_ERR_NUMERIC);
    assert_int_equal(fit_seeds(x, 1, y, SEEDS_EACH, &how, &again, &whole, &error), IG_ERR_NUMERIC);
}

/** With one anchor varying only, the fit's BCa interval is that of the logarithm of its mean. */
static void test_bca_of_fits(void **state)
{
    (void)state;
    static const double x[] = {1, 2.718281828459045};
    static const size_t first[] = {0, 1, 1 + N_SAMPLE};
    const ig_bootstrap how = {20000, IG_INTERVAL_BCA};
    double y[1 + N_SAMPLE] = {1};
    ig_power_law law;
    ig_error error = {0};
    memcpy(y + 1, sample, sizeof sample);
    ig_rng rng = begin(4);
    assert_int_equal(fit_with(x, 2, y, first, IG_REDRAW_SEEDS, &how, &rng, &law, &error), IG_OK);
    near(law.exponent.value, -log(2.5520833333333335), 1e-12);
    /* A monotone function of the mean has nearly the transformed interval. */
    near(-law.exponent.high, log(1.4583), 0.05);
    near(-law.exponent.low, log(4.53125), 0.05);
    const ig_bootstrap plain = {20000, IG_INTERVAL_PERCENTILE};
    static const double three[] = {1, 10, 100};
    double wide[N_ANCHORS * SEEDS_EACH];
    ig_power_law bca, percentile;
    make_results(0.05, wide);
    ig_rng one = begin(5), other = begin(5);
    assert_int_equal(fit_seeds(three, N_ANCHORS, wide, SEEDS_EACH, &how, &one, &bca, &error),
                     IG_OK);
    assert_int_equal(
        fit_seeds(three, N_ANCHORS, wide, SEEDS_EACH, &plain, &other, &percentile, &error), IG_OK);
    assert_true(bca.exponent.value == percentile.exponent.value &&
                bca.exponent.se == percentile.exponent.se);
    assert_true(bca.exponent.low != percentile.exponent.low);
    near(bca.exponent.low, percentile.exponent.low, percentile.exponent.se);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixture),
        cmocka_unit_test(test_one_value),
        cmocka_unit_test(test_interval_width),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_same_numbers_same_intervals),
        cmocka_unit_test(test_exponent_error),
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_bad_fits),
        cmocka_unit_test(test_flat_data),
        cmocka_unit_test(test_iqm),
        cmocka_unit_test(test_iqm_of_resamples),
        cmocka_unit_test(test_leave_out),
        cmocka_unit_test(test_bca_formula),
        cmocka_unit_test(test_bca_extremes),
        cmocka_unit_test(test_bca_of_statistics),
        cmocka_unit_test(test_whole_seeds),
        cmocka_unit_test(test_bca_of_fits),
    };
    if (argc != 2) {
        fprintf(stderr, "usage: %s FIXTURE\n", argv[0]);
        return 2;
    }
    fixture = argv[1];
    return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
