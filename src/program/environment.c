#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/try.h"
#include "program/child.h"

/* What makes a process believe that it is one of several, as launchers set it and MPI's libraries
 * read it. A name that ends in '*' stands for all that begin so. What a user may have set by hand
 * stays: OMPI_MCA_btl and the like, OMPI_ALLOW_RUN_AS_ROOT, SLURM_JOB_ID, SLURM_CPUS_PER_TASK. */
static const char *const marks[] = {
    /* Open MPI 4, mpirun */
    "OMPI_APP_CTX_*",
    "OMPI_ARGV",
    "OMPI_COMMAND",
    "OMPI_COMM_WORLD_*",
    "OMPI_FILE_LOCATION",
    "OMPI_FIRST_RANKS",
    "OMPI_NUM_APP_CTX",
    "OMPI_UNIVERSE_SIZE",
    "OMPI_MCA_ess",
    "OMPI_MCA_ess_*",
    "OMPI_MCA_orte_*",
    "ORTE_*",
    "OMPI_MCA_pmix",
    "OMPI_MCA_initial_wdir",
    "OMPI_MCA_mpi_oversubscribe",
    "OMPI_MCA_shmem_RUNTIME_QUERY_hint",
    "OMPI_MCA_plm*",
    "OMPI_MCA_schizo*",
    "OMPI_MCA_ras*",
    "HFI_NO_BACKTRACE",
    "IPATH_NO_BACKTRACE",
    /* Open MPI 5 and other users of PMIx */
    "OMPI_WORLD_*",
    "OMPI_MCA_num_procs",
    "OMPI_TOOL_NAME",
    "PMIX_*",
    "PRTE_*",
    "OPAL_PMIX_*",
    /* MPICH, Intel MPI, MVAPICH2, Cray MPICH */
    "PMI_*",
    "PMI2_*",
    "PMI1_*",
    "MPI_LOCALNRANKS",
    "MPI_LOCALRANKID",
    "MPI_LOCAL*",
    "MPIEXEC_*",
    "MPIR_*",
    "HYDRA_*",
    "HYDI_*",
    "HYD_*",
    "I_MPI_PMI*",
    "I_MPI_HYDRA*",
    "I_MPI_MPIRUN",
    "MPIRUN_*",
    "MV2_COMM_WORLD_*",
    "MPISPAWN_*",
    "ALPS_*",
    "PALS_*",
    "JSM_NAMESPACE_*",
    "FLUX_TASK_*",
    "FLUX_JOB_SIZE",
    "FLUX_JOB_NNODES",
    "FLUX_KVS_NAMESPACE",
    "FLUX_PMI_*",
    /* a step of Slurm's: the job stays */
    "SLURM_PROCID",
    "SLURM_LOCALID",
    "SLURM_NODEID",
    "SLURM_GTIDS",
    "SLURM_STEP*",
    "SLURM_NTASKS*",
    "SLURM_NPROCS",
    "SLURM_TASK_PID",
    "SLURM_TASKS_PER_NODE",
    "SLURM_PMI*",
    "SLURM_MPI_TYPE",
    "SLURM_SRUN_*",
    "SLURM_LAUNCH_*",
    "SLURM_CPU_BIND*",
    "SLURM_MEM_BIND*",
    "SLURM_DISTRIBUTION",
    "SLURM_UMASK",
    "SLURM_PRIO_PROCESS",
    "SLURM_TOPOLOGY_ADDR*",
    "SLURM_RLIMIT_*",
    "SLURMD_DEBUG",
    "PMI_SLURM_*",
    /* a rank that torchrun or the like has started */
    "RANK",
    "WORLD_SIZE",
    "LOCAL_RANK",
    "LOCAL_WORLD_SIZE",
    "GROUP_RANK",
    "ROLE_RANK",
    "ROLE_WORLD_SIZE",
    "MASTER_ADDR",
    "MASTER_PORT",
    "TORCHELASTIC_*",
};

static bool is_mark(const char *variable)
{
    const size_t length = strcspn(variable, "=");
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *mark = marks[i];
        const size_t n = strlen(mark);
        if (mark[n - 1] == '*' ? length >= n - 1 && memcmp(variable, mark, n - 1) == 0
                               : length == n && memcmp(variable, mark, n) == 0) {
            return true;
        }
    }
    return false;
}

/** Whether `set` has a variable of the same name. */
static bool is_set(const char *variable, char *const *set)
{
    const size_t length = strcspn(variable, "=");
    for (; set && *set; set++) {
        if (strncmp(*set, variable, length) == 0 && (*set)[length] == '=') {
            return true;
        }
    }
    return false;
}

/** The variables into `to`, their texts behind the pointers; `to` NULL: count only. */
static void gather(char *const *from, char *const *without, bool marked, char **to, char *texts,
                   size_t *n, size_t *bytes)
{
    for (; from && *from; from++) {
        if (is_set(*from, without) || (!marked && is_mark(*from))) {
            continue;
        }
        const size_t size = strlen(*from) + 1;
        if (to) {
            to[*n] = memcpy(texts + *bytes, *from, size);
        }
        ++*n;
        *bytes += size;
    }
}

ig_status ig_child_environment(char *const *set, char ***environment, ig_error *error)
{
    size_t n = 0, bytes = 0;
    gather(environ, set, false, NULL, NULL, &n, &bytes);
    gather(set, NULL, true, NULL, NULL, &n, &bytes);
    const size_t pointers = (n + 1) * sizeof(char *);
    char **const block = ig_alloc(1, pointers + bytes, error);
    if (!block) {
        return IG_ERR_MEMORY;
    }
    char *const texts = (char *)block + pointers;
    n = bytes = 0;
    gather(environ, set, false, block, texts, &n, &bytes);
    gather(set, NULL, true, block, texts, &n, &bytes);
    *environment = block;
    return IG_OK;
}
