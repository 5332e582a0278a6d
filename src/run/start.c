#include "run/start.h"

#include <stdio.h>

#include "run/agree.h"

ig_status ig_mpi_start(MPI_Comm *comm, ig_error *error)
{
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS) {
        return ig_error_set(error, IG_ERR_MPI, "MPI cannot be started");
    }
    ig_status status = ig_mpi_check(MPI_Comm_dup(MPI_COMM_WORLD, comm), "MPI_Comm_dup", error);
    return status ? status
                  : ig_mpi_check(MPI_Comm_set_errhandler(*comm, MPI_ERRORS_RETURN),
                                 "MPI_Comm_set_errhandler", error);
}

int ig_mpi_end(MPI_Comm *comm, int code)
{
    int freed = MPI_Comm_free(comm);
    /* What is done is done, so that nobody is ended for this; but a rank that leaves without having
     * come to the end must not look like one that has. */
    if (MPI_Finalize() == MPI_SUCCESS && freed == MPI_SUCCESS) {
        return code;
    }
    fprintf(stderr, "imagrid: MPI does not end as it should\n");
    return code ? code : 1;
}
