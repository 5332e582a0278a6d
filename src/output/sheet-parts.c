/** What several tables have in common. */
#include "output/sheets.h"

bool ig_report_shows_points(const ig_report *report)
{
    return report->n_ratios == 0 && report->n_curves == 0 &&
           !report->rows.experiment->summary.agreement;
}

void ig_sheet_note_intervals(ig_sheet *sheet, const ig_bootstrap *how, const char *what)
{
    ig_sheet_note(sheet, "95 %% intervals: bootstrap%s, %zu resamples of %s.",
                  how->interval == IG_INTERVAL_BCA ? ", bias-corrected and accelerated (BCa)"
                                                   : " percentiles",
                  how->resamples, what);
}

void ig_sheet_states_columns(ig_sheet *sheet)
{
    ig_sheet_column_add(sheet, "fail", true);
    ig_sheet_column_add(sheet, "miss", true);
}

void ig_sheet_states(ig_sheet *sheet, size_t failed, size_t missing)
{
    ig_sheet_count(sheet, failed);
    ig_sheet_count(sheet, missing);
}
