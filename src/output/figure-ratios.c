/** Figures of the ratios: shares of rows up to each ratio (ECDF), or quartiles against an axis. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output/embedded.h"
#include "output/figure.h"
#include "output/files.h"
#include "output/gnuplot.h"
#include "output/outputs.h"

/** Smallest ratio the logarithmic axes show; what lies below enters from the edge. */
static const double smallest_shown = 1e-6;

/** A figure being written. */
typedef struct drawing {
    const ig_report *report;
    const ig_report_ratio *ratio;
    double *values;   /**< scratch for one group, owned */
    ig_extent extent; /**< of the axes that are logarithmic */
} drawing;

/** A value of a group with the place on the axis it is drawn against. */
typedef struct placed {
    double x, value;
} placed;

static bool is_drawn(const ig_report_ratio *r, const ig_report_group *g)
{
    /* Without pools that ask for it, every group has its curve. */
    bool chosen = false;
    for (size_t i = 0; i < r->ratio->n_pools; i++) {
        chosen = chosen || r->ratio->pools[i].drawn;
    }
    return g->n > 0 && (r->ratio->against || !chosen ? !g->pooled : g->pool && g->pool->drawn);
}

/** Sorted ratios and the share of rows up to each. */
static void write_shares(drawing *d, const ig_report_group *g, FILE *file)
{
    for (size_t i = 0; i < g->n; i++) {
        d->values[i] = ig_ratio_value(d->report, d->ratio->column, g->tasks[i]);
    }
    ig_spread spread = ig_spread_of(d->values, g->n);
    d->extent.x_low = fmin(d->extent.x_low, fmax(spread.minimum, smallest_shown));
    d->extent.x_high = fmax(d->extent.x_high, spread.maximum);
    ig_figure_put_numbers(file, (const double[]){0, 0}, 2);
    for (size_t i = 0; i < g->n; i++) {
        const double numbers[] = {d->values[i], (double)(i + 1) / (double)g->n};
        ig_figure_put_numbers(file, numbers, 2);
    }
    ig_figure_put_numbers(file, (const double[]){10 * fmax(1, spread.maximum), 1}, 2);
}

static int by_place(const void *a, const void *b)
{
    const placed *p = a, *q = b;
    return (p->x > q->x) - (p->x < q->x);
}

/** Quartiles and maximum at every value of the axis. */
static ig_status write_quartiles(drawing *d, const ig_report_group *g, FILE *file, ig_error *error)
{
    const ig_report *report = d->report;
    const size_t key = ig_config_key(report->rows.config, d->ratio->ratio->against);
    placed *all = calloc(g->n, sizeof *all);
    if (!all) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a figure of %zu rows", g->n);
    }
    for (size_t i = 0; i < g->n; i++) {
        size_t point = g->tasks[i] / ig_grid_n_seeds(report->rows.grid);
        all[i] = (placed){ig_grid_value(report->rows.grid, point, key)->real,
                          ig_ratio_value(report, d->ratio->column, g->tasks[i])};
    }
    qsort(all, g->n, sizeof *all, by_place);
    for (size_t begin = 0, end; begin < g->n; begin = end) {
        size_t n = 0;
        for (end = begin; end < g->n && all[end].x == all[begin].x; end++) {
            d->values[n++] = all[end].value;
        }
        const ig_spread s = ig_spread_of(d->values, n);
        const double numbers[] = {all[begin].x, s.q1, s.median, s.q3, s.maximum};
        ig_figure_put_numbers(file, numbers, 5);
        ig_extent_include(&d->extent, all[begin].x + 1, fmax(s.q1, smallest_shown));
        ig_extent_include(&d->extent, all[begin].x + 1, s.maximum);
    }
    free(all);
    return IG_OK;
}

static ig_status write_data(drawing *d, FILE *file, ig_error *error)
{
    ig_status status = IG_OK;
    for (size_t i = 0; !status && i < d->ratio->n_groups; i++) {
        const ig_report_group *g = &d->ratio->groups[i];
        if (!is_drawn(d->ratio, g)) {
            continue;
        }
        fprintf(file, "# %s\n", g->label);
        if (d->ratio->ratio->against) {
            status = write_quartiles(d, g, file, error);
        } else {
            write_shares(d, g, file);
        }
        fputs("\n\n", file);
    }
    return status;
}

