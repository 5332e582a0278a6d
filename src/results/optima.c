/** Where a line is least, and how good predictions of that place are. */
#include <math.h>

#include <gsl/gsl_sort.h>

#include "results/curves.h"
#include "results/statistics.h"

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
static size_t find_best(const ig_report_line *line, ig_optimum *o)
{
    size_t best = line->n_points, first = line->n_points, last = 0;
    for (size_t i = 0; i < line->n_points; i++) {
        const ig_curve_point *p = &line->points[i];
        if (p->n == 0) {
            continue;
        }
        first = first == line->n_points ? i : first;
        last = i;
        if (best == line->n_points || p->median < line->points[best].median) {
            best = i;
            o->ties = 0;
        }
        o->ties += p->median == line->points[best].median;
    }
    o->end = best == first ? -1 : best == last;
    return best;
}

ig_optimum ig_report_curve_optimum(const ig_report_line *line, const double *medians,
                                   size_t resamples, double *least, double *best)
{
    const double nan = (double)NAN;
    ig_optimum o = {nan, nan, nan, nan, 0, 0, nan, nan, nan};
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
    o.best = line->points[at].x;
    o.least = line->points[at].median;
    o.share = (double)agree / (double)resamples;
    outer_interval(best, resamples, &o.best_low, &o.best_high);
    ig_interval_95(least, resamples, &o.least_low, &o.least_high);
    return o;
}

static double between(const ig_curve_point *a, const ig_curve_point *b, bool log_x, double x)
{
    /* ln of 0 has no place between neighbours. */
    const double t =
        log_x && a->x > 0 ? log(x / a->x) / log(b->x / a->x) : (x - a->x) / (b->x - a->x);
    const double y = a->median + t * (b->median - a->median);
    return fmin(fmax(y, fmin(a->median, b->median)), fmax(a->median, b->median));
}

double ig_report_curve_at(const ig_report_line *line, bool log_x, double x, int *outside)
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
        return below ? below->median : above->median;
    }
    return between(below, above, log_x, x);
}

ig_prediction ig_report_curve_predict(const ig_report_line *line, const ig_curve *curve,
                                      double *predicted, size_t n)
{
    const ig_spread spread = ig_spread_of(predicted, n);
    ig_prediction p = {.q1 = spread.q1, .median = spread.median, .q3 = spread.q3};
    p.measured = ig_report_curve_at(line, curve->log_x, p.median, &p.outside);
    const double above = p.measured - line->optimum.least;
    const double least = fabs(line->optimum.least);
    if (above == 0) {
        p.excess = 0;
    } else {
        p.excess = least == 0 ? (double)INFINITY : above / least;
    }
    p.near = p.excess <= curve->tolerance;
    return p;
}

void ig_curve_count_near(const ig_report_curve *curve, size_t predicted, size_t *near, size_t *n)
{
    *near = *n = 0;
    for (size_t i = 0; i < curve->n_lines; i++) {
        *n += curve->lines[i].seeds > 0;
        *near += curve->lines[i].seeds > 0 && curve->lines[i].predictions[predicted].near;
    }
}
