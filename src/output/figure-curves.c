/** Figures of the curves: data files and gnuplot's runs, twelve panels to a figure. */
#include "output/figure-curves.h"

#include <math.h>
#include <stdlib.h>

#include "output/figure.h"
#include "output/files.h"
#include "output/gnuplot.h"
#include "output/outputs.h"

bool ig_curve_shown(bool logarithmic, double number)
{
    return isfinite(number) && (!logarithmic || number > 0);
}

static void include(ig_axis_range *range, bool logarithmic, double number)
{
    if (ig_curve_shown(logarithmic, number)) {
        range->low = fmin(range->low, number);
        range->high = fmax(range->high, number);
    }
}

/** A little air, and a range that is never empty. */
static void finish_range(ig_axis_range *range, bool logarithmic)
{
    double low = range->low, high = range->high;
    if (low > high) {
        low = 1;
        high = 10;
    }
    if (logarithmic) {
        const double air = fmax(pow(high / low, 0.06), 1.05);
        *range = (ig_axis_range){low / air, high * air};
        return;
    }
    double air = 0.06 * (high - low);
    air = air > 0 ? air : low == 0 ? 1 : 0.1 * fabs(low);
    *range = (ig_axis_range){low - air, high + air};
}

static void measure(ig_curve_page *page)
{
    const ig_curve *curve = page->curve->curve;
    const ig_axis_range nothing = {(double)INFINITY, -(double)INFINITY};
    page->x = nothing;
    for (size_t i = 0; i < page->n; i++) {
        page->y[i] = nothing;
    }
    for (size_t l = page->begin; l < page->end; l++) {
        const ig_report_line *line = &page->curve->lines[l];
        ig_axis_range *y = &page->y[line->panel - page->first];
        for (size_t i = 0; i < line->n_points; i++) {
            const ig_curve_point *p = &line->points[i];
            include(&page->x, curve->log_x, p->x);
            include(y, curve->log_y, p->median);
            include(y, curve->log_y, p->low);
            include(y, curve->log_y, p->high);
            include(y, curve->log_y, p->reference);
        }
    }
    finish_range(&page->x, curve->log_x);
    for (size_t i = 0; i < page->n; i++) {
        finish_range(&page->y[i], curve->log_y);
    }
}

/** x, median, its interval, reference; a bar that leaves a logarithmic axis ends at its edge. */
static void write_data(const ig_curve_page *page, FILE *file)
{
    const ig_curve *curve = page->curve->curve;
    const double nan = (double)NAN;
    for (size_t l = page->begin; l < page->end; l++) {
        const ig_report_line *line = &page->curve->lines[l];
        const double floor = page->y[line->panel - page->first].low;
        fprintf(file, "# %s; %s\n# %s median low high reference\n",
                page->curve->panels[line->panel].text, line->label, curve->x);
        for (size_t i = 0; i < line->n_points; i++) {
            const ig_curve_point *p = &line->points[i];
            const bool shown = ig_curve_shown(curve->log_y, p->median);
            const double numbers[] = {
                ig_curve_shown(curve->log_x, p->x) ? p->x : nan,
                shown ? p->median : nan,
                shown ? (curve->log_y ? fmax(p->low, floor) : p->low) : nan,
                shown ? p->high : nan,
                ig_curve_shown(curve->log_y, p->reference) ? p->reference : nan,
            };
            ig_figure_put_numbers(file, numbers, 5);
        }
        fputs("\n\n", file);
    }
}

/** Write NAME with a suffix. */
static ig_status write_one(const ig_curve_page *page, const ig_folder *folder, bool script,
                           ig_error *error)
{
    FILE *file = NULL;
    char *name = NULL;
    if (asprintf(&name, "%s.%s", page->name, script ? "gp" : "dat") < 0) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a file name");
    }
    ig_status status = ig_text_open(folder, name, &file, error);
    if (!status) {
        (script ? ig_curve_write_script : write_data)(page, file);
        status = ig_text_close(&file, folder, name, IG_OK, error);
    }
    if (!status && script) {
        status = ig_gnuplot_run(folder, name, error);
    }
    free(name);
    return status;
}

static ig_status draw_page(const ig_report *report, const ig_report_curve *curve, size_t first,
                           const ig_folder *folder, ig_error *error)
{
    const size_t rest = curve->n_panels - first, number = first / IG_CURVE_PANELS + 1;
    ig_curve_page page = {
        .curve = curve, .first = first, .n = rest < IG_CURVE_PANELS ? rest : IG_CURVE_PANELS};
    char suffix[32] = "", footer[IG_FOOTER];
    page.footer = ig_rows_footer(&report->rows, footer);
    if (number > 1) {
        snprintf(suffix, sizeof suffix, "-%zu", number);
    }
    if (asprintf(&page.name, "%s%s", curve->curve->name, suffix) < 0) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a file name");
    }
    while (curve->lines[page.begin].panel < first) {
        page.begin++;
    }
    page.end = page.begin;
    while (page.end < curve->n_lines && curve->lines[page.end].panel < first + page.n) {
        page.end++;
    }
    measure(&page);
    /* The script comes last: it is run at once. */
    ig_status status = write_one(&page, folder, false, error);
    if (!status) {
        status = write_one(&page, folder, true, error);
    }
    free(page.name);
    return status;
}

ig_status ig_curve_draw(const ig_report *report, const ig_report_curve *curve,
                        const ig_folder *folder, ig_error *error)
{
    ig_status status = IG_OK;
    for (size_t first = 0; !status && first < curve->n_panels; first += IG_CURVE_PANELS) {
        status = draw_page(report, curve, first, folder, error);
    }
    return status;
}
