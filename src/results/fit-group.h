/** Which grid points belong to one fit: those that share every axis but the fit's own. */
#ifndef IMAGRID_ANALYSIS_FIT_GROUP_H
#define IMAGRID_ANALYSIS_FIT_GROUP_H

#include <stdbool.h>

#include "imagrid/grid.h"

/** Whether a key is the axis or is in its zip group (which `parts` make, too). */
bool ig_fit_advances_with(const ig_config *config, size_t key, size_t axis);

/** Which keys tell fits apart (one truth per key of the schema): those with several values, except
 *  the fit's axis and keys that a zip group ties to it, so that each of its values goes with one of
 *  theirs. Where one axis value goes with several (as `parts` can have it), points differ by more
 *  than the axis. */
ig_status ig_fit_keys_apart(const ig_config *config, size_t axis, bool *apart, ig_error *error);

/** The values of the keys that are told apart, at a grid point: "policy=uniform teacher=per_seed";
 *  may be empty, cut to `size`. Points of one fit have equal labels. */
void ig_fit_group_label(const ig_grid *grid, const bool *apart, size_t point, char *text,
                        size_t size);

#endif
