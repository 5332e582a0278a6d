/** HDF5 with our errors: messages muted, failures turned into a status, attributes, datasets. */
#ifndef H5_H5_H
#define H5_H5_H

#include <hdf5.h>
#include <stdint.h>

#include "base/try.h"

/** How HDF5 reported errors before; the application's own setting comes back at the end. */
typedef struct ig_h5_report {
    H5E_auto2_t function;
    void *data;
} ig_h5_report;

/** Stop HDF5 from printing its error stack, until ig_h5_restore. */
ig_h5_report ig_h5_mute(void);
void ig_h5_restore(ig_h5_report report);
/** The two for one scope. */
#define IG_H5_MUTED                                                                                \
    AUTO(ig_h5_restore_scope) __attribute__((unused)) ig_h5_report muted = ig_h5_mute()
static inline void ig_h5_restore_scope(ig_h5_report *report)
{
    ig_h5_restore(*report);
}

/** A handle that is closed where its scope ends; it starts as -1 or what a call returned. */
#define AUTO_HID AUTO(ig_h5_close) hid_t
/** Close any kind of handle, which becomes -1; negative where HDF5 could not. */
int ig_h5_close(hid_t *handle);
/** Close what was written to: IG_ERR_IO where HDF5 could not. */
ig_status ig_h5_closed(hid_t *handle, const char *what, ig_error *error);

/** Turn the call that has just failed into a message "what: cause", the cause being the innermost
 *  entry of HDF5's error stack, under `status`. To be called before any other HDF5 call. */
ig_status ig_h5_error(ig_error *error, ig_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Access properties every open of a result file shares: driver chosen by the caller, no HDF5 file
 *  locks, earliest format, and no blocks shared by small allocations. From then on HDF5 loads no
 *  filters from elsewhere. Negative on failure. */
hid_t ig_h5_access(void);
/** Creation properties of a group or file (`class` H5P_GROUP_CREATE or H5P_FILE_CREATE) or dataset:
 *  no times, creation order tracked, attributes and links in the object header. Negative on
 *  failure. */
hid_t ig_h5_properties(hid_t class);
/** Create a group with those properties; the caller closes it. */
ig_status ig_h5_create_group(hid_t file, const char *name, hid_t *group, ig_error *error);

/** Scalar variable-length UTF-8; NULL is "". */
ig_status ig_h5_set_text(hid_t object, const char *name, const char *text, ig_error *error);
/** Scalar ASCII of a fixed length, at least one character, as HDF5's own attributes have it. */
ig_status ig_h5_set_fixed_text(hid_t object, const char *name, const char *text, ig_error *error);
/** n numbers of `type` as a one-dimensional attribute. */
ig_status ig_h5_set_numbers(hid_t object, const char *name, hid_t type, size_t n,
                            const void *numbers, ig_error *error);
/** Read what ig_h5_set_text wrote into malloc'd `*text`. IG_ERR_FORMAT where there is no such
 *  attribute; IG_ERR_MEMORY. */
ig_status ig_h5_get_text(hid_t object, const char *name, char **text, ig_error *error);
/** Read an attribute of one integer; `*number` stays where there is none. IG_ERR_FORMAT. */
ig_status ig_h5_get_integer(hid_t object, const char *name, int64_t *number, ig_error *error);

/** A dataset of the file itself; -1 for one that is a link into another file or has its numbers
 *  there: a file that somebody hands us chooses no others that we read. */
hid_t ig_h5_open_dataset(hid_t location, const char *name);

#endif
