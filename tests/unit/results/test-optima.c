/** Where a line is least, and predictions of that place. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made-curves.h"
#include "make-file.h"

/** A line with these medians at x = 1, 2, 4, 8; NaN: nothing finished. */
enum { XS = 4 };
typedef struct held {
    ig_curve_point points[XS];
    ig_curve_line line;
} held;

static const ig_curve_line *hold(held *h, const double medians[XS])
{
    for (size_t i = 0; i < XS; i++) {
        h->points[i] = (ig_curve_point){.x = 1 << i, .median.value = medians[i]};
        h->points[i].n = isnan(medians[i]) ? 0 : 3;
    }
    h->line = (ig_curve_line){.points = h->points, .n_points = XS, .seeds = 3};
    return &h->line;
}

static void test_between_points(void **state)
{
    (void)state;
    const double nan = (double)NAN;
    held h;
    int outside;
    const ig_curve_line *line = hold(&h, (double[]){8, 4, 6, 7});
    assert_true(ig_curve_at(line, false, 3, &outside) == 5 && outside == 0);
    assert_true(fabs(ig_curve_at(line, true, sqrt(8), &outside) - 5) < 1e-15 && outside == 0);
    assert_true(ig_curve_at(line, true, 3, &outside) > 5.1);
    assert_true(ig_curve_at(line, true, 4, &outside) == 6 && outside == 0);
    assert_true(ig_curve_at(line, true, 8, &outside) == 7 && outside == 0);
    assert_true(ig_curve_at(line, true, 8.001, &outside) == 7 && outside == 1);
    assert_true(ig_curve_at(line, true, -2, &outside) == 8 && outside == -1);
    /* A gap is bridged, and ends without rows are no ends. */
    line = hold(&h, (double[]){8, nan, 6, nan});
    assert_true(ig_curve_at(line, false, 2.5, &outside) == 7 && outside == 0);
    assert_true(ig_curve_at(line, false, 5, &outside) == 6 && outside == 1);
    line = hold(&h, (double[]){nan, nan, nan, nan});
    assert_true(isnan(ig_curve_at(line, false, 2, &outside)) && outside == 0);
    /* Zero has no logarithm: linear beside it. */
    line = hold(&h, (double[]){8, 4, 6, 7});
    h.points[0].x = 0;
    assert_true(ig_curve_at(line, true, 1, &outside) == 6 && outside == 0);
}

static ig_optimum optimum_of(const ig_curve_line *line, const double medians[XS])
{
    double resamples[XS * 2], least[2], best[2];
    for (size_t i = 0; i < XS; i++) {
        resamples[2 * i] = resamples[2 * i + 1] = medians[i];
    }
    return ig_curve_optimum(line, resamples, 2, least, best);
}

static void test_ties_and_ends(void **state)
{
    (void)state;
    const double nan = (double)NAN;
    const struct {
        double medians[XS], best;
        size_t ties;
        int end;
    } cases[] = {
        {{3, 1, 2, 4}, 2, 1, 0},   {{5, 2, 2, 4}, 2, 2, 0},   {{2, 2, 2, 2}, 1, 4, -1},
        {{4, 3, 2, 1}, 8, 1, 1},   {{4, 3, 3, 1}, 8, 1, 1},   {{nan, 1, 2, 3}, 2, 1, -1},
        {{3, 2, 1, nan}, 4, 1, 1}, {{-1, -3, 0, 1}, 2, 1, 0}, {{nan, 7, nan, nan}, 2, 1, -1},
    };
    held h;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ig_optimum o = optimum_of(hold(&h, cases[i].medians), cases[i].medians);
        assert_true(o.best.value == cases[i].best && o.ties == cases[i].ties &&
                    o.end == cases[i].end);
        assert_true(o.share == 1 && o.best.low == o.best.value && o.best.high == o.best.value);
        assert_true(o.least.low == o.least.value && o.least.high == o.least.value);
    }
}

