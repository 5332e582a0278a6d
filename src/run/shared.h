/** What the ranks of a run find before the work: the same input files on every node, and the memory
 *  that the tasks of a node read together. */
#ifndef RUN_SHARED_H
#define RUN_SHARED_H

#include "run/memory.h"
#include "run/ranks.h"

typedef struct ig_shared {
    char *inputs; /**< what is in the input files (ig_inputs_read), the same on all ranks; owned */
    ig_memory memory;
    int copies;   /**< ranks that have a copy of their own, as memory cannot be shared there */
    ig_error why; /**< they have, the same on all ranks */
} ig_shared;

/** Collective: one rank of each node reads the input files, which must be the same on all nodes,
 *  and loads what the experiment shares; the others of the node see its memory, or have a copy
 *  where the system does not allow that. What is wrong goes to `diagnostics` of the ranks that see
 *  it, and to `error` of all. Nothing is left behind when ranks are killed, at any moment. Clear
 *  it with ig_shared_clear. */
ig_status ig_shared_open(MPI_Comm comm, const ig_grid *grid, ig_shared *shared,
                         ig_diagnostics *diagnostics, ig_error *error);
void ig_shared_clear(ig_shared *shared);

#endif
