/** Where a line is least, and how good predictions of that place are. */
#include <math.h>

#include <gsl/gsl_sort.h>

#include "results/analyses.h"

/** Index of the first of the least numbers, NaN left out; n where all are. */
static size_t least_of(const double *numbers, size_t n, size_t stride)
{
    size_t least = n;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(numbers[i * stride]) &&
            (least == n || numbers[i * stride] < numbers[least * stride])) {
            least = i;
        }
    }
    return least;
}

/** 2.5 and 97.5 percentile, rounded outwards to numbers that occur. */
static void outer_interval(double *values, size_t n, double *low, double *high)
{
    gsl_sort(values, 1, n);
    *low = values[(size_t)floor(0.025 * (double)(n - 1))];
    *high = values[(size_t)ceil(0.975 * (double)(n - 1))];
}

/** First point with the least median, what equals it, and whether it is the last one measured. */
static size_t find_best(const ig_curve_line *line, ig_optimum *o)
{
    size_t best = line->n_points, first = line->n_points, last = 0;
    for (size_t i = 0; i < line->n_points; i++) {
        const ig_curve_point *p = &line->points[i];
        if (p->n == 0) {
            continue;
        }
        first = first == line->n_points ? i : first;
        last = i;
        if (best == line->n_points || p->median.value < line->points[best].median.value) {
            best = i;
            o->ties = 0;
        }
        o->ties += p->median.value == line->points[best].median.value;
    }
    o->end = best == first ? -1 : best == last;
    return best;
}

ig_optimum ig_curve_optimum(const ig_curve_line *line, const double *medians, size_t resamples,
                            double *least, double *best)
{
    ig_optimum o = {.best = ig_no_estimate, .least = ig_no_estimate, .share = (double)NAN};
    const size_t at = find_best(line, &o);
    size_t agree = 0;
    if (at == line->n_points) {
        o.end = 0;
        return o;
    }
    for (size_t r = 0; r < resamples; r++) {
        /* Every resample has a value somewhere: its seeds have rows. */
        const size_t i = least_of(medians + r, line->n_points, resamples);
        best[r] = line->points[i].x;
        least[r] = medians[i * resamples + r];
        agree += i == at;
    }
    o.best.value = line->points[at].x;
    o.least.value = line->points[at].median.value;
    o.share = (double)agree / (double)resamples;
    outer_interval(best, resamples, &o.best.low, &o.best.high);
    ig_interval_95(least, resamples, &o.least.low, &o.least.high);
    return o;
}

static double between(const ig_curve_point *a, const ig_curve_point *b, bool log_x, double x)
{
    /* ln of 0 has no place between neighbours. */
    const double t =
        log_x && a->x > 0 ? log(x / a->x) / log(b->x / a->x) : (x - a->x) / (b->x - a->x);
    const double from = a->median.value, to = b->median.value, y = from + t * (to - from);
    return fmin(fmax(y, fmin(from, to)), fmax(from, to));
}

double ig_curve_at(const ig_curve_line *line, bool log_x, double x, int *outside)
{
    const ig_curve_point *below = NULL, *above = NULL;
    for (size_t i = 0; i < line->n_points; i++) {
        const ig_curve_point *p = &line->points[i];
        if (p->n > 0 && p->x <= x) {
            below = p;
        }
        if (p->n > 0 && p->x >= x && !above) {
            above = p;
        }
    }
    *outside = below || !above ? 0 : -1;
    if (below && !above) {
        *outside = 1;
    }
    if (!below && !above) {
        return (double)NAN;
    }
    if (!below || !above || below == above) {
        return below ? below->median.value : above->median.value;
    }
    return between(below, above, log_x, x);
}

ig_prediction ig_curve_predict(const ig_curve_line *line, const ig_curve *curve, double *predicted,
                               size_t n)
{
    const ig_spread spread = ig_spread_of(predicted, n);
    ig_prediction p = {.q1 = spread.q1, .median = spread.median, .q3 = spread.q3};
    p.measured = ig_curve_at(line, curve->log_x, p.median, &p.outside);
    const double above = p.measured - line->optimum.least.value;
    const double least = fabs(line->optimum.least.value);
    if (above == 0) {
        p.excess = 0;
    } else {
        p.excess = least == 0 ? (double)INFINITY : above / least;
    }
    p.near = p.excess <= curve->tolerance;
    return p;
}

/** What to know of one best x. */
static const char *remark(const ig_optimum *o)
{
    if (o->end) {
        return o->end < 0 ? "first x measured" : "last x measured";
    }
    return o->ties > 1 ? "ties" : "";
}

/** Where each line is least, for people. */
static void add_optima(const ig_curve_lines *c, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        IG_HEADING("line", IG_CELL_TEXT), IG_HEADING("n", IG_CELL_COUNT), {.heading = "best x"},
        IG_INTERVAL_HEADING("95 %"),      {.heading = "share"},           {.heading = "least"},
        IG_INTERVAL_HEADING("95 %"),      IG_HEADING("", IG_CELL_TEXT),
    };
    ig_table *table = ig_curve_table(c, "-optima", "where it is least", tables);
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < c->n_lines; i++) {
        const ig_curve_line *line = &c->lines[i];
        const ig_optimum *o = &line->optimum;
        ig_curve_put_label(c, line, table);
        ig_table_count(table, line->seeds);
        ig_put_estimate(&o->best, table);
        ig_table_real(table, o->share);
        ig_put_estimate(&o->least, table);
        ig_table_text(table, "%s", remark(o));
    }
    ig_table_note(table, "n: seeds with a result; share: of the resamples with their least at the "
                         "best x.");
    ig_table_note(table, "first or last x measured: the least may lie beyond; ties: several x have "
                         "this median, shown is the smallest.");
    ig_curve_note_intervals(c, table);
}