/** Few resamples: the interval reaches to the outermost of them, and is of the grid. */
static void test_interval_of_the_best(void **state)
{
    (void)state;
    enum { N = 5 };
    const double medians[XS * N] = {0, 5, 5, 5, 5, 5, 1, 1, 1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4};
    double least[N], best[N];
    held h;
    const ig_curve_line *line = hold(&h, (double[]){5, 1, 5, 5});
    const ig_optimum o = ig_curve_optimum(line, medians, N, least, best);
    assert_true(o.best.value == 2 && o.share == 0.6 && o.best.low == 1 && o.best.high == 8);
    assert_true(o.least.value == 1 && fabs(o.least.low - 0.1) < 1e-15);
    assert_true(fabs(o.least.high - 3.7) < 1e-15);
}

/** Predict x = 3 for a line whose median there, linear in x, is `there`. */
static ig_prediction predicted(double least, double there, double tolerance)
{
    held h;
    const ig_curve curve = {.tolerance = tolerance};
    const double far = least + 1000;
    double x[] = {3, 2.5, 9};
    hold(&h, (double[]){far, there, there, far});
    h.line.optimum.least.value = least;
    return ig_curve_predict(&h.line, &curve, x, 3);
}

static void test_tolerance(void **state)
{
    (void)state;
    ig_prediction p = predicted(2, 2.25, 0.125);
    assert_true(p.median == 3 && p.q1 == 2.75 && p.q3 == 6 && p.measured == 2.25);
    assert_true(p.excess == 0.125 && p.near && p.outside == 0);
    assert_false(predicted(2, 2.2501, 0.125).near);
    /* Below zero the share is of the size of the least: -2 may rise to -1.75. */
    p = predicted(-2, -1.75, 0.125);
    assert_true(p.excess == 0.125 && p.near);
    assert_false(predicted(-2, -1.7499, 0.125).near);
    assert_false(predicted(-2, 2, 0.125).near);
    /* No share of nothing but nothing. */
    p = predicted(0, 0, 0.125);
    assert_true(p.excess == 0 && p.near);
    p = predicted(0, 1e-300, 0.125);
    assert_true(isinf(p.excess) && !p.near);
}

/** Predictions of a seed's rows count once, however many of its rows are there. */
static void test_predictions_by_seed(void **state)
{
    (void)state;
    static const char yaml[] = "experiment: diver\nseeds: 3\nnoise: [none, some]\n"
                               "depth: [1, 2, 4, 8]\n";
    enum { LINE = 3 * XS };
    static const double medians[] = {8, 4, 6, 7};
    curve_row rows[2 * LINE];
    for (size_t t = 0; t < 2 * LINE; t++) {
        const size_t seed = t % 3;
        rows[t] = (curve_row){IG_STATE_DONE, medians[t % LINE / 3], 1, 2 + (double)seed, 100};
        rows[t].guess = t < LINE ? rows[t].guess : 0.5;
    }
    /* Seed 0 of the first line predicts 2 in its one row, seed 2 changes its mind around 16. */
    rows[3].state = rows[6].state = rows[9].state = IG_STATE_EMPTY;
    rows[2].guess = 15;
    rows[5].guess = rows[8].guess = 16;
    rows[11].guess = 99;
    made_curves *made = make_curves(yaml, rows, 10);
    const ig_curve_lines *c = &made->curves[CURVE_DEPTH];
    const ig_prediction *p = c->lines[0].predictions;
    assert_true(p[0].median == 3 && p[0].q1 == 2.5 && p[0].q3 == 9.5 && p[0].outside == 0);
    assert_true(fabs(p[0].measured - (4 + 2 * log(1.5) / log(2))) < 1e-14 && !p[0].near);
    assert_true(p[1].median == 100 && p[1].outside == 1 && p[1].measured == 7);
    assert_true(c->lines[1].predictions[0].outside == -1);
    expect_note(&made->optima, "curve-depth-predictions",
                "guess: near, within 5 % of the least, on 0 of 2 lines.");
    made_curves_destroy(&made);
    for (size_t t = LINE; t < 2 * LINE; t++) {
        rows[t].guess = 2.01;
    }
    made = make_curves(yaml, rows, 10);
    expect_note(&made->optima, "curve-depth-predictions",
                "guess: near, within 5 % of the least, on 1 of 2 lines.");
    made_curves_destroy(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_between_points),
        cmocka_unit_test(test_ties_and_ends),
        cmocka_unit_test(test_interval_of_the_best),
        cmocka_unit_test(test_tolerance),
        cmocka_unit_test_setup_teardown(test_predictions_by_seed, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("optima", tests, NULL, NULL);
}
