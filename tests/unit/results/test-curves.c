/** Lines of a curve: which grid points they hold, and their paired resamples. */
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

enum { MOST_TASKS = 256, RESAMPLES = 200 };

static curve_row rows[MOST_TASKS];

static int setup(void **state)
{
    ig_rng rng = ig_rng_start(ig_rng_key_make("test", 1), IG_STREAM_DATA, 0);
    for (size_t t = 0; t < MOST_TASKS; t++) {
        rows[t] = (curve_row){IG_STATE_DONE, ig_rng_normal(&rng), ig_rng_uniform(&rng),
                              1 + ig_rng_uniform(&rng), 3};
    }
    return enter_folder(state);
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
    return values[(n - 1) / 2] / 2 + values[n / 2] / 2;
}

/** R's type 7, from sorted values. */
static double percentile(const double *sorted, size_t n, double f)
{
    const double at = f * (double)(n - 1);
    const size_t i = (size_t)at;
    return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

static void test_lines_and_panels(void **state)
{
    (void)state;
    static const char yaml[] = "experiment: diver\nseeds: 3\ngamma: [0.9, 0.5]\n"
                               "noise: [some, none]\ndepth: [4, 1, 2]\n";
    made_curves *made = make_curves(yaml, rows, 10);
    const ig_curve_lines *c = &made->curves[CURVE_DEPTH];
    assert_true(c->n_panels == 2 && c->n_styles == 2 && c->n_lines == 4);
    assert_string_equal(c->panels[0].text, "gamma=0.9");
    assert_string_equal(c->panels[1].text, "gamma=0.5");
    assert_string_equal(c->styles[1].text, "noise=none");
    for (size_t l = 0; l < 4; l++) {
        const ig_curve_line *line = &c->lines[l];
        assert_true(line->panel == l / 2 && line->style == l % 2 && line->n_points == 3);
        assert_string_equal(line->label, c->styles[l % 2].text);
        /* x ascends; the grid has the depths in another order. */
        static const size_t order[] = {1, 2, 0};
        for (size_t i = 0; i < 3; i++) {
            const ig_curve_point *p = &line->points[i];
            const size_t point = 3 * l + order[i];
            double values[3], bounds[3];
            assert_true(p->point == point && p->n == 3);
            assert_true(p->x == (i == 0 ? 1 : i == 1 ? 2 : 4));
            for (size_t s = 0; s < 3; s++) {
                values[s] = rows[3 * point + s].regret;
                bounds[s] = rows[3 * point + s].bound;
            }
            assert_true(p->median.value == median_of(values, 3) &&
                        p->reference == median_of(bounds, 3));
            assert_true(p->median.low <= p->median.value && p->median.value <= p->median.high &&
                        p->median.low < p->median.high);
        }
    }
    /* Only the points without noise; and where nothing is named, every key tells lines apart. */
    c = &made->curves[CURVE_CALM];
    assert_true(c->n_lines == 2 && c->n_panels == 1 && c->lines[0].points[0].point == 4);
    assert_string_equal(c->panels[0].text, "");
    assert_string_equal(c->lines[1].label, "gamma=0.5");
    assert_true(isnan(c->lines[1].points[0].reference));
    c = &made->curves[CURVE_PLAIN];
    assert_int_equal(c->n_lines, 4);
    assert_string_equal(c->lines[3].label, "gamma=0.5 noise=none");
    made_curves_destroy(&made);
}

static void test_unnamed_keys(void **state)
{
    (void)state;
    static const char product[] = "experiment: diver\nseeds: 2\ndepth: [1, 2]\nwidth: [8, 9]\n";
    static const char zipped[] = "experiment: diver\nseeds: 2\ndepth: [1, 2, 3]\n"
                                 "width: [8, 9, 9]\nzip: [[depth, width]]\n";
    static const char parts[] = "experiment: diver\nseeds: 2\nparts:\n"
                                "  - {width: 8, depth: [1, 2]}\n  - {width: 9, depth: [1, 2, 3]}\n";
    static const char only[] = "experiment: diver\nseeds: 2\ndepth: [1, 2]\nparts:\n"
                               "  - {noise: none, gamma: [0.5, 0.9]}\n"
                               "  - {noise: some, gamma: 0.7, width: 9}\n";
    static const char mixed[] = "experiment: diver\nseeds: 2\ndepth: [1, 2]\nparts:\n"
                                "  - {gamma: 0.5, noise: none}\n  - {gamma: 0.9, noise: none}\n"
                                "  - {gamma: 0.5, noise: some}\n";
    static const char absent[] = "experiment: diver\nseeds: 2\nnoise: much\ndepth: [1, 2]\n";
    made_curves *made = make_curves(product, rows, 10);
    const ig_curve_lines *c = &made->curves[CURVE_DEPTH];
    assert_int_equal(c->n_lines, 2);
    assert_string_equal(c->lines[1].label, "width=9");
    made_curves_destroy(&made);
    /* What advances with x belongs to one line... */
    made = make_curves(zipped, rows, 10);
    c = &made->curves[CURVE_DEPTH];
    assert_true(c->n_lines == 1 && c->lines[0].n_points == 3);
    assert_string_equal(c->lines[0].label, "");
    made_curves_destroy(&made);
    /* ... unless two grid points would share an x. */
    made = make_curves(parts, rows, 10);
    c = &made->curves[CURVE_DEPTH];
    assert_true(c->n_lines == 2 && c->lines[0].n_points == 2 && c->lines[1].n_points == 3);
    assert_string_equal(c->lines[0].label, "width=8");
    made_curves_destroy(&made);
    /* Keys that other grid points alone vary are no part of a label. */
    made = make_curves(only, rows, 10);
    c = &made->curves[CURVE_CALM];
    assert_true(c->n_lines == 2 && c->lines[0].n_points == 2);
    assert_string_equal(c->lines[1].label, "gamma=0.9");
    assert_string_equal(made->curves[CURVE_PLAIN].lines[2].label, "gamma=0.7 noise=some width=9");
    made_curves_destroy(&made);
    /* Lines of a panel stand together, wherever the grid has them. */
    made = make_curves(mixed, rows, 10);
    c = &made->curves[CURVE_DEPTH];
    assert_true(c->n_lines == 3 && c->lines[1].panel == 0 && c->lines[2].panel == 1);
    assert_true(c->lines[1].style == 1 && c->lines[2].style == 0);
    made_curves_destroy(&made);
    made = make_curves(absent, rows, 10);
    assert_int_equal(made->curves[CURVE_CALM].n_lines, 0);
    assert_int_equal(made->curves[CURVE_DEPTH].n_lines, 1);
    made_curves_destroy(&made);
}

/** One line of SEEDS seeds at XS places, resampled by brute force with the documented numbers. */
enum { XS = 4, SEEDS = 7, LINES = 3 };
typedef struct brute {
    double medians[XS][RESAMPLES], best[RESAMPLES], least[RESAMPLES];
    size_t n[XS];
} brute;

static void draw_by_hand(const curve_row *line, uint64_t substream, brute *b)
{
    ig_rng rng = ig_rng_start(ig_rng_key_make("diver", 0), IG_STREAM_BOOTSTRAP, substream);
    size_t pool[SEEDS], n_pool = 0, drawn[SEEDS];
    memset(b->n, 0, sizeof b->n);
    for (size_t s = 0; s < SEEDS; s++) {
        bool there = false;
        for (size_t x = 0; x < XS; x++) {
            there = there || line[x * SEEDS + s].state == IG_STATE_DONE;
        }
        if (there) {
            pool[n_pool++] = s;
        }
    }
    for (size_t r = 0; r < RESAMPLES; r++) {
        size_t best = XS;
        for (size_t i = 0; i < n_pool; i++) {
            drawn[i] = pool[ig_rng_below(&rng, n_pool)];
        }
        for (size_t x = 0; x < XS; x++) {
            double values[SEEDS], median;
            size_t n = 0;
            for (size_t i = 0; i < n_pool; i++) {
                const curve_row *row = &line[x * SEEDS + drawn[i]];
                if (row->state == IG_STATE_DONE) {
                    values[n++] = row->regret;
                }
            }
            if (n == 0) {
                continue;
            }
            median = median_of(values, n);
            b->medians[x][b->n[x]++] = median;
            if (best == XS || median < b->least[r]) {
                best = x;
                b->least[r] = median;
            }
        }
        b->best[r] = (double)(1 << best);
    }
}

static void assert_near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-14 * (1 + fabs(b)))) {
        fail_msg("%.17g is not %.17g", a, b);
    }
}

