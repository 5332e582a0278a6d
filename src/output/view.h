/** What the formats take of tables: cells as texts for people, and the tables that one file has. */
#ifndef OUTPUT_VIEW_H
#define OUTPUT_VIEW_H

#include "imagrid/table.h"

/** A table as people see it: the columns that have a heading, every cell as a text. */
typedef struct ig_shown {
    const ig_table *table; /**< title, notes, name */
    size_t n_columns, n_rows;
    const char **headings; /**< the table's */
    bool *right;           /**< columns of numbers, aligned to the right */
    char **cells;          /**< row after row */
} ig_shown;

/** IG_ERR_MEMORY. */
ig_status ig_shown_make(const ig_table *table, ig_shown *shown, ig_error *error);
void ig_shown_clear(ig_shown *shown);

/** Tables that are written as one, row below row: those of the same `file` or `dimension`. */
typedef struct ig_group {
    const ig_table **tables; /**< n of them, with the same named columns; the array is owned */
    size_t n, n_rows;        /**< rows of all */
} ig_group;

typedef enum ig_grouping { IG_BY_FILE, IG_BY_DIMENSION } ig_grouping;

/** The group whose first table is number `first`; n is 0 where that belongs to none or is not its
 *  first. IG_ERR_MEMORY. */
ig_status ig_group_make(const ig_tables *tables, size_t first, ig_grouping by, ig_group *group,
                        ig_error *error);
/** Index in the group's table number i of what is column c of its first; a bug where it has none.
 */
size_t ig_group_column(const ig_group *group, size_t i, size_t c);
void ig_group_clear(ig_group *group);

#endif
