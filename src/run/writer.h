/** Parallel row writer: every rank writes the rows of its own tasks into the datasets that
 *  ig_store_create made, independently of the others. */
#ifndef IMAGRID_RUNNER_WRITER_H
#define IMAGRID_RUNNER_WRITER_H

#include <mpi.h>

#include "store/store.h"

/** One finished task on its way into the file. */
typedef struct ig_outcome {
    size_t task;
    int8_t state;               /**< IG_STATE_DONE or IG_STATE_FAILED */
    const unsigned char *bytes; /**< layout->row_size bytes; fill values for a failed task */
    const char *failure;        /**< reason of a failed task, else "" */
    int32_t rank;
    double start;   /**< seconds since 1970 UTC */
    double seconds; /**< wall time of the task */
} ig_outcome;

typedef struct ig_writer ig_writer;

/** Collective over `comm`: rank 0 learns from HDF5 where the rows are, every rank opens PATH and
 *  makes sure that it is the same file. No metadata is ever changed through a writer. Either all
 *  ranks return IG_OK or all return an error. */
ig_status ig_writer_open(const ig_registry *registry, const char *path, MPI_Comm comm,
                         const ig_layout *layout, ig_writer **writer, ig_error *error);
/** Not collective: take one finished row. It is written, together with others of consecutive tasks,
 *  at the latest by the next put after a tenth of a second or by ig_writer_flush. What fails is the
 *  write of any row taken so far. */
ig_status ig_writer_put(ig_writer *writer, const ig_outcome *outcome, ig_error *error);
/** Not collective: write the rows that were taken and not written yet: data first, then the CRCs,
 *  then the state bytes. */
ig_status ig_writer_flush(ig_writer *writer, ig_error *error);
/** Collective: flush and close; the writer is gone even on failure. Only when every rank is still
 * alive. */
ig_status ig_writer_close(ig_writer **writer, ig_error *error);

#endif
