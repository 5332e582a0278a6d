#include <ifaddrs.h>
#include <math.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/components.h"
#include "doctor/parallel.h"
#include "run/ranks.h"
#include "run/stop.h"
#include "run/worker.h"

/* As long as a request of a run; few enough that thousands of ranks take seconds. */
enum { WARM_UP = 5, ROUNDS = 50, TAG = 1, HOSTS_SHOWN = 20 };
static const double slow = 2e-3;

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/** Rank 0: seconds of ROUNDS round trips with one rank, ascending. */
static ig_status measure(const ig_ranks *r, int other, double seconds[ROUNDS], ig_error *error)
{
    ig_request message = {0};
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        double begin = ig_clock_monotonic();
        ig_status status = ig_mpi_check(
            MPI_Send(&message, sizeof message, MPI_BYTE, other, TAG, r->comm), "MPI_Send", error);
        if (!status) {
            status = ig_mpi_check(MPI_Recv(&message, sizeof message, MPI_BYTE, other, TAG, r->comm,
                                           MPI_STATUS_IGNORE),
                                  "MPI_Recv", error);
        }
        if (status) {
            return status;
        }
        if (i >= 0) {
            seconds[i] = ig_clock_monotonic() - begin;
        }
    }
    qsort(seconds, ROUNDS, sizeof *seconds, ascending);
    return IG_OK;
}

static ig_status answer(const ig_ranks *r, ig_error *error)
{
    ig_request message;
    ig_status status = IG_OK;
    for (int i = -WARM_UP; i < ROUNDS && !status; i++) {
        status = ig_mpi_check(
            MPI_Recv(&message, sizeof message, MPI_BYTE, 0, TAG, r->comm, MPI_STATUS_IGNORE),
            "MPI_Recv", error);
        if (!status) {
            status = ig_mpi_check(MPI_Send(&message, sizeof message, MPI_BYTE, 0, TAG, r->comm),
                                  "MPI_Send", error);
        }
    }
    return status;
}

/** "2.5 us" or "12 ms"; returns `text`. */
static const char *time_text(double seconds, char *text, size_t size)
{
    bool milli = seconds >= 1e-3;
    snprintf(text, size, "%.3g %s", seconds * (milli ? 1e3 : 1e6), milli ? "ms" : "us");
    return text;
}

/** The ranks of one host that begins at rank `first`: the median of their medians, and the worst
 *  single trip. `medians` and `worst` are by rank. */
static void tell_host(const ig_ranks *r, int first, const double *medians, const double *worst,
                      double *scratch, ig_findings *findings)
{
    size_t n = 0;
    double longest = 0;
    for (int i = first; i < r->ranks; i++) {
        if (i > 0 && strcmp(r->hosts[i], r->hosts[first]) == 0) {
            scratch[n++] = medians[i];
            longest = fmax(longest, worst[i]);
        }
    }
    if (n == 0) {
        return;
    }
    qsort(scratch, n, sizeof *scratch, ascending);
    double median = scratch[n / 2];
    char typical[32], extreme[32];
    ig_findings_add(findings, median > slow ? IG_NOTE : IG_GOOD, "messages",
                    "rank 0 on %s to %zu rank%s on %s and back: median %s, worst %s%s", r->hosts[0],
                    n, n == 1 ? "" : "s", r->hosts[first],
                    time_text(median, typical, sizeof typical),
                    time_text(longest, extreme, sizeof extreme),
                    median > slow ? "; give the ranks a core each and the fast network" : "");
}

/** Names of this host's IPv4 networks, for the setting that chooses among them. */
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
        bool ours = i->ifa_addr && i->ifa_addr->sa_family == AF_INET && (i->ifa_flags & IFF_UP) &&
                    !(i->ifa_flags & IFF_LOOPBACK);
        if (ours && used + strlen(i->ifa_name) + 2 < size) {
            used += (size_t)snprintf(text + used, size - used, "%s%s", n ? "," : "", i->ifa_name);
            n++;
        }
    }
    freeifaddrs(all);
    return n;
}

static void tell_transport(const ig_ranks *r, ig_findings *findings)
{
    char pml[128], btl[256], mtl[128], names[256], line[IG_SETTING_TEXT];
    ig_components_loaded("pml", pml, sizeof pml);
    ig_components_loaded("btl", btl, sizeof btl);
    ig_components_loaded("mtl", mtl, sizeof mtl);
    if (!pml[0]) {
        ig_findings_add(findings, IG_NOTE, "transport", "cannot be told");
        return;
    }
    bool tcp = strcmp(pml, "ob1") == 0 && strstr(btl, "tcp") && !strstr(btl, "openib");
    ig_findings_add(findings, IG_GOOD, "transport", "pml %s, %s %s loaded", pml,
                    strcmp(pml, "cm") == 0 ? "mtl" : "btl", strcmp(pml, "cm") == 0 ? mtl : btl);
    if (r->n_hosts > 1 && tcp && networks(names, sizeof names) > 1) {
        ig_findings_add(findings, IG_NOTE, "transport",
                        "TCP between hosts, and %s has several networks (%s): name the one that "
                        "joins them",
                        r->hosts[0], names);
        snprintf(line, sizeof line,
                 "export OMPI_MCA_btl_tcp_if_include=NAME OMPI_MCA_oob_tcp_if_include=NAME   # one "
                 "of %s, or a subnet as 10.0.0.0/8",
                 names);
        ig_findings_set(findings, line);
    }
}

ig_status ig_parallel_messages(const ig_ranks *ranks, ig_findings *findings, ig_error *error)
{
    const ig_ranks *r = ranks;
    double *numbers = r->rank == 0 ? calloc(3 * (size_t)r->ranks, sizeof *numbers) : NULL;
    ig_status status = r->rank == 0 && !numbers
                           ? ig_error_set(error, IG_ERR_MEMORY, "no memory for %d ranks", r->ranks)
                           : IG_OK;
    status = ig_agree(r->comm, status, error);
    if (status || r->rank != 0) {
        free(numbers);
        return status ? status : answer(r, error);
    }
    double *medians = numbers, *worst = numbers + r->ranks, *scratch = worst + r->ranks;
    for (int other = 1; other < r->ranks && !status; other++) {
        double seconds[ROUNDS];
        status = measure(r, other, seconds, error);
        if (!status) {
            medians[other] = seconds[ROUNDS / 2];
            worst[other] = seconds[ROUNDS - 1];
        }
    }
    int shown = 0;
    for (int first = 0; first < r->ranks && !status && shown < HOSTS_SHOWN; first++) {
        int before = 0;
        while (strcmp(r->hosts[before], r->hosts[first]) != 0) {
            before++;
        }
        if (before == first) {
            tell_host(r, first, medians, worst, scratch, findings);
            shown++;
        }
    }
    if (!status) {
        tell_transport(r, findings);
    }
    free(numbers);
    return status;
}
