/** What the formats share: cells as texts for people, the tables that one file has, HTML, figures.
 */
#ifndef OUTPUT_PRIVATE_H
#define OUTPUT_PRIVATE_H

#include <stdio.h>

#include "imagrid/table.h"
#include "output/files.h"
#include "results/figure.h"

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

/* Text on its way into HTML. */

/** Write text with &, <, >, " and ' escaped and control characters as spaces (line feed and tab
 *  stay); bytes that are not UTF-8 become U+FFFD. For text and for quoted attribute values. */
void ig_html_text(const char *text, FILE *stream);

/** Write bytes in base64. */
void ig_html_base64(const unsigned char *bytes, size_t n, FILE *stream);

/* Figures on their way to gnuplot, for pages that hold them; most want ig_output_draw. */

/** Write data and script of every figure into a folder in which nobody else can write, and run
 *  gnuplot there. Messages send a person to `folder->path`, where that is not NULL. IG_ERR_IO where
 *  gnuplot is missing or fails, without pictures of that figure then; its own messages go
 *  nowhere. */
ig_status ig_draw(const ig_figures *figures, const ig_folder *folder, ig_error *error);

/** Number of pictures that a figure takes, IG_FIGURE_PANELS panels to a picture. */
size_t ig_figure_pages(const ig_figure *figure);
/** NAME.svg or NAME-2.svg: file of picture `number`, from 0; `suffix` has the dot. malloc'd. */
char *ig_figure_file(const ig_figure *figure, size_t number, const char *suffix, ig_error *error);

#endif
