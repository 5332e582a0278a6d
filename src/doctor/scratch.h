/** A folder of the doctor's own inside the directory it looks at, gone whatever happens. */
#ifndef IMAGRID_DOCTOR_SCRATCH_H
#define IMAGRID_DOCTOR_SCRATCH_H

#include "imagrid/error.h"

enum { IG_SCRATCH_FOLDER = 4096, IG_SCRATCH_NAME = 4096 + 32 };

typedef struct ig_scratch {
    char folder[IG_SCRATCH_FOLDER]; /**< "DIR/.imagrid-doctor-RANDOM", or empty */
} ig_scratch;

/** Make the folder in `directory`. From now on SIGINT, SIGTERM, SIGHUP and an alarm remove it and
 *  end the process; one scratch at a time. IG_ERR_IO, IG_ERR_SPACE, IG_ERR_USAGE (path too long).
 */
ig_status ig_scratch_create(const char *directory, ig_scratch *scratch, ig_error *error);

/** Remove the folder and everything in it. IG_ERR_IO where something stays. */
ig_status ig_scratch_remove(ig_scratch *scratch, ig_error *error);

/** Path of a file in the folder for this process, which leads into the folder that was made,
 * whatever has its name by now; returns `path`. Names are at most 24 characters. */
const char *ig_scratch_file(const ig_scratch *scratch, const char *name,
                            char path[IG_SCRATCH_NAME]);

/** The same for all ranks alike, by the folder's name. */
const char *ig_scratch_shared(const ig_scratch *scratch, const char *name,
                              char path[IG_SCRATCH_NAME]);

/** In `seconds` without another call the process says that it hangs while `doing` this (a literal),
 *  then `advice` (a literal too), removes its folder and ends with `code`. 0 seconds: never. */
void ig_scratch_watch(unsigned seconds, const char *doing, const char *advice, int code);

#endif
