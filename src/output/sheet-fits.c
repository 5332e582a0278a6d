/** Tables of the power laws: exponents beside the published ones, and amplitudes. */
#include <math.h>

#include "output/sheets.h"

static bool has_groups(const ig_report *report)
{
    bool labelled = false;
    for (size_t i = 0; i < report->laws.n; i++) {
        labelled = labelled || report->laws.laws[i].label[0];
    }
    return labelled;
}

/** Columns up to the fitted number's interval. */
static void put_columns(const ig_report *report, ig_sheet *sheet, const char *first)
{
    ig_sheet_column_add(sheet, first, false);
    ig_sheet_column_add(sheet, "column", false);
    if (has_groups(report)) {
        ig_sheet_column_add(sheet, "group", false);
    }
    ig_sheet_column_add(sheet, "n", true);
    ig_sheet_states_columns(sheet);
    ig_sheet_column_add(sheet, "value", true);
    ig_sheet_column_add(sheet, "SE", true);
    ig_sheet_column_add(sheet, "95 % stratified", false);
    if (ig_config_common_random_numbers(report->rows.config)) {
        ig_sheet_column_add(sheet, "95 % whole seeds", false);
    }
}

static void put_fixed(ig_sheet *sheet, double number)
{
    if (isnan(number)) {
        ig_sheet_cell(sheet, "-");
    } else {
        ig_sheet_cell(sheet, "%.4f", number);
    }
}

static void put_fixed_interval(ig_sheet *sheet, double low, double high)
{
    if (isnan(low)) {
        ig_sheet_cell(sheet, "-");
    } else {
        ig_sheet_cell(sheet, "[%.4f, %.4f]", low, high);
    }
}

static void put_names(const ig_report *report, const ig_report_fit *f, const char *first,
                      ig_sheet *sheet)
{
    ig_sheet_cell(sheet, "%s", first);
    ig_sheet_cell(sheet, "%s", f->fit->column);
    if (has_groups(report)) {
        ig_sheet_cell(sheet, "%s", f->label);
    }
    ig_sheet_count(sheet, f->n);
    ig_sheet_states(sheet, f->failed, f->missing);
}

static void put_published(const ig_published *published, ig_sheet *sheet)
{
    if (isnan(published->value)) {
        ig_sheet_cell(sheet, "-");
    } else if (isnan(published->low)) {
        ig_sheet_cell(sheet, "%.4g", published->value);
    } else {
        ig_sheet_cell(sheet, "%.4g [%.4g, %.4g]", published->value, published->low,
                      published->high);
    }
}

static void put_exponent(const ig_report *report, const ig_report_fit *f, ig_sheet *sheet)
{
    const ig_published published = f->published;
    put_names(report, f, f->fit->exponent, sheet);
    put_fixed(sheet, f->law.exponent);
    put_fixed(sheet, f->law.exponent_se);
    put_fixed_interval(sheet, f->law.exponent_low, f->law.exponent_high);
    if (ig_config_common_random_numbers(report->rows.config)) {
        put_fixed_interval(sheet, f->whole.exponent_low, f->whole.exponent_high);
    }
    put_published(&published, sheet);
    ig_sheet_ratio(sheet, f->law.exponent, published.value);
}

static void put_amplitude(const ig_report *report, const ig_report_fit *f, ig_sheet *sheet)
{
    put_names(report, f, f->fit->amplitude, sheet);
    ig_sheet_number(sheet, f->law.amplitude);
    ig_sheet_number(sheet, f->law.amplitude_se);
    ig_sheet_interval(sheet, f->law.amplitude_low, f->law.amplitude_high);
    if (ig_config_common_random_numbers(report->rows.config)) {
        ig_sheet_interval(sheet, f->whole.amplitude_low, f->whole.amplitude_high);
    }
    put_fixed(sheet, f->law.r2);
}

