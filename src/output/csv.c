/** The tables as RFC 4180 text. */
#include <string.h>

#include "output/csv.h"
#include "output/fields.h"
#include "output/files.h"
#include "output/outputs.h"

static void put_count(FILE *file, size_t count)
{
    fprintf(file, ",%zu", count);
}

static void put_names(FILE *file, const char *const *names)
{
    for (; *names; names++) {
        ig_csv_put_text(file, false, *names);
    }
}

/** Names of the axis columns, or their values at a grid point; all keys that may be axes. */
static void put_axes(FILE *file, const ig_report *report, bool names, size_t point)
{
    const ig_schema *schema = &report->rows.experiment->schema;
    for (size_t key = 0; key < schema->n_keys; key++) {
        if (schema->keys[key].column) {
            ig_csv_put_text(file, false,
                            names ? schema->keys[key].column
                                  : ig_grid_value(report->rows.grid, point, key)->text);
        }
    }
}

static void write_statistics(const ig_report *report, FILE *file)
{
    ig_csv_put_text(file, true, "column");
    put_axes(file, report, true, 0);
    ig_csv_put_text(file, false, "n");
    ig_csv_put_text(file, false, "failed");
    ig_csv_put_text(file, false, "missing");
    for (size_t i = 0; i < IG_STATISTICS_FIELDS; i++) {
        ig_csv_put_text(file, false, ig_statistics_fields[i].name);
    }
    ig_csv_end_line(file);
    for (size_t c = 0; c < report->rows.n_columns; c++) {
        for (size_t p = 0; p < ig_grid_n_points(report->rows.grid); p++) {
            const ig_statistics *s = ig_rows_statistics(&report->rows, c, p);
            const ig_states states = ig_rows_states(&report->rows, p);
            ig_csv_put_text(file, true, report->rows.columns[c]);
            put_axes(file, report, false, p);
            put_count(file, s->n);
            put_count(file, states.failed);
            put_count(file, states.missing);
            for (size_t i = 0; i < IG_STATISTICS_FIELDS; i++) {
                ig_csv_put_number(file, ig_field_of_statistics(&ig_statistics_fields[i], s));
            }
            ig_csv_end_line(file);
        }
    }
}

static void write_fits(const ig_report *report, FILE *file)
{
    static const char *const before[] = {"amplitude_name", "column", "axis", "group", NULL};
    static const char *const after[] = {"n_anchors", "published", "published_low", "published_high",
                                        "n",         "failed",    "missing",       "n_whole_seeds",
                                        NULL};
    ig_csv_put_text(file, true, "exponent_name");
    put_names(file, before);
    for (size_t i = 0; i < IG_FIT_FIELDS; i++) {
        ig_csv_put_text(file, false, ig_fit_fields[i].name);
    }
    put_names(file, after);
    for (size_t i = 0; i < IG_WHOLE_FIELDS; i++) {
        ig_csv_put_text(file, false, ig_whole_fields[i].name);
    }
    ig_csv_end_line(file);
    for (size_t i = 0; i < report->laws.n; i++) {
        const ig_report_fit *f = &report->laws.laws[i];
        const ig_published published = f->published;
        ig_csv_put_text(file, true, f->fit->exponent);
        ig_csv_put_text(file, false, f->fit->amplitude);
        ig_csv_put_text(file, false, f->fit->column);
        ig_csv_put_text(file, false, f->fit->axis);
        ig_csv_put_text(file, false, f->label);
        for (size_t k = 0; k < IG_FIT_FIELDS; k++) {
            ig_csv_put_number(file, ig_field_of_law(&ig_fit_fields[k], &f->law));
        }
        put_count(file, f->law.n_anchors);
        ig_csv_put_number(file, published.value);
        ig_csv_put_number(file, published.low);
        ig_csv_put_number(file, published.high);
        put_count(file, f->n);
        put_count(file, f->failed);
        put_count(file, f->missing);
        put_count(file, f->n_whole);
        for (size_t k = 0; k < IG_WHOLE_FIELDS; k++) {
            ig_csv_put_number(file, ig_field_of_law(&ig_whole_fields[k], &f->whole));
        }
        ig_csv_end_line(file);
    }
}