static void put_optimum(const ig_curve_lines *c, const ig_curve_line *line, size_t k,
                        ig_table *table)
{
    static const char *const outside[] = {"below all x", "", "above all x"};
    const double nan = (double)NAN;
    const ig_optimum *o = &line->optimum;
    const bool has = k < c->n_predicted, checked = has && line->seeds > 0;
    const ig_prediction none = {nan, nan, nan, 0, nan, nan, false};
    const ig_prediction *p = has ? &line->predictions[k] : &none;
    ig_curve_put_keys(c, line, table);
    ig_curve_put_label(c, line, table);
    ig_table_text(table, "%s", has ? c->curve->predicted[k] : "");
    ig_table_real(table, (double)line->seeds);
    ig_put_estimate(&o->best, table);
    ig_table_reals(table, 3, o->share, (double)o->ties, (double)o->end);
    ig_put_estimate(&o->least, table);
    ig_table_reals(table, 7, p->median, p->q1, p->q3, checked ? (double)p->outside : nan,
                   p->measured, p->excess, checked ? (double)p->near : nan);
    ig_table_text(table, "%s", !checked ? "" : p->near ? "near" : "not near");
    ig_table_text(table, "%s", checked ? outside[p->outside + 1] : "");
}

/** Lines with a result that a predicted column is near on, and lines with a result. */
static void note_near(const ig_curve_lines *c, size_t k, ig_table *table)
{
    size_t near = 0, n = 0;
    for (size_t i = 0; i < c->n_lines; i++) {
        n += c->lines[i].seeds > 0;
        near += c->lines[i].seeds > 0 && c->lines[i].predictions[k].near;
    }
    ig_table_note(table, "%s: near, within %.3g %% of the least, on %zu of %zu lines.",
                  c->curve->predicted[k], 100 * c->curve->tolerance, near, n);
}

/** Predictions for people, optima.csv and dimension `optimum`: a row for each line and predicted
 *  column; one for each line, and nothing for people, where nothing is predicted. */
static void add_predictions(const ig_curve_lines *c, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {.name = "curve", .long_name = "curve", .type = IG_CELL_TEXT, .stored = "optimum_name"},
        IG_WORDS("panel", "values of the keys that choose the panel"),
        IG_WORDS("line", "values of the other keys that vary"),
        IG_HEADING("line", IG_CELL_TEXT),
        {.name = "predicted",
         .heading = "predicted by",
         .long_name = "column that predicts the best x; empty where there is none",
         .type = IG_CELL_TEXT},
        {.name = "n",
         .heading = "n",
         .long_name = "different seeds with a finished row on the line",
         .show = IG_SHOW_SHORT},
        {.name = "best",
         .heading = "best x",
         .long_name = "x at which the median is least; the smallest such x"},
        {.name = "best_low", .long_name = "lower end, 95 % bootstrap interval of the best x"},
        {.name = "best_high", .long_name = "upper end of that interval"},
        {.name = "best_share",
         .long_name = "share of the resamples whose median is least at the best x"},
        {.name = "best_ties", .long_name = "number of x with the least median"},
        {.name = "best_end",
         .long_name = "-1: the best x is the first with results, 1: the last, 0: neither"},
        {.name = "least", .long_name = "median at the best x"},
        {.name = "least_low",
         .long_name = "lower end, 95 % bootstrap interval of the least median"},
        {.name = "least_high", .long_name = "upper end of that interval"},
        {.name = "predicted_x",
         .heading = "median x",
         .long_name = "median of the predicted x over the seeds"},
        {.name = "predicted_q1",
         .heading = "quartiles",
         .long_name = "their first quartile",
         .show = IG_SHOW_INTERVAL},
        {.name = "predicted_q3", .long_name = "their third quartile"},
        {.name = "predicted_outside",
         .long_name = "-1: predicted below the x measured, 1: above, 0: neither"},
        {.name = "predicted_there",
         .heading = "there",
         .long_name = "median at the predicted x, between its neighbours"},
        {.name = "predicted_excess",
         .heading = "excess",
         .long_name = "(median at the predicted x - least) / |least|",
         .show = IG_SHOW_PERCENT},
        {.name = "predicted_near",
         .long_name = "1: the excess is within the tolerance, 0: it is not"},
        IG_HEADING("", IG_CELL_TEXT),
        IG_HEADING("", IG_CELL_TEXT),
    };
    ig_table *table =
        ig_curve_table(c, "-predictions", "predicted best x beside the measured", tables);
    table->file = "optima";
    table->dimension = "optimum";
    table->prefix = "optimum_";
    table->hidden = c->n_predicted == 0 || c->n_lines == 0;
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < c->n_lines; i++) {
        for (size_t k = 0; k < (c->n_predicted ? c->n_predicted : 1); k++) {
            put_optimum(c, &c->lines[i], k, table);
        }
    }
    ig_table_note(table, "there: the median at the predicted x, between its neighbours; excess: by "
                         "how much that lies above the least.");
    for (size_t k = 0; k < c->n_predicted; k++) {
        note_near(c, k, table);
    }
}

void ig_optima_tables(const ig_curve_lines *c, ig_tables *tables)
{
    if (c->n_lines > 0) {
        add_optima(c, tables);
    }
    add_predictions(c, tables);
}
