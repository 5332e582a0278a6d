/** Tables of grid points: statistics of a column, and paired differences. */
#include "output/sheets.h"

static void put_label(const ig_report *report, size_t point, ig_sheet *sheet)
{
    char label[IG_LABEL];
    ig_grid_label(report->rows.grid, point, label, sizeof label);
    ig_sheet_cell(sheet, "%s", label);
}

static void put_columns(ig_sheet *sheet, const char *const *statistics)
{
    for (; *statistics; statistics++) {
        ig_sheet_column_add(sheet, *statistics, true);
        ig_sheet_column_add(sheet, "95 %", false);
    }
}

static void put_statistics(ig_sheet *sheet, const ig_statistics *s)
{
    ig_sheet_number(sheet, s->mean);
    ig_sheet_interval(sheet, s->mean_low, s->mean_high);
    ig_sheet_number(sheet, s->median);
    ig_sheet_interval(sheet, s->median_low, s->median_high);
    ig_sheet_number(sheet, s->iqm);
    ig_sheet_interval(sheet, s->iqm_low, s->iqm_high);
}

static void add_statistics(const ig_report *report, size_t column, ig_sheets *sheets)
{
    static const char *const statistics[] = {"mean", "median", "IQM", NULL};
    const ig_column *c = ig_rows_column(&report->rows, column);
    ig_sheet *sheet = ig_sheets_add(sheets);
    char name[IG_SHEET_NAME];
    if (!sheet) {
        return;
    }
    snprintf(name, sizeof name, "statistics-%s", c->name);
    ig_sheet_init(sheet, name, "%s: %s, in units of %s", c->name, c->long_name, c->units);
    sheet->detail = !ig_report_shows_points(report);
    ig_sheet_column_add(sheet, "grid point", false);
    ig_sheet_column_add(sheet, "n", true);
    ig_sheet_states_columns(sheet);
    put_columns(sheet, statistics);
    for (size_t p = 0; p < ig_grid_n_points(report->rows.grid); p++) {
        const ig_states states = ig_rows_states(&report->rows, p);
        put_label(report, p, sheet);
        ig_sheet_count(sheet, states.done);
        ig_sheet_states(sheet, states.failed, states.missing);
        put_statistics(sheet, ig_rows_statistics(&report->rows, column, p));
    }
    ig_sheet_note_intervals(sheet, &report->rows.how, "the seeds");
    ig_sheet_note(sheet, "n: finished seeds; IQM: interquartile mean, the mean without the lowest "
                         "and the highest quarter of the seeds.");
}

void ig_sheets_statistics(const ig_report *report, ig_sheets *sheets)
{
    for (size_t c = 0; c < report->rows.n_columns; c++) {
        add_statistics(report, c, sheets);
    }
}

static void add_differences(const ig_report *report, size_t column, ig_sheets *sheets)
{
    static const char *const statistics[] = {"mean", "median", "IQM", NULL};
    const ig_report_differences *d = &report->differences;
    const ig_column *c = ig_rows_column(&report->rows, column);
    const char *key = report->rows.experiment->schema.keys[d->key].path;
    const size_t n_points = ig_grid_n_points(report->rows.grid);
    ig_sheet *sheet = ig_sheets_add(sheets);
    char name[IG_SHEET_NAME];
    if (!sheet) {
        return;
    }
    snprintf(name, sizeof name, "differences-%s", c->name);
    ig_sheet_init(sheet, name, "%s: differences from %s=%s, seed by seed, in units of %s", c->name,
                  key, d->value->text, c->units);
    ig_sheet_column_add(sheet, "grid point", false);
    ig_sheet_column_add(sheet, "pairs", true);
    ig_sheet_column_add(sheet, "lost", true);
    ig_sheet_column_add(sheet, "above", true);
    put_columns(sheet, statistics);
    for (size_t p = 0; p < n_points; p++) {
        const ig_statistics *s = &d->statistics[column * n_points + p];
        if (d->pairs[p].baseline == SIZE_MAX) {
            continue;
        }
        put_label(report, p, sheet);
        ig_sheet_count(sheet, s->n);
        ig_sheet_count(sheet, d->pairs[p].lost);
        ig_sheet_count(sheet, d->above[column * n_points + p]);
        put_statistics(sheet, s);
    }
    ig_sheet_note_intervals(sheet, &report->rows.how, "the pairs");
    ig_sheet_note(sheet,
                  "pairs: seeds finished here and at the baseline; lost: the other seeds; above: "
                  "pairs with a difference > 0.");
    ig_sheet_note(sheet,
                  ig_config_common_random_numbers(report->rows.config)
                      ? "Grid points share each seed's random numbers: what a seed adds to both "
                        "sides cancels."
                      : "Grid points do not share random numbers (common_random_numbers: false): "
                        "pairing cancels nothing here.");
}

void ig_sheets_differences(const ig_report *report, ig_sheets *sheets)
{
    for (size_t c = 0; report->differences.asked && c < report->rows.n_columns; c++) {
        add_differences(report, c, sheets);
    }
}
