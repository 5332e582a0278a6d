/** The result file as rank 0 handles it before and after the work: lock, creation or resumption,
 *  final check. Serial; no other rank touches the file at these times. */
#ifndef IMAGRID_RUNNER_OUTPUT_H
#define IMAGRID_RUNNER_OUTPUT_H

#include <sys/types.h>

#include "store/store.h"

typedef struct ig_output {
    const ig_registry *registry;
    const char *path;
    ig_lock *lock;
    dev_t device; /**< of the file, with the next: what a replaced one would not have */
    ino_t inode;
    size_t slot;         /**< of this start in the provenance */
    bool resumed;        /**< the file was there already */
    bool plugin_changed; /**< by another build of the plugin, of the same version */
    int8_t *state;       /**< n_tasks: IG_STATE_ of every task, owned */
    ig_store_scan found; /**< what was there; all zero in a new file */
    ig_isa isa;          /**< the instruction set of this file's results */
} ig_output;

/** Lock PATH, then create it or check that it belongs to this configuration and can go on. `isa` is
 *  what this run would use; `pinned` tells that the user asked for it: a file begun with another
 *  path is then refused, while otherwise its own path is taken if this machine has it.
 *  On failure the lock is released and the file is as it was; one that was not there may have been
 *  created, whole and empty. */
ig_status ig_output_open(const ig_registry *registry, const char *path, bool steal_lock,
                         const ig_experiment *experiment, const ig_grid *grid,
                         const ig_layout *layout, ig_isa isa, bool pinned, const ig_start *start,
                         ig_output *output, ig_error *error);

/** Read every row back and check it, note the end of this start, release the lock. `scan` gets what
 *  the file holds now. IG_ERR_FORMAT if a row is damaged. */
ig_status ig_output_finish(ig_output *output, int exit_code, ig_store_scan *scan, ig_error *error);

/** Release what is held, with nothing more written. */
void ig_output_clear(ig_output *output);

#endif
