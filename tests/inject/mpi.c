/** MPI. A call that fails has done nothing: the other ranks wait for it. */
#include "inject.h"

#include <mpi.h>

#define WRAP(name, parameters, arguments)                                                          \
    INJECT_WRAP(INJECT_MPI, int, MPI_ERR_OTHER, name, parameters, arguments)

WRAP(MPI_Init, (int *argc, char ***argv), (argc, argv))
WRAP(MPI_Finalize, (void), ())
WRAP(MPI_Comm_dup, (MPI_Comm comm, MPI_Comm *copy), (comm, copy))
WRAP(MPI_Comm_split_type, (MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm *part),
     (comm, type, key, info, part))
WRAP(MPI_Comm_free, (MPI_Comm * comm), (comm))
WRAP(MPI_Comm_rank, (MPI_Comm comm, int *rank), (comm, rank))
WRAP(MPI_Comm_size, (MPI_Comm comm, int *size), (comm, size))
WRAP(MPI_Comm_set_errhandler, (MPI_Comm comm, MPI_Errhandler handler), (comm, handler))
WRAP(MPI_Get_processor_name, (char *name, int *length), (name, length))
WRAP(MPI_Get_library_version, (char *version, int *length), (version, length))
WRAP(MPI_Error_string, (int code, char *text, int *length), (code, text, length))
WRAP(MPI_Abort, (MPI_Comm comm, int code), (comm, code))
WRAP(MPI_Bcast, (void *buffer, int n, MPI_Datatype type, int root, MPI_Comm comm),
     (buffer, n, type, root, comm))
WRAP(MPI_Allreduce, (const void *in, void *out, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
     (in, out, n, type, op, comm))
WRAP(MPI_Allgather,
     (const void *in, int n_in, MPI_Datatype type_in, void *out, int n_out, MPI_Datatype type_out,
      MPI_Comm comm),
     (in, n_in, type_in, out, n_out, type_out, comm))
WRAP(MPI_Barrier, (MPI_Comm comm), (comm))
WRAP(MPI_Send, (const void *buffer, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm),
     (buffer, n, type, to, tag, comm))
WRAP(MPI_Isend,
     (const void *buffer, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm,
      MPI_Request *request),
     (buffer, n, type, to, tag, comm, request))
WRAP(MPI_Recv,
     (void *buffer, int n, MPI_Datatype type, int from, int tag, MPI_Comm comm, MPI_Status *status),
     (buffer, n, type, from, tag, comm, status))
WRAP(MPI_Irecv,
     (void *buffer, int n, MPI_Datatype type, int from, int tag, MPI_Comm comm,
      MPI_Request *request),
     (buffer, n, type, from, tag, comm, request))
WRAP(MPI_Iprobe, (int from, int tag, MPI_Comm comm, int *there, MPI_Status *status),
     (from, tag, comm, there, status))
WRAP(MPI_Test, (MPI_Request * request, int *done, MPI_Status *status), (request, done, status))
WRAP(MPI_Wait, (MPI_Request * request, MPI_Status *status), (request, status))
