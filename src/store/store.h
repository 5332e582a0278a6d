/** The result file: one HDF5 file that reads like netCDF-4 and survives any death of the job.
 *
 *  This header is the serial side: creation by one process, reading, checking, clearing failures.
 *  Rows are written through ig_writer, each rank its own, at the places of the datasets made
 *  here. docs/format.md describes the file column by column. */
#ifndef IMAGRID_STORE_H
#define IMAGRID_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imagrid/experiment.h"

/* Whose rows a file holds or a run computes, and which rows may stand together.
 *
 *  Resuming, --reuse, shards and merging all ask ig_identity_match and nothing else. */

/** All borrowed. The configuration stands for the experiment and its hash, too. */
typedef struct ig_identity {
    const char *name; /**< for messages: a file, or "this run" */
    const ig_config *config;
    const char *origin; /**< "NAME VERSION HASH PATH" of a plugin; NULL: built in */
    int64_t results_version;
    const char *isa;
    const char
        *inputs; /**< what is in the input files (ig_inputs_read); NULL or "": there are none */
    bool accept_changed; /**< of a run: other contents may follow, the user says so */
} ig_identity;

/** What rows are to be combined for. */
typedef enum ig_identity_use {
    IG_IDENTITY_TASKS, /**< rows of the same number are the same task: configurations must agree */
    IG_IDENTITY_ROWS   /**< rows are matched by the keys of their grid point and the seed (--reuse):
                            configurations may differ */
} ig_identity_use;

/** The results version of the config's experiment; 0, of those that state none, counts as 1. */
int64_t ig_results_version(const ig_config *config);

/** Identity of what this program computes; `inputs` as in the struct. */
ig_identity ig_identity_of_run(const ig_registry *registry, const ig_config *config, ig_isa isa,
                               const char *inputs);

/** IG_OK where rows of both may stand in one file. Otherwise IG_ERR_MISMATCH, and the message says
 *  which member differs, both values, and what to do. `*rebuilt` (may be NULL) tells that both come
 *  from the same version of a plugin, but from files with different contents. */
ig_status ig_identity_match(const ig_identity *there, const ig_identity *here, ig_identity_use use,
                            bool *rebuilt, ig_error *error);

/** Values of the `state` column. */
enum { IG_STATE_EMPTY = 0, IG_STATE_DONE = 1, IG_STATE_FAILED = 2 };

/** Names of the bookkeeping datasets, all over dimension `task`. */
#define IG_STORE_STATE   "state"   /**< int8 */
#define IG_STORE_CRC     "crc"     /**< uint32 */
#define IG_STORE_FAILURE "failure" /**< char, task x IG_ROW_ERROR */
#define IG_STORE_RANK    "rank"    /**< int32, rank that ran the task */
#define IG_STORE_START   "start"   /**< float64, seconds since 1970-01-01 UTC */
#define IG_STORE_SECONDS "seconds" /**< float64, wall time of the task */
/** float32, how far a task has come; only of experiments that report it, not in the CRC. */
#define IG_STORE_PROGRESS "progress"

/** One session of a run, from its start to its end, one row of the group `provenance`. */
enum {
    IG_STORE_SESSIONS = 256,
    IG_STORE_HOSTS = 512,
    IG_STORE_JOB = 64,
    IG_STORE_VERSION = 64,
    IG_STORE_ISA = 16,
    IG_STORE_PLUGIN = 256,
    IG_STORE_INPUTS = 256
};
typedef struct ig_session_record {
    double begin, end; /**< seconds since 1970 UTC; end NaN while running or when killed */
    int32_t ranks;
    int32_t exit_code;              /**< -1 while running or when killed */
    int32_t shard, shards;          /**< the part of the grid it worked on; 0 of 1: all of it */
    int32_t results_version;        /**< of the experiment; with the next two 0 or empty where the
                                         file, or the program that wrote, knew no such column: then
                                         as the file's attributes say */
    char version[IG_STORE_VERSION]; /**< of imagrid, with its revision */
    char isa[IG_STORE_ISA];         /**< instruction set of the kernels */
    char hosts[IG_STORE_HOSTS];     /**< "node1:4 node2:4", zero-padded, cut */
    char job[IG_STORE_JOB];         /**< Slurm job id, or empty */
    char plugin[IG_STORE_PLUGIN];   /**< origin of the experiment, cut; only in files of plugins */
    char inputs[IG_STORE_INPUTS];   /**< of ig_identity, lines joined by "; ", cut; only in files of
                                         runs that have any */
} ig_session_record;

