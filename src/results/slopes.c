/** Exponents between neighbouring axis values, and how the exponents of two columns compare: where
 *  all axis values share a seed's random numbers, each seed by itself. */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "base/moments.h"
#include "base/try.h"
#include "results/analyses.h"

/** A grid point of a law. */
typedef struct place {
    double x;
    size_t point;
} place;

static int by_x(const void *a, const void *b)
{
    const place *p = a, *q = b;
    return (p->x > q->x) - (p->x < q->x);
}

/** The grid points of a law by ascending axis value; the caller's to free. */
static ig_status sort_places(const ig_rows *rows, const ig_law *law, place **places,
                             ig_error *error)
{
    place *p = NULL;
    TRY(IG_ALLOC(p, law->n_points, error));
    for (size_t i = 0; i < law->n_points; i++) {
        p[i] = (place){ig_grid_value(rows->grid, law->points[i], law->axis)->real, law->points[i]};
    }
    qsort(p, law->n_points, sizeof *p, by_x);
    *places = p;
    return IG_OK;
}

/** Exponent of one seed's results at n neighbouring places, by least squares of the logarithms; NaN
 *  where one is not finished. */
static double exponent_of(const ig_rows *rows, size_t column, const place *places, size_t n,
                          size_t seed)
{
    double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t task = places[i].point * rows->n_seeds + seed;
        if (rows->state[task] != IG_STATE_DONE) {
            return (double)NAN;
        }
        mean_x += log(places[i].x) / (double)n;
        mean_y += log(ig_rows_value(rows, column, task)) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        const size_t task = places[i].point * rows->n_seeds + seed;
        const double x = log(places[i].x) - mean_x;
        xx += x * x;
        xy += x * (log(ig_rows_value(rows, column, task)) - mean_y);
    }
    return -xy / xx;
}

/** Student's t for a 95 % interval of the mean of n >= 2 numbers. */
static double student(double n)
{
    return gsl_cdf_tdist_Pinv(0.975, n - 1);
}

/** A value with its 95 % interval, which is NaN where it has no end. */
typedef struct bounded {
    double value, low, high;
    size_t n;
} bounded;

static bounded mean_exponent(const ig_rows *rows, size_t column, const place *places, size_t n)
{
    ig_moment m = {0};
    for (size_t seed = 0; seed < rows->n_seeds; seed++) {
        const double e = exponent_of(rows, column, places, n, seed);
        if (isfinite(e)) {
            ig_moment_add(&m, e);
        }
    }
    const double half = m.n > 1 ? student(m.n) * ig_moment_error(&m) : (double)NAN;
    return (bounded){m.mean, m.mean - half, m.mean + half, (size_t)m.n};
}

/** Mean exponent of the column `above` over that of `below`: Fieller's interval, whose ends are the
 *  ratios r at which the mean of above - r below is just not told from 0. */
static bounded exponent_ratio(const ig_rows *rows, size_t above, size_t below, const place *places,
                              size_t n)
{
    ig_moment a = {0}, b = {0}, sum = {0};
    for (size_t seed = 0; seed < rows->n_seeds; seed++) {
        const double e = exponent_of(rows, above, places, n, seed);
        const double f = exponent_of(rows, below, places, n, seed);
        if (isfinite(e) && isfinite(f)) {
            ig_moment_add(&a, e);
            ig_moment_add(&b, f);
            ig_moment_add(&sum, e + f);
        }
    }
    bounded r = {(double)NAN, (double)NAN, (double)NAN, (size_t)a.n};
    if (!(fabs(b.mean) > 0)) {
        return r;
    }
    r.value = a.mean / b.mean;
    if (a.n < 2) {
        return r;
    }
    /* t^2 times the variances of both means and their covariance. */
    const double t2 = pow(student(a.n), 2) / a.n;
    const double va = t2 * ig_moment_variance(&a), vb = t2 * ig_moment_variance(&b);
    const double vab = (t2 * ig_moment_variance(&sum) - va - vb) / 2;
    const double square = b.mean * b.mean - vb, middle = a.mean * b.mean - vab;
    const double root = middle * middle - square * (a.mean * a.mean - va);
    if (square > 0) {
        /* Below 0 by rounding only. */
        const double half = sqrt(fmax(root, 0));
        r.low = (middle - half) / square;
        r.high = (middle + half) / square;
    }
    return r;
}

static void put_bounded(const place *first, const place *last, const bounded *b, ig_table *table)
{
    ig_table_reals(table, 5, first->x, last->x, b->value, b->low, b->high);
    ig_table_count(table, b->n);
}

static const ig_table_column slope_columns[] = {
    {"exponent", "exponent", "name of the exponent", .type = IG_CELL_TEXT},
    {"column", "column", "result column", .type = IG_CELL_TEXT},
    {"group", "group", "values of the other axes that vary", .type = IG_CELL_TEXT},
    {"from", "from", "smaller axis value", .units = "1", .show = IG_SHOW_SHORT},
    {"to", "to", "larger axis value", .units = "1", .show = IG_SHOW_SHORT},
    {"value", "value [95 %]", "exponent between them, mean over the seeds", .units = "1",
     .show = IG_SHOW_ESTIMATE},
    {"low", NULL, "lower end, 95 % interval of the exponent between them", .units = "1"},
    {"high", NULL, "upper end, 95 % interval of the exponent between them", .units = "1"},
    {"n", "n", "seeds finished at both", .units = "1", .type = IG_CELL_COUNT},
};

