/** A table as people read it: made once, shown as plain text, HTML and LaTeX. */
#ifndef IMAGRID_REPORT_SHEET_H
#define IMAGRID_REPORT_SHEET_H

#include <stdbool.h>
#include <stdio.h>

#include "imagrid/error.h"

enum { IG_SHEET_COLUMNS = 20, IG_SHEET_NAME = 128, IG_SHEET_HEAD = 64 };

typedef struct ig_sheet_column {
    char head[IG_SHEET_HEAD];
    bool number; /**< aligned to the right */
} ig_sheet_column;

/** Start with ig_sheet_init. A failed allocation sticks: later calls do nothing. */
typedef struct ig_sheet {
    char name[IG_SHEET_NAME]; /**< of files and anchors: letters, digits, '-', '_' */
    char *title;
    ig_sheet_column columns[IG_SHEET_COLUMNS];
    size_t n_columns;
    char **cells; /**< row after row; owned, as the texts are */
    size_t n_cells;
    char **notes; /**< sentences below the table */
    size_t n_notes;
    bool detail; /**< long and for reference: not printed on a terminal */
    ig_status status;
} ig_sheet;

/** `name` with what does not belong into names replaced by '-'. */
void ig_sheet_init(ig_sheet *sheet, const char *name, const char *title, ...)
    __attribute__((format(printf, 3, 4)));
void ig_sheet_clear(ig_sheet *sheet);

/** Append a column, before the first cell; `number` aligns it to the right. */
void ig_sheet_column_add(ig_sheet *sheet, const char *head, bool number);
/** Append the next cell of the row. */
void ig_sheet_cell(ig_sheet *sheet, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Cells of numbers: four digits; "-" for NaN. */
void ig_sheet_number(ig_sheet *sheet, double number);
void ig_sheet_count(ig_sheet *sheet, size_t count);
/** A cell "[low, high]"; "-" where both are NaN. */
void ig_sheet_interval(ig_sheet *sheet, double low, double high);
/** A cell "ours / published", two digits after a 1; "-" where either is NaN or the second 0. */
void ig_sheet_ratio(ig_sheet *sheet, double ours, double published);
/** Append a sentence below the table. */
void ig_sheet_note(ig_sheet *sheet, const char *format, ...) __attribute__((format(printf, 2, 3)));

size_t ig_sheet_rows(const ig_sheet *sheet);
const char *ig_sheet_at(const ig_sheet *sheet, size_t row, size_t column);

/** Plain text with aligned columns, without the notes. */
void ig_sheet_print(const ig_sheet *sheet, FILE *stream);
/** A booktabs tabular, escaped. */
void ig_sheet_latex(const ig_sheet *sheet, FILE *stream);
/** A figure of the page: caption, table in a box of its own that scrolls, notes; escaped. */
void ig_sheet_html(const ig_sheet *sheet, FILE *stream);

/** Several sheets in order, owned. */
typedef struct ig_sheets {
    ig_sheet *sheets;
    size_t n;
    ig_status status; /**< IG_OK or IG_ERR_MEMORY */
} ig_sheets;

/** Append an empty sheet, to be started with ig_sheet_init; NULL without memory. Valid until the
 *  next call. */
ig_sheet *ig_sheets_add(ig_sheets *sheets);
void ig_sheets_clear(ig_sheets *sheets);
/** IG_ERR_MEMORY where any call above found none. */
ig_status ig_sheets_status(const ig_sheets *sheets, ig_error *error);

#endif
