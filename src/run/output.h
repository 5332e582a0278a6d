/** The result file as a run handles it: rank 0 locks it, creates it or checks that it can go on,
 *  takes over rows of older files and reads everything back at the end, alone; in between every
 *  rank writes rows. And what the file records about the program and the place that made it. */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include <mpi.h>
#include <sys/types.h>

#include "store/store.h"

enum { IG_LIBRARIES_TEXT = 512, IG_MPI_TEXT = 128 };

/** Name and version of the MPI library in use, "Open MPI v4.1.4" or "MPICH 4.2.1"; needs no
 *  MPI_Init. Returns `text`. */
const char *ig_mpi_text(char text[IG_MPI_TEXT]);

/** Names and versions of the libraries in use, as they are found at run time; returns `text`. */
const char *ig_libraries_text(char *text, size_t size);
/** All of it; `libraries` is the caller's scratch of IG_LIBRARIES_TEXT bytes. */
ig_provenance ig_provenance_collect(ig_isa isa, char *libraries);

/** Collective: "node1:4 node2:4", ranks counted by host in rank order, on every rank; cut to `size`
 *  with " ..." at the end. */
ig_status ig_hosts_collect(MPI_Comm comm, char *text, size_t size, ig_error *error);

/** What a run wants of its file; all borrowed. */
typedef struct ig_output_request {
    const ig_registry *registry;
    const char *path;
    bool steal_lock;
    const ig_config *config;
    const ig_grid *grid;
    const ig_layout *layout;
    ig_isa isa;               /**< the best that every rank has, or what the user asked for */
    bool pinned;              /**< the user asked for it */
    const char *inputs;       /**< of the identity: what is in the input files */
    const char *const *reuse; /**< older files whose finished rows are taken over */
    size_t n_reuse;
    ig_session_record session; /**< begin, ranks, shards, hosts and job of this one */
    bool accept_changed;       /**< input files may have changed since the file was made */
    bool seconds;              /**< what finished tasks took is wanted */
    bool quiet;
} ig_output_request;

typedef struct ig_output {
    const ig_registry *registry;
    const char *path;
    ig_lock *lock;
    dev_t device; /**< of the file, with the next: what a replaced one would not have */
    ino_t inode;
    size_t slot;     /**< of this session in the provenance */
    bool resumed;    /**< the file was there already */
    int8_t *state;   /**< n_tasks: IG_STATE_ of every task, owned */
    double *seconds; /**< n_tasks, owned: wall time of those that are done; NULL unless wanted */
    ig_store_scan found; /**< what was there, and `done` with what was taken over */
    ig_isa isa;          /**< the instruction set of this file's results */
} ig_output;

/** One rank: lock PATH, then create it or check that its rows may stand with this run's
 *  (ig_identity_match), and take over finished rows of the older files where theirs may, too. A
 * file that is there decides the instruction set, else the first older one does, unless the user
 * did; IG_ERR_MISMATCH where not every rank has it. Nothing is created before everything that was
 * named has been found good. Notes for the user go to stderr.
 *
 *  A task of an older file is the same where the seed, every key that can change a result and
 *  common_random_numbers agree; its number may differ. Times and ranks come along.
 *
 *  On failure the lock is released and the file is as it was; one that was not there may have been
 *  created, whole and empty. */
ig_status ig_output_open(const ig_output_request *request, ig_output *output, ig_error *error);

/** Collective over `comm`: rank 0 learns from HDF5 where the rows of PATH are, and whether those of
 *  `rows` may stand there; every rank opens the file and makes sure that it is the same one. Either
 *  all ranks return IG_OK or all return an error. */
ig_status ig_output_writer(const ig_registry *registry, const char *path, MPI_Comm comm,
                           const ig_layout *layout, const ig_identity *rows, ig_writer **writer,
                           ig_error *error);
/** Collective: flush and close; the writer is gone even on failure. Only when every rank is still
 *  alive. */
ig_status ig_output_writer_close(MPI_Comm comm, ig_writer **writer, ig_error *error);

/** One rank: read every row back and check it, record the end of this session, release the lock.
 *  `scan` gets what the file holds now. IG_ERR_FORMAT if a row is damaged. */
ig_status ig_output_finish(ig_output *output, int exit_code, ig_store_scan *scan, ig_error *error);

/** Release what is held, with nothing more written. */
void ig_output_clear(ig_output *output);

#endif
