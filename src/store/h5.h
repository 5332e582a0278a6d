/** HDF5 with our errors: messages muted, failures turned into a status, attributes. */
#ifndef STORE_H5_H
#define STORE_H5_H

#include <hdf5.h>
#include <stdbool.h>

#include "imagrid/error.h"

/** Before any other call of HDF5 or MPI: let HDF5 do nothing at the end of the program, or of MPI.
 *  We close what we open, and it would crash there if the system has refused to close a file.
 *  False where HDF5 cannot be had. */
bool ig_h5_start(void);

/** How HDF5 reported errors before; the application's own setting comes back at the end. */
typedef struct ig_h5_report {
    H5E_auto2_t function;
    void *data;
} ig_h5_report;

/** Stop HDF5 from printing its error stack, until ig_h5_restore. */
ig_h5_report ig_h5_mute(void);
void ig_h5_restore(ig_h5_report report);

/** Turn the call that has just failed into a message "what: cause" and a status: that of the errno
 *  in HDF5's error stack, else `otherwise`. To be called before any other HDF5 call. */
ig_status ig_h5_error(ig_error *error, ig_status otherwise, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Access properties every open of a result file shares: driver chosen by the caller, no HDF5 file
 *  locks, earliest format, and no blocks shared by small allocations. From then on HDF5 loads no
 *  filters from elsewhere. Negative on failure. */
hid_t ig_h5_access(void);

/** Scalar variable-length UTF-8; NULL is "". */
ig_status ig_h5_set_text(hid_t object, const char *name, const char *text, ig_error *error);
/** n numbers of `type` as a one-dimensional attribute. */
ig_status ig_h5_set_numbers(hid_t object, const char *name, hid_t type, size_t n,
                            const void *numbers, ig_error *error);
/** Read what ig_h5_set_text wrote into malloc'd `*text`. IG_ERR_FORMAT where there is no such
 *  attribute; IG_ERR_MEMORY. */
ig_status ig_h5_get_text(hid_t object, const char *name, char **text, ig_error *error);

/** A dataset of the file itself; -1 for one that is a link into another file or has its numbers
 *  there: a file that somebody hands us chooses no others that we read. */
hid_t ig_h5_open_dataset(hid_t location, const char *name);

#endif
