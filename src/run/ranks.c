#include "run/ranks.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/run.h"

ig_status ig_mpi_start(MPI_Comm *comm, ig_error *error)
{
    /* A process alone needs no daemon: Open MPI would start one, which needs files of megabytes,
     * descriptors and threads that limits may not allow. */
    if (ig_launched_rank() < 0 && setenv("OMPI_MCA_ess_singleton_isolated", "1", 0) != 0) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    }
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS) {
        return ig_error_set(error, IG_ERR_MPI, "MPI_Init failed");
    }
    TRY_MPI(MPI_Comm_dup(MPI_COMM_WORLD, comm), error);
    TRY_MPI(MPI_Comm_set_errhandler(*comm, MPI_ERRORS_RETURN), error);
    return IG_OK;
}

int ig_mpi_end(MPI_Comm *comm, int code)
{
    /* MPICH over UCX and TCP often waits for ever for those who are in MPI_Finalize long before the
     * others; together they get through nearly always. */
    ig_error error = {0};
    if (ig_mpi_check(MPI_Barrier(*comm), "MPI_Barrier", &error)) {
        ig_mpi_abort(*comm, &error);
    }
    const int freed = MPI_Comm_free(comm);
    /* What is done is done, so that nobody is ended for this; but a rank that leaves without having
     * come to the end must not look like one that has. */
    if (MPI_Finalize() == MPI_SUCCESS && freed == MPI_SUCCESS) {
        return code;
    }
    fprintf(stderr, "imagrid: MPI_Finalize failed\n");
    return code ? code : 1;
}

ig_status ig_mpi_check(int code, const char *call, ig_error *error)
{
    if (code == MPI_SUCCESS) {
        return IG_OK;
    }
    char text[MPI_MAX_ERROR_STRING] = "unknown error";
    int length = 0;
    MPI_Error_string(code, text, &length);
    return ig_error_set(error, IG_ERR_MPI, "%.*s: %s", (int)strcspn(call, "("), call, text);
}

ig_status ig_agree_all(MPI_Comm comm, ig_status mine, ig_error *error)
{
    if (mine == IG_ERR_MPI) {
        return mine;
    }
    struct {
        int ok, rank;
    } in = {mine == IG_OK, 0}, out = {0, 0};
    TRY_MPI(MPI_Comm_rank(comm, &in.rank), error);
    TRY_MPI(MPI_Allreduce(&in, &out, 1, MPI_2INT, MPI_MINLOC, comm), error);
    if (out.ok) {
        return IG_OK;
    }
    ig_error first = *error;
    if (!first.status) {
        /* A failure without a message must not look like success to the others. */
        first.status = mine ? mine : IG_ERR_MPI;
    }
    TRY_MPI(MPI_Bcast(&first, sizeof first, MPI_BYTE, out.rank, comm), error);
    *error = first;
    return first.status;
}

ig_status ig_hosts_gather(MPI_Comm comm, ig_host_name **hosts, ig_error *error)
{
    int ranks = 0, length = 0;
    ig_host_name mine = "";
    AUTO_FREE ig_host_name *all = NULL;
    TRY_MPI(MPI_Comm_size(comm, &ranks), error);
    TRY_MPI(MPI_Get_processor_name(mine, &length), error);
    TRY(ig_agree(comm, IG_ALLOC(all, (size_t)ranks, error), error));
    TRY_MPI(MPI_Allgather(mine, sizeof mine, MPI_CHAR, all, sizeof mine, MPI_CHAR, comm), error);
    *hosts = ig_take(&all);
    return IG_OK;
}

_Noreturn void ig_mpi_abort(MPI_Comm comm, const ig_error *error)
{
    int rank = -1, started = 0;
    if (MPI_Initialized(&started) == MPI_SUCCESS && started) {
        MPI_Comm_rank(comm, &rank);
    }
    if (rank < 0) {
        fprintf(stderr, "imagrid: %s\n", error->text);
    } else {
        fprintf(stderr, "imagrid: rank %d: %s\n", rank, error->text);
    }
    if (started) {
        MPI_Abort(comm, ig_status_exit_code(error->status));
    }
    exit(ig_status_exit_code(error->status));
}

/** The number that an environment variable begins with, -1 where there is none. */
static int read_number(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;
    const long number = text ? strtol(text, &end, 10) : -1;
    return text && end != text && number >= 0 && number <= INT_MAX ? (int)number : -1;
}

int ig_launched_rank(void)
{
    static const char *const names[] = {
        "OMPI_COMM_WORLD_RANK", /* Open MPI's mpirun */
        "PMIX_RANK",            /* every launcher that speaks PMIx: srun --mpi=pmix, prterun */
        "PMI_RANK",             /* MPICH, Intel MPI, Cray: mpiexec, srun --mpi=pmi2 */
        "MV2_COMM_WORLD_RANK",  /* MVAPICH2's mpirun_rsh */
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const int rank = read_number(names[i]);
        if (rank >= 0) {
            return rank;
        }
    }
    /* srun without a PMI numbers its processes all the same. A batch script has SLURM_PROCID too,
     * but belongs to no step; in a shell of `srun --pty` the step is that shell alone. */
    return read_number("SLURM_STEP_NUM_TASKS") > 1 ? read_number("SLURM_PROCID") : -1;
}

ig_status ig_ranks_on_node(MPI_Comm comm, int *local_rank, int *local_ranks, ig_error *error)
{
    MPI_Comm node = MPI_COMM_NULL;
    TRY_MPI(MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node), error);
    TRY_MPI(MPI_Comm_set_errhandler(node, MPI_ERRORS_RETURN), error);
    TRY_MPI(MPI_Comm_rank(node, local_rank), error);
    TRY_MPI(MPI_Comm_size(node, local_ranks), error);
    TRY_MPI(MPI_Comm_free(&node), error);
    return IG_OK;
}
