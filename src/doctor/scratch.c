#include "doctor/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/file.h"
#include "store/private.h"

/* What a signal handler needs to know; it has no other way to learn it. The folder itself is held
 * open: in a directory that others can write to, its name may lead to another one by then. */
static char litter[IG_SCRATCH_FOLDER];
static int litter_fd = -1;
static const char *volatile what = "working";
static const char *volatile hint = "";
static volatile sig_atomic_t exit_code;

/** Remove the folder with all files in it. 0 or an errno. A second process of a probe may still be
 *  making a file when a signal ends the first: then it is tried again for a second. */
static int discard(const char *folder)
{
    enum { TRIES = 1000 };
    const struct timespec pause = {0, 1000000};
    int failed = ENOTEMPTY;
    for (int i = 0; i < TRIES && (failed == ENOTEMPTY || failed == EEXIST); i++) {
        if (i > 0) {
            nanosleep(&pause, NULL);
        }
        ig_private_empty(litter_fd);
        failed = rmdir(folder) == 0 || errno == ENOENT ? 0 : errno;
    }
    return failed;
}

static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* nobody is left to be told */
}

static void leave(int signal_number)
{
    /* A library's thread does not share the mask of the thread that makes the folder. */
    if (gettid() != getpid()) {
        tgkill(getpid(), getpid(), signal_number);
        return;
    }
    if (signal_number == SIGALRM) {
        say("imagrid doctor: no progress while ");
        say(what);
        say("\n");
        say(hint);
    }
    if (litter[0]) {
        discard(litter);
    }
    _exit(signal_number == SIGALRM ? exit_code : 128 + signal_number);
}

static ig_status catch_signals(ig_error *error)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
    struct sigaction action = {.sa_handler = leave, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        if (sigaction(signals[i], &action, NULL) != 0) {
            return ig_file_error(error, errno, "signals cannot be caught");
        }
    }
    return IG_OK;
}

/** The folder, known to the signal handler from the moment it is there. */
static ig_status make(const char *directory, ig_scratch *scratch, ig_error *error)
{
    char name[IG_PRIVATE_NAME];
    int parent = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) {
        return ig_file_error(error, errno, "no folder can be made");
    }
    /* No signal between the folder and our knowledge of it. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    ig_status status = ig_private_make(parent, ".imagrid-doctor-", name, &litter_fd, error);
    if (!status) {
        snprintf(scratch->folder, sizeof scratch->folder, "%s/%s", directory, name);
        memcpy(litter, scratch->folder, sizeof litter);
        /* sigprocmask is declared to call nothing of ours, so that the copy could be put off
         * beyond it; the handler that runs within it reads it. */
        atomic_signal_fence(memory_order_seq_cst);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(parent);
    return status;
}

ig_status ig_scratch_create(const char *directory, ig_scratch *scratch, ig_error *error)
{
    if (strlen(directory) + 1 + IG_PRIVATE_NAME > IG_SCRATCH_FOLDER) {
        return ig_error_set(error, IG_ERR_USAGE, "the path of the directory is too long");
    }
    ig_status status = catch_signals(error);
    return status ? status : make(directory, scratch, error);
}

ig_status ig_scratch_remove(ig_scratch *scratch, ig_error *error)
{
    int failed = scratch->folder[0] ? discard(scratch->folder) : 0;
    atomic_signal_fence(memory_order_seq_cst);
    litter[0] = '\0';
    if (litter_fd >= 0) {
        close(litter_fd);
        litter_fd = -1;
    }
    if (failed) {
        ig_file_error(error, failed, "cannot be removed");
        return ig_error_context(error, "%s", scratch->folder);
    }
    scratch->folder[0] = '\0';
    return IG_OK;
}

const char *ig_scratch_file(const ig_scratch *scratch, const char *name, char path[IG_SCRATCH_NAME])
{
    /* By the folder that is held open, while it is this one: see above. */
    if (litter_fd >= 0 && strcmp(litter, scratch->folder) == 0) {
        snprintf(path, IG_SCRATCH_NAME, "/proc/self/fd/%d/%.24s", litter_fd, name);
        return path;
    }
    return ig_scratch_shared(scratch, name, path);
}

const char *ig_scratch_shared(const ig_scratch *scratch, const char *name,
                              char path[IG_SCRATCH_NAME])
{
    snprintf(path, IG_SCRATCH_NAME, "%s/%.24s", scratch->folder, name);
    return path;
}

void ig_scratch_watch(unsigned seconds, const char *doing, const char *advice, int code)
{
    alarm(0);
    what = doing;
    hint = advice;
    exit_code = code;
    alarm(seconds);
}
