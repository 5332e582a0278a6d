/** The tables of summary.h5, filled. */
#include "output/summary-tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/fields.h"
#include "output/outputs.h"

static void name_column(ig_table_column *column, const char *name, const char *long_name)
{
    snprintf(column->name, sizeof column->name, "%s", name);
    snprintf(column->long_name, sizeof column->long_name, "%s", long_name);
}

/** Text of an axis key at every grid point. */
static void add_axis_text(const ig_report *report, size_t key, ig_table *table)
{
    const ig_key *k = &report->rows.experiment->schema.keys[key];
    const char **texts = calloc(table->n_rows, sizeof *texts);
    if (!texts) {
        table->status = IG_ERR_MEMORY;
        return;
    }
    for (size_t p = 0; p < table->n_rows; p++) {
        texts[p] = ig_grid_value(report->rows.grid, p, key)->text;
    }
    ig_table_add_texts(table, k->column, k->long_name, texts);
    free(texts);
}

static void add_axis(const ig_report *report, size_t key, ig_table *table)
{
    const ig_key *k = &report->rows.experiment->schema.keys[key];
    bool integer = k->type == IG_KEY_INTEGER;
    if (!integer && k->type != IG_KEY_REAL) {
        add_axis_text(report, key, table);
    } else {
        ig_table_column *column =
            ig_table_add(table, integer ? IG_STORED_I64 : IG_STORED_F64, 1, k->units, NULL);
        for (size_t p = 0; column && p < table->n_rows; p++) {
            const ig_value *value = ig_grid_value(report->rows.grid, p, key);
            if (integer) {
                ((int64_t *)column->values)[p] = value->integer;
            } else {
                ((double *)column->values)[p] = value->real;
            }
        }
        if (column) {
            name_column(column, k->column, k->long_name);
        }
    }
    if (!table->status) {
        table->columns[table->n - 1].axis = true;
    }
}

static void add_states(const ig_report *report, ig_table *table)
{
    static const struct {
        const char *name, *long_name;
        int8_t state;
    } states[] = {
        {"done", "finished tasks", IG_STATE_DONE},
        {"failed", "failed tasks", IG_STATE_FAILED},
        {"missing", "tasks in none of the files", IG_STATE_EMPTY},
    };
    size_t n_seeds = ig_grid_n_seeds(report->rows.grid);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        ig_table_column *column = ig_table_add(table, IG_STORED_U64, 1, "1", NULL);
        for (size_t t = 0; column && t < report->rows.n_tasks; t++) {
            ((uint64_t *)column->values)[t / n_seeds] += report->rows.state[t] == states[i].state;
        }
        if (column) {
            name_column(column, states[i].name, states[i].long_name);
        }
    }
}

static void add_statistics(const ig_report *report, size_t c, ig_table *table)
{
    const ig_column *about = ig_rows_column(&report->rows, c);
    ig_table_column *column = ig_table_add(table, IG_STORED_U64, 1, "1", NULL);
    for (size_t p = 0; column && p < table->n_rows; p++) {
        ((uint64_t *)column->values)[p] = ig_rows_statistics(&report->rows, c, p)->n;
    }
    if (column) {
        snprintf(column->name, sizeof column->name, "%s_n", about->name);
        snprintf(column->long_name, sizeof column->long_name, "finished seeds: %s",
                 about->long_name);
    }
    for (size_t i = 0; i < IG_STATISTICS_FIELDS; i++) {
        const ig_field *field = &ig_statistics_fields[i];
        column = ig_table_add(table, IG_STORED_F64, 1, about->units, about->equation);
        for (size_t p = 0; column && p < table->n_rows; p++) {
            ((double *)column->values)[p] =
                ig_field_of_statistics(field, ig_rows_statistics(&report->rows, c, p));
        }
        if (column) {
            snprintf(column->name, sizeof column->name, "%s_%s", about->name, field->name);
            snprintf(column->long_name, sizeof column->long_name, "%s: %s", field->long_name,
                     about->long_name);
        }
    }
}

