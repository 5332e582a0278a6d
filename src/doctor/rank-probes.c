#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <math.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/probes.h"
#include "run/output.h"
#include "run/stop.h"
#include "run/worker.h"

/** The ranks and where they are. */
typedef struct ranks {
    MPI_Comm comm;
    int rank, ranks, n_hosts;
    ig_host_name *hosts; /**< by rank, on every rank; owned */
} ranks;

/** The lowest rank on the host of rank `r`. */
static int first_of_host(const ranks *all, int r)
{
    int first = 0;
    while (strcmp(all->hosts[first], all->hosts[r]) != 0) {
        first++;
    }
    return first;
}

/** Collective: how many ranks say yes, and the lowest that says no (or -1); on every rank. */
static ig_status count(const ranks *r, int yes, int *n, int *first_no, ig_error *error)
{
    int mine = yes ? r->ranks : r->rank, lowest = 0;
    TRY_MPI(MPI_Allreduce(&yes, n, 1, MPI_INT, MPI_SUM, r->comm), error);
    TRY_MPI(MPI_Allreduce(&mine, &lowest, 1, MPI_INT, MPI_MIN, r->comm), error);
    *first_no = lowest == r->ranks ? -1 : lowest;
    return IG_OK;
}

/** Whether this rank finds the very folder of rank 0, which has `inode`. Directory caches of NFS
 *  may take a moment. */
static int finds(const ig_scratch *scratch, unsigned long long inode)
{
    enum { TRIES = 50, PAUSE_MICROSECONDS = 100000 };
    struct stat info;
    for (int i = 0; i < TRIES; i++) {
        if (stat(scratch->folder, &info) == 0) {
            return (unsigned long long)info.st_ino == inode;
        }
        usleep(PAUSE_MICROSECONDS);
    }
    return 0;
}

/** Collective: every rank gets the scratch folder of rank 0; `*seen`: all ranks find it. */
static ig_status share_folder(const ranks *r, ig_scratch *scratch, bool *seen,
                              ig_findings *findings, ig_error *error)
{
    struct stat info = {0};
    int n = 0, blind = -1;
    if (r->rank == 0 && stat(scratch->folder, &info) != 0) {
        scratch->folder[0] = '\0';
    }
    unsigned long long inode = info.st_ino;
    TRY_MPI(MPI_Bcast(scratch, sizeof *scratch, MPI_BYTE, 0, r->comm), error);
    TRY_MPI(MPI_Bcast(&inode, 1, MPI_UNSIGNED_LONG_LONG, 0, r->comm), error);
    TRY(count(r, finds(scratch, inode), &n, &blind, error));
    *seen = blind < 0;
    if (*seen) {
        ig_findings_add(findings, IG_GOOD, "directory", "seen by all %d ranks on %d host%s",
                        r->ranks, r->n_hosts, r->n_hosts == 1 ? "" : "s");
    } else {
        ig_findings_add(findings, IG_UNFIT, "directory",
                        "rank %d on host %s does not see the directory of rank 0 on host %s: take "
                        "one that all hosts share",
                        blind, r->hosts[blind], r->hosts[0]);
    }
    return IG_OK;
}

/** Collective: all ranks create the same file, and one of them may succeed. */
static ig_status share_creation(const ranks *r, const char *path, ig_findings *findings,
                                ig_error *error)
{
    int created = 0, ignored = -1;
    TRY_MPI(MPI_Barrier(r->comm), error);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
    }
    TRY(count(r, fd >= 0, &created, &ignored, error));
    if (created == 1) {
        ig_findings_add(findings, IG_GOOD, "creation",
                        "O_EXCL: of %d ranks at once one created the file", r->ranks);
    } else {
        ig_findings_add(findings, IG_UNFIT, "creation",
                        "O_EXCL: of %d ranks at once %d created the same file: two runs could use "
                        "one result file",
                        r->ranks, created);
    }
    return IG_OK;
}

