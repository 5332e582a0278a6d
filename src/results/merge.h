/** From result files to tables and figures (imagrid merge): the rows, and one analysis after the
 *  other over them. */
#ifndef RESULTS_MERGE_H
#define RESULTS_MERGE_H

#include <stdio.h>

#include "imagrid/table.h"
#include "results/figure.h"
#include "results/rows.h"

/** What is asked of the analyses. */
typedef struct ig_merge_request {
    ig_bootstrap how;    /**< of every bootstrap */
    const char *compare; /**< "KEY=VALUE": differences, seed by seed, of every grid point from the
                              one that has this value of an axis key and equals it in all other
                              axes; NULL: none */
} ig_merge_request;

/** Everything that is made of the rows. Start with {0}. */
typedef struct ig_merged {
    ig_rows rows;
    ig_tables tables; /**< in the order in which people should read them */
    ig_figures figures;
    ig_tables incomplete; /**< "missing": incomplete grid points; "failures": failed rows with
                               their reasons. Without rows where there are none */
    ig_tables sessions;   /**< "sessions": those noted in the files */
    char *baseline;       /**< "KEY=VALUE" of the comparison; NULL: none */
} ig_merged;

/** Read and combine the files (ig_rows_read) and analyse them. IG_ERR_USAGE for a comparison with a
 *  value that is not on the grid. */
ig_status ig_merge(const ig_registry *registry, const char *const *paths, size_t n_paths,
                   const ig_merge_request *request, ig_merged *merged, ig_error *error);
void ig_merged_clear(ig_merged *merged);

/** The lines before the tables on a terminal: what was read. */
void ig_merged_print_counts(const ig_merged *merged, FILE *stream);
/** The lines after them: time, and what is missing, damaged and failed. */
void ig_merged_print_state(const ig_merged *merged, FILE *stream);

/* Analyses: each appends its tables for people and files, and its figures. */

/** Power laws: tables "fits" and "amplitudes", and in files all their numbers; the log-log figure.
 */
ig_status ig_laws_analyse(const ig_rows *rows, const ig_fits *fits, ig_tables *tables,
                          ig_figures *figures, ig_error *error);

/** "95 % intervals: bootstrap percentiles, 10000 resamples of WHAT." */
void ig_note_intervals(ig_table *table, const ig_bootstrap *how, const char *what);

#endif
