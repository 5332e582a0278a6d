/** Rows as an experiment's own analysis sees them (ig_own_table). */
#ifndef IMAGRID_RESULTS_H
#define IMAGRID_RESULTS_H

#include "imagrid/experiment.h"

size_t ig_rows_n_points(const ig_rows *rows);
size_t ig_rows_n_seeds(const ig_rows *rows);
/** A grid point, 0 ... n_points - 1, for ig_point_integer and its like (imagrid/grid.h). */
ig_point ig_rows_point(const ig_rows *rows, size_t point);
/** Whether a task, [point * n_seeds + seed], is finished. */
bool ig_rows_done(const ig_rows *rows, size_t task);
/** Values of a summarised column, [point * n_seeds + seed]; those of tasks that are not finished
 *  mean nothing. NULL where the column is not summarised. Owned by the rows. */
const double *ig_rows_values(const ig_rows *rows, const char *column);

#endif
