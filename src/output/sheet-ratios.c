/** Tables of the ratios: the judgement, the spread, and columns told beside them. */
#include <math.h>

#include "output/outputs.h"
#include "output/sheets.h"

/** "name-suffix" of a ratio's tables. */
static ig_sheet *start(const ig_report *report, const ig_report_ratio *r, const char *suffix,
                       const char *what, ig_sheets *sheets)
{
    const ig_column *c = ig_rows_column(&report->rows, r->column);
    ig_sheet *sheet = ig_sheets_add(sheets);
    char name[IG_SHEET_NAME];
    if (!sheet) {
        return NULL;
    }
    snprintf(name, sizeof name, "ratio-%s%s", c->name, suffix);
    if (what) {
        ig_sheet_init(sheet, name, "%s: %s", c->name, what);
    } else {
        ig_sheet_init(sheet, name, "%s: %s%s%s", c->name, c->long_name, c->equation ? "; " : "",
                      c->equation ? c->equation : "");
    }
    ig_sheet_column_add(sheet, "group", false);
    ig_sheet_column_add(sheet, "n", true);
    return sheet;
}

static void note_wrong(const ig_report *report, const ig_report_ratio *r, ig_sheet *sheet)
{
    const size_t n_seeds = ig_grid_n_seeds(report->rows.grid);
    for (size_t i = 0; i < r->n_wrong; i++) {
        char label[IG_LABEL];
        ig_grid_label(report->rows.grid, r->wrong[i] / n_seeds, label, sizeof label);
        ig_sheet_note(
            sheet, "  %s = %.17g at %s seed=%llu", report->rows.columns[r->judged],
            ig_ratio_value(report, r->judged, r->wrong[i]), label,
            (unsigned long long)ig_config_seed(report->rows.config, r->wrong[i] % n_seeds));
    }
}

/** In plain words whether the claims hold. */
static void note_verdict(const ig_report *report, const ig_report_ratio *r, ig_sheet *sheet)
{
    const char *name = report->rows.columns[r->judged];
    if (r->n == 0) {
        return;
    }
    if (r->holds == r->n) {
        ig_sheet_note(sheet, "%s <= 1 holds on %zu of %zu rows (rounding may add %.0e).", name,
                      r->holds, r->n, r->ratio->slack);
    } else {
        ig_sheet_note(sheet, "%s <= 1 is VIOLATED on %zu of %zu rows (rounding may add %.0e).",
                      name, r->n - r->holds, r->n, r->ratio->slack);
    }
    if (r->must_attain > 0) {
        const bool attains = r->attains == r->must_attain;
        ig_sheet_note(sheet, "%s = 1, where theory says so, %s on %zu of %zu rows (to %.0e).", name,
                      attains ? "holds" : "is MISSED",
                      attains ? r->attains : r->must_attain - r->attains, r->must_attain,
                      r->ratio->slack);
    }
    note_wrong(report, r, sheet);
}

static void add_judgement(const ig_report *report, const ig_report_ratio *r, ig_sheets *sheets)
{
    ig_sheet *sheet = start(report, r, "", NULL, sheets);
    if (!sheet) {
        return;
    }
    ig_sheet_states_columns(sheet);
    ig_sheet_column_add(sheet, "<= 1", true);
    ig_sheet_column_add(sheet, "median", true);
    ig_sheet_column_add(sheet, "95 %", false);
    ig_sheet_column_add(sheet, "published", true);
    ig_sheet_column_add(sheet, "ours/pub.", true);
    for (size_t i = 0; i < r->n_groups; i++) {
        const ig_report_group *g = &r->groups[i];
        ig_sheet_cell(sheet, "%s", g->label);
        ig_sheet_count(sheet, g->n);
        ig_sheet_states(sheet, g->failed, g->missing);
        ig_sheet_count(sheet, g->holds);
        ig_sheet_number(sheet, g->spread.median);
        ig_sheet_interval(sheet, g->median_low, g->median_high);
        ig_sheet_number(sheet, g->published_median);
        ig_sheet_ratio(sheet, g->spread.median, g->published_median);
    }
    note_verdict(report, r, sheet);
    ig_sheet_note_intervals(sheet, &report->rows.how, "the rows");
    ig_sheet_note(
        sheet,
        "n: finished rows; published: its median; ours/pub.: our number over the published.");
}

static void add_spread(const ig_report *report, const ig_report_ratio *r, ig_sheets *sheets)
{
    static const char *const heads[] = {"minimum", "quartile",  "median",   "quartile",
                                        "maximum", "published", "ours/pub."};
    ig_sheet *sheet = start(report, r, "-spread", "quartiles and extremes", sheets);
    if (!sheet) {
        return;
    }
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        ig_sheet_column_add(sheet, heads[i], true);
    }
    for (size_t i = 0; i < r->n_groups; i++) {
        const ig_report_group *g = &r->groups[i];
        ig_sheet_cell(sheet, "%s", g->label);
        ig_sheet_count(sheet, g->n);
        ig_sheet_number(sheet, g->spread.minimum);
        ig_sheet_number(sheet, g->spread.q1);
        ig_sheet_number(sheet, g->spread.median);
        ig_sheet_number(sheet, g->spread.q3);
        /* How near to 1 the largest comes is the point. */
        if (g->n > 0) {
            ig_sheet_cell(sheet, "%.13g", g->spread.maximum);
        } else {
            ig_sheet_cell(sheet, "-");
        }
        ig_sheet_number(sheet, g->published_maximum);
        ig_sheet_ratio(sheet, g->spread.maximum, g->published_maximum);
    }
    ig_sheet_note(sheet, "published: its maximum; ours/pub.: our number over the published.");
}

/** What is left of a zero after rounding is told as zero; the files have every digit. */
static double shown(double number)
{
    return fabs(number) < 1e-12 ? 0 : number;
}

static void add_beside(const ig_report *report, const ig_report_ratio *r, ig_sheets *sheets)
{
    ig_sheet *sheet = NULL;
    if (r->n_beside > 0) {
        sheet = start(report, r, "-beside", "what stands beside it, median [quartiles]", sheets);
    }
    if (!sheet) {
        return;
    }
    for (size_t b = 0; b < r->n_beside; b++) {
        ig_sheet_column_add(sheet, r->ratio->beside[b], false);
    }
    for (size_t i = 0; i < r->n_groups; i++) {
        const ig_report_group *g = &r->groups[i];
        ig_sheet_cell(sheet, "%s", g->label);
        ig_sheet_count(sheet, g->n);
        for (size_t b = 0; b < r->n_beside; b++) {
            const ig_spread *s = &g->beside[b];
            if (g->n > 0) {
                ig_sheet_cell(sheet, "%.2g [%.2g, %.2g]", shown(s->median), shown(s->q1),
                              shown(s->q3));
            } else {
                ig_sheet_cell(sheet, "-");
            }
        }
    }
    for (size_t b = 0; b < r->n_beside; b++) {
        const ig_column *c = ig_rows_column(&report->rows, r->beside[b]);
        ig_sheet_note(sheet, "%s: %s%s%s", c->name, c->long_name, c->equation ? ", " : "",
                      c->equation ? c->equation : "");
    }
}

void ig_sheets_ratios(const ig_report *report, ig_sheets *sheets)
{
    for (size_t i = 0; i < report->n_ratios; i++) {
        add_judgement(report, &report->ratios[i], sheets);
        add_spread(report, &report->ratios[i], sheets);
        add_beside(report, &report->ratios[i], sheets);
    }
}
