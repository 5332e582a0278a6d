#include "doctor/scratch.h"

#include <dirent.h>
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

/* What a signal handler needs to know; it has no other way to learn it. */
static char litter[IG_SCRATCH_FOLDER];
static const char *volatile what = "working";
static const char *volatile hint = "";
static volatile sig_atomic_t exit_code;

/** Remove what is in the folder, open as `fd`. For a signal handler too, so that the folder is read
 *  by the system call, which allocates nothing. */
static void empty(int fd)
{
    _Alignas(struct dirent64) char entries[4096];
    ssize_t size;
    lseek(fd, 0, SEEK_SET);
    while ((size = getdents64(fd, entries, sizeof entries)) > 0) {
        for (ssize_t at = 0; at < size;) {
            const struct dirent64 *entry = (const void *)(entries + at);
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                unlinkat(fd, entry->d_name, 0);
            }
            at += entry->d_reclen;
        }
    }
}

/** Remove the folder with all files in it. 0 or an errno. A second process of a probe may still be
 *  making a file when a signal ends the first: then it is tried again for a second. */
static int discard(const char *folder)
{
    enum { TRIES = 1000 };
    const struct timespec pause = {0, 1000000};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? 0 : errno;
    }
    int failed = ENOTEMPTY;
    for (int i = 0; i < TRIES && (failed == ENOTEMPTY || failed == EEXIST); i++) {
        if (i > 0) {
            nanosleep(&pause, NULL);
        }
        empty(fd);
        failed = rmdir(folder) == 0 ? 0 : errno;
    }
    close(fd);
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

ig_status ig_scratch_create(const char *directory, ig_scratch *scratch, ig_error *error)
{
    ig_scratch s;
    int length = snprintf(s.folder, sizeof s.folder, "%s/.imagrid-doctor-XXXXXX", directory);
    if (length < 0 || (size_t)length >= sizeof s.folder) {
        return ig_error_set(error, IG_ERR_USAGE, "the path of the directory is too long");
    }
    ig_status status = catch_signals(error);
    if (status) {
        return status;
    }
    /* No signal between the folder and our knowledge of it. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    int failed = mkdtemp(s.folder) ? 0 : errno;
    if (!failed) {
        memcpy(litter, s.folder, sizeof litter);
        /* sigprocmask is declared to call nothing of ours, so that the copy could be put off
         * beyond it; the handler that runs within it reads it. */
        atomic_signal_fence(memory_order_seq_cst);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        return ig_file_error(error, failed, "no folder can be made");
    }
    *scratch = s;
    return IG_OK;
}

ig_status ig_scratch_remove(ig_scratch *scratch, ig_error *error)
{
    int failed = scratch->folder[0] ? discard(scratch->folder) : 0;
    atomic_signal_fence(memory_order_seq_cst);
    litter[0] = '\0';
    if (failed) {
        ig_file_error(error, failed, "cannot be removed");
        return ig_error_context(error, "%s", scratch->folder);
    }
    scratch->folder[0] = '\0';
    return IG_OK;
}

const char *ig_scratch_file(const ig_scratch *scratch, const char *name, char path[IG_SCRATCH_NAME])
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
