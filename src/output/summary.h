/** Reading summary.h5, the tables that ig_output_hdf5 has written. */
#ifndef OUTPUT_SUMMARY_H
#define OUTPUT_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "imagrid/error.h"

/** What the root attribute `kind` of a summary says. */
#define IG_SUMMARY_KIND "imagrid summary"

typedef struct ig_summary_file ig_summary_file;

/** Open a summary for reading; its checksum is checked first, because HDF5's parser is not safe on
 *  damaged files. IG_ERR_FORMAT where the file is no summary (with the way out for a result file)
 *  or damaged, IG_ERR_IO where it cannot be read. Messages name no path. */
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

#endif
