/** A table: what an analysis returns. Made once; text, CSV, LaTeX, HTML, HDF5 and JSON are each one
 *  function over it (src/output).
 *
 *  A column has a name (in files), a heading (on screen and paper), or both. Cells are appended row
 * after row, in the order of the columns:
 *
 *      static const ig_table_column columns[] = {
 *          {"group", "group", "rows described", .type = IG_CELL_TEXT},
 *          {"median", "median", "median over the rows", .units = "1"},
 *          {"median_low", "95 %", "lower end of its interval", .show = IG_SHOW_INTERVAL},
 *          {"median_high", NULL, "upper end of its interval"},
 *      };
 *      ig_table *t = ig_tables_add(tables, "sizes", "Sizes of %s", what);
 *      ig_table_columns(t, columns, sizeof columns / sizeof *columns);
 *      ig_table_text(t, "%s", label);
 *      ig_table_reals(t, 3, median, low, high);
 *      ig_table_note(t, "n: finished rows.");
 *
 *  Running out of memory is sticky: later calls do nothing, and ig_tables_status reports it. */
#ifndef IMAGRID_TABLE_H
#define IMAGRID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imagrid/error.h"

typedef enum ig_cell_type {
    IG_CELL_REAL,    /**< double; NaN where there is none */
    IG_CELL_COUNT,   /**< uint64_t */
    IG_CELL_INTEGER, /**< int64_t */
    IG_CELL_TEXT     /**< UTF-8 */
} ig_cell_type;

/** How a cell is displayed; files have every digit. */
typedef enum ig_show {
    IG_SHOW_PLAIN,          /**< a real to four digits, "-" for NaN; counts and texts as they are */
    IG_SHOW_FIXED,          /**< four decimals */
    IG_SHOW_SHORT,          /**< up to six digits, such as the value of an axis */
    IG_SHOW_LONG,           /**< 13 digits: how near to 1 */
    IG_SHOW_QUOTIENT,       /**< two digits after a leading 1, "1.23"; "0.862" */
    IG_SHOW_PERCENT,        /**< "+1.5 %" of a fraction */
    IG_SHOW_INTERVAL,       /**< "[low, high]" of this column and the next */
    IG_SHOW_FIXED_INTERVAL, /**< the same with four decimals */
    IG_SHOW_ESTIMATE        /**< "value [low, high]" of this column and the next two */
} ig_show;

/** The texts are copied by ig_table_columns. */
typedef struct ig_table_column {
    const char *name;      /**< in files: letters, digits, '_'; NULL: displayed only */
    const char *heading;   /**< displayed; NULL: in files only, or a part of the column before */
    const char *long_name; /**< what it is; NULL for displayed columns */
    const char *units;     /**< NULL: no units */
    const char *equation;  /**< NULL: none */
    ig_cell_type type;
    ig_show show;
    bool axis;          /**< a coordinate of the other columns (HDF5) */
    const char *stored; /**< name in summary.h5 in place of the table's prefix and `name`, such as
                             "fit_n" of a table without prefix; NULL: those */
} ig_table_column;

typedef union ig_cell {
    double real;
    uint64_t count;
    int64_t integer;
    char *text; /**< owned */
} ig_cell;

typedef struct ig_table {
    char *name;  /**< of LaTeX files and anchors: letters, digits, '-', '_' */
    char *title; /**< one line */
    /** Name of the table in files (FILE.csv, a member of the JSON object). Tables of one file have
     *  the same named columns and are written as one, in their order; others may stand between.
     *  NULL: displayed only. Not owned. */
    const char *file;
    const char *dimension;    /**< of its rows in summary.h5; NULL: not there. Not owned. */
    const char *prefix;       /**< of the names in summary.h5, "claim_"; NULL: none. Not owned. */
    const char *group;        /**< of summary.h5, in which the datasets stand; NULL: its root. A
                                   group belongs to one dimension. Not owned. */
    bool hidden;              /**< for files only */
    bool detail;              /**< long, for reference: not printed on a terminal */
    ig_table_column *columns; /**< n_columns; owned with their texts */
    size_t n_columns;
    ig_cell *cells; /**< row after row, n_cells; owned */
    size_t n_cells;
    char **notes; /**< sentences below the table, n_notes; owned */
    size_t n_notes;
    ig_status status; /**< IG_OK or IG_ERR_MEMORY */
} ig_table;

/** Several tables in the order of reading, owned. Start with {0}. */
typedef struct ig_tables {
    ig_table **tables;
    size_t n;
    ig_status status; /**< IG_OK or IG_ERR_MEMORY */
} ig_tables;

/** Append an empty table and return it; never NULL (without memory it is one that nobody shows).
 *  What does not belong into `name` becomes '-'. */
ig_table *ig_tables_add(ig_tables *tables, const char *name, const char *title, ...)
    __attribute__((format(printf, 3, 4)));
/** IG_ERR_MEMORY where any call for any of the tables found none. */
ig_status ig_tables_status(const ig_tables *tables, ig_error *error);
/** The table of this name, or NULL. */
const ig_table *ig_tables_find(const ig_tables *tables, const char *name);
void ig_tables_clear(ig_tables *tables);

/** Append n columns; all of a table's before its first cell. */
void ig_table_columns(ig_table *table, const ig_table_column *columns, size_t n);
/** Append the next cell; its column must have the type. */
void ig_table_real(ig_table *table, double real);
void ig_table_count(ig_table *table, size_t count);
void ig_table_integer(ig_table *table, int64_t integer);
void ig_table_text(ig_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Append n cells of doubles; of size_t. */
void ig_table_reals(ig_table *table, size_t n, ...);
void ig_table_counts(ig_table *table, size_t n, ...);
/** Append a sentence below the table. */
void ig_table_note(ig_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

size_t ig_table_rows(const ig_table *table);
/** Cell of a row, 0 ... ig_table_rows - 1, and a column. */
const ig_cell *ig_table_at(const ig_table *table, size_t row, size_t column);
/** Index of the column of this name; table->n_columns where there is none. */
size_t ig_table_find(const ig_table *table, const char *name);

#endif
