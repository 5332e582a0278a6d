/** Edits of a real summary through HDF5, so that its own bytes stay right while everything that a
 *  summary should hold may be another. */
#ifndef FUZZ_SUMMARY_EDIT_H
#define FUZZ_SUMMARY_EDIT_H

#include <stdbool.h>

#include "edits.h"

/** Edit the summary at `path`, which has no footer yet, as a list of edits says; then append one.
 * Returns false where HDF5 refuses one of them. */
bool summary_edit(const char *path, const uint8_t *data, size_t size);

#endif
