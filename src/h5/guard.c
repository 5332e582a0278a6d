#include "h5/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"

/* Processor time between two steps. The lists of a file take milliseconds, and so does a block. */
enum { SECONDS = 1 };

static bool guarded; /* this process is a child of ig_guarded's */

void ig_guard_step(void)
{
    const struct itimerval limit = {.it_value = {.tv_sec = SECONDS}};
    if (guarded) {
        setitimer(ITIMER_PROF, &limit, NULL);
    }
}

/** In the child: work, tell the parent, end without a trace. */
static void __attribute__((noreturn))
answer(int to, ig_status (*work)(void *context, ig_error *error), void *context)
{
    static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS,  SIGFPE,  SIGILL, SIGPROF,
                                  SIGINT,  SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU};
    const struct rlimit no_core = {0, 0};
    ig_error error = {0};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        signal(signals[i], SIG_DFL);
    }
    setrlimit(RLIMIT_CORE, &no_core);
    guarded = true;
    ig_guard_step();
    error.status = work(context, &error);
    const char *from = (const char *)&error;
    size_t left = sizeof error;
    while (left > 0) {
        const ssize_t put = write(to, from, left);
        if (put < 0 && errno != EINTR) {
            _exit(1);
        }
        from += put > 0 ? put : 0;
        left -= put > 0 ? (size_t)put : 0;
    }
    _exit(0);
}

/** Whether the child's whole answer came. */
static bool hear(int from, ig_error *error)
{
    char *to = (char *)error;
    size_t left = sizeof *error;
    while (left > 0) {
        const ssize_t got = read(from, to, left);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return false;
        }
        to += got > 0 ? got : 0;
        left -= got > 0 ? (size_t)got : 0;
    }
    return true;
}

ig_status ig_guarded(ig_status (*work)(void *context, ig_error *error), void *context,
                     ig_error *error)
{
    int ends[2];
    char text[IG_ERRNO_TEXT];
    ig_error told = {0};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return ig_error_set(error, ig_status_from_errno(errno),
                            "no pipe to look at the file in another process: %s",
                            ig_errno_text(errno, text));
    }
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        answer(ends[1], work, context);
    }
    const int reason = errno;
    close(ends[1]);
    const bool heard = child > 0 && hear(ends[0], &told);
    close(ends[0]);
    if (child < 0) {
        return ig_error_set(error, ig_status_from_errno(reason),
                            "no process to look at the file in: %s", ig_errno_text(reason, text));
    }
    int ended = 0;
    while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {
    }
    if (!heard) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            WIFSIGNALED(ended) && WTERMSIG(ended) == SIGPROF
                                ? "damaged: HDF5 does not terminate on it"
                                : "damaged: HDF5 crashes on it");
    }
    return told.status ? ig_error_set(error, told.status, "%s", told.text) : IG_OK;
}
