/** Reading the datasets of summary.h5. */
#ifndef IMAGRID_PLAN_SUMMARY_FILE_H
#define IMAGRID_PLAN_SUMMARY_FILE_H

#include <hdf5.h>

#include "imagrid/error.h"

/** Numbers of a one-dimensional dataset, malloc'd, as doubles. `*n` 0: it may have any length and
 *  gets it; else it must have that one. IG_ERR_FORMAT, IG_ERR_MEMORY. */
ig_status ig_summary_numbers(hid_t file, const char *name, size_t *n, double **numbers,
                             ig_error *error);

/** Texts of a two-dimensional dataset of characters: one malloc'd block of *n texts, `*width` bytes
 *  apart, each zero-terminated. */
ig_status ig_summary_texts(hid_t file, const char *name, size_t *n, size_t *width, char **texts,
                           ig_error *error);

#endif