/** Collective, one kind of lock: rank 0 takes it, the others must not get it. */
static ig_status share_lock(const ranks *r, ig_lock_kind kind, const char *path, bool needed,
                            ig_findings *findings, ig_error *error)
{
    const int create = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = r->rank == 0 ? open(path, create, 0600) : -1;
    int held = r->rank == 0 && fd >= 0 && ig_lock_try(kind, fd) == 0, n = 0, blind = -1;
    ig_status status = ig_mpi_check(MPI_Bcast(&held, 1, MPI_INT, 0, r->comm), "MPI_Bcast", error);
    int excluded = 1;
    if (!status && held && r->rank != 0) {
        fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        excluded = fd >= 0 && ig_lock_try(kind, fd) == EAGAIN;
    }
    if (!status) {
        status = count(r, excluded, &n, &blind, error);
    }
    if (fd >= 0) {
        close(fd);
    }
    const char *name = ig_lock_kind_name(kind);
    if (status || !held) {
        return status; /* that they do not work at all has been found before */
    }
    if (blind < 0) {
        ig_findings_add(findings, IG_GOOD, name, "a lock of rank 0 excludes all other ranks");
    } else {
        ig_findings_add(findings, needed ? IG_UNFIT : IG_NOTE, name,
                        "a lock of rank 0 on host %s does not exclude %d ranks, the first on host "
                        "%s",
                        r->hosts[0], r->ranks - n, r->hosts[blind]);
        ig_findings_set(findings, ig_setting_no_locks);
    }
    return IG_OK;
}

/* The result file. Rows of neighbouring tasks come from different ranks: what one host's cache
 * keeps of a page must not undo what another host wrote into it. */
enum { ROWS = 64 };
static const char column[] = "reward_mse";

/** A result file as runs create them, of no real tasks. */
typedef struct exercise {
    const ranks *ranks;
    char path[IG_SCRATCH_NAME];
    ig_config *config;
    ig_grid *grid;
    ig_layout *layout;
    ig_row row;
    double seconds; /**< this rank's time for its rows */
} exercise;

static void exercise_clear(exercise *e)
{
    free(e->row.bytes);
    ig_layout_destroy(&e->layout);
    ig_grid_destroy(&e->grid);
    ig_config_destroy(&e->config);
}

static ig_status prepare(exercise *e, ig_error *error)
{
    char text[128];
    AUTO(ig_diagnostics_destroy) ig_diagnostics *diagnostics = ig_diagnostics_create();
    snprintf(text, sizeof text, "experiment: scaling\nseeds: %d\nanchors: 1\ntrain: {epochs: 1}\n",
             e->ranks->ranks * ROWS);
    const ig_status status = diagnostics
                                 ? ig_experiment_configure(ig_experiments(), text, strlen(text),
                                                           "doctor", &e->config, diagnostics)
                                 : IG_ERR_MEMORY;
    if (status) {
        return ig_error_set(error, status, "no grid for %d ranks", e->ranks->ranks);
    }
    const ig_experiment *x = ig_experiment_of(e->config);
    TRY(ig_grid_create(e->config, &e->grid, error));
    TRY(ig_layout_create(x->columns, x->n_columns, x->dimensions, x->n_dimensions, e->config,
                         &e->layout, error));
    e->row.layout = e->layout;
    return IG_ALLOC(e->row.bytes, e->layout->row_size, error);
}

static ig_status create(const exercise *e, ig_error *error)
{
    char libraries[IG_LIBRARIES_TEXT];
    const ig_provenance provenance = ig_provenance_collect(IG_ISA_PORTABLE, libraries);
    return ig_store_create(e->path, ig_experiment_of(e->config), e->grid, e->layout, &provenance,
                           error);
}

/** This rank's rows, each written by itself. */
static ig_status write_rows(exercise *e, ig_writer *writer, ig_error *error)
{
    const double begin = ig_clock_monotonic();
    for (size_t k = 0; k < ROWS; k++) {
        const ig_outcome outcome = {.task = k * (size_t)e->ranks->ranks + (size_t)e->ranks->rank,
                                    .state = IG_STATE_DONE,
                                    .bytes = e->row.bytes,
                                    .failure = "",
                                    .rank = e->ranks->rank};
        ig_row_clear(&e->row);
        ig_row_set(&e->row, column, (double)(outcome.task + 1));
        TRY(ig_writer_put(writer, &outcome, error));
        TRY(ig_writer_flush(writer, error));
    }
    e->seconds = ig_clock_monotonic() - begin;
    return IG_OK;
}

