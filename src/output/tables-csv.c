/** Tables as RFC 4180 text. */
#include <inttypes.h>
#include <string.h>

#include "base/try.h"
#include "output/files.h"
#include "output/output.h"
#include "output/view.h"

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

/** The names of a group's columns, or cells of a row of its table number i. */
static void put_line(const ig_group *group, size_t i, const ig_cell *cells, FILE *file)
{
    const ig_table *first = group->tables[0];
    const char *before = "";
    for (size_t c = 0; c < first->n_columns; c++) {
        if (!first->columns[c].name) {
            continue;
        }
        fputs(before, file);
        before = ",";
        if (cells) {
            put_cell(first->columns[c].type, &cells[ig_group_column(group, i, c)], file);
        } else {
            put_text(first->columns[c].name, file);
        }
    }
    fputs("\r\n", file);
}

static ig_status write_group(const ig_group *group, const ig_folder *folder, ig_error *error)
{
    AUTO_FREE char *name = ig_asprintf(error, "%s.csv", group->tables[0]->file);
    FILE *file = NULL;
    if (!name) {
        return IG_ERR_MEMORY;
    }
    TRY(ig_text_open(folder, name, &file, error));
    put_line(group, 0, NULL, file);
    for (size_t i = 0; i < group->n; i++) {
        for (size_t r = 0; r < ig_table_rows(group->tables[i]); r++) {
            put_line(group, i, ig_table_at(group->tables[i], r, 0), file);
        }
    }
    return ig_text_close(&file, folder, name, IG_OK, error);
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
