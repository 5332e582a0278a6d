/** Work that may crash, in a process of its own. */
#ifndef H5_GUARD_H
#define H5_GUARD_H

#include "imagrid/error.h"

/** Call `work(context, error)` in a child process and return what it returned, with its message.
 *  HDF5's parser is not safe on damaged files: whatever it does to the child, it ends there, and
 *  IG_ERR_FORMAT says so. What the child changes in memory is lost. It must print nothing and
 *  change no file. IG_ERR_MEMORY where there is no process to be had. */
ig_status ig_guarded(ig_status (*work)(void *context, ig_error *error), void *context,
                     ig_error *error);

/** The work makes progress: called at least once for every 1 MB of data that it goes through. A
 *  child that does not for a second of processor time is ended, as damaged files lead HDF5 round in
 *  circles. Does nothing outside of ig_guarded. */
void ig_guard_step(void);

#endif
