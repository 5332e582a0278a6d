#include "imagrid/table.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/process.h"
#include "base/try.h"

/** Where memory is too short even for a table. Nobody writes to it: its status is set. */
static ig_table nowhere = {.status = IG_ERR_MEMORY};

__attribute__((format(printf, 1, 0))) static char *format_text(const char *format,
                                                               va_list arguments)
{
    char *text = NULL;
    return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

static char *copy_name(const char *name)
{
    char *copy = strdup(name);
    for (char *c = copy; c && *c; c++) {
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_') {
            *c = '-';
        }
    }
    return copy;
}

ig_table *ig_tables_add(ig_tables *tables, const char *name, const char *title, ...)
{
    ig_table *table = calloc(1, sizeof *table);
    if (tables->status || !table || IG_GROW(tables->tables, tables->n + 1, NULL)) {
        free(table);
        tables->status = IG_ERR_MEMORY;
        return &nowhere;
    }
    va_list arguments;
    va_start(arguments, title);
    table->title = format_text(title, arguments);
    va_end(arguments);
    table->name = copy_name(name);
    table->status = table->title && table->name ? IG_OK : IG_ERR_MEMORY;
    tables->tables[tables->n++] = table;
    return table;
}

ig_status ig_tables_status(const ig_tables *tables, ig_error *error)
{
    bool failed = tables->status;
    for (size_t i = 0; i < tables->n; i++) {
        failed = failed || tables->tables[i]->status;
    }
    return failed ? ig_error_set(error, IG_ERR_MEMORY, "out of memory for tables") : IG_OK;
}

const ig_table *ig_tables_find(const ig_tables *tables, const char *name)
{
    for (size_t i = 0; i < tables->n; i++) {
        if (tables->tables[i]->name && strcmp(tables->tables[i]->name, name) == 0) {
            return tables->tables[i];
        }
    }
    return NULL;
}

static void table_destroy(ig_table *table)
{
    for (size_t i = 0; i < table->n_cells; i++) {
        if (table->columns[i % table->n_columns].type == IG_CELL_TEXT) {
            free(table->cells[i].text);
        }
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        const ig_table_column *c = &table->columns[i];
        const char *const texts[] = {c->name,  c->heading,  c->long_name,
                                     c->units, c->equation, c->stored};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            free((char *)(uintptr_t)texts[k]);
        }
    }
    for (size_t i = 0; i < table->n_notes; i++) {
        free(table->notes[i]);
    }
    free(table->columns);
    free(table->cells);
    free(table->notes);
    free(table->name);
    free(table->title);
    free(table);
}

void ig_tables_clear(ig_tables *tables)
{
    for (size_t i = 0; i < tables->n; i++) {
        table_destroy(tables->tables[i]);
    }
    free(tables->tables);
    *tables = (ig_tables){0};
}

static const char *copy_text(ig_table *table, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy) {
        table->status = IG_ERR_MEMORY;
    }
    return copy;
}

void ig_table_columns(ig_table *table, const ig_table_column *columns, size_t n)
{
    if (table->status || IG_GROW(table->columns, table->n_columns + n, NULL)) {
        table->status = IG_ERR_MEMORY;
        return;
    }
    if (table->n_cells > 0) {
        ig_bug("table %s gets a column after its cells", table->name);
    }
    for (size_t i = 0; i < n; i++) {
        ig_table_column *c = &table->columns[table->n_columns++];
        *c = columns[i];
        c->name = copy_text(table, columns[i].name);
        c->heading = copy_text(table, columns[i].heading);
        c->long_name = copy_text(table, columns[i].long_name);
        c->units = copy_text(table, columns[i].units);
        c->equation = copy_text(table, columns[i].equation);
        c->stored = copy_text(table, columns[i].stored);
    }
}

/** Append a cell of this type; a text is the table's from now on, also where it fails. */
static void add_cell(ig_table *table, ig_cell_type type, ig_cell cell)
{
    if (!table->status && type == IG_CELL_TEXT && !cell.text) {
        table->status = IG_ERR_MEMORY;
    }
    /* Doubling, so that a table of many rows costs no more than its length. */
    const size_t n = table->n_cells;
    const bool full = n == 0 || (n >= 16 && (n & (n - 1)) == 0);
    if (!table->status && full && IG_GROW(table->cells, n ? 2 * n : 16, NULL)) {
        table->status = IG_ERR_MEMORY;
    }
    if (table->status) {
        if (type == IG_CELL_TEXT) {
            free(cell.text);
        }
        return;
    }
    if (table->n_columns == 0 || table->columns[n % table->n_columns].type != type) {
        ig_bug("cell %zu of table %s has another type than its column", n, table->name);
    }
    table->cells[table->n_cells++] = cell;
}

void ig_table_real(ig_table *table, double real)
{
    add_cell(table, IG_CELL_REAL, (ig_cell){.real = real});
}

void ig_table_count(ig_table *table, size_t count)
{
    add_cell(table, IG_CELL_COUNT, (ig_cell){.count = count});
}

void ig_table_integer(ig_table *table, int64_t integer)
{
    add_cell(table, IG_CELL_INTEGER, (ig_cell){.integer = integer});
}

void ig_table_text(ig_table *table, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_cell(table, IG_CELL_TEXT, (ig_cell){.text = format_text(format, arguments)});
    va_end(arguments);
}

void ig_table_reals(ig_table *table, size_t n, ...)
{
    va_list arguments;
    va_start(arguments, n);
    for (size_t i = 0; i < n; i++) {
        ig_table_real(table, va_arg(arguments, double));
    }
    va_end(arguments);
}

void ig_table_counts(ig_table *table, size_t n, ...)
{
    va_list arguments;
    va_start(arguments, n);
    for (size_t i = 0; i < n; i++) {
        ig_table_count(table, va_arg(arguments, size_t));
    }
    va_end(arguments);
}

void ig_table_note(ig_table *table, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *note = table->status ? NULL : format_text(format, arguments);
    va_end(arguments);
    if (!note || IG_GROW(table->notes, table->n_notes + 1, NULL)) {
        free(note);
        table->status = IG_ERR_MEMORY;
        return;
    }
    table->notes[table->n_notes++] = note;
}

size_t ig_table_rows(const ig_table *table)
{
    return table->n_columns ? table->n_cells / table->n_columns : 0;
}

const ig_cell *ig_table_at(const ig_table *table, size_t row, size_t column)
{
    return &table->cells[row * table->n_columns + column];
}

size_t ig_table_find(const ig_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->n_columns &&
           !(table->columns[i].name && strcmp(table->columns[i].name, name) == 0)) {
        i++;
    }
    return i;
}
