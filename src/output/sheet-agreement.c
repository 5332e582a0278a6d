/** Tables of agreement: how large the residuals are, and to which side they lie. */
#include "output/sheets.h"
#include "results/agreement.h"

static void add_sizes(const ig_report *report, ig_sheet *sheet)
{
    const ig_agreement *about = report->rows.experiment->summary.agreement;
    static const char *const heads[] = {"published", "ours/pub.", "max |l|", "Spearman"};
    ig_sheet_init(sheet, "agreement", "Residuals l = ln(%s / %s)", about->predicted,
                  about->realized);
    ig_sheet_column_add(sheet, "group", false);
    ig_sheet_column_add(sheet, "n", true);
    ig_sheet_states_columns(sheet);
    ig_sheet_column_add(sheet, "at end", true);
    ig_sheet_column_add(sheet, "median |l|", true);
    ig_sheet_column_add(sheet, "95 %", false);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        ig_sheet_column_add(sheet, heads[i], true);
    }
    for (size_t i = 0; i < about->n_groups; i++) {
        const ig_agreement_row *r = &report->agreement[i];
        ig_sheet_cell(sheet, "%s", about->groups[i].name);
        ig_sheet_count(sheet, r->n);
        ig_sheet_states(sheet, r->failed, r->missing);
        ig_sheet_count(sheet, r->excluded);
        ig_sheet_number(sheet, r->median_size);
        ig_sheet_interval(sheet, r->median_size_low, r->median_size_high);
        ig_sheet_number(sheet, r->published_median);
        ig_sheet_ratio(sheet, r->median_size, r->published_median);
        ig_sheet_number(sheet, r->largest);
        ig_sheet_number(sheet, r->spearman);
    }
    ig_sheet_note(sheet, "at end: rows left out because the best lies at an end of the search; "
                         "ours/pub.: our number over the published.");
}

static void add_signs(const ig_report *report, ig_sheet *sheet)
{
    const ig_agreement *about = report->rows.experiment->summary.agreement;
    static const char *const heads[] = {"above", "p", "published p"};
    ig_sheet_init(sheet, "agreement-signs", "Signs of the residuals l");
    ig_sheet_column_add(sheet, "group", false);
    ig_sheet_column_add(sheet, "n", true);
    ig_sheet_column_add(sheet, "median l", true);
    ig_sheet_column_add(sheet, "95 %", false);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        ig_sheet_column_add(sheet, heads[i], true);
    }
    for (size_t i = 0; i < about->n_groups; i++) {
        const ig_agreement_row *r = &report->agreement[i];
        ig_sheet_cell(sheet, "%s", about->groups[i].name);
        ig_sheet_count(sheet, r->n);
        ig_sheet_number(sheet, r->median);
        ig_sheet_interval(sheet, r->median_low, r->median_high);
        ig_sheet_cell(sheet, "%zu/%zu", r->above, r->n);
        ig_sheet_number(sheet, r->p);
        ig_sheet_number(sheet, r->published_p);
    }
    ig_sheet_note_intervals(sheet, &report->rows.how, "the rows");
    ig_sheet_note(sheet, "above: rows with l > 0; p: one-sided sign test of that.");
}

void ig_sheets_agreement(const ig_report *report, ig_sheets *sheets)
{
    if (!report->agreement) {
        return;
    }
    ig_sheet *sheet = ig_sheets_add(sheets);
    if (sheet) {
        add_sizes(report, sheet);
    }
    sheet = ig_sheets_add(sheets);
    if (sheet) {
        add_signs(report, sheet);
    }
}
