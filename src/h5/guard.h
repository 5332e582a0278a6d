/** Work that may crash, in a process of its own. */
#ifndef H5_GUARD_H
#define H5_GUARD_H

#include <stddef.h>

#include "imagrid/error.h"

/** Call `work(context, error)` in a child process and return what it returned, with its message.
 *  HDF5's parser is not safe on damaged files: whatever it does to the child, it ends there, and
 *  IG_ERR_FORMAT says so. What the child changes in memory is lost. It must print nothing and
 *  change no file. IG_ERR_MEMORY where there is no process to be had. */
ig_status ig_guarded(ig_status (*work)(void *context, ig_error *error), void *context,
                     ig_error *error);

/** The work makes progress, and goes through so many bytes next: called at least once for every 1
 * MB of data where that is 0. A child that takes more than a second of processor time, and another
 * for every 10 MB, is ended, as damaged files lead HDF5 round in circles. Does nothing outside of
 *  these functions. */
void ig_guard_step(size_t bytes);

/** Work that hands over what it reads, piece by piece. */
typedef struct ig_guarded_pieces {
    size_t n, size; /**< pieces, and bytes of the longest */
    /** In the child: fill the memory with piece i. */
    ig_status (*fill)(void *context, size_t i, void *memory, ig_error *error);
    /** In this process: use it. */
    void (*take)(void *context, size_t i, const void *memory);
    void *context;
} ig_guarded_pieces;

/** As ig_guarded, with one child for all pieces; what it does to `context` is lost but for the
 *  pieces. Stops at the first error. */
ig_status ig_guarded_read(const ig_guarded_pieces *pieces, ig_error *error);

#endif
