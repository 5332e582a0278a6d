/** Tables of the curves: medians along x, where they are least, and what predicts that. */
#include <math.h>

#include "output/sheets.h"
#include "results/curves.h"

enum { LABEL = 2 * IG_LABEL + 4 };

/** "PANEL, LINE", either of which may be empty; returns `text`. */
static const char *label_of(const ig_report_curve *c, const ig_report_line *line, char text[LABEL])
{
    const char *panel = c->panels[line->panel].text;
    snprintf(text, LABEL, "%s%s%s", panel, panel[0] && line->label[0] ? ", " : "", line->label);
    return text[0] ? text : "all";
}

static ig_sheet *start(const ig_report_curve *c, const char *suffix, const char *what,
                       ig_sheets *sheets)
{
    ig_sheet *sheet = ig_sheets_add(sheets);
    char name[IG_SHEET_NAME];
    if (sheet) {
        snprintf(name, sizeof name, "curve-%s%s", c->curve->name, suffix);
        ig_sheet_init(sheet, name, "%s: %s", c->curve->name, what);
        ig_sheet_column_add(sheet, "line", false);
    }
    return sheet;
}

static void note_intervals(const ig_report *report, ig_sheet *sheet)
{
    const ig_bootstrap how = {report->rows.how.resamples, IG_INTERVAL_PERCENTILE};
    ig_sheet_note_intervals(sheet, &how, "whole seeds, the same at every x");
}

static void put_point(const ig_report *report, const ig_report_curve *c, const ig_report_line *line,
                      size_t i, ig_sheet *sheet)
{
    const ig_curve_point *p = &line->points[i];
    const ig_states states = ig_rows_states(&report->rows, p->point);
    const bool least = c->curve->predicted && p->n > 0 && p->x == line->optimum.best;
    char label[LABEL];
    ig_sheet_cell(sheet, "%s", label_of(c, line, label));
    ig_sheet_cell(sheet, "%.6g", p->x);
    ig_sheet_count(sheet, p->n);
    ig_sheet_states(sheet, states.failed, states.missing);
    ig_sheet_number(sheet, p->median);
    ig_sheet_interval(sheet, p->low, p->high);
    if (c->curve->predicted) {
        ig_sheet_cell(sheet, least ? "least" : "");
    }
    if (c->curve->reference) {
        ig_sheet_number(sheet, p->reference);
    }
}

static void add_points(const ig_report *report, const ig_report_curve *c, ig_sheets *sheets)
{
    const ig_column *measured = ig_rows_column(&report->rows, c->measured);
    ig_sheet *sheet = start(c, "", c->curve->title, sheets);
    if (!sheet) {
        return;
    }
    ig_sheet_column_add(sheet, c->curve->x, true);
    ig_sheet_column_add(sheet, "n", true);
    ig_sheet_states_columns(sheet);
    ig_sheet_column_add(sheet, "median", true);
    ig_sheet_column_add(sheet, "95 %", false);
    if (c->curve->predicted) {
        ig_sheet_column_add(sheet, "", false);
    }
    if (c->curve->reference) {
        ig_sheet_column_add(sheet, "reference", true);
    }
    for (size_t i = 0; i < c->n_lines; i++) {
        for (size_t k = 0; k < c->lines[i].n_points; k++) {
            put_point(report, c, &c->lines[i], k, sheet);
        }
    }
    ig_sheet_note(sheet, "median: of %s, %s", measured->name, measured->long_name);
    if (c->curve->reference) {
        ig_sheet_note(sheet, "reference: %s",
                      ig_rows_column(&report->rows, c->reference)->long_name);
    }
    if (c->n_lines == 0) {
        ig_sheet_note(sheet, "No grid point belongs to it.");
    }
    note_intervals(report, sheet);
}

/** What to know of one best x. */
static const char *remark(const ig_optimum *o)
{
    if (o->end) {
        return o->end < 0 ? "first x measured" : "last x measured";
    }
    return o->ties > 1 ? "ties" : "";
}

