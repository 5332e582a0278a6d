/** The memory that all tasks of a node read (ig_experiment.load), as one process has it. No MPI
 *  here: src/run/shared.h has the ranks. */
#ifndef RUN_MEMORY_H
#define RUN_MEMORY_H

#include "imagrid/experiment.h"

typedef struct ig_memory {
    void *at; /**< read-only once it is filled; NULL: there is none */
    size_t bytes;
    int fd; /**< where other processes find it, until it is closed; -1: nowhere */
} ig_memory;

/** No memory, and what an ig_memory begins with. */
#define IG_NO_MEMORY ((ig_memory){NULL, 0, -1})

/** Bytes that the tasks of a grid share on each node. What is wrong with an input file goes to
 *  `diagnostics` at the position of its key, as what is wrong with the values of the configuration,
 *  and gives IG_ERR_CONFIG; so does more than the machine has. Otherwise as the experiment says. */
ig_status ig_memory_need(const ig_grid *grid, size_t *bytes, ig_diagnostics *diagnostics,
                         ig_error *error);

/** The most that one rank needs for a task of the grid, beside the shared memory; 0: not known. */
double ig_memory_of_task(const ig_grid *grid);

/** Let the experiment fill so many bytes, none for 0. With `shared` others can ig_memory_join
 *  while memory->fd is open, unless the system does not have it so: then fd is -1. Faults of a file
 *  go to `diagnostics` as above; IG_ERR_MEMORY. */
ig_status ig_memory_load(const ig_grid *grid, size_t bytes, bool shared, ig_memory *memory,
                         ig_diagnostics *diagnostics, ig_error *error);

/** How another process of this machine finds it; plain data. */
typedef struct ig_memory_place {
    int64_t pid;
    uint64_t device, inode, bytes;
    int32_t fd; /**< -1: nowhere */
} ig_memory_place;
/** Where others find this one. */
ig_memory_place ig_memory_place_of(const ig_memory *memory);
/** Read what another process has loaded, without a copy. IG_ERR_IO where the system does not let
 *  us, IG_ERR_MEMORY. */
ig_status ig_memory_join(const ig_memory_place *place, ig_memory *memory, ig_error *error);
/** Nobody else can join any more; what is there stays. */
void ig_memory_seal(ig_memory *memory);
void ig_memory_clear(ig_memory *memory);

#endif
