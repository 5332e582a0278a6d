/** Agreement of all ranks on a status before they go into, or return from, collective work. */
#ifndef IMAGRID_RUNNER_AGREE_H
#define IMAGRID_RUNNER_AGREE_H

#include <mpi.h>

#include "imagrid/error.h"

/** Collective: IG_OK where every rank brings IG_OK; otherwise every rank gets the status and the
 *  message of the lowest rank that failed.
 *
 *  IG_ERR_MPI is nothing to agree on: a rank that brings it gets it back without a word to the
 *  others, who may wait for it in another call for ever. So does a rank on which the agreement
 *  itself fails. It must go straight to ig_mpi_abort, which ends the others' waiting. */
ig_status ig_agree(MPI_Comm comm, ig_status mine, ig_error *error);

/** IG_OK for MPI_SUCCESS, else IG_ERR_MPI with MPI's text and `what` was tried. */
ig_status ig_mpi_check(int code, const char *what, ig_error *error);

/** End every rank at once: the only caller of MPI_Abort. Says rank (if MPI was started and knows
 * it), task (or none, for a negative one) and cause on stderr. */
_Noreturn void ig_mpi_abort(MPI_Comm comm, long long task, const ig_error *error);

#endif
