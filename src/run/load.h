/** Plugins on every rank. */
#ifndef IMAGRID_RUNNER_LOAD_H
#define IMAGRID_RUNNER_LOAD_H

#include <mpi.h>

#include "experiments/plugins.h"

/** Collective: ig_plugins_load on every rank, and the same files on all: either every rank returns
 *  IG_OK or every rank returns the error of the lowest that failed. */
ig_status ig_load_together(MPI_Comm comm, const ig_plugin_files *files, ig_plugins **plugins,
                           ig_error *error);

#endif