/** Every row has its checksum and its number. */
static ig_status read_rows(const exercise *e, ig_error *error)
{
    const size_t n = ig_grid_n_tasks(e->grid), n_ranks = (size_t)e->ranks->ranks;
    AUTO(ig_store_close) ig_store *store = NULL;
    AUTO_FREE int8_t *state = NULL;
    AUTO_FREE double *values = NULL;
    ig_store_scan scan = {0};
    TRY(IG_ALLOC(state, n, error));
    TRY(IG_ALLOC(values, n, error));
    TRY(ig_store_open(ig_experiments(), e->path, false, &store, error));
    TRY(ig_store_check(store, state, &scan, error));
    TRY(ig_store_read(store, column, values, error));
    for (size_t t = 0; t < n; t++) {
        if (state[t] != IG_STATE_DONE || values[t] != (double)(t + 1)) {
            return ig_error_set(error, IG_ERR_FORMAT,
                                "on host %s %zu of %zu rows are there and %zu damaged; the first "
                                "wrong one was written by rank %zu",
                                e->ranks->hosts[e->ranks->rank], scan.done, n, scan.damaged,
                                t % n_ranks);
        }
    }
    return IG_OK;
}

/** Collective: create, write, close, and read on every host. */
static ig_status exercise_file(exercise *e, ig_error *error)
{
    MPI_Comm comm = e->ranks->comm;
    const int rank = e->ranks->rank;
    ig_writer *writer = NULL;
    TRY(ig_agree(comm, prepare(e, error), error));
    TRY(ig_agree(comm, rank == 0 ? create(e, error) : IG_OK, error));
    const ig_identity rows = ig_identity_of_run(ig_experiments(), e->config, IG_ISA_PORTABLE, NULL);
    TRY(ig_output_writer(ig_experiments(), e->path, comm, e->layout, &rows, &writer, error));
    const ig_status status = ig_agree(comm, write_rows(e, writer, error), error);
    if (status == IG_ERR_MPI) {
        return status;
    }
    ig_error close_error = {0};
    const ig_status closed = ig_output_writer_close(comm, &writer, &close_error);
    TRY(status);
    if (closed) {
        *error = close_error;
        return closed;
    }
    const bool reads = first_of_host(e->ranks, rank) == rank;
    return ig_agree(comm, reads ? read_rows(e, error) : IG_OK, error);
}

/** Collective: every rank writes interleaved rows of one result file by the code of a run, and one
 *  rank of every host reads them all. */
static ig_status share_file(const ranks *r, const ig_scratch *scratch, ig_findings *findings,
                            ig_error *error)
{
    AUTO(exercise_clear) exercise e = {.ranks = r};
    ig_error cause = {0};
    double slowest = 0;
    ig_scratch_path(scratch, IG_SCRATCH_RESULT, e.path);
    if (r->rank == 0) {
        ig_scratch_watch(60, "ranks write one result file", "take another directory\n");
    }
    const ig_status failed = exercise_file(&e, &cause);
    if (r->rank == 0) {
        ig_scratch_watch(0, "", "");
    }
    if (failed == IG_ERR_MPI) {
        *error = cause;
        return failed;
    }
    TRY_MPI(MPI_Allreduce(&e.seconds, &slowest, 1, MPI_DOUBLE, MPI_MAX, r->comm), error);
    if (failed) {
        ig_findings_add(findings, IG_UNFIT, "result file", "%s", cause.text);
    } else {
        ig_findings_add(findings, IG_GOOD, "result file",
                        "%d rank%s wrote %d rows each, one at a time: %.3g rows/s per rank; every "
                        "host reads all of them",
                        r->ranks, r->ranks == 1 ? "" : "s", ROWS, ROWS / fmax(slowest, 1e-9));
    }
    return IG_OK;
}

