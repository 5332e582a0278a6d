/** From a plan to datasets: everything one group of a new file holds. */
#ifndef STORE_BUILD_H
#define STORE_BUILD_H

#include "store/plan.h"

/** Creation properties of a group or file (`class` H5P_GROUP_CREATE or H5P_FILE_CREATE) or dataset:
 *  no times, creation order tracked, attributes and links in the object header. Negative on
 *  failure. */
hid_t ig_build_properties(hid_t class);

/** Make every variable of the plan in `location`: contiguous, allocated and filled unless the plan
 *  is compressed, with attributes and scales. Sets the offsets in the plan. `coordinates` (may be
 * NULL) is the attribute of that name of what is written later. IG_ERR_IO, IG_ERR_SPACE,
 * IG_ERR_MEMORY. */
ig_status ig_build(hid_t location, ig_plan *plan, const char *coordinates, ig_error *error);

/** Write the values that are known from the start. `grid` may be NULL for a plan without
 *  IG_ROLE_AXIS and IG_ROLE_SEED. Errors as above. */
ig_status ig_build_values(hid_t location, const ig_plan *plan, const ig_grid *grid,
                          ig_error *error);

#endif
