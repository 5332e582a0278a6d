/** What several ranks find out about a directory together. All functions are collective over
 *  `comm`, which needs MPI_ERRORS_RETURN; only rank 0's findings are of any use. They return
 *  IG_ERR_MPI or IG_ERR_MEMORY where the ranks cannot go on together. */
#ifndef IMAGRID_DOCTOR_PARALLEL_H
#define IMAGRID_DOCTOR_PARALLEL_H

#include <mpi.h>
#include <stdbool.h>

#include "doctor/filesystem.h"
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
/** Whether this rank is the lowest on its host. */
bool ig_ranks_first_of_host(const ig_ranks *ranks);

/** Whether every rank sees the scratch folder of rank 0. Ranks other than 0 give an empty scratch
 *  and get rank 0's, never to be removed by them. `*seen` is the same on all ranks. */
ig_status ig_parallel_share(const ig_ranks *ranks, ig_scratch *scratch, bool *seen,
                            ig_findings *findings, ig_error *error);

/** Whether the other ranks meet locks that rank 0 holds. `filesystem` counts on rank 0 only. */
ig_status ig_parallel_locks(const ig_ranks *ranks, const ig_scratch *scratch,
                            const ig_filesystem *filesystem, ig_findings *findings,
                            ig_error *error);

/** Every rank writes interleaved rows of one result file by the code of a run, and one rank of
 * every host reads them all. */
ig_status ig_parallel_file(const ig_ranks *ranks, const ig_scratch *scratch, ig_findings *findings,
                           ig_error *error);

/** The same rows through HDF5's MPI-IO driver, written independently and read by another rank.
 *  imagrid does without it, so that whatever happens is at most a note. */
ig_status ig_parallel_mpi_io(const ig_ranks *ranks, const ig_scratch *scratch,
                             ig_findings *findings, ig_error *error);

/** Round trips of small messages from rank 0 to every other rank. */
ig_status ig_parallel_messages(const ig_ranks *ranks, ig_findings *findings, ig_error *error);

#endif
