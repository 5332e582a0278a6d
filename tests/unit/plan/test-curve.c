/** Power laws and their redraws: exact lines, the intervals of merge, Student's t, coverage. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>

#include "plan/plan.h"

static ig_rng start(uint64_t part)
{
    return ig_rng_start(ig_rng_key_make("test-curve", 0), IG_STREAM_DATA, part);
}

/** n anchors 100, 200, 400, ... with `seeds` measurements each of 3 N^-0.4 times e^(sd z). */
static void measure(size_t n, size_t seeds, double sd, ig_rng *rng, ig_anchors *a)
{
    ig_error error = {0};
    assert_int_equal(ig_anchors_init(n, n * seeds, a, &error), IG_OK);
    for (size_t i = 0; i < n; i++) {
        double sum = 0, squares = 0;
        a->x[i] = 100 * pow(2, (double)i);
        for (size_t k = 0; k < seeds; k++) {
            double y = 3 * pow(a->x[i], -0.4) * exp(sd * ig_rng_normal(rng) - sd * sd / 2);
            a->y[i * seeds + k] = y;
            sum += y;
            squares += y * y;
        }
        double count = (double)seeds;
        a->mean[i] = sum / count;
        a->sem[i] =
            seeds > 1 ? sqrt((squares - sum * sum / count) / (count - 1) / count) : (double)NAN;
        a->first[i + 1] = (i + 1) * seeds;
    }
}

/** Forget the single measurements, as a summary does. */
static void keep_means(ig_anchors *a)
{
    ig_anchors kept;
    ig_error error = {0};
    assert_int_equal(ig_anchors_init(a->n, 0, &kept, &error), IG_OK);
    memcpy(kept.x, a->x, a->n * sizeof *a->x);
    memcpy(kept.mean, a->mean, a->n * sizeof *a->mean);
    memcpy(kept.sem, a->sem, a->n * sizeof *a->sem);
    ig_anchors_clear(a);
    *a = kept;
}

static void fit_with(const ig_anchors *a, size_t draws, uint64_t part, ig_learning_curve *c)
{
    ig_rng rng = start(part);
    ig_error error = {0};
    assert_int_equal(ig_learning_curve_fit(a, "what", draws, &rng, c, &error), IG_OK);
}

static void fit(const ig_anchors *a, size_t draws, ig_learning_curve *c)
{
    fit_with(a, draws, 99, c);
}

static void test_exact_line(void **state)
{
    (void)state;
    ig_rng rng = start(0);
    ig_anchors a;
    ig_learning_curve c;
    measure(5, 2, 0, &rng, &a);
    fit(&a, 100, &c);
    assert_true(fabs(c.law.exponent.value - 0.4) < 1e-12 &&
                fabs(c.law.amplitude.value - 3) < 1e-10);
    assert_true(fabs(c.law.r2 - 1) < 1e-12 && fabs(c.tail - 0.4) < 1e-12);
    assert_true(c.law.exponent.low <= c.law.exponent.value + 1e-12 &&
                c.law.exponent.high >= c.law.exponent.value - 1e-12);
    assert_true(c.law.exponent.high - c.law.exponent.low < 1e-12);
    assert_true(c.n_low == 100 && c.n_high == 1600 && c.law.n_anchors == 5);
    ig_learning_curve_take_root(&c);
    assert_true(fabs(c.law.exponent.value - 0.2) < 1e-12 &&
                fabs(c.law.amplitude.value - sqrt(3)) < 1e-10);
    assert_true(fabs(c.draws.exponent[7] - 0.2) < 1e-12);
    ig_learning_curve_clear(&c);
    ig_anchors_clear(&a);
}

/** Both ways of redrawing agree with the fit that imagrid-merge makes of the same rows. */
static void test_like_merge(void **state)
{
    (void)state;
    ig_rng rng = start(1);
    ig_anchors a;
    ig_learning_curve seeds, means;
    ig_power_law law;
    ig_error error = {0};
    const ig_bootstrap how = {10000, IG_INTERVAL_PERCENTILE};
    measure(7, 100, 0.3, &rng, &a);
    assert_int_equal(ig_power_law_fit(&a, IG_REDRAW_SEEDS, &how, &rng, &law, NULL, &error), IG_OK);
    fit(&a, 10000, &seeds);
    assert_int_equal(seeds.method, IG_REDRAW_SEEDS);
    keep_means(&a);
    fit(&a, 10000, &means);
    assert_int_equal(means.method, IG_REDRAW_MEANS);
    double width = law.exponent.high - law.exponent.low;
    assert_true(fabs(seeds.law.exponent.value - law.exponent.value) < 1e-12);
    assert_true(fabs(means.law.exponent.value - law.exponent.value) < 1e-12);
    assert_true(fabs(seeds.law.r2 - law.r2) < 1e-12);
    assert_true(fabs(seeds.law.exponent.low - law.exponent.low) < 0.03 * width);
    assert_true(fabs(seeds.law.exponent.high - law.exponent.high) < 0.03 * width);
    assert_true(fabs(means.law.exponent.low - law.exponent.low) < 0.05 * width);
    assert_true(fabs(means.law.exponent.high - law.exponent.high) < 0.05 * width);
    ig_learning_curve_clear(&seeds);
    ig_learning_curve_clear(&means);
    ig_anchors_clear(&a);
}

