/** The rows of several result files of one configuration, each task taken once. */
#ifndef IMAGRID_ANALYSIS_ROWS_H
#define IMAGRID_ANALYSIS_ROWS_H

#include "store/store.h"

/** Combined rows; owned arrays of n_tasks unless noted. */
typedef struct ig_rows {
    size_t n_tasks;
    const char *const *columns; /**< the result columns read, NULL-terminated; not owned */
    size_t n_columns;
    int8_t *state;                 /**< IG_STATE_*, damaged rows empty */
    uint32_t *crc;                 /**< of done and failed rows */
    uint32_t *source;              /**< index of the file a done or failed row was taken from */
    double *seconds;               /**< wall time of the task */
    double *values;                /**< [column * n_tasks + task] */
    size_t damaged;                /**< damaged rows met, in all files */
    size_t starts;                 /**< starts of runs noted in all files */
    int32_t ranks_low, ranks_high; /**< over those starts */
} ig_rows;

/** `columns` must outlive the rows. IG_ERR_MEMORY. */
ig_status ig_rows_init(ig_rows *rows, size_t n_tasks, const char *const *columns, ig_error *error);
void ig_rows_clear(ig_rows *rows);

/** Take what file number `source` adds: done tasks, and failed ones that no file has done. A task
 *  done twice with different checksums is IG_ERR_MISMATCH; `earlier` names the files before. */
ig_status ig_rows_add(ig_rows *rows, ig_store *store, uint32_t source, const char *const *earlier,
                      ig_error *error);

#endif