static void write_differences(const ig_report *report, FILE *file)
{
    static const char *const counts[] = {"n", "lost", "above", NULL};
    const ig_report_differences *d = &report->differences;
    const size_t n_points = ig_grid_n_points(report->rows.grid);
    ig_csv_put_text(file, true, "column");
    put_axes(file, report, true, 0);
    ig_csv_put_text(file, false, "baseline");
    put_names(file, counts);
    for (size_t i = 0; i < IG_STATISTICS_FIELDS; i++) {
        ig_csv_put_text(file, false, ig_statistics_fields[i].name);
    }
    ig_csv_end_line(file);
    for (size_t cell = 0; cell < report->rows.n_columns * n_points; cell++) {
        const size_t p = cell % n_points;
        char label[IG_LABEL];
        if (d->pairs[p].baseline == SIZE_MAX) {
            continue;
        }
        ig_grid_label(report->rows.grid, d->pairs[p].baseline, label, sizeof label);
        ig_csv_put_text(file, true, report->rows.columns[cell / n_points]);
        put_axes(file, report, false, p);
        ig_csv_put_text(file, false, label);
        put_count(file, d->statistics[cell].n);
        put_count(file, d->pairs[p].lost);
        put_count(file, d->above[cell]);
        for (size_t i = 0; i < IG_STATISTICS_FIELDS; i++) {
            ig_csv_put_number(
                file, ig_field_of_statistics(&ig_statistics_fields[i], &d->statistics[cell]));
        }
        ig_csv_end_line(file);
    }
}

static void write_ratios(const ig_report *report, FILE *file)
{
    ig_csv_put_text(file, true, "column");
    ig_csv_put_text(file, false, "group");
    ig_csv_put_text(file, false, "n");
    ig_csv_put_text(file, false, "failed");
    ig_csv_put_text(file, false, "missing");
    for (size_t k = 0; k < IG_RATIO_NUMBERS; k++) {
        ig_csv_put_text(file, false, ig_ratio_fields[k].name);
    }
    ig_csv_end_line(file);
    for (size_t i = 0; i < ig_ratio_n_lines(report); i++) {
        const ig_ratio_line line = ig_ratio_line_at(report, i);
        ig_csv_put_text(file, true, line.column);
        ig_csv_put_text(file, false, line.group);
        put_count(file, line.n);
        put_count(file, line.failed);
        put_count(file, line.missing);
        for (size_t k = 0; k < IG_RATIO_NUMBERS; k++) {
            ig_csv_put_number(file, line.numbers[k]);
        }
        ig_csv_end_line(file);
    }
}

static ig_status write_one(const ig_report *report, const ig_folder *folder, const char *name,
                           void (*write)(const ig_report *report, FILE *file), ig_error *error)
{
    FILE *file = NULL;
    ig_status status = ig_text_open(folder, name, &file, error);
    if (status) {
        return status;
    }
    write(report, file);
    return ig_text_close(&file, folder, name, IG_OK, error);
}

static ig_status write_all(const ig_report *report, const ig_folder *folder, ig_error *error)
{
    ig_status status = write_one(report, folder, "statistics.csv", write_statistics, error);
    if (!status && report->rows.experiment->summary.n_fits > 0) {
        status = write_one(report, folder, "fits.csv", write_fits, error);
    }
    if (!status && report->n_ratios > 0) {
        status = write_one(report, folder, "ratios.csv", write_ratios, error);
    }
    if (!status && report->differences.asked) {
        status = write_one(report, folder, "differences.csv", write_differences, error);
    }
    if (!status && report->rows.experiment->summary.agreement) {
        status = ig_agreement_write_csv(report, folder, error);
    }
    if (!status && report->n_curves > 0) {
        status = ig_curves_write_csv(report, folder, error);
    }
    return status;
}

ig_status ig_report_write_csv(const ig_report *report, const char *directory, ig_error *error)
{
    ig_folder folder;
    ig_status status = ig_folder_open(directory, &folder, error);
    if (!status) {
        status = write_all(report, &folder, error);
        ig_folder_close(&folder);
    }
    return status;
}