static ig_status add_slopes(const ig_rows *rows, const ig_laws *laws, ig_tables *tables,
                            ig_error *error)
{
    ig_table *table = ig_tables_add(tables, "slopes", "Exponents between neighbouring %s",
                                    ig_laws_axis(rows, laws));
    table->file = "slopes";
    table->dimension = "exponent_local";
    table->prefix = "exponent_local_";
    table->detail = true;
    ig_table_columns(table, slope_columns, sizeof slope_columns / sizeof *slope_columns);
    for (size_t i = 0; i < laws->n; i++) {
        const ig_law *law = &laws->laws[i];
        AUTO_FREE place *places = NULL;
        TRY(sort_places(rows, law, &places, error));
        for (size_t k = 1; k < law->n_points; k++) {
            const bounded b = mean_exponent(rows, law->column, places + k - 1, 2);
            if (b.n > 0) {
                ig_table_text(table, "%s", law->fit->exponent);
                ig_table_text(table, "%s", law->fit->column);
                ig_table_text(table, "%s", law->label);
                put_bounded(&places[k - 1], &places[k], &b, table);
            }
        }
    }
    ig_table_note(table, "Seed by seed, of the logarithms; 95 %%: Student's t over the seeds.");
    return IG_OK;
}

static const ig_table_column ratio_columns[] = {
    {"exponents", "exponents", "names of the two exponents", .type = IG_CELL_TEXT},
    {"group", "group", "values of the other axes that vary", .type = IG_CELL_TEXT},
    {"from", "from", "smallest axis value", .units = "1", .show = IG_SHOW_SHORT},
    {"to", "to", "largest axis value", .units = "1", .show = IG_SHOW_SHORT},
    {"value", "ratio [95 %]", "ratio of the exponents, each a mean over the seeds", .units = "1",
     .show = IG_SHOW_ESTIMATE},
    {"low", NULL, "lower end, 95 % interval of the ratio; NaN where it has no ends", .units = "1"},
    {"high", NULL, "upper end, 95 % interval of the ratio", .units = "1"},
    {"n", "n", "seeds finished at all axis values between", .units = "1", .type = IG_CELL_COUNT},
};

static void put_ratio(const ig_rows *rows, const ig_law *above, const ig_law *below,
                      const place *places, size_t n, ig_table *table)
{
    const bounded r = exponent_ratio(rows, above->column, below->column, places, n);
    if (r.n > 0) {
        ig_table_text(table, "%s / %s", above->fit->exponent, below->fit->exponent);
        ig_table_text(table, "%s", above->label);
        put_bounded(&places[0], &places[n - 1], &r, table);
    }
}

/** The first law's exponent below those of the other fits, group by group: over all axis values,
 * and between neighbours. Fits of one axis have the same groups in the same order. */
static ig_status add_ratios(const ig_rows *rows, const ig_laws *laws, ig_tables *tables,
                            ig_error *error)
{
    ig_table *table = ig_tables_add(tables, "exponent-ratios", "How the exponents compare");
    table->file = "exponent_ratios";
    table->dimension = "exponent_ratio";
    table->prefix = "exponent_ratio_";
    ig_table_columns(table, ratio_columns, sizeof ratio_columns / sizeof *ratio_columns);
    size_t groups = 0;
    while (groups < laws->n && laws->laws[groups].fit == laws->laws[0].fit) {
        groups++;
    }
    for (size_t i = groups; i < laws->n; i++) {
        const ig_law *above = &laws->laws[i], *below = &laws->laws[i % groups];
        if (above->axis != below->axis || above->n_points < 2) {
            continue;
        }
        AUTO_FREE place *places = NULL;
        TRY(sort_places(rows, above, &places, error));
        put_ratio(rows, above, below, places, above->n_points, table);
        for (size_t k = 1; k < above->n_points && above->n_points > 2; k++) {
            put_ratio(rows, above, below, places + k - 1, 2, table);
        }
    }
    enum { SHOWN = 12 }; /* rows on a terminal */
    table->detail = ig_table_rows(table) > SHOWN;
    ig_table_note(table,
                  "Least squares of the logarithms, seed by seed; 95 %%: Fieller's interval, "
                  "seeds as wholes. \"-\": the lower exponent is not told from 0.");
    return IG_OK;
}

ig_status ig_slopes_tables(const ig_rows *rows, const ig_laws *laws, ig_tables *tables,
                           ig_error *error)
{
    if (!ig_config_common_random_numbers(rows->config)) {
        return IG_OK;
    }
    TRY(add_slopes(rows, laws, tables, error));
    return add_ratios(rows, laws, tables, error);
}
