/** The formats: each one function over tables or figures, knowing no kind of result. They are
 *  written to files that are in place when they are whole. */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "imagrid/error.h"
#include "imagrid/table.h"
#include "results/analyses.h"
#include "results/figure.h"

/** What a file says about itself: a text, or a number where that is NULL. */
typedef struct ig_fact {
    const char *name; /**< not owned */
    char *text;       /**< owned */
    int64_t number;
} ig_fact;

/** Facts in order, owned. Start with {0}. */
typedef struct ig_facts {
    ig_fact *facts;
    size_t n;
} ig_facts;

/** Append a text, which is copied; none where it is NULL. IG_ERR_MEMORY. */
ig_status ig_facts_text(ig_facts *facts, const char *name, const char *text, ig_error *error);
ig_status ig_facts_number(ig_facts *facts, const char *name, size_t number, ig_error *error);
void ig_facts_clear(ig_facts *facts);
/** Where the numbers of merged files come from: experiment, configuration, files, bootstrap. */
ig_status ig_facts_of(const ig_merged *merged, ig_facts *facts, ig_error *error);

/** The tables for people, as aligned text. A note that the next table repeats is left to that one.
 *  Detailed tables are left out. What the stream says is the caller's to ask. IG_ERR_MEMORY. */
ig_status ig_output_text(const ig_tables *tables, FILE *stream, ig_error *error);

/** DIRECTORY/FILE.csv of all tables that have a `file` (RFC 4180, full precision, header);
 *  the directory is made. */
ig_status ig_output_csv(const ig_tables *tables, const char *directory, ig_error *error);

/** DIRECTORY/NAME.tex of every table for people, a booktabs tabular, escaped; the directory is
 *  made. */
ig_status ig_output_latex(const ig_tables *tables, const char *directory, ig_error *error);

/** A table as a figure of a page: caption, table in a box of its own that scrolls, notes; escaped.
 *  IG_ERR_MEMORY. */
ig_status ig_output_html(const ig_table *table, FILE *stream, ig_error *error);

/** One HDF5 file that reads as netCDF-4: the facts as attributes of the root, each table that has a
 *  `dimension` and rows as compressed datasets with scales. A file of the name is replaced if it
 *  is a summary, too. */
ig_status ig_output_hdf5(const ig_tables *tables, const ig_facts *facts, const char *path,
                         ig_error *error);

/** One JSON object: the facts, what the columns are, and by name every table that has a `file`, as
 *  an object of arrays. NaN and infinities are null. */
ig_status ig_output_json(const ig_tables *tables, const ig_facts *facts, const char *path,
                         ig_error *error);

/** DIRECTORY/NAME.png, .svg and .pdf of every figure with the script and the data they are made of;
 *  the directory is made. IG_ERR_IO where gnuplot is missing or fails: then its pictures are not
 *  there, and script and data are. */
ig_status ig_output_draw(const ig_figures *figures, const char *directory, ig_error *error);

/** One self-contained HTML page: counts, figures as inline images, tables, what failed or is
 *  missing, provenance and configuration; no script, nothing from the network. `version` names the
 *  program that makes it. Where the figures cannot be drawn the page says why, is whole otherwise,
 *  and IG_ERR_IO is returned. */
ig_status ig_output_page(const ig_merged *merged, const char *version, const char *path,
                         ig_error *error);

/* Reading summary.h5, the tables that ig_output_hdf5 has written. */

typedef struct ig_summary_file ig_summary_file;

/** Open a summary for reading. Its checksum is checked first, because HDF5's parser is not safe on
 *  damaged files; where it is not right, because another program changed the file or it is damaged,
 *  every dataset must be read in a process of its own and hold its own checksums. IG_ERR_FORMAT
 * where the file is no summary (with the way out for a result file) or damaged, IG_ERR_IO where it
 * cannot be read. Messages name no path. */
ig_status ig_summary_open(const char *path, ig_summary_file **file, ig_error *error);
void ig_summary_close(ig_summary_file **file);

/** Whether the root has a dataset or group of this name. IG_ERR_FORMAT where it cannot be told. */
ig_status ig_summary_has(const ig_summary_file *file, const char *name, bool *there,
                         ig_error *error);
/** Whether the root has an attribute of this name. */
bool ig_summary_has_fact(const ig_summary_file *file, const char *name);

/** A text attribute of the root, malloc'd. IG_ERR_FORMAT, IG_ERR_MEMORY. */
ig_status ig_summary_fact(const ig_summary_file *file, const char *name, char **text,
                          ig_error *error);

/** Numbers of a one-dimensional dataset, malloc'd, as doubles. `*n` 0: it may have any length and
 *  gets it; else it must have that one. IG_ERR_FORMAT, IG_ERR_MEMORY. */
ig_status ig_summary_numbers(const ig_summary_file *file, const char *name, size_t *n,
                             double **numbers, ig_error *error);

/** Texts of a two-dimensional dataset of characters: one malloc'd block of *n texts, `*width` bytes
 *  apart, each zero-terminated. `*n` as above. */
ig_status ig_summary_texts(const ig_summary_file *file, const char *name, size_t *n, size_t *width,
                           char **texts, ig_error *error);

/* JSON on its way out. */

/** Write JSON and a line feed in ASCII without control characters, whatever texts it holds, with
 *  every digit of its numbers; `flags` are further ones of jansson, such as JSON_INDENT. Whether
 * the stream took it is the caller's to ask. IG_ERR_MEMORY, also for NULL. */
ig_status ig_json_write(const json_t *json, size_t flags, FILE *stream, ig_error *error);

#endif