/** In plain words how a fit compares with the published figure. */
static void note_verdict(const ig_report_fit *f, ig_sheet *sheet)
{
    const ig_published published = f->published;
    const double value = published.value, low = f->law.exponent_low, high = f->law.exponent_high;
    const char *comma = f->label[0] ? ", " : "", *overlap = "";
    if (!f->fitted) {
        ig_sheet_note(sheet, "%s%s%s: no fit: %s", f->fit->exponent, comma, f->label, f->reason);
        return;
    }
    if (isnan(value)) {
        return;
    }
    if (!isnan(published.low)) {
        overlap = low <= published.high && published.low <= high
                      ? "; the two intervals overlap"
                      : "; the two intervals do not overlap";
    }
    if (value >= low && value <= high) {
        ig_sheet_note(sheet,
                      "%s%s%s: the published %.4g lies inside our stratified 95 %% interval%s.",
                      f->fit->exponent, comma, f->label, value, overlap);
    } else {
        ig_sheet_note(sheet,
                      "%s%s%s: the published %.4g lies outside our stratified 95 %% interval, by "
                      "%.2g%s.",
                      f->fit->exponent, comma, f->label, value,
                      value < low ? low - value : value - high, overlap);
    }
}

/** What a reader of the interval should know. */
static void note_caveats(const ig_report_fit *f, ig_sheet *sheet)
{
    if (f->single) {
        ig_sheet_note(sheet,
                      "Note: %s rests on %zu axis values with one seed only; its interval cannot "
                      "see their spread.",
                      f->fit->exponent, f->single);
    }
    if (f->fitted && f->law.n_anchors < f->n_points) {
        ig_sheet_note(sheet, "Note: %s rests on %zu of %zu axis values, the rest has no results.",
                      f->fit->exponent, f->law.n_anchors, f->n_points);
    }
}

static void note_intervals(const ig_report *report, ig_sheet *sheet)
{
    size_t least = SIZE_MAX, most = 0;
    ig_sheet_note_intervals(sheet, &report->rows.how, "the seeds");
    if (!ig_config_common_random_numbers(report->rows.config)) {
        return;
    }
    for (size_t i = 0; i < report->laws.n; i++) {
        least = report->laws.laws[i].n_whole < least ? report->laws.laws[i].n_whole : least;
        most = report->laws.laws[i].n_whole > most ? report->laws.laws[i].n_whole : most;
    }
    char seeds[64];
    if (least == most) {
        snprintf(seeds, sizeof seeds, "%zu", least);
    } else {
        snprintf(seeds, sizeof seeds, "%zu to %zu", least, most);
    }
    ig_sheet_note(sheet,
                  "stratified: seeds are resampled within each axis value by itself; whole seeds: "
                  "a seed is taken with all its axis values, which share its random numbers (%s "
                  "seeds are finished at all of them).",
                  seeds);
}

void ig_sheets_fits(const ig_report *report, ig_sheets *sheets)
{
    ig_sheet *sheet = report->laws.n > 0 ? ig_sheets_add(sheets) : NULL;
    if (!sheet) {
        return;
    }
    ig_sheet_init(sheet, "fits", "Power laws, column = amplitude * (%s)^-exponent",
                  report->laws.laws[0].fit->axis);
    put_columns(report, sheet, "exponent");
    ig_sheet_column_add(sheet, "published", false);
    ig_sheet_column_add(sheet, "ours/pub.", true);
    for (size_t i = 0; i < report->laws.n; i++) {
        put_exponent(report, &report->laws.laws[i], sheet);
    }
    for (size_t i = 0; i < report->laws.n; i++) {
        note_verdict(&report->laws.laws[i], sheet);
    }
    for (size_t i = 0; i < report->laws.n; i++) {
        note_caveats(&report->laws.laws[i], sheet);
    }
    ig_sheet_note(sheet, "n: finished tasks of the fit; ours/pub.: our number over the published.");
    sheet = ig_sheets_add(sheets);
    if (!sheet) {
        return;
    }
    ig_sheet_init(sheet, "amplitudes", "Amplitudes of the power laws");
    put_columns(report, sheet, "amplitude");
    ig_sheet_column_add(sheet, "R2", true);
    for (size_t i = 0; i < report->laws.n; i++) {
        put_amplitude(report, &report->laws.laws[i], sheet);
    }
    note_intervals(report, sheet);
}
