/** Where each column lies in a row; one task's row: filling, checking, checksum. */
#include "imagrid/row.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/process.h"
#include "base/text.h"
#include "base/try.h"

size_t ig_type_size(ig_type type)
{
    switch (type) {
    case IG_F32:
    case IG_I32:
        return 4;
    case IG_F64:
    case IG_I64:
        return 8;
    case IG_TEXT:
        return 1;
    }
    ig_bug("type %d of a column is not in the list", (int)type);
}

size_t ig_layout_column(const ig_layout *layout, const char *name)
{
    for (size_t c = 0; c < layout->n_columns; c++) {
        if (strcmp(layout->columns[c].name, name) == 0) {
            return c;
        }
    }
    ig_bug("no column is named %s", name);
}

/** Numbers per row of a column. */
static size_t column_count(const ig_layout *layout, const ig_column *column)
{
    if (!column->dimension) {
        return column->type == IG_TEXT ? column->width : 1;
    }
    for (size_t d = 0; d < layout->n_dimensions; d++) {
        if (strcmp(layout->dimensions[d].name, column->dimension) == 0) {
            return layout->lengths[d];
        }
    }
    ig_bug("column %s has dimension %s, which is not in the list", column->name, column->dimension);
}

static ig_status place_columns(ig_layout *layout, ig_error *error)
{
    for (size_t c = 0; c < layout->n_columns; c++) {
        const ig_column *column = &layout->columns[c];
        size_t count = column_count(layout, column), size = ig_type_size(column->type);
        /* Rows are held in memory, and their checksums and file offsets use 63-bit sums. */
        if (count > (SIZE_MAX / 4 - layout->row_size) / size) {
            return ig_error_set(error, IG_ERR_MEMORY, "column %s is too long: %zu numbers per task",
                                column->name, count);
        }
        layout->counts[c] = count;
        layout->offsets[c] = layout->row_size;
        layout->row_size += (count * size + 7) / 8 * 8;
    }
    return IG_OK;
}

ig_status ig_layout_create(const ig_column *columns, size_t n_columns,
                           const ig_dimension *dimensions, size_t n_dimensions,
                           const ig_config *config, ig_layout **layout, ig_error *error)
{
    AUTO(ig_layout_destroy) ig_layout *l = NULL;
    TRY(IG_ALLOC(l, 1, error));
    TRY(IG_ALLOC(l->lengths, n_dimensions, error));
    TRY(IG_ALLOC(l->offsets, n_columns, error));
    TRY(IG_ALLOC(l->counts, n_columns, error));
    l->columns = columns;
    l->n_columns = n_columns;
    l->dimensions = dimensions;
    l->n_dimensions = n_dimensions;
    for (size_t d = 0; d < n_dimensions; d++) {
        l->lengths[d] = ig_dimension_length(&dimensions[d], config);
        if (l->lengths[d] == 0) {
            ig_bug("dimension %s has length 0", dimensions[d].name);
        }
    }
    TRY(place_columns(l, error));
    *layout = ig_take(&l);
    return IG_OK;
}

void ig_layout_destroy(ig_layout **layout)
{
    if (layout && *layout) {
        free((*layout)->counts);
        free((*layout)->offsets);
        free((*layout)->lengths);
        free(*layout);
        *layout = NULL;
    }
}

static unsigned char *column_bytes(const ig_row *row, size_t c)
{
    return row->bytes + row->layout->offsets[c];
}

static void write_number(ig_type type, double value, unsigned char *to)
{
    switch (type) {
    case IG_F32: {
        float number = (float)value;
        memcpy(to, &number, sizeof number);
        break;
    }
    case IG_F64:
        memcpy(to, &value, sizeof value);
        break;
    case IG_I32: {
        /* What does not fit stays unset, which ig_row_check finds. */
        bool fits = value > INT32_MIN && value <= INT32_MAX;
        int32_t number = fits ? (int32_t)value : INT32_MIN;
        memcpy(to, &number, sizeof number);
        break;
    }
    case IG_I64: {
        bool fits = value > -0x1p63 && value < 0x1p63;
        int64_t number = fits ? (int64_t)value : INT64_MIN;
        memcpy(to, &number, sizeof number);
        break;
    }
    case IG_TEXT:
        *to = 0;
        break;
    }
}

