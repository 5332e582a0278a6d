/** From a plan to datasets: everything one group of a new file holds. */
#ifndef STORE_BUILD_H
#define STORE_BUILD_H

#include "store/plan.h"

/** Creation properties of a group or file (`class` H5P_GROUP_CREATE or H5P_FILE_CREATE) or dataset:
 *  no times, creation order tracked, attributes and links in the object header. Negative on
 *  failure. */
hid_t ig_build_properties(hid_t class);

/** Make every variable of the plan in `location`, with attributes and scales but without values:
 *  contiguous and in its place, whose offset the plan gets, or compressed if the plan is.
 *  `coordinates` (may be NULL) is the attribute of that name of what is written later. IG_ERR_IO,
 *  IG_ERR_MEMORY. */
ig_status ig_build(hid_t location, ig_plan *plan, const char *coordinates, ig_error *error);

#endif
