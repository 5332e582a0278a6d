#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/parallel.h"
#include "doctor/probe.h"
#include "run/ranks.h"

ig_status ig_ranks_init(MPI_Comm comm, ig_ranks *ranks, ig_error *error)
{
    ig_ranks r = {.comm = comm};
    ig_host_name mine = "";
    int length = 0;
    ig_status status = ig_mpi_check(MPI_Comm_rank(comm, &r.rank), "MPI_Comm_rank", error);
    if (!status) {
        status = ig_mpi_check(MPI_Comm_size(comm, &r.ranks), "MPI_Comm_size", error);
    }
    if (!status) {
        status =
            ig_mpi_check(MPI_Get_processor_name(mine, &length), "MPI_Get_processor_name", error);
    }
    if (status) {
        return status;
    }
    r.hosts = calloc((size_t)r.ranks, sizeof *r.hosts);
    status = r.hosts ? IG_OK
                     : ig_error_set(error, IG_ERR_MEMORY, "no memory for %d host names", r.ranks);
    status = ig_agree(comm, status, error);
    if (!status) {
        status = ig_mpi_check(
            MPI_Allgather(mine, sizeof mine, MPI_CHAR, r.hosts, sizeof mine, MPI_CHAR, comm),
            "MPI_Allgather", error);
    }
    if (status) {
        free(r.hosts);
        return status;
    }
    for (int i = 0; i < r.ranks; i++) {
        int before = 0;
        while (strcmp(r.hosts[before], r.hosts[i]) != 0) {
            before++;
        }
        r.n_hosts += before == i;
    }
    *ranks = r;
    return IG_OK;
}

void ig_ranks_clear(ig_ranks *ranks)
{
    free(ranks->hosts);
    ranks->hosts = NULL;
}

bool ig_ranks_first_of_host(const ig_ranks *ranks)
{
    int first = 0;
    while (strcmp(ranks->hosts[first], ranks->hosts[ranks->rank]) != 0) {
        first++;
    }
    return first == ranks->rank;
}

/** How many ranks say yes, and the lowest that says no (or -1); on every rank. */
static ig_status count(const ig_ranks *r, int yes, int *n, int *first_no, ig_error *error)
{
    int mine = yes ? r->ranks : r->rank, lowest = 0;
    ig_status status =
        ig_mpi_check(MPI_Allreduce(&yes, n, 1, MPI_INT, MPI_SUM, r->comm), "MPI_Allreduce", error);
    if (!status) {
        status = ig_mpi_check(MPI_Allreduce(&mine, &lowest, 1, MPI_INT, MPI_MIN, r->comm),
                              "MPI_Allreduce", error);
    }
    *first_no = lowest == r->ranks ? -1 : lowest;
    return status;
}

/** Whether this rank finds the very folder of rank 0, which has `inode`. Directory caches of NFS
 *  may take a moment. */
static int finds(const ig_scratch *scratch, unsigned long long inode)
{
    enum { PATIENCE = 50, PAUSE = 100000 };
    struct stat info;
    for (int i = 0; i < PATIENCE; i++) {
        if (stat(scratch->folder, &info) == 0) {
            return (unsigned long long)info.st_ino == inode;
        }
        usleep(PAUSE);
    }
    return 0;
}

ig_status ig_parallel_share(const ig_ranks *ranks, ig_scratch *scratch, bool *seen,
                            ig_findings *findings, ig_error *error)
{
    struct stat info = {0};
    int n = 0, blind = -1;
    ig_scratch given = *scratch;
    if (ranks->rank == 0 && stat(scratch->folder, &info) != 0) {
        given.folder[0] = '\0';
    }
    unsigned long long inode = info.st_ino;
    ig_status status =
        ig_mpi_check(MPI_Bcast(&given, sizeof given, MPI_BYTE, 0, ranks->comm), "MPI_Bcast", error);
    if (!status) {
        status = ig_mpi_check(MPI_Bcast(&inode, 1, MPI_UNSIGNED_LONG_LONG, 0, ranks->comm),
                              "MPI_Bcast", error);
    }
    if (!status) {
        /* Rank 0 has to remove its folder in any case. */
        if (ranks->rank != 0) {
            *scratch = given;
        }
        status = count(ranks, finds(scratch, inode), &n, &blind, error);
    }
    if (status) {
        return status;
    }
    *seen = blind < 0;
    if (*seen) {
        ig_findings_add(findings, IG_GOOD, "directory", "seen by all %d ranks on %d host%s",
                        ranks->ranks, ranks->n_hosts, ranks->n_hosts == 1 ? "" : "s");
    } else {
        ig_findings_add(findings, IG_UNFIT, "directory",
                        "rank %d on host %s does not see the directory of rank 0 on host %s: take "
                        "one that all hosts share",
                        blind, ranks->hosts[blind], ranks->hosts[0]);
    }
    return IG_OK;
}

/** One kind of lock: rank 0 takes it, the others must not get it. */
static ig_status share_lock(const ig_ranks *r, ig_lock_kind kind, const char *path, bool needed,
                            ig_findings *findings, ig_error *error)
{
    const int create = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = r->rank == 0 ? open(path, create, 0600) : -1;
    int held = r->rank == 0 && fd >= 0 && ig_lock_try(kind, fd) == 0, n = 0, blind = -1;
    ig_status status = ig_mpi_check(MPI_Bcast(&held, 1, MPI_INT, 0, r->comm), "MPI_Bcast", error);
    int meets = 1;
    if (!status && held && r->rank != 0) {
        fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        meets = fd >= 0 && ig_lock_try(kind, fd) == EAGAIN;
    }
    if (!status) {
        status = count(r, meets, &n, &blind, error);
    }
    if (fd >= 0) {
        close(fd);
    }
    const char *name = ig_lock_kind_name(kind);
    if (status || !held) {
        return status; /* that they do not work at all has been found before */
    }
    if (blind < 0) {
        ig_findings_add(findings, IG_GOOD, name, "a lock of rank 0 is met by all other ranks");
    } else {
        ig_findings_add(findings, needed ? IG_UNFIT : IG_NOTE, name,
                        "a lock of rank 0 on host %s is not met by %d ranks, the first on host %s",
                        r->hosts[0], r->ranks - n, r->hosts[blind]);
        ig_findings_set(findings, ig_probe_locking_off);
    }
    return IG_OK;
}

ig_status ig_parallel_locks(const ig_ranks *ranks, const ig_scratch *scratch,
                            const ig_filesystem *filesystem, ig_findings *findings, ig_error *error)
{
    /* A file for each kind: no rank is to meet the one before. */
    static const char *const names[IG_LOCK_KINDS] = {"shared-lock-1", "shared-lock-2"};
    char path[IG_SCRATCH_NAME];
    ig_status status = IG_OK;
    for (int kind = 0; kind < IG_LOCK_KINDS && !status && ranks->ranks > 1; kind++) {
        ig_scratch_file(scratch, names[kind], path);
        status = share_lock(ranks, (ig_lock_kind)kind, path,
                            filesystem->needs_locks && kind == IG_FCNTL, findings, error);
    }
    return status;
}