static void compare_line(const ig_curve_line *line, brute *b)
{
    const ig_optimum *o = &line->optimum;
    size_t agree = 0;
    for (size_t x = 0; x < XS; x++) {
        qsort(b->medians[x], b->n[x], sizeof(double), compare_doubles);
        assert_near(line->points[x].median.low, percentile(b->medians[x], b->n[x], 0.025));
        assert_near(line->points[x].median.high, percentile(b->medians[x], b->n[x], 0.975));
    }
    for (size_t r = 0; r < RESAMPLES; r++) {
        agree += b->best[r] == o->best.value;
    }
    assert_near(o->share, (double)agree / RESAMPLES);
    assert_true(agree > 0 && agree < RESAMPLES);
    qsort(b->best, RESAMPLES, sizeof(double), compare_doubles);
    qsort(b->least, RESAMPLES, sizeof(double), compare_doubles);
    assert_true(o->best.low == b->best[(RESAMPLES - 1) * 25 / 1000]);
    assert_true(o->best.high == b->best[((RESAMPLES - 1) * 975 + 999) / 1000]);
    assert_near(o->least.low, percentile(b->least, RESAMPLES, 0.025));
    assert_near(o->least.high, percentile(b->least, RESAMPLES, 0.975));
}

static void test_resamples(void **state)
{
    (void)state;
    static const char yaml[] = "experiment: diver\nseeds: 7\nnoise: [none, some, much]\n"
                               "depth: [1, 2, 4, 8]\n";
    brute b;
    /* Line 1 misses a seed altogether and some rows; the last x of line 2 rests on one seed. */
    for (size_t x = 0; x < XS; x++) {
        rows[(XS + x) * SEEDS + 3].state = IG_STATE_EMPTY;
    }
    rows[XS * SEEDS].state = rows[XS * SEEDS + 5].state = IG_STATE_EMPTY;
    rows[(XS + 1) * SEEDS + 1].state = IG_STATE_FAILED;
    for (size_t s = 1; s < SEEDS; s++) {
        rows[(2 * XS + 3) * SEEDS + s].state = IG_STATE_EMPTY;
    }
    made_curves *made = make_curves(yaml, rows, RESAMPLES);
    const ig_curve_lines *c = &made->curves[CURVE_DEPTH];
    assert_int_equal(c->n_lines, LINES);
    for (size_t l = 0; l < LINES; l++) {
        draw_by_hand(rows + l * XS * SEEDS, (UINT64_C(1) << 62) + l, &b);
        assert_int_equal(c->lines[l].seeds, l == 1 ? SEEDS - 1 : SEEDS);
        /* Resamples without the one seed have nothing there. */
        assert_true((b.n[3] < RESAMPLES) == (l == 2));
        compare_line(&c->lines[l], &b);
    }
    assert_int_equal(c->lines[1].points[0].n, 4);
    assert_int_equal(c->lines[1].points[1].n, 5);
    /* Another curve has other numbers. */
    draw_by_hand(rows, (UINT64_C(1) << 62) + ((uint64_t)CURVE_PLAIN << 32), &b);
    compare_line(&made->curves[CURVE_PLAIN].lines[0], &b);
    made_curves_destroy(&made);
}

