/** The table of agreement as CSV and for summary.h5. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "output/csv.h"
#include "output/files.h"
#include "output/outputs.h"
#include "results/agreement.h"

/** The numbers of a row, by name: one list for both files. */
static const struct {
    const char *name, *long_name;
    size_t offset;
} fields[] = {
    {"residual_median", "median of l = ln(predicted / realized)",
     offsetof(ig_agreement_row, median)},
    {"residual_median_size", "median of |l|", offsetof(ig_agreement_row, median_size)},
    {"residual_largest", "largest |l|", offsetof(ig_agreement_row, largest)},
    {"spearman", "Spearman rank correlation of predicted and realized ratio",
     offsetof(ig_agreement_row, spearman)},
    {"sign_p", "one-sided p of the sign test of l > 0", offsetof(ig_agreement_row, p)},
    {"published_residual_median", "published median of |l|",
     offsetof(ig_agreement_row, published_median)},
    {"published_sign_p", "published p of the sign test", offsetof(ig_agreement_row, published_p)},
    {"residual_median_low", "lower end, 95 % bootstrap interval of the median of l",
     offsetof(ig_agreement_row, median_low)},
    {"residual_median_high", "upper end, 95 % bootstrap interval of the median of l",
     offsetof(ig_agreement_row, median_high)},
    {"residual_median_size_low", "lower end, 95 % bootstrap interval of the median of |l|",
     offsetof(ig_agreement_row, median_size_low)},
    {"residual_median_size_high", "upper end, 95 % bootstrap interval of the median of |l|",
     offsetof(ig_agreement_row, median_size_high)},
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

static double field_of(const ig_agreement_row *row, size_t i)
{
    double number;
    memcpy(&number, (const char *)row + fields[i].offset, sizeof number);
    return number;
}

/** Counts of a row, by name. */
static const struct {
    const char *name, *long_name;
    size_t offset;
} counts[] = {
    {"rows", "finished rows of the group", offsetof(ig_agreement_row, n)},
    {"excluded", "rows left out: the best lies at an end of the search",
     offsetof(ig_agreement_row, excluded)},
    {"above", "rows whose prediction lies above", offsetof(ig_agreement_row, above)},
    {"rows_failed", "failed tasks of the group", offsetof(ig_agreement_row, failed)},
    {"rows_missing", "missing tasks of the group", offsetof(ig_agreement_row, missing)},
};
enum { N_COUNTS = sizeof counts / sizeof *counts };

static size_t count_of(const ig_agreement_row *row, size_t i)
{
    size_t number;
    memcpy(&number, (const char *)row + counts[i].offset, sizeof number);
    return number;
}

static void put_row(const ig_report *report, size_t group, FILE *file)
{
    const ig_agreement_row *r = &report->agreement[group];
    ig_csv_put_text(file, true, report->rows.experiment->summary.agreement->groups[group].name);
    for (size_t i = 0; i < N_COUNTS; i++) {
        fprintf(file, ",%zu", count_of(r, i));
    }
    for (size_t i = 0; i < N_FIELDS; i++) {
        ig_csv_put_number(file, field_of(r, i));
    }
    ig_csv_end_line(file);
}

ig_status ig_agreement_write_csv(const ig_report *report, const ig_folder *folder, ig_error *error)
{
    static const char name[] = "agreement.csv";
    const ig_agreement *about = report->rows.experiment->summary.agreement;
    FILE *file = NULL;
    ig_status status = ig_text_open(folder, name, &file, error);
    if (status) {
        return status;
    }
    ig_csv_put_text(file, true, "group");
    for (size_t i = 0; i < N_COUNTS; i++) {
        ig_csv_put_text(file, false, counts[i].name);
    }
    for (size_t i = 0; i < N_FIELDS; i++) {
        ig_csv_put_text(file, false, fields[i].name);
    }
    ig_csv_end_line(file);
    for (size_t i = 0; i < about->n_groups; i++) {
        put_row(report, i, file);
    }
    return ig_text_close(&file, folder, name, IG_OK, error);
}

static void name_column(ig_table_column *column, const char *name, const char *long_name)
{
    snprintf(column->name, sizeof column->name, "%s", name);
    snprintf(column->long_name, sizeof column->long_name, "%s", long_name);
}

static void add_names(const ig_agreement *about, ig_table *table)
{
    const char *names[IG_AGREEMENT_GROUPS];
    for (size_t i = 0; i < about->n_groups; i++) {
        names[i] = about->groups[i].name;
    }
    ig_table_add_texts(table, "agreement_group", "rows taken together", names);
}

static void add_numbers(const ig_agreement_row *rows, ig_table *table)
{
    for (size_t i = 0; i < N_COUNTS; i++) {
        ig_table_column *column = ig_table_add(table, IG_STORED_U64, 1, "1", NULL);
        for (size_t g = 0; column && g < table->n_rows; g++) {
            ((uint64_t *)column->values)[g] = count_of(&rows[g], i);
        }
        if (column) {
            name_column(column, counts[i].name, counts[i].long_name);
        }
    }
    for (size_t i = 0; i < N_FIELDS; i++) {
        ig_table_column *column = ig_table_add(table, IG_STORED_F64, 1, "1", NULL);
        for (size_t g = 0; column && g < table->n_rows; g++) {
            ((double *)column->values)[g] = field_of(&rows[g], i);
        }
        if (column) {
            name_column(column, fields[i].name, fields[i].long_name);
        }
    }
}

ig_status ig_agreement_table(const ig_report *report, ig_table *table, ig_error *error)
{
    const ig_agreement *about = report->rows.experiment->summary.agreement;
    if (about->n_groups == 0 || about->n_groups > IG_AGREEMENT_GROUPS) {
        return ig_error_set(error, IG_ERR_USAGE, "an agreement of %zu groups", about->n_groups);
    }
    ig_table_init(table, "agreement", about->n_groups);
    add_names(about, table);
    add_numbers(report->agreement, table);
    if (table->status) {
        ig_table_clear(table);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the summary");
    }
    return IG_OK;
}
