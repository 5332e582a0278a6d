/** The report's tables as sheets. Each function appends; a failed allocation sticks. */
#ifndef IMAGRID_REPORT_SHEETS_H
#define IMAGRID_REPORT_SHEETS_H

#include "output/sheet.h"
#include "results/report.h"

/** Every table, in the order in which people should read them. IG_ERR_MEMORY. */
ig_status ig_report_sheets(const ig_report *report, ig_sheets *sheets, ig_error *error);

void ig_sheets_ratios(const ig_report *report, ig_sheets *sheets);
void ig_sheets_agreement(const ig_report *report, ig_sheets *sheets);
void ig_sheets_curves(const ig_report *report, ig_sheets *sheets);
void ig_sheets_fits(const ig_report *report, ig_sheets *sheets);
void ig_sheets_differences(const ig_report *report, ig_sheets *sheets);
/** Statistics of the grid points, one sheet a column; details where there are ratios or such. */
void ig_sheets_statistics(const ig_report *report, ig_sheets *sheets);

/** Whether the statistics of the grid points are for people, not for files only. */
bool ig_report_shows_points(const ig_report *report);

/** "95 % intervals: bootstrap percentiles, 10000 resamples of WHAT." */
void ig_sheet_note_intervals(ig_sheet *sheet, const ig_bootstrap *how, const char *what);

/** Columns "fail" and "miss", and their cells. */
void ig_sheet_states_columns(ig_sheet *sheet);
void ig_sheet_states(ig_sheet *sheet, size_t failed, size_t missing);

#endif