/** "lqg: 375 rows, median 0.0037 (published 0.034), largest 0.386 (published 0.999)". */
static void write_legend(const ig_ratio *ratio, const ig_report_group *g, size_t n, FILE *file)
{
    const double numbers[] = {g->published_median, g->published_maximum};
    char published[2][64] = {"", ""}, text[IG_LABEL + 256], number[IG_NUMBER_TEXT];
    for (size_t i = 0; i < 2; i++) {
        if (isfinite(numbers[i])) {
            snprintf(published[i], sizeof published[i], " (published %.4g)", numbers[i]);
        }
    }
    if (ratio->against) {
        snprintf(text, sizeof text, "%s: %zu rows, largest %.4g", g->label, g->n,
                 g->spread.maximum);
    } else {
        snprintf(text, sizeof text, "%s: %zu rows, median %.3g%s, largest %.4g%s", g->label, g->n,
                 g->spread.median, published[0], g->spread.maximum, published[1]);
    }
    fprintf(file, "legend[%zu] = ", n);
    ig_figure_put_quoted(file, text);
    fprintf(file, "\nmedian[%zu] = %s\n", n,
            isfinite(numbers[0]) ? ig_number_text(numbers[0], number) : "NaN");
}

static void write_script(const drawing *d, FILE *file)
{
    const ig_ratio *ratio = d->ratio->ratio;
    char footer[IG_FOOTER];
    size_t n = 0;
    for (size_t i = 0; i < d->ratio->n_groups; i++) {
        n += is_drawn(d->ratio, &d->ratio->groups[i]);
    }
    ig_figure_put_variable(file, "figure", ratio->figure);
    ig_figure_put_variable(file, "title_text", ratio->figure_title);
    ig_figure_put_variable(file, "x_text", ratio->x_label);
    ig_figure_put_variable(file, "y_text", ratio->y_label);
    if (ratio->against) {
        ig_figure_put_range(file, "y", d->extent.y_low, fmax(d->extent.y_high, 1));
    } else {
        char low[IG_NUMBER_TEXT], high[IG_NUMBER_TEXT];
        fprintf(file, "x_low = %s\nx_high = %s\n", ig_number_text(d->extent.x_low, low),
                ig_number_text(fmax(d->extent.x_high, 1), high));
    }
    fprintf(file, "n_curves = %zu\narray legend[%zu]\narray median[%zu]\n", n, n, n);
    n = 0;
    for (size_t i = 0; i < d->ratio->n_groups; i++) {
        if (is_drawn(d->ratio, &d->ratio->groups[i])) {
            write_legend(d->ratio->ratio, &d->ratio->groups[i], ++n, file);
        }
    }
    ig_figure_put_common(file, ig_rows_footer(&d->report->rows, footer), ratio->against ? "y" : "");
    ig_figure_put_lines(file, ratio->against ? ig_embedded_ratio_axis : ig_embedded_ratio_ecdf);
}

/** Write DIRECTORY/FIGURE.dat or FIGURE.gp. */
static ig_status write_one(drawing *d, const ig_folder *folder, const char *name, bool script,
                           ig_error *error)
{
    FILE *file = NULL;
    ig_status status = ig_text_open(folder, name, &file, error);
    if (status) {
        return status;
    }
    if (script) {
        write_script(d, file);
    } else {
        status = write_data(d, file, error);
    }
    return ig_text_close(&file, folder, name, status, error);
}

ig_status ig_ratio_draw(const ig_report *report, const ig_report_ratio *ratio,
                        const ig_folder *folder, ig_error *error)
{
    const double inf = (double)INFINITY;
    drawing d = {report, ratio, NULL, {inf, 0, inf, 0}};
    char *data = NULL, *script = NULL;
    ig_status status = IG_OK;
    if (!ratio->ratio->figure || ratio->n == 0) {
        return IG_OK;
    }
    d.values = calloc(report->rows.n_tasks, sizeof *d.values);
    if (!d.values || asprintf(&data, "%s.dat", ratio->ratio->figure) < 0 ||
        asprintf(&script, "%s.gp", ratio->ratio->figure) < 0) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for a figure");
        goto done;
    }
    /* The script comes last: its ranges are those of the data. */
    status = write_one(&d, folder, data, false, error);
    if (!status) {
        status = write_one(&d, folder, script, true, error);
    }
    if (!status) {
        status = ig_gnuplot_run(folder, script, error);
    }
done:
    free(script);
    free(data);
    free(d.values);
    return status;
}
