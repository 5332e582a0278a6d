/** What a result file records about the program and the place that made it. */
#ifndef IMAGRID_RUNNER_PROVENANCE_H
#define IMAGRID_RUNNER_PROVENANCE_H

#include <mpi.h>

#include "store/store.h"

enum { IG_LIBRARIES_TEXT = 512 };

/** Names and versions of the libraries in use, as they are found at run time; returns `text`. */
const char *ig_libraries_text(char *text, size_t size);
/** All of it; `libraries` is the caller's scratch of IG_LIBRARIES_TEXT bytes. */
ig_provenance ig_provenance_collect(ig_isa isa, char *libraries);

/** Collective: "node1:4 node2:4", ranks counted by host in rank order, on every rank; cut to `size`
 *  with " ..." at the end. */
ig_status ig_hosts_collect(MPI_Comm comm, char *text, size_t size, ig_error *error);

#endif
