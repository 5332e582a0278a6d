#include "run/agree.h"

#include <stdio.h>
#include <stdlib.h>

ig_status ig_mpi_check(int code, const char *what, ig_error *error)
{
    if (code == MPI_SUCCESS) {
        return IG_OK;
    }
    char text[MPI_MAX_ERROR_STRING] = "unknown error";
    int length = 0;
    MPI_Error_string(code, text, &length);
    return ig_error_set(error, IG_ERR_MPI, "%s: %s", what, text);
}

ig_status ig_agree(MPI_Comm comm, ig_status mine, ig_error *error)
{
    if (mine == IG_ERR_MPI) {
        return mine;
    }
    struct {
        int ok, rank;
    } in = {mine == IG_OK, 0}, out = {0, 0};
    ig_status status = ig_mpi_check(MPI_Comm_rank(comm, &in.rank), "MPI_Comm_rank", error);
    if (!status) {
        status = ig_mpi_check(MPI_Allreduce(&in, &out, 1, MPI_2INT, MPI_MINLOC, comm),
                              "MPI_Allreduce", error);
    }
    if (status || out.ok) {
        return status;
    }
    ig_error first = *error;
    if (!first.status) {
        /* Somebody forgot to say why: the others must not take it for success. */
        first.status = mine ? mine : IG_ERR_MPI;
    }
    status =
        ig_mpi_check(MPI_Bcast(&first, sizeof first, MPI_BYTE, out.rank, comm), "MPI_Bcast", error);
    if (status) {
        return status;
    }
    *error = first;
    return first.status;
}

_Noreturn void ig_mpi_abort(MPI_Comm comm, long long task, const ig_error *error)
{
    int rank = -1, started = 0;
    if (MPI_Initialized(&started) == MPI_SUCCESS && started) {
        MPI_Comm_rank(comm, &rank);
    }
    if (rank < 0) {
        fprintf(stderr, "imagrid: %s\n", error->text);
    } else if (task < 0) {
        fprintf(stderr, "imagrid: rank %d: %s\n", rank, error->text);
    } else {
        fprintf(stderr, "imagrid: rank %d, task %lld: %s\n", rank, task, error->text);
    }
    if (started) {
        MPI_Abort(comm, ig_status_exit_code(error->status));
    }
    exit(ig_status_exit_code(error->status));
}