/** Seeds differ a thousand times as much as the x do: only paired draws see the difference. */
static void test_pairing(void **state)
{
    (void)state;
    static const char yaml[] = "experiment: diver\nseeds: 20\ndepth: [1, 2, 4]\n";
    static const double of_x[] = {0.002, 0, 0.001};
    for (size_t t = 0; t < 60; t++) {
        rows[t].regret = of_x[t / 20] + (double)(t % 20 * t % 20);
    }
    made_curves *made = make_curves(yaml, rows, RESAMPLES);
    const ig_curve_line *line = &made->curves[CURVE_DEPTH].lines[0];
    assert_true(line->optimum.best.value == 2 && line->optimum.share == 1);
    assert_true(line->optimum.best.low == 2 && line->optimum.best.high == 2);
    assert_true(line->points[1].median.high - line->points[1].median.low > 1);
    made_curves_destroy(&made);
}

static void test_one_seed_and_none(void **state)
{
    (void)state;
    static const char yaml[] = "experiment: diver\nseeds: 1\nnoise: [none, some]\ndepth: [1, 2]\n";
    rows[0].regret = 5;
    rows[1].regret = 3;
    rows[2].state = IG_STATE_EMPTY;
    rows[3].state = IG_STATE_FAILED;
    made_curves *made = make_curves(yaml, rows, 10);
    const ig_curve_line *line = made->curves[CURVE_DEPTH].lines;
    assert_true(line[0].points[0].median.low == 5 && line[0].points[0].median.high == 5);
    assert_true(line[0].optimum.best.value == 2 && line[0].optimum.share == 1 &&
                line[0].seeds == 1);
    assert_true(line[0].optimum.least.low == 3 && line[0].optimum.least.high == 3);
    assert_true(line[1].seeds == 0 && line[1].points[0].n == 0);
    assert_true(isnan(line[1].points[0].median.value) && isnan(line[1].points[0].median.low));
    assert_true(isnan(line[1].optimum.best.value) && isnan(line[1].optimum.share));
    assert_true(line[1].optimum.ties == 0 && line[1].optimum.end == 0);
    assert_true(isnan(line[1].predictions[0].median) && !line[1].predictions[0].near);
    expect_note(&made->optima, "curve-depth-predictions",
                "guess: near, within 5 % of the least, on 0 of 1 lines.");
    made_curves_destroy(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines_and_panels, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_unnamed_keys, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_resamples, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_pairing, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_one_seed_and_none, setup, leave_folder),
    };
    return cmocka_run_group_tests_name("curves", tests, NULL, NULL);
}
