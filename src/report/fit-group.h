/** Which grid points belong to one fit: those that share every axis but the fit's own. */
#ifndef IMAGRID_REPORT_FIT_GROUP_H
#define IMAGRID_REPORT_FIT_GROUP_H

#include <stdbool.h>

#include "imagrid/grid.h"

/** Whether a key is the fit's axis or moves with it in a zip group. */
bool ig_fit_advances_with(const ig_config *config, size_t key, size_t axis);

/** The other axes that vary, at a grid point: "policy=uniform teacher=per_seed"; may be empty, cut
 *  to `size`. Points of one fit have equal labels. */
void ig_fit_group_label(const ig_grid *grid, size_t axis, size_t point, char *text, size_t size);

#endif
