/** A table of named columns on its way into summary.h5: one dimension, numbers and text. */
#ifndef IMAGRID_REPORT_TABLE_H
#define IMAGRID_REPORT_TABLE_H

#include <stdbool.h>

#include "imagrid/error.h"
#include "store/datasets.h"

enum { IG_TABLE_TEXT = 256 };

typedef struct ig_table_column {
    char name[IG_TABLE_TEXT], long_name[IG_TABLE_TEXT];
    const char *units, *equation; /**< literals; NULL: no such attribute */
    ig_stored type;               /**< IG_STORED_F64, _I64, _U64 or _CHAR */
    size_t width;                 /**< characters of a text, else 1 */
    void *values;                 /**< n_rows * width, owned by the table */
    bool axis;                    /**< a coordinate of the other columns */
} ig_table_column;

/** Start with ig_table_init. A failed allocation sticks: later calls do nothing. */
typedef struct ig_table {
    const char *dimension; /**< name of the rows' dimension; a literal */
    size_t n_rows;         /**< >= 1 */
    ig_table_column *columns;
    size_t n;
    ig_status status; /**< IG_OK or IG_ERR_MEMORY */
} ig_table;

void ig_table_init(ig_table *table, const char *dimension, size_t n_rows);
void ig_table_clear(ig_table *table);

/** Append a column and return it, values zeroed, to be named and filled; valid until the next call.
 *  NULL without memory. */
ig_table_column *ig_table_add(ig_table *table, ig_stored type, size_t width, const char *units,
                              const char *equation);

/** Append a text column as wide as the longest of its n_rows texts. */
void ig_table_add_texts(ig_table *table, const char *name, const char *long_name,
                        const char *const *texts);

/** Write the table as compressed datasets with scales of their own into an HDF5 group. IG_ERR_IO,
 * IG_ERR_SPACE, IG_ERR_MEMORY. */
ig_status ig_table_write(hid_t location, const ig_table *table, ig_error *error);

#endif
