/** Looking into a sealed file through HDF5: are the attributes and datasets there, and where? */
#ifndef STORE_EXAMINE_H
#define STORE_EXAMINE_H

#include "store/contents.h"

/** Read the root group's text attributes, malloc'd; what was read stays the caller's on failure
 *  too. IG_ERR_FORMAT, IG_ERR_MEMORY. */
ig_status ig_examine_texts(const char *path, char *texts[IG_ROOT_TEXTS], ig_error *error);

/** Check type, shape and storage of every dataset of the plans and note their offsets.
 *  IG_ERR_FORMAT. */
ig_status ig_examine_datasets(const char *path, ig_plan *root, ig_plan *starts, ig_error *error);

#endif
