/** What is known of every grid point: statistics of the summarised columns, and paired differences
 *  from other grid points. */
#ifndef RESULTS_POINTS_H
#define RESULTS_POINTS_H

#include "imagrid/table.h"
#include "results/rows.h"

/** Differences of grid points, seed by seed, from those that have one value of a key and equal them
 *  in all other keys that vary. Owned. Start with {0}. */
typedef struct ig_differences {
    char name[IG_LABEL];       /**< "KEY=VALUE" */
    size_t *baseline;          /**< grid point; SIZE_MAX: the grid has none, as for the baselines */
    size_t *lost;              /**< of a grid point, seeds that are not finished in both */
    size_t *above;             /**< differences > 0, [column * n_points + point] */
    ig_statistics *statistics; /**< of the differences, likewise */
} ig_differences;

/** Compare with the grid points of "KEY=VALUE". IG_ERR_USAGE, naming the option --compare, for what
 *  is not on the grid and where no grid point has a baseline. */
ig_status ig_differences_compute(const ig_rows *rows, const char *baseline,
                                 ig_differences *differences, ig_error *error);
void ig_differences_clear(ig_differences *differences);

/** Append a text cell that names a grid point by the axes that vary. */
void ig_put_point(const ig_rows *rows, size_t point, ig_table *table);

/** Tables "statistics-COLUMN", for files as well; `detail`: not for the terminal. */
void ig_statistics_tables(const ig_rows *rows, bool detail, ig_tables *tables);
/** Tables "differences-COLUMN", for files as well. */
void ig_differences_tables(const ig_rows *rows, const ig_differences *differences,
                           ig_tables *tables);
/** The hidden table "points" of summary.h5: a row for each grid point with its states and the
 *  statistics of all columns; `differences` may be NULL. */
void ig_points_table(const ig_rows *rows, const ig_differences *differences, ig_tables *tables);

#endif
