#include "output/sheets.h"

ig_status ig_report_sheets(const ig_report *report, ig_sheets *sheets, ig_error *error)
{
    ig_sheets_ratios(report, sheets);
    ig_sheets_agreement(report, sheets);
    ig_sheets_curves(report, sheets);
    if (ig_report_shows_points(report)) {
        ig_sheets_statistics(report, sheets);
    }
    ig_sheets_fits(report, sheets);
    ig_sheets_differences(report, sheets);
    if (!ig_report_shows_points(report)) {
        ig_sheets_statistics(report, sheets);
    }
    ig_status status = ig_sheets_status(sheets, error);
    if (status) {
        ig_sheets_clear(sheets);
    }
    return status;
}