/** What a file records about the program that made it; all strings, NULL is stored as "". */
typedef struct ig_provenance {
    const char *version, *revision, *compiler, *flags, *libraries, *isa;
    const char
        *plugin; /**< origin of the experiment (ig_registry); NULL: imagrid's own, not stored */
    const char *inputs;      /**< of ig_identity; NULL: none, not stored */
    int64_t results_version; /**< of rows that are there already; 0: as the experiment states;
                                  negative: not noted, as in files of earlier versions */
} ig_provenance;

/** Bytes the file of this grid will take (an upper estimate, for space checks and `list`).
 *  IG_ERR_MEMORY. */
ig_status ig_store_size(const ig_grid *grid, const ig_layout *layout, uint64_t *size,
                        ig_error *error);

/** Create the whole file: every dataset contiguous, allocated and filled, scales, attributes,
 * config and provenance. Works under "PATH.partial", fsyncs, renames without replacing an existing
 * PATH. Called by one process. IG_ERR_SPACE (checked before, and while writing), IG_ERR_IO; on
 * failure nothing is left behind, unless it was the folder's fsync after the rename: then the file
 * is there, and whole. */
ig_status ig_store_create(const char *path, const ig_experiment *experiment, const ig_grid *grid,
                          const ig_layout *layout, const ig_provenance *provenance,
                          ig_error *error);

typedef struct ig_store ig_store;

/** Open for reading, or for clearing states and recording sessions (`writable`), with the serial
 * driver, no HDF5 file locking; works while a run is writing. The checksum in its footer
 * (docs/format.md) is checked first, so that nothing damaged is given to HDF5. Rebuilds config,
 * grid and layout from what the file holds and checks that every dataset is there with the right
 * type and shape and that the file is as long as they need. IG_ERR_FORMAT for files that are not
 * ours, truncated or of another format version, and where the registry's experiment has other keys
 * or columns; IG_ERR_USAGE where the experiment comes from a plugin that is not in the registry;
 * IG_ERR_IO where it cannot be opened. The registry must outlive the store. */
ig_status ig_store_open(const ig_registry *registry, const char *path, bool writable,
                        ig_store **store, ig_error *error);
void ig_store_close(ig_store **store);

const char *ig_store_path(const ig_store *store);
/** Whether something outside of rows is not as it was made. An open file was then changed by
 * another program in a way that harms nothing that imagrid reads. */
bool ig_store_changed(const ig_store *store);
/** Whose rows it holds; borrowed from the store. */
ig_identity ig_store_identity(const ig_store *store);
const ig_experiment *ig_store_experiment(const ig_store *store);
const ig_config *ig_store_config(const ig_store *store); /**< owned by the store, as the next two */
const ig_grid *ig_store_grid(const ig_store *store);
const ig_layout *ig_store_layout(const ig_store *store);
/** A root text attribute such as "isa" or "imagrid_version"; owned by the store, NULL if absent. */
const char *ig_store_attribute(const ig_store *store, const char *name);

/** What the file records about the program that made it; borrowed from the store. */
ig_provenance ig_store_provenance(const ig_store *store);

/** What a check of every row found. */
typedef struct ig_store_scan {
    size_t done, failed, empty;
    size_t damaged;       /**< rows marked done or failed whose CRC is wrong; counted as empty */
    size_t first_damaged; /**< task of the first one */
} ig_store_scan;

/** Read all rows, check the CRC of each marked one. `state` (n_tasks, caller's) gets the states,
 *  IG_STATE_EMPTY for damaged rows. Memory is bounded (blocks of rows). */
ig_status ig_store_check(ig_store *store, int8_t *state, ig_store_scan *scan, ig_error *error);

/* What is left of a damaged file. */

/** Open for reading what ig_store_open refuses as damaged, without HDF5: rows whose checksum holds
 *  are what was written, and all others count as empty, also where the file ends before them or
 *  cannot be read. `config` is the text of the configuration, NULL to take the one that the file
 *  holds. IG_ERR_USAGE where the footer is right, so that what is wrong is no damage, IG_ERR_CONFIG
 * where it holds none any more, IG_ERR_FORMAT where the places of the rows cannot be told, or
 * nothing is of imagrid, IG_ERR_MISMATCH where the file was made with another one, else as
 * ig_store_open. */
ig_status ig_store_rescue(const ig_registry *registry, const char *path, const char *config,
                          ig_store **store, ig_error *error);
/** Whether the file itself confirms the configuration that its rows are read with. */
bool ig_store_confirmed(const ig_store *store);
/** Make a new result file at `to`, which must not exist, with every row of the store that counts,
 *  byte for byte, and its sessions; `scan` says how many. On failure nothing is left behind. */
