/** Whose rows a file holds or a run computes, and which rows may stand together.
 *
 *  Resuming, --reuse, shards and merging all ask ig_identity_match and nothing else. */
#ifndef STORE_IDENTITY_H
#define STORE_IDENTITY_H

#include <stdbool.h>

#include "imagrid/experiment.h"

/** All borrowed. The configuration stands for the experiment and its hash, too. */
typedef struct ig_identity {
    const char *name; /**< for messages: a file, or "this run" */
    const ig_config *config;
    const char *origin; /**< "NAME VERSION HASH PATH" of a plugin; NULL: built in */
    int64_t results_version;
    const char *isa;
} ig_identity;

/** What rows are to be combined for. */
typedef enum ig_identity_use {
    IG_IDENTITY_TASKS, /**< rows of the same number are the same task: configurations must agree */
    IG_IDENTITY_ROWS   /**< rows are matched by the keys of their grid point and the seed (--reuse):
                            configurations may differ */
} ig_identity_use;

/** The experiment's results version; 0, of those that state none, counts as 1. */
int64_t ig_results_version(const ig_experiment *experiment);

/** Identity of what this program computes. */
ig_identity ig_identity_of_run(const ig_registry *registry, const ig_config *config, ig_isa isa);

/** IG_OK where rows of both may stand in one file. Otherwise IG_ERR_MISMATCH, and the message says
 *  which member differs, both values, and what to do. `*rebuilt` (may be NULL) tells that both come
 *  from the same version of a plugin, but from files with different contents. */
ig_status ig_identity_match(const ig_identity *there, const ig_identity *here, ig_identity_use use,
                            bool *rebuilt, ig_error *error);

#endif