/* Messages: as long as a request of a run; few enough that thousands of ranks take seconds. A run
 * answers within about a millisecond (its poll interval), so that a network of twice that would be
 * what ranks wait for. */
enum { WARM_UP = 5, ROUNDS = 50, TAG = 1, HOSTS_SHOWN = 20 };
static const double slow = 2e-3;

/** Round trips between rank 0 and another rank, called by both. */
typedef struct trips {
    double median, worst; /**< seconds; on rank 0 */
} trips;

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static ig_status measure(const ranks *r, int other, trips *times, ig_error *error)
{
    ig_request message = {0};
    double seconds[ROUNDS];
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        const double begin = ig_clock_monotonic();
        TRY_MPI(MPI_Send(&message, sizeof message, MPI_BYTE, other, TAG, r->comm), error);
        TRY_MPI(
            MPI_Recv(&message, sizeof message, MPI_BYTE, other, TAG, r->comm, MPI_STATUS_IGNORE),
            error);
        seconds[i < 0 ? 0 : i] = ig_clock_monotonic() - begin;
    }
    qsort(seconds, ROUNDS, sizeof *seconds, ascending);
    times->median = seconds[ROUNDS / 2];
    times->worst = seconds[ROUNDS - 1];
    return IG_OK;
}

static ig_status echo(const ranks *r, ig_error *error)
{
    ig_request message;
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        TRY_MPI(MPI_Recv(&message, sizeof message, MPI_BYTE, 0, TAG, r->comm, MPI_STATUS_IGNORE),
                error);
        TRY_MPI(MPI_Send(&message, sizeof message, MPI_BYTE, 0, TAG, r->comm), error);
    }
    return IG_OK;
}

/** "2.5 us" or "12 ms"; returns `text`. */
static const char *time_text(double seconds, char text[32])
{
    const bool milli = seconds >= 1e-3;
    snprintf(text, 32, "%.3g %s", seconds * (milli ? 1e3 : 1e6), milli ? "ms" : "us");
    return text;
}

/** Rank 0: its round trips with the ranks of the host that begins at rank `first`. */
static ig_status probe_host(const ranks *r, int first, bool shown, ig_findings *findings,
                            ig_error *error)
{
    int n = 0;
    trips slowest = {0, 0};
    for (int other = first; other < r->ranks; other++) {
        if (other > 0 && strcmp(r->hosts[other], r->hosts[first]) == 0) {
            trips one;
            TRY(measure(r, other, &one, error));
            slowest.median = fmax(slowest.median, one.median);
            slowest.worst = fmax(slowest.worst, one.worst);
            n++;
        }
    }
    char median[32], worst[32];
    const bool late = slowest.median > slow;
    if (n > 0 && shown) {
        ig_findings_add(findings, late ? IG_NOTE : IG_GOOD, "messages",
                        "rank 0 on %s to %d rank%s on %s and back: median %s, worst %s%s",
                        r->hosts[0], n, n == 1 ? "" : "s", r->hosts[first],
                        time_text(slowest.median, median), time_text(slowest.worst, worst),
                        late ? "; give the ranks a core each and the fast network" : "");
    }
    return IG_OK;
}

/** Names of this host's IPv4 networks with commas between; returns how many. */
static int networks(char *text, size_t size)
{
    struct ifaddrs *all = NULL;
    size_t used = 0;
    int n = 0;
    text[0] = '\0';
    if (getifaddrs(&all) != 0) {
        return 0;
    }
    for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
        const bool ours = i->ifa_addr && i->ifa_addr->sa_family == AF_INET &&
                          (i->ifa_flags & IFF_UP) && !(i->ifa_flags & IFF_LOOPBACK);
        if (ours && used + strlen(i->ifa_name) + 2 < size) {
            used += (size_t)snprintf(text + used, size - used, "%s%s", n ? "," : "", i->ifa_name);
            n++;
        }
    }
    freeifaddrs(all);
    return n;
}

