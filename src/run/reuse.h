/** Finished rows of older files taken over into a new one: a grid that grows. */
#ifndef IMAGRID_RUNNER_REUSE_H
#define IMAGRID_RUNNER_REUSE_H

#include "store/store.h"

/** Open OLD.h5 for ig_reuse_rows. IG_ERR_MISMATCH unless its experiment, the version of that
 *  experiment's plugin and its instruction set are these; otherwise as ig_store_open. `*changed` as
 *  of ig_origin_match. */
ig_status ig_reuse_open(const ig_registry *registry, const char *path,
                        const ig_experiment *experiment, ig_isa isa, ig_store **old, bool *changed,
                        ig_error *error);

/** Copy into the file `path` every done row of `old` whose task stands in `grid` too and is not
 * done there yet. A task is the same where the seed, every key that can change a result and
 *  common_random_numbers agree; its number may differ. Times and ranks come along. Serial: called
 *  by one rank while no other uses the file. `state` (n_tasks of the grid) is updated, `*taken`
 *  counts. */
ig_status ig_reuse_rows(const ig_registry *registry, ig_store *old, const char *path,
                        const ig_grid *grid, const ig_layout *layout, int8_t *state, size_t *taken,
                        ig_error *error);

#endif