static void add_optima(const ig_report *report, const ig_report_curve *c, ig_sheets *sheets)
{
    ig_sheet *sheet = start(c, "-optima", "where it is least", sheets);
    if (!sheet) {
        return;
    }
    ig_sheet_column_add(sheet, "n", true);
    ig_sheet_column_add(sheet, "best x", true);
    ig_sheet_column_add(sheet, "95 %", false);
    ig_sheet_column_add(sheet, "share", true);
    ig_sheet_column_add(sheet, "least", true);
    ig_sheet_column_add(sheet, "95 %", false);
    ig_sheet_column_add(sheet, "", false);
    for (size_t i = 0; i < c->n_lines; i++) {
        const ig_report_line *line = &c->lines[i];
        const ig_optimum *o = &line->optimum;
        char label[LABEL];
        ig_sheet_cell(sheet, "%s", label_of(c, line, label));
        ig_sheet_count(sheet, line->seeds);
        ig_sheet_number(sheet, line->seeds ? o->best : (double)NAN);
        ig_sheet_interval(sheet, o->best_low, o->best_high);
        ig_sheet_number(sheet, line->seeds ? o->share : (double)NAN);
        ig_sheet_number(sheet, o->least);
        ig_sheet_interval(sheet, o->least_low, o->least_high);
        ig_sheet_cell(sheet, "%s", line->seeds ? remark(o) : "");
    }
    ig_sheet_note(sheet, "n: seeds with a result; share: of the resamples with their least at the "
                         "best x.");
    ig_sheet_note(sheet, "first or last x measured: the least may lie beyond; ties: several x have "
                         "this median, the smallest is told.");
    note_intervals(report, sheet);
}

static void put_prediction(const ig_report_curve *c, const ig_report_line *line, size_t k,
                           const char *name, ig_sheet *sheet)
{
    const ig_prediction *p = &line->predictions[k];
    static const char *const outside[] = {"below all x", "", "above all x"};
    char label[LABEL];
    ig_sheet_cell(sheet, "%s", label_of(c, line, label));
    ig_sheet_cell(sheet, "%s", name);
    ig_sheet_count(sheet, line->seeds);
    ig_sheet_number(sheet, p->median);
    ig_sheet_interval(sheet, p->q1, p->q3);
    ig_sheet_number(sheet, line->optimum.best);
    ig_sheet_number(sheet, p->measured);
    ig_sheet_cell(sheet, "%+.3g %%", 100 * p->excess);
    ig_sheet_cell(sheet, p->near ? "near" : "not near");
    ig_sheet_cell(sheet, "%s", outside[p->outside + 1]);
}

static void add_predictions(const ig_report_curve *c, ig_sheets *sheets)
{
    ig_sheet *sheet = start(c, "-predictions", "predicted best x beside the measured", sheets);
    const char *const *names = c->curve->predicted;
    if (!sheet || !names) {
        return;
    }
    ig_sheet_column_add(sheet, "predicted by", false);
    ig_sheet_column_add(sheet, "n", true);
    ig_sheet_column_add(sheet, "median x", true);
    ig_sheet_column_add(sheet, "quartiles", false);
    ig_sheet_column_add(sheet, "best x", true);
    ig_sheet_column_add(sheet, "there", true);
    ig_sheet_column_add(sheet, "excess", true);
    ig_sheet_column_add(sheet, "", false);
    ig_sheet_column_add(sheet, "", false);
    for (size_t i = 0; i < c->n_lines; i++) {
        for (size_t k = 0; c->lines[i].seeds > 0 && k < c->n_predicted; k++) {
            put_prediction(c, &c->lines[i], k, names[k], sheet);
        }
    }
    ig_sheet_note(sheet, "there: the median at the predicted x, between its neighbours; excess: by "
                         "how much that lies above the least.");
    for (size_t k = 0; k < c->n_predicted; k++) {
        size_t near, n;
        ig_curve_count_near(c, k, &near, &n);
        ig_sheet_note(sheet, "%s: near, within %.3g %% of the least, on %zu of %zu lines.",
                      names[k], 100 * c->curve->tolerance, near, n);
    }
}

void ig_sheets_curves(const ig_report *report, ig_sheets *sheets)
{
    for (size_t i = 0; i < report->n_curves; i++) {
        const ig_report_curve *c = &report->curves[i];
        add_points(report, c, sheets);
        if (c->curve->predicted && c->n_lines > 0) {
            add_optima(report, c, sheets);
        }
        if (c->n_predicted > 0 && c->n_lines > 0) {
            add_predictions(c, sheets);
        }
    }
}
