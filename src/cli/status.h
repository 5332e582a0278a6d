/** How far a run is, from the rows of its file: what `imagrid status --watch` shows. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "store/store.h"

/** Counts of tasks by state. */
typedef struct ig_counts {
    size_t done, failed, left;
} ig_counts;

/** The state of a result file: as rows are marked, checksums not verified. */
typedef struct ig_snapshot {
    size_t n_tasks;    /**< of the grid, or of the shard that the last session works on */
    ig_counts counts;  /**< of those */
    ig_counts *points; /**< by grid point; owned */
    double share;      /**< of the predicted work that is finished, 0 ... 1 */
    bool running;      /**< the last session has not recorded its end: it runs, or was killed */
    ig_session_record start; /**< the last one; all zero without any */
    double rate;             /**< tasks a second since it began; NaN where none is finished since */
    double left;  /**< seconds until all is done at the rate of the work so far; NaN unknown */
    double quiet; /**< seconds since a task finished; NaN where none has */
} ig_snapshot;

/** Read an open file at the time `now` (seconds since 1970 UTC). Clear the snapshot. */
ig_status ig_snapshot_take(ig_store *store, double now, ig_snapshot *snapshot, ig_error *error);
void ig_snapshot_clear(ig_snapshot *snapshot);

#endif
