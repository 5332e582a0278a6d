/** A configuration file that only rank 0 reads. */
#ifndef IMAGRID_RUNNER_SHARE_FILE_H
#define IMAGRID_RUNNER_SHARE_FILE_H

#include <mpi.h>

#include "imagrid/config.h"

/** Collective: rank 0 reads PATH as ig_config_read_file does, and its bytes reach everybody.
 *  `*text`, which must begin as NULL, is malloc'd and the caller's, on failure too. */
ig_status ig_share_file(MPI_Comm comm, const char *path, char **text, size_t *size,
                        ig_diagnostics *diagnostics, ig_error *error);

#endif
