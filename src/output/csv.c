/** Tables as RFC 4180 text. */
#include <inttypes.h>
#include <string.h>

#include "base/try.h"
#include "output/files.h"
#include "output/output.h"
#include "output/private.h"

/** Quoted where it has to be. */
static void put_text(const char *text, FILE *file)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text; text++) {
        fputs(*text == '"' ? "\"\"" : (const char[]){*text, '\0'}, file);
    }
    fputc('"', file);
}

static void put_cell(ig_cell_type type, const ig_cell *cell, FILE *file)
{
    char text[IG_NUMBER_TEXT];
    switch (type) {
    case IG_CELL_TEXT:
        put_text(cell->text, file);
        break;
    case IG_CELL_COUNT:
        fprintf(file, "%" PRIu64, cell->count);
        break;
    case IG_CELL_INTEGER:
        fprintf(file, "%" PRId64, cell->integer);
        break;
    case IG_CELL_REAL:
    default:
        fputs(ig_number_text(cell->real, text), file);
    }
}

static void put_names(const ig_table *table, FILE *file)
{
    const char *before = "";
    for (size_t c = 0; c < table->n_columns; c++) {
        if (table->columns[c].name) {
            fputs(before, file);
            put_text(table->columns[c].name, file);
            before = ",";
        }
    }
    fputs("\r\n", file);
}

/** The rows of a group's table number i, in the order of the group's columns. */
static ig_status put_rows(const ig_group *group, size_t i, FILE *file, ig_error *error)
{
    const ig_table *first = group->tables[0], *table = group->tables[i];
    AUTO_FREE size_t *order = NULL;
    size_t n = 0;
    TRY(IG_ALLOC(order, first->n_columns + 1, error));
    for (size_t c = 0; c < first->n_columns; c++) {
        if (first->columns[c].name) {
            order[n++] = ig_group_column(group, i, c);
        }
    }
    for (size_t r = 0; r < ig_table_rows(table); r++) {
        for (size_t k = 0; k < n; k++) {
            fputs(k ? "," : "", file);
            put_cell(table->columns[order[k]].type, ig_table_at(table, r, order[k]), file);
        }
        fputs("\r\n", file);
    }
    return IG_OK;
}

static ig_status write_group(const ig_group *group, const ig_folder *folder, ig_error *error)
{
    AUTO_FREE char *name = ig_asprintf(error, "%s.csv", group->tables[0]->file);
    FILE *file = NULL;
    if (!name) {
        return IG_ERR_MEMORY;
    }
    TRY(ig_text_open(folder, name, &file, error));
    ig_status status = IG_OK;
    put_names(group->tables[0], file);
    for (size_t i = 0; i < group->n && !status; i++) {
        status = put_rows(group, i, file, error);
    }
    return ig_text_close(&file, folder, name, status, error);
}

ig_status ig_output_csv(const ig_tables *tables, const char *directory, ig_error *error)
{
    AUTO(ig_folder_close) ig_folder folder = {.fd = -1};
    TRY(ig_folder_open(directory, &folder, error));
    for (size_t i = 0; i < tables->n; i++) {
        AUTO(ig_group_clear) ig_group group = {0};
        TRY(ig_group_make(tables, i, IG_BY_FILE, &group, error));
        if (group.n > 0) {
            TRY(write_group(&group, &folder, error));
        }
    }
    return IG_OK;
}
