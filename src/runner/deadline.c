#include "runner/deadline.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner/clock.h"

/* For the task in flight to notice, the ranks to close and the file to be read back. */
static const double margin = 30;

/** Output of `scontrol show job ID`, cut to `size`; empty if it cannot be had. */
static void ask_scontrol(const char *job, char *text, size_t size)
{
    int ends[2];
    pid_t child;
    posix_spawn_file_actions_t actions;
    char name[] = "scontrol", show[] = "show", what[] = "job", id[64];
    char *arguments[] = {name, show, what, id, NULL};
    text[0] = '\0';
    snprintf(id, sizeof id, "%s", job);
    if (pipe(ends)) {
        return;
    }
    int failed = posix_spawn_file_actions_init(&actions);
    if (!failed) {
        failed = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) ||
                 posix_spawn_file_actions_addclose(&actions, ends[0]) ||
                 posix_spawn_file_actions_addclose(&actions, ends[1]) ||
                 posix_spawnp(&child, name, &actions, NULL, arguments, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    close(ends[1]);
    size_t used = 0;
    ssize_t got = 0;
    while (
        !failed && used + 1 < size &&
        ((got = read(ends[0], text + used, size - 1 - used)) > 0 || (got < 0 && errno == EINTR))) {
        used += got > 0 ? (size_t)got : 0;
    }
    text[used] = '\0';
    close(ends[0]);
    while (!failed && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
}

/** Seconds since 1970 at which the job ends, NAN if nobody knows. */
static double slurm_end(void)
{
    const char *given = getenv("SLURM_JOB_END_TIME"), *job = getenv("SLURM_JOB_ID");
    char *end;
    if (given && *given) {
        double when = strtod(given, &end);
        return *end == '\0' ? when : (double)NAN;
    }
    if (!job || !*job) {
        return (double)NAN;
    }
    char text[8192];
    ask_scontrol(job, text, sizeof text);
    const char *found = strstr(text, "EndTime=");
    struct tm local = {.tm_isdst = -1};
    if (!found || !strptime(found + strlen("EndTime="), "%Y-%m-%dT%H:%M:%S", &local)) {
        return (double)NAN;
    }
    return (double)mktime(&local);
}

double ig_deadline_left(double time_limit)
{
    if (time_limit > 0) {
        return time_limit;
    }
    double end = slurm_end();
    return isnan(end) ? (double)INFINITY : fmax(0, end - margin - ig_clock_utc());
}