/** Single measurements: the interval of the slope is the textbook one. */
static void test_student(void **state)
{
    (void)state;
    ig_rng rng = start(2);
    ig_anchors a;
    ig_learning_curve c;
    measure(6, 1, 0.2, &rng, &a);
    fit(&a, 100000, &c);
    assert_int_equal(c.method, IG_REDRAW_RESIDUALS);
    double x[6], y[6], c0, c1, cov00, cov01, cov11, rss;
    for (int i = 0; i < 6; i++) {
        x[i] = log(a.x[i]);
        y[i] = log(a.mean[i]);
    }
    gsl_fit_linear(x, 1, y, 1, 6, &c0, &c1, &cov00, &cov01, &cov11, &rss);
    double half = gsl_cdf_tdist_Pinv(0.975, 4) * sqrt(cov11);
    assert_true(fabs(c.law.exponent.low - (-c1 - half)) < 0.03 * half);
    assert_true(fabs(c.law.exponent.high - (-c1 + half)) < 0.03 * half);
    ig_learning_curve_clear(&c);
    ig_anchors_clear(&a);
}

/** How often the interval holds the true exponent in 400 experiments: [least, most]. */
static void check_coverage(size_t anchors, size_t seeds, bool means, int least, int most)
{
    int inside = 0;
    for (uint64_t i = 0; i < 400; i++) {
        ig_rng rng = start(1000 + i);
        ig_anchors a;
        ig_learning_curve c;
        measure(anchors, seeds, 0.2, &rng, &a);
        if (means) {
            keep_means(&a);
        }
        fit_with(&a, 400, 2000 + i, &c);
        inside += c.law.exponent.low <= 0.4 && 0.4 <= c.law.exponent.high;
        ig_learning_curve_clear(&c);
        ig_anchors_clear(&a);
    }
    print_message("%zu anchors, %zu seeds, %s: the 95 %% interval holds %d of 400\n", anchors,
                  seeds, means ? "means" : "values", inside);
    assert_in_range(inside, least, most);
}

static void test_coverage(void **state)
{
    (void)state;
    check_coverage(7, 40, false, 364, 396);
    check_coverage(7, 40, true, 364, 396);
    check_coverage(5, 1, false, 364, 396);
}

static void test_methods_and_refusals(void **state)
{
    (void)state;
    ig_rng rng = start(3);
    ig_anchors a;
    ig_learning_curve c = {.law.n_anchors = 42};
    ig_error error = {0};
    measure(2, 1, 0.1, &rng, &a);
    fit(&a, 100, &c);
    assert_int_equal(c.method, IG_REDRAW_NONE);
    assert_int_equal(c.draws.n, 0);
    assert_true(isnan(c.law.exponent.low) && isnan(c.law.r2) && isnan(c.tail));
    ig_learning_curve_clear(&c);
    a.n = 1;
    c.law.n_anchors = 42;
    assert_int_equal(ig_learning_curve_fit(&a, "what", 100, &rng, &c, &error), IG_ERR_NUMERIC);
    assert_non_null(strstr(error.text, "what"));
    assert_int_equal(c.law.n_anchors, 42);
    a.n = 2;
    a.mean[0] = 1e300;
    a.mean[1] = 1e-300;
    a.x[1] = a.x[0] * (1 + 1e-15);
    assert_int_equal(ig_learning_curve_fit(&a, "what", 100, &rng, &c, &error), IG_ERR_NUMERIC);
    ig_anchors_clear(&a);
    /* Means of which one has no standard error: the scatter about the line is what is known. */
    measure(4, 3, 0.1, &rng, &a);
    keep_means(&a);
    a.sem[2] = (double)NAN;
    fit(&a, 100, &c);
    assert_int_equal(c.method, IG_REDRAW_RESIDUALS);
    ig_learning_curve_clear(&c);
    ig_anchors_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_line),
        cmocka_unit_test(test_like_merge),
        cmocka_unit_test(test_student),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_methods_and_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
