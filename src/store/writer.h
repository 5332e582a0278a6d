/** The row writer: every process writes the rows of its own tasks into the datasets that
 *  ig_store_create made, independently of the others. Nothing here is collective; whoever has
 *  several processes sends them the places. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

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

/** Where the rows of a file lie and how to know it again: so many 64-bit words, the same on all
 *  processes of one architecture. */
size_t ig_places_words(const ig_layout *layout);
/** Learn the places of the file at PATH with the help of HDF5; one process for all. `rows` is whose
 *  rows will be written: there is no other way into a file, so that rows which may not stand
 *  together never do. IG_ERR_MISMATCH as of ig_identity_match, IG_ERR_FORMAT for other columns,
 * else as ig_store_open. */
ig_status ig_places_find(const ig_registry *registry, const char *path, const ig_layout *layout,
                         const ig_identity *rows, ig_identity_use use, uint64_t *places,
                         ig_error *error);

typedef struct ig_writer ig_writer;

/** Open PATH for writing and make sure that it is the file that the places come from. No metadata
 *  is ever changed through a writer. The layout must outlive it. IG_ERR_IO, IG_ERR_MEMORY. */
ig_status ig_writer_open(const char *path, const ig_layout *layout, const uint64_t *places,
                         ig_writer **writer, ig_error *error);
/** Take one finished row. It is written, together with others of consecutive tasks, at the latest
 *  by the next put after a tenth of a second or by ig_writer_flush. What fails is the write of any
 *  row taken so far. */
ig_status ig_writer_put(ig_writer *writer, const ig_outcome *outcome, ig_error *error);
/** Write the rows that were taken and not written yet: data first, then the CRCs, then the state
 *  bytes. */
ig_status ig_writer_flush(ig_writer *writer, ig_error *error);
/** Flush, make durable and close; the writer is gone even on failure. NULL is fine. */
ig_status ig_writer_close(ig_writer **writer, ig_error *error);

#endif
