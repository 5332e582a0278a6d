#include "run/share-file.h"

#include <stdlib.h>

#include "run/agree.h"

ig_status ig_share_file(MPI_Comm comm, const char *path, char **text, size_t *size,
                        ig_diagnostics *diagnostics, ig_error *error)
{
    int rank = 0;
    unsigned long long length = 0;
    ig_status status = ig_mpi_check(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank", error);
    if (!status && rank == 0) {
        status = ig_config_read_file(path, text, size, diagnostics);
        if (status) {
            ig_error_set(error, status,
                         status == IG_ERR_MEMORY ? "no memory to read the configuration"
                                                 : "the configuration cannot be read");
        }
        length = *size;
    }
    status = ig_agree(comm, status, error);
    if (status) {
        return status;
    }
    status =
        ig_mpi_check(MPI_Bcast(&length, 1, MPI_UNSIGNED_LONG_LONG, 0, comm), "MPI_Bcast", error);
    *size = (size_t)length;
    if (!status && rank != 0) {
        *text = malloc(*size + 1);
        status = *text ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "no memory to configure");
    }
    status = ig_agree(comm, status, error);
    if (!status) {
        status = ig_mpi_check(MPI_Bcast(*text, (int)*size, MPI_BYTE, 0, comm), "MPI_Bcast", error);
        (*text)[*size] = '\0';
    }
    return status;
}