/** Paired differences: COLUMN_difference_NAME, NaN where there is no baseline. */
static void add_differences(const ig_report *report, size_t c, ig_table *table)
{
    const ig_column *about = ig_rows_column(&report->rows, c);
    const ig_statistics *differences = report->differences.statistics + c * table->n_rows;
    ig_table_column *column = ig_table_add(table, IG_STORED_U64, 1, "1", NULL);
    for (size_t p = 0; column && p < table->n_rows; p++) {
        ((uint64_t *)column->values)[p] = differences[p].n;
    }
    if (column) {
        snprintf(column->name, sizeof column->name, "%s_difference_n", about->name);
        snprintf(column->long_name, sizeof column->long_name, "pairs of seeds: %s",
                 about->long_name);
    }
    for (size_t i = 0; i < IG_STATISTICS_FIELDS; i++) {
        const ig_field *field = &ig_statistics_fields[i];
        column = ig_table_add(table, IG_STORED_F64, 1, about->units, about->equation);
        for (size_t p = 0; column && p < table->n_rows; p++) {
            ((double *)column->values)[p] = ig_field_of_statistics(field, &differences[p]);
        }
        if (column) {
            snprintf(column->name, sizeof column->name, "%s_difference_%s", about->name,
                     field->name);
            snprintf(column->long_name, sizeof column->long_name,
                     "%s, of the difference from the baseline: %s", field->long_name,
                     about->long_name);
        }
    }
}

static ig_status finish(ig_table *table, ig_error *error)
{
    if (table->status) {
        ig_table_clear(table);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the summary");
    }
    return IG_OK;
}

ig_status ig_summary_points(const ig_report *report, ig_table *table, ig_error *error)
{
    ig_table_init(table, "point", ig_grid_n_points(report->rows.grid));
    for (size_t key = 0; key < report->rows.experiment->schema.n_keys; key++) {
        if (report->rows.experiment->schema.keys[key].column) {
            add_axis(report, key, table);
        }
    }
    add_states(report, table);
    for (size_t c = 0; c < report->rows.n_columns; c++) {
        add_statistics(report, c, table);
    }
    for (size_t c = 0; report->differences.asked && c < report->rows.n_columns; c++) {
        add_differences(report, c, table);
    }
    return finish(table, error);
}

/** The text columns of the fits. */
static void add_fit_texts(const ig_report *report, ig_table *table)
{
    static const struct {
        const char *name, *long_name;
    } about[] = {
        {"exponent_name", "name of the exponent"},
        {"amplitude_name", "name of the amplitude"},
        {"fit_column", "fitted result column"},
        {"fit_axis", "key on the horizontal axis"},
        {"fit_group", "values of the other axes that vary"},
        {"fit_problem", "why no power law could be fitted; empty where one was"},
    };
    enum { N_TEXTS = sizeof about / sizeof *about };
    const char **texts = calloc(table->n_rows, sizeof *texts);
    if (!texts) {
        table->status = IG_ERR_MEMORY;
        return;
    }
    for (size_t k = 0; k < N_TEXTS; k++) {
        for (size_t i = 0; i < table->n_rows; i++) {
            const ig_report_fit *f = &report->laws.laws[i];
            const char *const of_fit[N_TEXTS] = {f->fit->exponent, f->fit->amplitude,
                                                 f->fit->column,   f->fit->axis,
                                                 f->label,         f->reason};
            texts[i] = of_fit[k];
        }
        ig_table_add_texts(table, about[k].name, about[k].long_name, texts);
    }
    free(texts);
}

static void add_published(const ig_report *report, ig_table *table)
{
    static const char *const about[][2] = {
        {"published", "published exponent"},
        {"published_low", "lower end of the published 95 % interval of the exponent"},
        {"published_high", "upper end of the published 95 % interval of the exponent"},
    };
    for (size_t k = 0; k < 3; k++) {
        ig_table_column *column = ig_table_add(table, IG_STORED_F64, 1, "1", NULL);
        for (size_t i = 0; column && i < table->n_rows; i++) {
            const ig_published published = report->laws.laws[i].published;
            const double numbers[] = {published.value, published.low, published.high};
            ((double *)column->values)[i] = numbers[k];
        }
        if (column) {
            name_column(column, about[k][0], about[k][1]);
        }
    }
}

