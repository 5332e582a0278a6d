/** The whole of a new file: groups, datasets, attributes, values, room for the seal. */
#ifndef STORE_CONTENTS_H
#define STORE_CONTENTS_H

#include "store/plan.h"

/** Names of the root group's text attributes, in file order. The last, IG_STORE_ORIGIN, is there
 *  only where the experiment comes from a plugin. */
enum { IG_ROOT_TEXTS = 13 };
extern const char *const ig_root_names[IG_ROOT_TEXTS];

/** What a new file is made from. */
typedef struct ig_contents {
    const ig_experiment *experiment;
    const ig_grid *grid;
    const ig_layout *layout;
    const ig_provenance *provenance;
    ig_plan *root, *starts; /**< get the offsets */
} ig_contents;

/** Let HDF5 make the file in memory (/dev/shm), with every dataset in its place but without the
 *  values, whose bytes are holes. `*fd` is the caller's to close. The last bytes are kept for the
 *  seal.
 *
 *  HDF5 never writes to the disk itself: when it cannot write a header (disk full, quota, broken)
 *  version 1.10 can neither close the file nor end the process without a crash. */
ig_status ig_contents_headers(const ig_contents *contents, int *fd, ig_error *error);

/** Write headers and values, in the order of the file, to an empty file. IG_ERR_IO, IG_ERR_SPACE,
 *  IG_ERR_MEMORY. */
ig_status ig_contents_write(const ig_contents *contents, int headers, int fd, ig_error *error);

#endif