/** A number of any type as a double; NaN for an unset integer. */
static double read_number(ig_type type, const unsigned char *from)
{
    switch (type) {
    case IG_F32: {
        float number;
        memcpy(&number, from, sizeof number);
        return (double)number;
    }
    case IG_F64: {
        double number;
        memcpy(&number, from, sizeof number);
        return number;
    }
    case IG_I32: {
        int32_t number;
        memcpy(&number, from, sizeof number);
        return number == INT32_MIN ? (double)NAN : number;
    }
    case IG_I64: {
        int64_t number;
        memcpy(&number, from, sizeof number);
        return number == INT64_MIN ? (double)NAN : (double)number;
    }
    case IG_TEXT:
        return 0;
    }
    return (double)NAN;
}

void ig_row_clear_numbers(const ig_row *row)
{
    const ig_layout *layout = row->layout;
    for (size_t c = 0; c < layout->n_columns; c++) {
        ig_type type = layout->columns[c].type;
        for (size_t i = 0; type != IG_TEXT && i < layout->counts[c]; i++) {
            write_number(type, (double)NAN, column_bytes(row, c) + i * ig_type_size(type));
        }
    }
}

void ig_row_clear(const ig_row *row)
{
    memset(row->bytes, 0, row->layout->row_size);
    ig_row_clear_numbers(row);
}

void ig_row_set_text(const ig_row *row, const char *column, const char *text)
{
    const size_t c = ig_layout_column(row->layout, column), width = row->layout->counts[c];
    unsigned char *to = column_bytes(row, c);
    if (row->layout->columns[c].type != IG_TEXT) {
        ig_bug("column %s is not of text", column);
    }
    memset(to, 0, width);
    for (size_t left = strlen(text), take; left > 0; left -= take, text += take) {
        const size_t n = ig_text_character(text);
        take = n ? n : 1;
        if (left <= width) {
            memcpy(to, n ? text : "?", take);
            to += take;
        }
    }
}

void ig_row_set(const ig_row *row, const char *column, double value)
{
    size_t c = ig_layout_column(row->layout, column);
    if (row->layout->columns[c].dimension) {
        ig_bug("column %s is an array and cannot be set as one number", column);
    }
    write_number(row->layout->columns[c].type, value, column_bytes(row, c));
}

float *ig_row_f32(const ig_row *row, const char *column)
{
    size_t c = ig_layout_column(row->layout, column);
    if (row->layout->columns[c].type != IG_F32) {
        ig_bug("column %s is not float32", column);
    }
    void *bytes = column_bytes(row, c);
    return bytes;
}

static ig_status check_column(const ig_row *row, size_t c, ig_error *error)
{
    const ig_column *column = &row->layout->columns[c];
    size_t count = row->layout->counts[c], size = ig_type_size(column->type);
    bool begun = false, ended = false;
    for (size_t i = 0; i < count; i++) {
        double number = read_number(column->type, column_bytes(row, c) + i * size);
        /* A ragged row has at least one number and no hole. */
        if (column->ragged && isnan(number) && (begun || i + 1 < count)) {
            ended = begun;
        } else if (!isfinite(number) || ended) {
            const char *what =
                isnan(number) ? "not a number: the computation diverged (a smaller learning rate "
                                "may help), or it was never set"
                : isfinite(number)
                    ? "a number after the end of the task's values"
                    : "infinite: the computation diverged (a smaller learning rate may help)";
            return column->dimension
                       ? ig_error_set(error, IG_ERR_NUMERIC, "column %s, value %zu of %zu, is %s",
                                      column->name, i + 1, count, what)
                       : ig_error_set(error, IG_ERR_NUMERIC, "column %s is %s", column->name, what);
        } else {
            begun = true;
        }
    }
    return IG_OK;
}

ig_status ig_row_check(const ig_row *row, ig_error *error)
{
    for (size_t c = 0; c < row->layout->n_columns; c++) {
        if (row->layout->columns[c].type != IG_TEXT) {
            TRY(check_column(row, c, error));
        }
    }
    return IG_OK;
}

uint32_t ig_row_crc(const ig_layout *layout, uint64_t task, const unsigned char *bytes,
                    int8_t state, const char failure[IG_ROW_ERROR])
{
    unsigned char number[8];
    for (size_t i = 0; i < sizeof number; i++) {
        number[i] = (unsigned char)(task >> (8 * i) & 0xff);
    }
    uint32_t crc = ig_crc32c(0, number, sizeof number);
    crc = ig_crc32c(crc, bytes, layout->row_size);
    crc = ig_crc32c(crc, &state, sizeof state);
    return ig_crc32c(crc, failure, IG_ROW_ERROR);
}
