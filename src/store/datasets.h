/** What datasets a result file holds: one table per group, from which the file is made, checked and
 *  measured. Dimensions come first, as scales; every axis of every variable names one of them. */
#ifndef STORE_DATASETS_H
#define STORE_DATASETS_H

#include <stdbool.h>

#include "h5/h5.h"
#include "store/store.h"

enum { IG_FORMAT_VERSION = 1 };

#define IG_STORE_GROUP   "provenance"      /**< group of the sessions and the footer */
#define IG_STORE_FOOTER  "seal"            /**< its last dataset, and the last bytes of the file */
#define IG_STORE_ORIGIN  "plugin"          /**< dataset of the sessions and attribute of the root */
#define IG_STORE_READS   "inputs"          /**< as well */
#define IG_STORE_RESULTS "results_version" /**< as well */
#define IG_SUMMARY_KIND  "imagrid summary" /**< attribute `kind` of what merge makes */

/** Types in the file; all little-endian, as is every machine this is built for. */
typedef enum ig_stored {
    IG_STORED_CHAR,
    IG_STORED_I8,
    IG_STORED_U32,
    IG_STORED_I32,
    IG_STORED_I64,
    IG_STORED_U64,
    IG_STORED_F32,
    IG_STORED_F64
} ig_stored;

/** Where a variable's values come from. */
typedef enum ig_role {
    IG_ROLE_BARE,  /**< a dimension without values */
    IG_ROLE_TASK,  /**< 0, 1, ...: the number of the task */
    IG_ROLE_COUNT, /**< first, first + 1, ... */
    IG_ROLE_AXIS,  /**< value of an axis key at the task's grid point */
    IG_ROLE_SEED,  /**< the task's seed */
    IG_ROLE_ROWS   /**< fill values at first, written while the experiment runs */
} ig_role;

enum { IG_VARIABLE_NAME = 32 };
typedef struct ig_variable {
    const char *name;           /**< a literal, or NULL where `own` is the name */
    char own[IG_VARIABLE_NAME]; /**< "string8" */
    ig_stored type;
    ig_role role;
    bool scale;      /**< a dimension; its only axis is itself */
    size_t n_axes;   /**< 1 or 2 */
    size_t axes[2];  /**< indices of scales in the list */
    size_t shape[2]; /**< lengths of the axes; shape[1] is 1 where there is one axis */
    size_t key;      /**< IG_ROLE_AXIS: index of the key */
    double first;    /**< IG_ROLE_COUNT */
    const char *units, *long_name, *equation; /**< literals; NULL: no such attribute */
    bool optional;                            /**< files of earlier versions have none */
    bool missing;                             /**< this file has none */
    bool spooled;    /**< its values were compressed or in chunks, and stand in the store's spool */
    uint64_t offset; /**< of the values in the file, or the spool, once it is known */
} ig_variable;

typedef struct ig_datasets {
    ig_variable *variables;
    size_t n;
    bool compressed; /**< chunks with shuffle, deflate and checksums; they have no offsets */
} ig_datasets;

/** Those of the root group. Destroy with ig_datasets_destroy; IG_ERR_MEMORY. */
ig_status ig_datasets_root(const ig_grid *grid, const ig_layout *layout, ig_datasets **list,
                           ig_error *error);
/** Those of the group of sessions, without the footer; `plugin`, `inputs`: with a column for it.
 *  IG_ERR_MEMORY. */
ig_status ig_datasets_sessions(bool plugin, bool inputs, ig_datasets **list, ig_error *error);
void ig_datasets_destroy(ig_datasets **list);

const char *ig_variable_name(const ig_variable *variable);
/** A variable by name, NULL where there is none. */
const ig_variable *ig_datasets_find(const ig_datasets *list, const char *name);
/** Bytes of all values. */
uint64_t ig_variable_size(const ig_variable *variable);

size_t ig_stored_size(ig_stored type);
ig_stored ig_stored_of(ig_type type);
/** The HDF5 type, file and memory alike; owned by the library, never to be closed. */
hid_t ig_stored_type(ig_stored type);
/** The fill value's bytes: NaN, the smallest signed integer of 4 or 8 bytes, else zero. */
void ig_stored_fill(ig_stored type, unsigned char bytes[8]);

/** Text for a row of characters: copy `text`, of at most `length` bytes, as valid UTF-8 into `size`
 *  bytes, zero-padded: '?' stands for each byte that belongs to no character, and what does not fit
 *  is cut between characters. */
void ig_stored_text(const char *text, size_t length, char *padded, size_t size);

/** Make the dataset of the footer in `group` of an otherwise finished file: its place is taken only
 *  when it is first written, after everything else has one, so that it ends the file. `*end` is
 *  where. IG_ERR_IO, IG_ERR_MEMORY. */
ig_status ig_h5_add_footer(hid_t file, hid_t group, hsize_t n_words, haddr_t *end, ig_error *error);

/** Make every dataset of the list in `location`, with attributes and scales but without values:
 *  contiguous and in its place, whose offset the list gets, or compressed if the list is.
 *  `coordinates` (may be NULL) is the attribute of that name of what is written later. IG_ERR_IO,
 *  IG_ERR_MEMORY. */
ig_status ig_h5_build(hid_t location, ig_datasets *list, const char *coordinates, ig_error *error);

/** Make a dataset a dimension scale of that name. IG_ERR_IO, IG_ERR_MEMORY. */
ig_status ig_h5_set_scale(hid_t dataset, const char *name, ig_error *error);

/** Tie variable i to the scales of its axes, and these to it. datasets[k] is that of variable k,
 *  and those up to i are there. IG_ERR_IO, IG_ERR_MEMORY. */
ig_status ig_h5_attach_scales(const hid_t *datasets, const ig_datasets *list, size_t i,
                              ig_error *error);

#endif
