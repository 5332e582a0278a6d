#include "run/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** Start scontrol with both its outputs in `out`; 0 or an errno. */
static int start_scontrol(char *job, int out, pid_t *child)
{
    char name[] = "scontrol", show[] = "show", what[] = "job";
    char *arguments[] = {name, show, what, job, NULL};
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) {
        return failed;
    }
    failed = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!failed) {
        failed = posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
    }
    if (!failed) {
        failed = posix_spawnp(child, name, &actions, NULL, arguments, environ);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* A controller that is busy answers within a second or two; one that is down keeps scontrol waiting
 * for minutes, and the run with it. */
static const double patience = 5;

/** Read until the end, `size` - 1 bytes or the time `until`; false when that has come. */
static bool read_until(int fd, double until, char *text, size_t size)
{
    size_t used = 0;
    bool in_time = true, more = true;
    while (more && used + 1 < size) {
        struct pollfd what = {.fd = fd, .events = POLLIN};
        const double left = until - ig_clock_monotonic();
        const int ready = left > 0 ? poll(&what, 1, (int)(1e3 * left) + 1) : 0;
        in_time = ready != 0;
        more = in_time;
        if (ready > 0) {
            const ssize_t got = read(fd, text + used, size - 1 - used);
            used += got > 0 ? (size_t)got : 0;
            more = got > 0 || (got < 0 && errno == EINTR);
        } else if (ready < 0) {
            more = errno == EINTR;
        }
    }
    text[used] = '\0';
    return in_time;
}

void ig_slurm_show(const char *job, char *text, size_t size)
{
    int ends[2];
    pid_t child = -1;
    char id[24];
    text[0] = '\0';
    if (!job[0] || strlen(job) >= sizeof id || job[strspn(job, "0123456789")] ||
        pipe2(ends, O_CLOEXEC)) {
        return;
    }
    snprintf(id, sizeof id, "%s", job);
    const int failed = start_scontrol(id, ends[1], &child);
    close(ends[1]);
    if (!failed && !read_until(ends[0], ig_clock_monotonic() + patience, text, size)) {
        kill(child, SIGKILL);
        fprintf(stderr,
                "imagrid: scontrol show job %s gives no answer within %g s: going on without\n", id,
                patience);
        text[0] = '\0';
    }
    close(ends[0]);
    while (!failed && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
}

/** Whether the state that `text` begins with is one that a job does not leave again. */
static bool final(const char *text)
{
    static const char *const states[] = {"BOOT_FAIL", "CANCELLED", "COMPLETED",     "DEADLINE",
                                         "FAILED",    "NODE_FAIL", "OUT_OF_MEMORY", "TIMEOUT"};
    size_t length = strcspn(text, " \n");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strlen(states[i]) == length && strncmp(text, states[i], length) == 0) {
            return true;
        }
    }
    return false;
}

bool ig_slurm_text_over(const char *text)
{
    static const char field[] = "JobState=";
    const char *at = strstr(text, field);
    if (!at) {
        return strstr(text, "Invalid job id specified") != NULL;
    }
    /* An array answers with the states of all its tasks. */
    for (; at; at = strstr(at, field)) {
        at += sizeof field - 1;
        if (!final(at)) {
            return false;
        }
    }
    return true;
}

ig_status ig_lock_take(const char *path, bool steal, ig_lock **lock, ig_error *error)
{
    char job[IG_STORE_JOB], text[65536];
    ig_status status = ig_lock_acquire(path, steal, lock, error);
    if (status != IG_ERR_LOCKED || !ig_lock_job(path, job)) {
        return status;
    }
    ig_slurm_show(job, text, sizeof text);
    return ig_slurm_text_over(text) ? ig_lock_succeed(path, job, lock, error) : status;
}