ig_status ig_store_salvage(ig_store *store, const ig_registry *registry, const char *to,
                           ig_store_scan *scan, ig_error *error);

/** Read a whole scalar column of one number a task (results, axes of numbers, the seed, and all
 *  bookkeeping but `failure`), converted to double, n_tasks long. */
ig_status ig_store_read(ig_store *store, const char *column, double *values, ig_error *error);

/** Read rows first ... first + n - 1 of a column with a dimension, n x its length, converted to
 *  float. */
ig_status ig_store_read_array(ig_store *store, const char *column, size_t first, size_t n,
                              float *values, ig_error *error);
/** The result columns of one task, `layout->row_size` bytes of the store's own layout. Whether they
 *  are whole is ig_store_check's to say. */
ig_status ig_store_row(ig_store *store, size_t task, unsigned char *bytes, ig_error *error);
/** The text of one task, zero-terminated, as it is in the file; malloc'd. IG_ERR_USAGE unless the
 *  column is one of text. */
ig_status ig_store_text(ig_store *store, const char *column, size_t task, char **text,
                        ig_error *error);
/** The reason of a failed task, zero-terminated. */
ig_status ig_store_failure(ig_store *store, size_t task, char reason[IG_ROW_ERROR + 1],
                           ig_error *error);

/** Forget how far unfinished tasks had come; nothing where the file has no such column. */
ig_status ig_store_forget_progress(ig_store *store, ig_error *error);

/** Set the state of the listed tasks back to empty, so that the next run does them again. */
ig_status ig_store_clear(ig_store *store, const size_t *tasks, size_t n, ig_error *error);

/** Record a session: fills the next of IG_STORE_SESSIONS rows (the last one again when all are
 *  used) and returns it in `*slot`; then complete it at the end. */
ig_status ig_store_session_begin(ig_store *store, const ig_session_record *session, size_t *slot,
                                 ig_error *error);
ig_status ig_store_session_end(ig_store *store, size_t slot, double end, int32_t exit_code,
                               ig_error *error);
/** Read the sessions recorded so far; `sessions` has room for IG_STORE_SESSIONS. */
ig_status ig_store_sessions(ig_store *store, ig_session_record *sessions, size_t *n,
                            ig_error *error);

/** Sessions that computed with other input files than the file was made with, where the experiment
 *  allows that: rows may come from different versions of a program. */
ig_status ig_store_changed_inputs(ig_store *store, size_t *n, ig_error *error);

/** Exclusive use of a result file: "PATH.lock" holding host, pid, process start time, job id.
 *  Created with O_EXCL | O_NOFOLLOW and held with flock; a lock left by a dead process of this host
 *  is taken over, any other is IG_ERR_LOCKED with its owner in the message unless `steal`. */
typedef struct ig_lock ig_lock;
ig_status ig_lock_acquire(const char *path, bool steal, ig_lock **lock, ig_error *error);
/** As ig_lock_acquire, but a lock that Slurm job `job` left on another host counts as left by a
 *  dead process: for a job that is known to be over. */
ig_status ig_lock_succeed(const char *path, const char *job, ig_lock **lock, ig_error *error);
/** The Slurm job that signed the lock of PATH; false where there is no lock or no job. */
bool ig_lock_job(const char *path, char job[IG_STORE_JOB]);
/** Whether PATH has a lock whose owner is not known to be dead: a run is writing to it. */
bool ig_lock_held(const char *path);
/** Path of the lock file. */
const char *ig_lock_path(const ig_lock *lock);
/** Remove the lock file and release; NULL is fine. */
void ig_lock_release(ig_lock **lock);

/* The row writer: every process writes the rows of its own tasks into the datasets that
 *  ig_store_create made, independently of the others. Nothing here is collective; whoever has
 *  several processes sends them the places. */

/** One finished task on its way into the file. */
typedef struct ig_outcome {
    size_t task;
    int8_t state;               /**< IG_STATE_DONE or IG_STATE_FAILED */
    const unsigned char *bytes; /**< layout->row_size bytes; fill values for a failed task, beside
                                     its texts */
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
/** Note how far a task in hand has come, where the file has a column for it: nothing else is
 * written but when and where it began. The task must not have been put, and rows of other ranks are
 * not touched. */
ig_status ig_writer_progress(ig_writer *writer, size_t task, float share, int32_t rank,
                             double start, ig_error *error);
/** Write the rows that were taken and not written yet: data first, then the CRCs, then the state
 *  bytes. */
ig_status ig_writer_flush(ig_writer *writer, ig_error *error);
/** Flush, make durable and close; the writer is gone even on failure. NULL is fine. */
ig_status ig_writer_close(ig_writer **writer, ig_error *error);

#endif
