#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/probe.h"
#include "run/stop.h"
#include "store/file.h"

enum { SYNCS = 11, PAGE = 4096, BULK = 16 << 20, ALLOCATED = 4 << 20 };
static const double slow_sync = 0.1, slow_rate = 20e6, clock_limit = 2;

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void failed(ig_findings *findings, const char *what, const ig_error *error)
{
    ig_findings_add(findings, IG_UNFIT, what, "%s", error->text);
}

/** Small writes, each made durable. */
static void probe_sync(int fd, const unsigned char *bytes, ig_findings *findings)
{
    double seconds[SYNCS];
    ig_error error = {0};
    for (size_t i = 0; i < SYNCS; i++) {
        double begin = ig_clock_monotonic();
        if (ig_file_write(fd, i * PAGE, bytes, PAGE, &error)) {
            failed(findings, "fsync", &error);
            return;
        }
        if (fsync(fd) != 0) {
            ig_file_error(&error, errno, "fsync");
            failed(findings, "fsync", &error);
            return;
        }
        seconds[i] = ig_clock_monotonic() - begin;
    }
    qsort(seconds, SYNCS, sizeof *seconds, ascending);
    double median = seconds[SYNCS / 2];
    ig_findings_add(findings, median > slow_sync ? IG_NOTE : IG_GOOD, "fsync",
                    "%.2g ms in the median of %d small writes, %.2g ms at worst%s", 1e3 * median,
                    SYNCS, 1e3 * seconds[SYNCS - 1],
                    median > slow_sync ? "; a run needs it only at its start and end" : "");
}

static void probe_bandwidth(int fd, const unsigned char *bytes, ig_findings *findings)
{
    ig_error error = {0};
    double begin = ig_clock_monotonic();
    ig_status status = ig_file_write(fd, 0, bytes, BULK, &error);
    if (!status && fsync(fd) != 0) {
        status = ig_file_error(&error, errno, "fsync");
    }
    double rate = BULK / fmax(ig_clock_monotonic() - begin, 1e-9);
    if (status) {
        failed(findings, "writing", &error);
    } else {
        ig_findings_add(findings, rate < slow_rate ? IG_NOTE : IG_GOOD, "writing",
                        "%d MB at %.3g MB/s, fsync included", BULK >> 20, rate / 1e6);
    }
}

/** Space must be given when a result file is made, not when a row is written into it. */
static void probe_allocation(int fd, ig_findings *findings)
{
    struct stat info;
    if (ftruncate(fd, 0) != 0 || fallocate(fd, 0, 0, ALLOCATED) != 0) {
        ig_findings_add(findings, errno == ENOSPC ? IG_UNFIT : IG_GOOD, "allocation",
                        "not in advance (%s); result files are written in full when they are made",
                        strerror(errno));
    } else if (fstat(fd, &info) == 0 && info.st_blocks * 512 < ALLOCATED) {
        ig_findings_add(findings, IG_NOTE, "allocation",
                        "%d MB asked for, %lld bytes given: the disk may fill up during a run",
                        ALLOCATED >> 20, (long long)info.st_blocks * 512);
    } else {
        ig_findings_add(findings, IG_GOOD, "allocation", "space can be had in advance");
    }
}

/** The time of a file just written against our own clock. */
static void probe_clock(int fd, const unsigned char *bytes, ig_findings *findings)
{
    struct stat info;
    ig_error error = {0};
    double before = ig_clock_utc();
    if (ig_file_write(fd, 0, bytes, PAGE, &error) || fsync(fd) != 0 || fstat(fd, &info) != 0) {
        ig_findings_add(findings, IG_NOTE, "clock", "the time of a file cannot be read");
        return;
    }
    double after = ig_clock_utc();
    double stamp = (double)info.st_mtim.tv_sec + 1e-9 * (double)info.st_mtim.tv_nsec;
    double offset = stamp < before ? stamp - before : stamp > after ? stamp - after : 0;
    ig_findings_add(findings, fabs(offset) > clock_limit ? IG_NOTE : IG_GOOD, "clock",
                    "file times are within %.2g s of this host's%s", fabs(offset),
                    fabs(offset) > clock_limit ? ": times in provenance and of files differ" : "");
}

void ig_probe_writing(const ig_scratch *scratch, ig_findings *findings)
{
    char path[IG_SCRATCH_NAME];
    unsigned char *bytes = malloc(BULK);
    int fd = open(ig_scratch_file(scratch, "writing", path),
                  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || !bytes) {
        ig_findings_add(findings, IG_UNFIT, "writing", "%s", strerror(fd < 0 ? errno : ENOMEM));
    } else {
        memset(bytes, 0x5A, BULK);
        probe_sync(fd, bytes, findings);
        probe_bandwidth(fd, bytes, findings);
        probe_allocation(fd, findings);
        probe_clock(fd, bytes, findings);
    }
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    free(bytes);
}
