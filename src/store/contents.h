/** The whole of a new file: groups, datasets, attributes, room for the seal. */
#ifndef STORE_CONTENTS_H
#define STORE_CONTENTS_H

#include "store/plan.h"

/** Names of the root group's text attributes, in file order. */
enum { IG_ROOT_TEXTS = 12 };
extern const char *const ig_root_names[IG_ROOT_TEXTS];

/** What a new file is made from. */
typedef struct ig_contents {
    const ig_experiment *experiment;
    const ig_grid *grid;
    const ig_layout *layout;
    const ig_provenance *provenance;
    ig_plan *root, *starts; /**< get the offsets */
} ig_contents;

/** Make the file, which must not exist, with everything but the seal's words: its last bytes are
 *  kept for them. On failure no file is left. IG_ERR_IO, IG_ERR_SPACE, IG_ERR_MEMORY. */
ig_status ig_contents_write(const char *path, const ig_contents *contents, ig_error *error);

#endif