/** Variables that choose the network, by a word of the library's own name. */
static const struct {
    const char *mpi, *variables;
} network_settings[] = {
    {"Open MPI", "OMPI_MCA_btl_tcp_if_include=NAME OMPI_MCA_oob_tcp_if_include=NAME "
                 "PRTE_MCA_prte_if_include=NAME"},
    {"MPICH", "FI_TCP_IFACE=NAME UCX_NET_DEVICES=NAME"},
    {"Intel", "FI_TCP_IFACE=NAME"},
};

/** Rank 0: which MPI carries the messages, and what to set where it may take the wrong network. */
static void probe_transport(const ranks *r, ig_findings *findings)
{
    char mpi[IG_MPI_TEXT], names[256], line[IG_SETTING_TEXT];
    ig_findings_add(findings, IG_GOOD, "transport", "%s", ig_mpi_text(mpi));
    if (r->n_hosts == 1 || networks(names, sizeof names) < 2) {
        return;
    }
    ig_findings_add(
        findings, IG_NOTE, "transport",
        "%s has several networks (%s): where messages go by TCP, name the one that joins "
        "the hosts",
        r->hosts[0], names);
    for (size_t i = 0; i < sizeof network_settings / sizeof *network_settings; i++) {
        if (strstr(mpi, network_settings[i].mpi)) {
            snprintf(line, sizeof line, "export %s   # one of %s", network_settings[i].variables,
                     names);
            ig_findings_set(findings, line);
        }
    }
}

/** Collective: round trips of small messages from rank 0 to every other rank. */
static ig_status probe_messages(const ranks *r, ig_findings *findings, ig_error *error)
{
    if (r->rank != 0) {
        return echo(r, error);
    }
    for (int first = 0, hosts = 0; first < r->ranks; first++) {
        if (first_of_host(r, first) == first) {
            TRY(probe_host(r, first, hosts++ < HOSTS_SHOWN, findings, error));
        }
    }
    probe_transport(r, findings);
    return IG_OK;
}

/** Collective: everything, in a scratch folder of rank 0. */
static ig_status probe_all(const ranks *r, const ig_filesystem *filesystem, ig_scratch scratch,
                           ig_findings *findings, ig_error *error)
{
    bool seen = false;
    TRY(share_folder(r, &scratch, &seen, findings, error));
    if (seen && r->ranks > 1) {
        /* A file for each kind: locks of one kind may exclude those of the other. */
        char path[IG_SCRATCH_NAME];
        ig_scratch_path(&scratch, IG_SCRATCH_EXCLUSIVE, path);
        TRY(share_creation(r, path, findings, error));
        ig_scratch_path(&scratch, IG_SCRATCH_FLOCK, path);
        TRY(share_lock(r, IG_FLOCK, path, false, findings, error));
        ig_scratch_path(&scratch, IG_SCRATCH_FCNTL, path);
        TRY(share_lock(r, IG_FCNTL, path, filesystem->needs_locks, findings, error));
    }
    if (seen) {
        TRY(share_file(r, &scratch, findings, error));
    }
    return r->ranks > 1 ? probe_messages(r, findings, error) : IG_OK;
}

ig_status ig_probe_ranks(MPI_Comm comm, bool possible, const ig_filesystem *filesystem,
                         const ig_scratch *scratch, ig_findings *findings, ig_error *error)
{
    AUTO_FREE ig_host_name *hosts = NULL;
    ranks r = {.comm = comm};
    int go_on = possible;
    TRY_MPI(MPI_Bcast(&go_on, 1, MPI_INT, 0, comm), error);
    if (!go_on) {
        return IG_OK;
    }
    TRY_MPI(MPI_Comm_rank(comm, &r.rank), error);
    TRY_MPI(MPI_Comm_size(comm, &r.ranks), error);
    TRY(ig_hosts_gather(comm, &hosts, error));
    r.hosts = hosts;
    for (int i = 0; i < r.ranks; i++) {
        r.n_hosts += first_of_host(&r, i) == i;
    }
    return probe_all(&r, filesystem, *scratch, findings, error);
}
