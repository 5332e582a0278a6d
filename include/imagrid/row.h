/** Columns of an experiment and one task's row of them.
 *
 *  A row is one packed block of bytes: the columns one after the other in table order, each at an
 *  offset aligned to 8 bytes, padding zero, numbers in native (little-endian) order. */
#ifndef IMAGRID_ROW_H
#define IMAGRID_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "imagrid/config.h"
#include "imagrid/error.h"

typedef enum ig_type {
    IG_F32,
    IG_F64,
    IG_I32,
    IG_I64,
    IG_TEXT /**< `width` bytes of UTF-8, zero-padded; the only columns that a failed row keeps */
} ig_type;

/** A dimension beside `task`, e.g. epoch = 1 ... n. */
typedef struct ig_dimension {
    const char *name;
    size_t (*length)(const ig_config *config); /**< >= 1; NULL: `fixed` */
    double first;                              /**< coordinate values first, first + 1, ... */
    const char *units, *long_name;
    size_t fixed; /**< >= 1; where `length` is NULL */
} ig_dimension;

/** A result column; shape (task) or (task, dimension). All strings are literals. */
typedef struct ig_column {
    const char *name;
    ig_type type;
    const char *dimension; /**< name of an ig_dimension, or NULL for one number a task */
    const char *units, *long_name;
    const char *equation; /**< equation or section of the protocol it implements */
    bool ragged;          /**< NaN is allowed behind the task's numbers (a task shorter than the
                               dimension) and before them, but not between them */
    size_t width;         /**< IG_TEXT: bytes */
} ig_column;

static inline size_t ig_dimension_length(const ig_dimension *dimension, const ig_config *config)
{
    return dimension->length ? dimension->length(config) : dimension->fixed;
}

/** Where each column lies in a row. Plain data once built; read-only for everybody else. */
typedef struct ig_layout {
    const ig_column *columns;
    size_t n_columns;
    const ig_dimension *dimensions;
    size_t n_dimensions;
    size_t *lengths; /**< n_dimensions: resolved lengths */
    size_t *offsets; /**< n_columns: bytes from the start of the row */
    size_t *counts;  /**< n_columns: numbers per row */
    size_t row_size; /**< bytes, a multiple of 8 */
} ig_layout;

ig_status ig_layout_create(const ig_column *columns, size_t n_columns,
                           const ig_dimension *dimensions, size_t n_dimensions,
                           const ig_config *config, ig_layout **layout, ig_error *error);
void ig_layout_destroy(ig_layout **layout);
size_t ig_type_size(ig_type type);
/** Index of a column; a name that is not there is a bug and aborts. */
size_t ig_layout_column(const ig_layout *layout, const char *name);

/** One task's results in the making. `bytes` holds layout->row_size bytes, owned by whoever made
 *  it. */
typedef struct ig_row {
    const ig_layout *layout;
    unsigned char *bytes;
} ig_row;

/** All numbers NaN (or the smallest integer): the fill values of the file; padding zero. */
void ig_row_clear(const ig_row *row);
/** The same, but texts stay: what a failed row keeps. */
void ig_row_clear_numbers(const ig_row *row);
/** Set a scalar column; float32 and integer columns convert. */
void ig_row_set(const ig_row *row, const char *column, double value);
/** Set a column of text: as valid UTF-8, '?' for each byte that belongs to no character, and of
 * what does not fit the end, from the beginning of a character. */
void ig_row_set_text(const ig_row *row, const char *column, const char *text);
/** The array of a float32 column, layout->counts[column] long, to be filled in place. */
float *ig_row_f32(const ig_row *row, const char *column);
/** IG_ERR_NUMERIC naming the first column of numbers that holds a non-finite number or an unset
 * integer where none is allowed. */
ig_status ig_row_check(const ig_row *row, ig_error *error);

enum { IG_ROW_ERROR = 256 }; /**< bytes of a failed row's reason in the file, zero-padded */

/** CRC-32C of the task's number (8 bytes, little-endian), the row's bytes, the state byte and the
 *  IG_ROW_ERROR bytes of the reason. `failure` is zero-padded to IG_ROW_ERROR bytes. */
uint32_t ig_row_crc(const ig_layout *layout, uint64_t task, const unsigned char *bytes,
                    int8_t state, const char failure[IG_ROW_ERROR]);

#endif
