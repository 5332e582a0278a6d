/** The ranks of a run: start and end of MPI, and agreement on errors.
 *
 *  Every communicator returns its errors. IG_ERR_MPI is passed up to the top of a command without
 *  any further collective call, and ends every rank there by ig_mpi_abort. */
#ifndef RUN_RANKS_H
#define RUN_RANKS_H

#include <mpi.h>

#include "base/try.h"

/** Collective, the first call of all: start MPI. `*comm` gets a communicator of all ranks that
 *  returns its errors. IG_ERR_MPI, after which only ig_mpi_abort is left. */
ig_status ig_mpi_start(MPI_Comm *comm, ig_error *error);

/** Collective: end MPI, once every rank is here. Returns `code`, or 1 where that was 0 and
 *  MPI_Finalize failed, which is printed; a rank that cannot wait for the others ends them. */
int ig_mpi_end(MPI_Comm *comm, int code);

/** IG_OK for MPI_SUCCESS, else IG_ERR_MPI with MPI's text and the name of the function in `call`,
 *  which may go on with its arguments. */
ig_status ig_mpi_check(int code, const char *call, ig_error *error);

/** Return IG_ERR_MPI from the function at hand if this MPI call fails. */
#define TRY_MPI(call, error) TRY(ig_mpi_check((call), #call, (error)))

/** Collective: IG_OK where every rank brings IG_OK; otherwise every rank gets the status and the
 *  message of the lowest rank that failed.
 *
 *  IG_ERR_MPI cannot be agreed on: a rank that brings it gets it back and the others are not told,
 *  as they may be waiting in another call. So does a rank on which the agreement itself fails. It
 *  must go straight to ig_mpi_abort, which ends the others' waiting. */
ig_status ig_agree_all(MPI_Comm comm, ig_status mine, ig_error *error);
static inline ig_status ig_agree(MPI_Comm comm, ig_status mine, ig_error *error)
{
    const ig_status agreed = ig_agree_all(comm, mine, error);
    /* Never success while this rank has failed: here, so that an analyser of the caller sees it. */
    return agreed ? agreed : mine;
}

/** Collective: the names of the ranks' hosts, by rank, on every rank. free() them. */
typedef char ig_host_name[MPI_MAX_PROCESSOR_NAME];
ig_status ig_hosts_gather(MPI_Comm comm, ig_host_name **hosts, ig_error *error);

/** End every rank at once: the only caller of MPI_Abort. Prints the rank (once MPI has started) and
 *  the cause on stderr. */
_Noreturn void ig_mpi_abort(MPI_Comm comm, const ig_error *error);

/** Collective: this rank among those of its node, and how many these are. */
ig_status ig_ranks_on_node(MPI_Comm comm, int *local_rank, int *local_ranks, ig_error *error);

#endif
