#include "output/sheet.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void ig_sheet_init(ig_sheet *sheet, const char *name, const char *title, ...)
{
    va_list arguments;
    *sheet = (ig_sheet){0};
    snprintf(sheet->name, sizeof sheet->name, "%s", name);
    for (char *c = sheet->name; *c; c++) {
        *c = isalnum((unsigned char)*c) || *c == '_' ? *c : '-';
    }
    va_start(arguments, title);
    if (vasprintf(&sheet->title, title, arguments) < 0) {
        sheet->title = NULL;
        sheet->status = IG_ERR_MEMORY;
    }
    va_end(arguments);
}

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(texts[i]);
    }
    free(texts);
}

void ig_sheet_clear(ig_sheet *sheet)
{
    free_texts(sheet->cells, sheet->n_cells);
    free_texts(sheet->notes, sheet->n_notes);
    free(sheet->title);
    *sheet = (ig_sheet){0};
}

void ig_sheet_column_add(ig_sheet *sheet, const char *head, bool number)
{
    if (sheet->n_columns < IG_SHEET_COLUMNS) {
        ig_sheet_column *column = &sheet->columns[sheet->n_columns++];
        snprintf(column->head, sizeof column->head, "%s", head);
        column->number = number;
    }
}

/** Append a text to a list that doubles its room at powers of two. */
__attribute__((format(printf, 4, 0))) static void append(ig_sheet *sheet, char ***list, size_t *n,
                                                         const char *format, va_list arguments)
{
    char *text = NULL;
    if (sheet->status) {
        return;
    }
    if (*n == 0 || (*n & (*n - 1)) == 0) {
        char **more = realloc(*list, (*n ? 2 * *n : 1) * sizeof **list);
        if (!more) {
            sheet->status = IG_ERR_MEMORY;
            return;
        }
        *list = more;
    }
    if (vasprintf(&text, format, arguments) < 0) {
        sheet->status = IG_ERR_MEMORY;
        return;
    }
    (*list)[(*n)++] = text;
}

void ig_sheet_cell(ig_sheet *sheet, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append(sheet, &sheet->cells, &sheet->n_cells, format, arguments);
    va_end(arguments);
}

void ig_sheet_note(ig_sheet *sheet, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append(sheet, &sheet->notes, &sheet->n_notes, format, arguments);
    va_end(arguments);
}

void ig_sheet_number(ig_sheet *sheet, double number)
{
    if (isnan(number)) {
        ig_sheet_cell(sheet, "-");
    } else {
        ig_sheet_cell(sheet, "%.4g", number);
    }
}

void ig_sheet_count(ig_sheet *sheet, size_t count)
{
    ig_sheet_cell(sheet, "%zu", count);
}

void ig_sheet_interval(ig_sheet *sheet, double low, double high)
{
    if (isnan(low) && isnan(high)) {
        ig_sheet_cell(sheet, "-");
    } else {
        ig_sheet_cell(sheet, "[%.4g, %.4g]", low, high);
    }
}

void ig_sheet_ratio(ig_sheet *sheet, double ours, double published)
{
    double ratio = ours / published;
    if (isfinite(ratio)) {
        ig_sheet_cell(sheet, "%.3g", ratio);
    } else {
        ig_sheet_cell(sheet, "-");
    }
}

size_t ig_sheet_rows(const ig_sheet *sheet)
{
    return sheet->n_columns ? sheet->n_cells / sheet->n_columns : 0;
}

const char *ig_sheet_at(const ig_sheet *sheet, size_t row, size_t column)
{
    return sheet->cells[row * sheet->n_columns + column];
}

ig_sheet *ig_sheets_add(ig_sheets *sheets)
{
    ig_sheet *more =
        sheets->status ? NULL : realloc(sheets->sheets, (sheets->n + 1) * sizeof *more);
    if (!more) {
        sheets->status = IG_ERR_MEMORY;
        return NULL;
    }
    sheets->sheets = more;
    more[sheets->n] = (ig_sheet){0};
    return &more[sheets->n++];
}

void ig_sheets_clear(ig_sheets *sheets)
{
    for (size_t i = 0; i < sheets->n; i++) {
        ig_sheet_clear(&sheets->sheets[i]);
    }
    free(sheets->sheets);
    *sheets = (ig_sheets){0};
}

ig_status ig_sheets_status(const ig_sheets *sheets, ig_error *error)
{
    ig_status status = sheets->status;
    for (size_t i = 0; !status && i < sheets->n; i++) {
        status = sheets->sheets[i].status;
    }
    return status ? ig_error_set(error, status, "no memory for the tables") : IG_OK;
}
