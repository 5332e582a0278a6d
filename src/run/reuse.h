/** Finished rows of older files taken over into a new one: a grid that grows. */
#ifndef RUN_REUSE_H
#define RUN_REUSE_H

#include "store/store.h"

/** Copy into the file `path` every done row of `old` whose task stands in `grid` too and is not
 *  done there yet. One rank, while no other uses the file. IG_ERR_MISMATCH where the identities do
 *  not allow it. `state` (n_tasks of the grid) is updated, `*taken` counts. */
ig_status ig_reuse_rows(const ig_registry *registry, ig_store *old, const char *path,
                        const ig_grid *grid, const ig_layout *layout, int8_t *state, size_t *taken,
                        ig_error *error);

#endif
