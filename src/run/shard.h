/** A part of a grid, so that several runs, each with a file of its own, can share the work. */
#ifndef IMAGRID_RUNNER_SHARD_H
#define IMAGRID_RUNNER_SHARD_H

#include <stdbool.h>
#include <stddef.h>

#include "imagrid/error.h"

/** The tasks whose number leaves the remainder `index` when divided by `count`. As tasks of one
 *  grid point have neighbouring numbers, every shard gets its fair part of the dear ones. */
typedef struct ig_shard {
    size_t index, count; /**< index < count; 0 of 1 is the whole grid */
} ig_shard;

/** "I/N", two decimal numbers with 0 <= I < N <= 1 000 000; IG_ERR_USAGE for anything else. */
ig_status ig_shard_parse(const char *text, ig_shard *shard, ig_error *error);

bool ig_shard_holds(ig_shard shard, size_t task);

#endif
