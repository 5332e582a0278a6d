#include "base/signals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A handler has no other way to reach the program: hence the variables of this file. */

enum { TEMPORARIES = 8 }; /* a figure has three at a time */

typedef struct temporary {
    atomic_bool used;
    bool is_folder;
    int fd; /**< of the folder itself, or of the one that the name is in */
    char name[PATH_MAX];
} temporary;

static temporary temporaries[TEMPORARIES];
static atomic_int child_pid;

static atomic_bool stopping;
static atomic_int caught;
static atomic_llong first_at[NSIG]; /**< nanoseconds; 0 before */

/* ---- temporary files ---- */

static temporary *find(int folder, const char *name)
{
    for (size_t i = 0; i < TEMPORARIES; i++) {
        temporary *t = &temporaries[i];
        if (t->used && (t->is_folder || t->fd == folder) && strcmp(t->name, name) == 0) {
            return t;
        }
    }
    return NULL;
}

static void add(int fd, const char *name, bool is_folder)
{
    const size_t length = strlen(name);
    temporary *t = find(fd, name);
    for (size_t i = 0; i < TEMPORARIES && !t; i++) {
        t = temporaries[i].used ? NULL : &temporaries[i];
    }
    if (!t || length >= sizeof t->name) {
        return;
    }
    t->used = false;
    t->fd = fd;
    t->is_folder = is_folder;
    memcpy(t->name, name, length + 1);
    t->used = true;
}

void ig_temporary_add(int folder, const char *name)
{
    add(folder, name, false);
}

void ig_temporary_add_folder(int fd, const char *path)
{
    add(fd, path, true);
}

void ig_temporary_drop(int folder, const char *name)
{
    temporary *t = find(folder, name);
    if (t) {
        t->used = false;
    }
}

void ig_temporary_child(pid_t child)
{
    child_pid = child;
}

/** Remove what is in a folder; readdir is not for handlers. */
static void empty_folder(int fd)
{
    struct entry {
        uint64_t inode;
        int64_t offset;
        unsigned short length;
        unsigned char type;
        char name[];
    };
    _Alignas(struct entry) char block[4096];
    long got = lseek(fd, 0, SEEK_SET);
    while (got >= 0 && (got = syscall(SYS_getdents64, fd, block, sizeof block)) > 0) {
        for (long at = 0; at < got;) {
            const struct entry *entry = (const void *)(block + at);
            unlinkat(fd, entry->name, 0);
            at += entry->length;
        }
    }
}

/** Only calls that are safe in a handler. */
static void remove_temporaries(void)
{
    const pid_t child = child_pid;
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    for (size_t i = 0; i < TEMPORARIES; i++) {
        const temporary *t = &temporaries[i];
        if (t->used && t->is_folder) {
            empty_folder(t->fd);
            rmdir(t->name);
        } else if (t->used) {
            unlinkat(t->fd, t->name, 0);
        }
    }
}

/* ---- what ends a program ---- */

static long long now_ns(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool is_order(int number)
{
    return number == SIGTERM || number == SIGINT || number == SIGQUIT || number == SIGABRT;
}

/** Whether a stop is all that this signal asks for. */
static bool is_first(int number)
{
    const long long again_after = 1000000000, now = now_ns();
    long long before = 0;
    return atomic_compare_exchange_strong(&first_at[number], &before, now) || !is_order(number) ||
           now - before < again_after;
}

static void on_signal(int number)
{
    const int errnum = errno;
    int none = 0;
    if (stopping && is_first(number)) {
        atomic_compare_exchange_strong(&caught, &none, number);
        errno = errnum;
        return;
    }
    remove_temporaries();
    /* It is held back while its handler runs, and has its own effect afterwards. */
    signal(number, SIG_DFL);
    raise(number);
}

/* UCX, a library of MPI's, handles SIGHUP in every program, for its debugging, and so hides whether
 * it was ignored, as under nohup. That is noted before any library's constructor runs. */
static bool hangup_ignored;

static void note_hangup(void)
{
    struct sigaction before;
    hangup_ignored = sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

__attribute__((section(".preinit_array"), used)) static void (*const note)(void) = note_hangup;

/** Whether a signal is ours to take: `ignored` where it is ignored. */
static bool is_free(int number, void (*handler)(int), bool ignored)
{
    struct sigaction before;
    if (sigaction(number, NULL, &before) != 0) {
        return false;
    }
    if (number == SIGHUP) {
        return !hangup_ignored && before.sa_handler != SIG_IGN;
    }
    return before.sa_handler == SIG_DFL || before.sa_handler == on_signal ||
           before.sa_handler == handler || (before.sa_handler == SIG_IGN && ignored);
}

ig_status ig_signals_handle(void (*handler)(int number), bool ignored, ig_error *error)
{
    static const int plain[] = {SIGTERM, SIGINT,  SIGQUIT,   SIGHUP, SIGUSR1,   SIGUSR2, SIGALRM,
                                SIGPROF, SIGXCPU, SIGVTALRM, SIGPWR, SIGSTKFLT, SIGABRT};
    const int n = sizeof plain / sizeof *plain, all = n + SIGRTMAX - SIGRTMIN + 1;
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    for (int i = 0; i < all; i++) {
        const int number = i < n ? plain[i] : SIGRTMIN + i - n;
        if (is_free(number, handler, ignored) && sigaction(number, &action, NULL) != 0) {
            return ig_error_set(error, IG_ERR_IO, "signal %d cannot be caught: %s", number,
                                strerror(errno));
        }
    }
    return IG_OK;
}

void ig_signals_prepare(void)
{
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGIO, SIG_IGN);
    if (hangup_ignored) {
        signal(SIGHUP, SIG_IGN);
    }
    /* Whoever cannot catch a signal still does what was asked for. */
    ig_signals_handle(on_signal, false, NULL);
}

/** Where both limits of the processor time are the same, as `ulimit -t` sets them, the kernel kills
 *  without a warning: bring the warning forward. */
static void lower_time_limit(void)
{
    /* To close takes a second of processor time on a large grid; of a short limit a tenth. */
    const rlim_t most = 10, part = 10;
    struct rlimit limit;
    if (getrlimit(RLIMIT_CPU, &limit) == 0 && limit.rlim_max != RLIM_INFINITY &&
        limit.rlim_cur >= limit.rlim_max && limit.rlim_max > 1) {
        const rlim_t before = limit.rlim_max / part;
        limit.rlim_cur = limit.rlim_max - (before < 1 ? 1 : before < most ? before : most);
        setrlimit(RLIMIT_CPU, &limit);
    }
}

ig_status ig_signals_install(ig_error *error)
{
    const ig_status status = ig_signals_handle(on_signal, true, error);
    stopping = !status;
    lower_time_limit();
    return !status && signal(SIGPIPE, SIG_IGN) == SIG_ERR
               ? ig_error_set(error, IG_ERR_IO, "SIGPIPE cannot be ignored: %s", strerror(errno))
               : status;
}

int ig_signals_caught(void)
{
    return caught;
}

ig_status ig_signals_error(ig_error *error)
{
    const int number = caught;
    return ig_error_set(error, IG_ERR_STOPPED, "stopped by signal %d (%s)", number,
                        strsignal(number));
}

static sigset_t held;

void ig_signals_hold(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &held);
}

void ig_signals_release(void)
{
    sigprocmask(SIG_SETMASK, &held, NULL);
}
