/** What the files of this directory share, and its tests.
 *
 *  An open result file: HDF5 is used to open it only: rows and sessions are then read and written
 *  at the places of their contiguous datasets with plain calls. So no buffer of HDF5 can show rows
 *  of a run in progress as they were some time ago, and no metadata cache can write anything. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "store/datasets.h"

/** Names of the root group's text attributes, in file order. The last two are there only where the
 *  experiment comes from a plugin (IG_STORE_ORIGIN), and where there are input files
 *  (IG_STORE_READS). */
enum { IG_ROOT_TEXTS = 14, IG_ROOT_NEEDED = 12 };
extern const char *const ig_root_names[IG_ROOT_TEXTS];

struct ig_store {
    char *path;
    int fd;
    int spool; /**< a scratch file with the values of datasets that have no place of their own; -1
                */
    uint64_t spooled; /**< bytes in it */
    bool writable;
    bool damaged;   /**< while it is opened: may be, as far as is known */
    bool changed;   /**< the footer is not right: by another program, or damaged */
    bool rescued;   /**< damaged: bytes that cannot be read are zeros, rows prove themselves */
    bool confirmed; /**< rescued: the file holds the hash of its configuration */
    char *texts[IG_ROOT_TEXTS]; /**< values of ig_root_names */
    int64_t results_version;
    ig_config *config;
    const ig_experiment *experiment;
    ig_grid *grid;
    ig_layout *layout;
    size_t n_tasks;
    ig_datasets *root, *sessions;
};

/** Configuration, experiment, grid and layout from a text of the file's. IG_ERR_FORMAT where it is
 *  not valid, IG_ERR_MEMORY. */
ig_status ig_store_configure(ig_store *store, const ig_registry *registry, const char *text,
                             ig_error *error);
/** Number of sessions whose times are plausible, from the first: what was damaged may say anything.
 */
ig_status ig_store_plausible_sessions(const ig_store *store, size_t *n, ig_error *error);
/** The input files as the first session notes them that tells of all, in the form of ig_identity;
 * "" where none does. */
ig_status ig_store_noted_inputs(ig_store *store, char inputs[IG_STORE_INPUTS], ig_error *error);
/** Where the datasets of a new file of the store's configuration and texts would stand: offsets
 * into its lists. `earlier`: as versions made it that noted no results version. */
ig_status ig_store_lay_out(ig_store *store, bool earlier, ig_error *error);
/** Values first ... first + n - 1 along the first axis of a coordinate, packed. */
void ig_variable_values(const ig_variable *v, const ig_grid *grid, size_t first, size_t n,
                        unsigned char *to);

/** A variable that is in the list of every file. */
const ig_variable *ig_store_variable(const ig_store *store, const char *name);
/** Rows first ... first + n - 1 of a variable, packed. */
ig_status ig_store_read_rows(const ig_store *store, const ig_variable *variable, size_t first,
                             size_t n, void *bytes, ig_error *error);
ig_status ig_store_write_rows(const ig_store *store, const ig_variable *variable, size_t first,
                              size_t n, const void *bytes, ig_error *error);
/** IG_ERR_USAGE unless opened for writing. */
ig_status ig_store_want_writable(const ig_store *store, ig_error *error);
/** Make what was written durable. */
ig_status ig_store_sync(const ig_store *store, ig_error *error);

/* Who holds a lock: the text of the lock file. */

enum { IG_OWNER_HOST = 256, IG_OWNER_BOOT = 64, IG_OWNER_JOB = 64, IG_OWNER_TEXT = 512 };

typedef struct ig_lock_owner {
    char host[IG_OWNER_HOST];
    char boot[IG_OWNER_BOOT]; /**< the kernel's boot id: process numbers start again with each */
    long pid;
    unsigned long long start; /**< when the process began, clock ticks since boot; 0 unknown */
    char job[IG_OWNER_JOB];   /**< Slurm job id, or empty */
    long restart;             /**< how often Slurm had requeued that job */
} ig_lock_owner;

/** This process. */
void ig_lock_owner_self(ig_lock_owner *owner);
/** One "key value" per line. */
void ig_lock_owner_print(const ig_lock_owner *owner, char text[IG_OWNER_TEXT]);
/** Read such text (zero-terminated); false where host or pid is missing. */
bool ig_lock_owner_parse(const char *text, ig_lock_owner *owner);
/** Whether the owner is a process of this host that no longer runs, or an earlier session of
 *  the Slurm job we are in: Slurm ends a job on all its nodes before it starts it again elsewhere.
 */
bool ig_lock_owner_dead(const ig_lock_owner *owner);
/** Whether the owner is a process of this host that runs. */
bool ig_lock_owner_here(const ig_lock_owner *owner);

#endif
