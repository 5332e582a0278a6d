/** Statistics and power laws against the fixture and against what theory says of the bootstrap. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "results/power-law.h"
#include "results/report.h"

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
    check_close(s.mean, expected[0], 1e-12);
    check_close(s.sem, expected[1], 1e-7);
    check_close(s.median, expected[2], 1e-12);
    assert_true(s.mean_low <= s.mean && s.mean <= s.mean_high);
    assert_true(s.median_low <= s.median && s.median <= s.median_high);
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
    assert_int_equal(ig_power_law_fit(x, n, y, first, RESAMPLES, &rng, &law, &error), IG_OK);
    assert_int_equal(law.n_anchors, n);
    check_close(law.exponent, expected[0], 1e-11);
    check_close(law.amplitude, expected[1], 1e-11);
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
    assert_true(isnan(s.sem));
    assert_true(s.mean == value && s.mean_low == value && s.mean_high == value);
    assert_true(s.median == value && s.median_low == value && s.median_high == value);
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
        square += (values[i] - s.mean) * (values[i] - s.mean);
    }
    check_close((s.mean_high - s.mean_low) / 2, 1.959964 * sqrt(square) / N, 0.03);
    check_close(s.mean_high + s.mean_low, 2 * s.mean, 1e-3);
    /* Asymptotically the median of normal values spreads sqrt(pi / 2) times as much. */
    check_close((s.median_high - s.median_low) / (s.mean_high - s.mean_low), sqrt(acos(-1) / 2),
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
        mean += s.mean_low <= 0 && 0 <= s.mean_high;
        median += s.median_low <= 0 && 0 <= s.median_high;
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
    assert_true(a.mean_low != c.mean_low || a.mean_high != c.mean_high);
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
    assert_int_equal(ig_power_law_fit(x, ANCHORS, y, first, 20000, &rng, &law, &error), IG_OK);
    check_close(law.exponent_se, sqrt(variance), 0.03);
    check_close(law.exponent_high - law.exponent_low, 2 * 1.959964 * sqrt(variance), 0.05);
    assert_true(fabs(law.exponent - 0.95) < 4 * law.exponent_se);
    assert_true(law.amplitude_low < law.amplitude && law.amplitude < law.amplitude_high);
}

static void test_band(void **state)
{
    (void)state;
    const double x[] = {1, 10, 100}, y[] = {1.0, 1.2, 0.5, 0.55, 0.21, 0.25};
    const size_t first[] = {0, 2, 4, 6};
    const double at[] = {1, 10, 100};
    double low[3], high[3];
    const ig_band band = {3, at, low, high};
    const ig_bootstrap how = {500, IG_INTERVAL_PERCENTILE};
    ig_power_law law, plain;
    ig_error error = {0};
    ig_rng rng = start(6), again = start(6);
    assert_int_equal(ig_power_law_fit_band(x, 3, y, first, &how, &rng, &law, &band, &error), IG_OK);
    assert_int_equal(ig_power_law_fit(x, 3, y, first, 500, &again, &plain, &error), IG_OK);
    assert_memory_equal(&law, &plain, sizeof law);
    for (size_t i = 0; i < 3; i++) {
        double line = ig_power_law_at(law.amplitude, law.exponent, at[i]);
        assert_true(low[i] < line && line < high[i]);
    }
    /* At x = 1 the line is the amplitude itself. */
    check_close(low[0], law.amplitude_low, 1e-12);
    check_close(high[0], law.amplitude_high, 1e-12);
}

static void test_bad_values(void **state)
{
    (void)state;
    const double bad[] = {1, (double)NAN, 2}, infinite[] = {1, 2, (double)INFINITY};
    const double untouched = 42;
    ig_statistics s = {.mean = untouched};
    ig_error error = {0};
    ig_rng rng = start(7);
    assert_int_equal(describe(bad, 3, 10, &rng, &s, &error), IG_ERR_NUMERIC);
    assert_int_equal(describe(infinite, 3, 10, &rng, &s, &error), IG_ERR_NUMERIC);
    assert_int_equal(describe(bad, 0, 10, &rng, &s, &error), IG_ERR_USAGE);
    assert_int_equal(describe(bad, 1, 1, &rng, &s, &error), IG_ERR_USAGE);
    assert_true(s.mean == untouched);
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
        ig_power_law law = {.exponent = 42};
        ig_error error = {0};
        ig_rng rng = start(8);
        assert_int_equal(
            ig_power_law_fit(cases[i].x, cases[i].n, cases[i].y, first, 10, &rng, &law, &error),
            cases[i].status);
        assert_true(law.exponent == 42);
        assert_true(error.text[0] != '\0');
    }
    ig_power_law law;
    ig_error error = {0};
    ig_rng rng = start(9);
    assert_int_equal(ig_power_law_fit(cases[0].x, 3, cases[7].y, hole, 10, &rng, &law, &error),
                     IG_ERR_USAGE);
    assert_int_equal(ig_power_law_fit(cases[0].x, 3, cases[7].y, first, 1, &rng, &law, &error),
                     IG_ERR_USAGE);
}

static void test_flat_data(void **state)
{
    (void)state;
    const double x[] = {1, 10, 100}, y[] = {0.5, 0.5, 0.5};
    const size_t first[] = {0, 1, 2, 3};
    ig_power_law law;
    ig_error error = {0};
    ig_rng rng = start(10);
    assert_int_equal(ig_power_law_fit(x, 3, y, first, 10, &rng, &law, &error), IG_OK);
    assert_true(fabs(law.exponent) < 1e-15 && law.exponent_se < 1e-15);
    check_close(law.amplitude, 0.5, 1e-14);
    assert_true(isnan(law.r2));
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
        cmocka_unit_test(test_band),
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_bad_fits),
        cmocka_unit_test(test_flat_data),
    };
    if (argc != 2) {
        fprintf(stderr, "usage: %s FIXTURE\n", argv[0]);
        return 2;
    }
    fixture = argv[1];
    return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