/** Counts of every fit, by name. */
static void add_fit_counts(const ig_report *report, ig_table *table)
{
    static const char *const about[][2] = {
        {"n_anchors", "axis values with finished seeds"},
        {"fit_n", "finished tasks of the fit"},
        {"fit_failed", "failed tasks of the fit"},
        {"fit_missing", "missing tasks of the fit"},
        {"n_whole_seeds", "seeds that are finished at every axis value with results"},
    };
    for (size_t k = 0; k < sizeof about / sizeof *about; k++) {
        ig_table_column *column = ig_table_add(table, IG_STORED_U64, 1, "1", NULL);
        for (size_t i = 0; column && i < table->n_rows; i++) {
            const ig_report_fit *f = &report->laws.laws[i];
            const size_t counts[] = {f->law.n_anchors, f->n, f->failed, f->missing, f->n_whole};
            ((uint64_t *)column->values)[i] = counts[k];
        }
        if (column) {
            name_column(column, about[k][0], about[k][1]);
        }
    }
}

/** Numbers of every fit: `whole` takes the fit with whole seeds resampled. */
static void add_laws(const ig_report *report, const ig_field *fields, size_t n, bool whole,
                     ig_table *table)
{
    for (size_t k = 0; k < n; k++) {
        ig_table_column *column = ig_table_add(table, IG_STORED_F64, 1, "1",
                                               "column = amplitude * axis^-exponent; Eq. 3");
        for (size_t i = 0; column && i < table->n_rows; i++) {
            const ig_report_fit *f = &report->laws.laws[i];
            ((double *)column->values)[i] =
                ig_field_of_law(&fields[k], whole ? &f->whole : &f->law);
        }
        if (column) {
            name_column(column, fields[k].name, fields[k].long_name);
        }
    }
}

ig_status ig_summary_fits(const ig_report *report, ig_table *table, ig_error *error)
{
    ig_table_init(table, "fit", report->laws.n);
    add_fit_texts(report, table);
    add_laws(report, ig_fit_fields, IG_FIT_FIELDS, false, table);
    add_fit_counts(report, table);
    add_published(report, table);
    add_laws(report, ig_whole_fields, IG_WHOLE_FIELDS, true, table);
    return finish(table, error);
}

/** Which column and which group a line is about. */
static void add_ratio_texts(const ig_report *report, ig_table *table)
{
    const char **texts = calloc(table->n_rows, sizeof *texts);
    if (!texts) {
        table->status = IG_ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        texts[i] = ig_ratio_line_at(report, i).column;
    }
    ig_table_add_texts(table, "claim_column", "column described", texts);
    for (size_t i = 0; i < table->n_rows; i++) {
        /* The line only points to the label, which the report owns. */
        texts[i] = ig_ratio_line_at(report, i).group;
    }
    ig_table_add_texts(table, "claim_group", "rows described", texts);
    free(texts);
}

ig_status ig_summary_ratios(const ig_report *report, ig_table *table, ig_error *error)
{
    ig_table_init(table, "claim", ig_ratio_n_lines(report));
    add_ratio_texts(report, table);
    static const char *const about[][2] = {{"claim_n", "finished rows"},
                                           {"claim_failed", "failed rows"},
                                           {"claim_missing", "missing rows"}};
    ig_table_column *column;
    for (size_t k = 0; k < sizeof about / sizeof *about; k++) {
        column = ig_table_add(table, IG_STORED_U64, 1, "1", NULL);
        for (size_t i = 0; column && i < table->n_rows; i++) {
            const ig_ratio_line line = ig_ratio_line_at(report, i);
            const size_t counts[] = {line.n, line.failed, line.missing};
            ((uint64_t *)column->values)[i] = counts[k];
        }
        if (column) {
            name_column(column, about[k][0], about[k][1]);
        }
    }
    for (size_t k = 0; k < IG_RATIO_NUMBERS; k++) {
        column = ig_table_add(table, IG_STORED_F64, 1, "1", NULL);
        for (size_t i = 0; column && i < table->n_rows; i++) {
            ((double *)column->values)[i] = ig_ratio_line_at(report, i).numbers[k];
        }
        if (column) {
            snprintf(column->name, sizeof column->name, "claim_%s", ig_ratio_fields[k].name);
            snprintf(column->long_name, sizeof column->long_name, "%s",
                     ig_ratio_fields[k].long_name);
        }
    }
    return finish(table, error);
}
