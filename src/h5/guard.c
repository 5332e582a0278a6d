#include "h5/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/try.h"

/* Processor time between two steps: the lists of a file take milliseconds, and so does a block; and
 * bytes that take another second at worst. */
enum { SECONDS = 1, BYTES = 10000000 };

static bool guarded; /* this process is a child */

void ig_guard_step(size_t bytes)
{
    const struct itimerval limit = {.it_value = {.tv_sec = SECONDS + (time_t)(bytes / BYTES)}};
    if (guarded) {
        setitimer(ITIMER_PROF, &limit, NULL);
    }
}

/** In the child: what it must be before anything can go wrong. */
static void begin(void)
{
    static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS,  SIGFPE,  SIGILL, SIGPROF,
                                  SIGINT,  SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU};
    const struct rlimit no_core = {0, 0};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        signal(signals[i], SIG_DFL);
    }
    setrlimit(RLIMIT_CORE, &no_core);
    guarded = true;
    ig_guard_step(0);
}

/** Send bytes; whether the other side is still there to take them. */
static bool tell(int to, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        const ssize_t put = send(to, from, size, MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        from += put > 0 ? put : 0;
        size -= put > 0 ? (size_t)put : 0;
    }
    return true;
}

/** Whether all the bytes came. */
static bool hear(int from, void *bytes, size_t size)
{
    char *to = bytes;
    while (size > 0) {
        const ssize_t got = recv(from, to, size, 0);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return false;
        }
        to += got > 0 ? got : 0;
        size -= got > 0 ? (size_t)got : 0;
    }
    return true;
}

/** A child process, or in it 0, and the line between the two. */
typedef struct child {
    pid_t pid;
    int line;
} child;

static ig_status start(child *c, ig_error *error)
{
    int ends[2];
    char text[IG_ERRNO_TEXT];
    const bool line = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
    c->pid = line ? fork() : -1;
    if (c->pid < 0) {
        const int reason = errno;
        if (line) {
            close(ends[0]);
            close(ends[1]);
        }
        return ig_error_set(error, ig_status_from_errno(reason),
                            "no process to look at the file in: %s", ig_errno_text(reason, text));
    }
    c->line = ends[c->pid == 0];
    close(ends[c->pid != 0]);
    return IG_OK;
}

/** Wait for the child's end; `heard`: it said all that it had to. */
static ig_status finish(const child *c, bool heard, const ig_error *told, ig_error *error)
{
    int ended = 0;
    close(c->line);
    while (waitpid(c->pid, &ended, 0) < 0 && errno == EINTR) {
    }
    if (!heard) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            WIFSIGNALED(ended) && WTERMSIG(ended) == SIGPROF
                                ? "damaged: HDF5 does not terminate on it"
                                : "damaged: HDF5 crashes on it");
    }
    return told->status ? ig_error_set(error, told->status, "%s", told->text) : IG_OK;
}

ig_status ig_guarded(ig_status (*work)(void *context, ig_error *error), void *context,
                     ig_error *error)
{
    child c;
    ig_error told = {0};
    TRY(start(&c, error));
    if (c.pid == 0) {
        begin();
        told.status = work(context, &told);
        tell(c.line, &told, sizeof told);
        _exit(0);
    }
    const bool heard = hear(c.line, &told, sizeof told);
    return finish(&c, heard, &told, error);
}

/** In the child: piece after piece, the next one as soon as the last is taken. */
static void __attribute__((noreturn))
fill_all(const ig_guarded_pieces *pieces, const child *c, void *memory)
{
    begin();
    for (size_t i = 0; i < pieces->n; i++) {
        ig_error told = {0};
        char taken;
        told.status = pieces->fill(pieces->context, i, memory, &told);
        if (!tell(c->line, &told, sizeof told) || told.status ||
            !hear(c->line, &taken, sizeof taken)) {
            break;
        }
    }
    _exit(0);
}

static ig_status take_all(const ig_guarded_pieces *pieces, void *memory, ig_error *error)
{
    child c;
    ig_error told = {0};
    bool heard = true;
    TRY(start(&c, error));
    if (c.pid == 0) {
        fill_all(pieces, &c, memory);
    }
    for (size_t i = 0; i < pieces->n && heard && !told.status; i++) {
        heard = hear(c.line, &told, sizeof told);
        if (heard && !told.status) {
            pieces->take(pieces->context, i, memory);
            /* Where the child has died since, the next piece does not come. */
            tell(c.line, "", 1);
        }
    }
    return finish(&c, heard, &told, error);
}

ig_status ig_guarded_read(const ig_guarded_pieces *pieces, ig_error *error)
{
    char text[IG_ERRNO_TEXT];
    void *memory =
        mmap(NULL, pieces->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory to read the file into: %s",
                            ig_errno_text(errno, text));
    }
    const ig_status status = take_all(pieces, memory, error);
    munmap(memory, pieces->size);
    return status;
}
