/** What several ranks find out about a directory together. All functions are collective over
 *  `comm`, which needs MPI_ERRORS_RETURN; only rank 0's findings are of any use. They return
 *  IG_ERR_MPI or IG_ERR_MEMORY where the ranks cannot go on together. */
#ifndef IMAGRID_DOCTOR_PARALLEL_H
#define IMAGRID_DOCTOR_PARALLEL_H

#include <mpi.h>
#include <stdbool.h>

#include "doctor/findings.h"
#include "doctor/scratch.h"

typedef char ig_host_name[MPI_MAX_PROCESSOR_NAME];

/** The ranks and where they are. */
typedef struct ig_ranks {
    MPI_Comm comm;
    int rank, ranks, n_hosts;
    ig_host_name *hosts; /**< by rank, on every rank; owned */
} ig_ranks;

ig_status ig_ranks_init(MPI_Comm comm, ig_ranks *ranks, ig_error *error);
void ig_ranks_clear(ig_ranks *ranks);

/** Whether every rank sees the scratch folder of rank 0. Ranks other than 0 give an empty scratch
 *  and get rank 0's, never to be removed by them. `*seen` is the same on all ranks. */
ig_status ig_parallel_share(const ig_ranks *ranks, ig_scratch *scratch, bool *seen,
                            ig_findings *findings, ig_error *error);

/** Whether the other ranks meet locks that rank 0 holds. */
ig_status ig_parallel_locks(const ig_ranks *ranks, const ig_scratch *scratch, ig_findings *findings,
                            ig_error *error);

/** Every rank writes interleaved rows of one file through HDF5 and MPI-IO, independently as a run
 *  does, and reads those of another rank back; rank 0 then reads them all without MPI-IO. */
ig_status ig_parallel_file(const ig_ranks *ranks, const ig_scratch *scratch, ig_findings *findings,
                           ig_error *error);

/** Round trips of small messages from rank 0 to every other rank. */
ig_status ig_parallel_messages(const ig_ranks *ranks, ig_findings *findings, ig_error *error);

#endif
