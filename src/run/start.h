/** The beginning and the end of MPI in a program. */
#ifndef IMAGRID_RUNNER_START_H
#define IMAGRID_RUNNER_START_H

#include <mpi.h>

#include "imagrid/error.h"

/** Collective, the first call of all: start MPI. `*comm` gets a communicator of all ranks that
 *  returns its errors. IG_ERR_MPI, after which only ig_mpi_abort is left. */
ig_status ig_mpi_start(MPI_Comm *comm, ig_error *error);

/** Collective: end MPI. Returns `code`, or 1 where that was 0 and MPI does not end as it should,
 *  having said so. */
int ig_mpi_end(MPI_Comm *comm, int code);

#endif
