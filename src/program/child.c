#include "program/child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/try.h"
#include "program/private.h"

enum { CHUNK = 64 * 1024, /**< a pipe's capacity */ SPARED = 16 };

struct ig_keeper {
    int socket; /**< -1: it was killed, and the next program needs another */
    pid_t pid;
    pid_t spared[SPARED]; /**< children that this process had before */
    size_t n_spared;
    char *texts; /**< of an order */
    size_t texts_size;
    char chunk[CHUNK];
};

int ig_child_cores(void)
{
    cpu_set_t cores;
    return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

void ig_ended_clear(ig_ended *ended)
{
    free(ended->line);
    free(ended->tail);
    *ended = (ig_ended){0};
}

/* ---- the keeper ---- */

/** Streams on /dev/null, for the launcher waits for the end of its own, and the socket. An errno.
 */
static int set_files(posix_spawn_file_actions_t *files, int theirs)
{
    int errnum = posix_spawn_file_actions_adddup2(files, theirs, IG_KEEPER_SOCKET);
    for (int fd = STDIN_FILENO; !errnum && fd <= STDERR_FILENO; fd++) {
        errnum = posix_spawn_file_actions_addopen(files, fd, "/dev/null", O_RDWR, 0);
    }
    return errnum;
}

/** Spawn it with its end of the socket. An errno. */
static int spawn(ig_keeper *keeper, int theirs)
{
    char name[] = IG_KEEPER_NAME, rank[16];
    char *const arguments[] = {name, rank, NULL};
    sigset_t all;
    posix_spawnattr_t how;
    posix_spawn_file_actions_t files;
    snprintf(rank, sizeof rank, "%d", getpid());
    sigfillset(&all);
    int errnum = posix_spawn_file_actions_init(&files);
    if (errnum) {
        return errnum;
    }
    errnum = posix_spawnattr_init(&how);
    if (!errnum) {
        posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
        posix_spawnattr_setsigmask(&how, &all);
        errnum = set_files(&files, theirs);
        errnum =
            errnum ? errnum
                   : posix_spawn(&keeper->pid, "/proc/self/exe", &files, &how, arguments, environ);
        posix_spawnattr_destroy(&how);
    }
    posix_spawn_file_actions_destroy(&files);
    return errnum;
}

static ig_status start(ig_keeper *keeper, ig_error *error)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return ig_error_set(error, IG_ERR_IO, "no program can be started: %s", strerror(errno));
    }
    const int errnum = spawn(keeper, ends[1]);
    close(ends[1]);
    if (errnum) {
        char text[IG_ERRNO_TEXT];
        close(ends[0]);
        return ig_error_set(error, ig_status_from_errno(errnum), "no program can be started: %s",
                            ig_errno_text(errnum, text));
    }
    keeper->socket = ends[0];
    return IG_OK;
}

ig_status ig_keeper_start(ig_keeper **keeper, ig_error *error)
{
    AUTO_FREE ig_keeper *k = NULL;
    TRY(IG_ALLOC(k, 1, error));
    k->n_spared = ig_children_list(getpid(), k->spared, SPARED);
    TRY(start(k, error));
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    *keeper = ig_take(&k);
    return IG_OK;
}

/** It was killed, or must be: end what it leaves to this process. */
static void lose(ig_keeper *keeper)
{
    close(keeper->socket);
    keeper->socket = -1;
    kill(keeper->pid, SIGKILL);
    waitpid(keeper->pid, NULL, 0);
    ig_children_kill(keeper->spared, keeper->n_spared);
}

void ig_keeper_stop(ig_keeper **keeper)
{
    ig_keeper *k = *keeper;
    if (!k) {
        return;
    }
    if (k->socket >= 0) {
        close(k->socket);
        waitpid(k->pid, NULL, 0);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    free(k->texts);
    free(k);
    *keeper = NULL;
}

/** Make sure that there is one. */
static ig_status revive(ig_keeper *keeper, ig_error *error)
{
    char byte;
    if (keeper->socket >= 0 && recv(keeper->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
        errno == EAGAIN) {
        return IG_OK;
    }
    if (keeper->socket >= 0) {
        lose(keeper);
    }
    return start(keeper, error);
}

/* ---- one program ---- */

/** A program and its rank's view of it. */
typedef struct watch {
    ig_keeper *keeper;
    const ig_child *child;
    const ig_yield *yield;
    int pipes[2]; /**< read ends of standard output and error, or -1 */
    int log;      /**< or -1 */
    int log_errno;
    ig_lines lines;
    ig_tail tail;
    double begin, looked; /**< when it was started, when the hook was called */
    double due;           /**< when the keeper has to have killed it */
    double overdue;       /**< seconds of waiting since then */
    ig_status status;     /**< of what ended it before its end: a stop, no memory */
    ig_error reason;
} watch;

static void close_at(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void clear(watch *w)
{
    close_at(&w->pipes[0]);
    close_at(&w->pipes[1]);
    close_at(&w->log);
    free(w->lines.current);
    free(w->lines.last);
    free(w->tail.bytes);
}

static size_t add_text(char *to, size_t at, const char *text)
{
    const size_t size = strlen(text) + 1;
    if (to) {
        memcpy(to + at, text, size);
    }
    return at + size;
}

/** The texts of an order, one behind the other; their size. `to` NULL: only that. */
static size_t pack(const ig_child *child, char *to, ig_order *order)
{
    size_t at = add_text(to, 0, child->folder);
    at = add_text(to, at, child->scratch ? child->scratch : "");
    for (order->n_arguments = 0; child->arguments[order->n_arguments]; order->n_arguments++) {
        at = add_text(to, at, child->arguments[order->n_arguments]);
    }
    for (order->n_environment = 0; child->environment[order->n_environment];
         order->n_environment++) {
        at = add_text(to, at, child->environment[order->n_environment]);
    }
    return at;
}

/** Send an order, with the write ends of the pipes if there are any. False: no keeper. */
static bool send_order(ig_keeper *keeper, const ig_order *order, const int *writes)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control = {{0}};
    ig_order sent = *order;
    struct iovec parts[2] = {{&sent, sizeof sent}, {keeper->texts, order->size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = order->size > 0 ? 2 : 1};
    if (writes) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(2 * sizeof(int));
        memcpy(CMSG_DATA(&control.header), writes, 2 * sizeof(int));
    }
    for (size_t left = sizeof sent + order->size; left > 0;) {
        const ssize_t got = sendmsg(keeper->socket, &message, MSG_NOSIGNAL);
        if (got < 0 && errno != EINTR) {
            return false;
        }
        size_t done = got > 0 ? (size_t)got : 0;
        left -= done;
        for (size_t i = 0; i < 2; i++) {
            const size_t part = done < parts[i].iov_len ? done : parts[i].iov_len;
            parts[i].iov_base = (char *)parts[i].iov_base + part;
            parts[i].iov_len -= part;
            done -= part;
        }
        if (got > 0) {
            message.msg_control = NULL;
            message.msg_controllen = 0;
        }
    }
    return true;
}

/** Two pipes: w->pipes to read from without waiting, `writes` for the program. */
static ig_status make_pipes(watch *w, int writes[2], ig_error *error)
{
    for (int i = 0; i < 2; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            char text[IG_ERRNO_TEXT];
            return ig_error_set(error, IG_ERR_IO, "no pipe to a program: %s",
                                ig_errno_text(errno, text));
        }
        w->pipes[i] = ends[0];
        writes[i] = ends[1];
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
    return IG_OK;
}

static ig_status order_start(watch *w, const int writes[2], ig_error *error)
{
    ig_keeper *k = w->keeper;
    ig_order order = {
        .kind = IG_ORDER_START, .timeout = w->child->timeout, .grace = w->child->grace};
    order.size = pack(w->child, NULL, &order);
    if (order.size > k->texts_size) {
        TRY(IG_GROW(k->texts, order.size, error));
        k->texts_size = order.size;
    }
    pack(w->child, k->texts, &order);
    /* A keeper that is lost now is found when it should answer. */
    send_order(k, &order, writes);
    return IG_OK;
}

static ig_status begin(watch *w, ig_error *error)
{
    const ig_child *child = w->child;
    int writes[2] = {-1, -1};
    TRY(IG_ALLOC(w->tail.bytes, 2 * child->tail_max + 1, error));
    w->tail.max = child->tail_max;
    w->lines.child = child;
    if (child->log) {
        w->log = open(child->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
        w->log_errno = w->log < 0 ? errno : 0;
    }
    ig_status status = revive(w->keeper, error);
    status = status ? status : make_pipes(w, writes, error);
    status = status ? status : order_start(w, writes, error);
    close_at(&writes[0]);
    close_at(&writes[1]);
    w->begin = w->looked = ig_clock_monotonic();
    w->due = w->begin + child->timeout + child->grace;
    return status;
}

/** End the program before its end; the first reason counts. */
static void order_end(watch *w, ig_status status)
{
    if (!w->status) {
        const ig_order order = {.kind = IG_ORDER_END};
        w->status = status;
        w->due = fmin(w->due, ig_clock_monotonic() + w->child->grace);
        send_order(w->keeper, &order, NULL);
    }
}

static void write_log(watch *w, const char *bytes, size_t n)
{
    while (n > 0 && w->log >= 0) {
        const ssize_t got = write(w->log, bytes, n);
        if (got < 0 && errno != EINTR) {
            w->log_errno = errno;
            close_at(&w->log);
        }
        bytes += got > 0 ? got : 0;
        n -= got > 0 ? (size_t)got : 0;
    }
}

/** Take what is in a pipe, at most `most` bytes; how many there were. */
static size_t take(watch *w, int which, size_t most)
{
    char *chunk = w->keeper->chunk;
    const ssize_t got = read(w->pipes[which], chunk, most < CHUNK ? most : CHUNK);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            close_at(&w->pipes[which]);
        }
        return 0;
    }
    const size_t n = (size_t)got;
    write_log(w, chunk, n);
    for (size_t i = 0; i < n; i++) {
        if (!chunk[i]) {
            chunk[i] = '?';
        }
    }
    if (which == 1) {
        ig_tail_add(&w->tail, chunk, n);
    } else if (!w->status) {
        ig_error reason = {0};
        if (ig_lines_add(&w->lines, chunk, n, &reason)) {
            w->reason = reason;
            order_end(w, reason.status);
        }
    }
    return n;
}

/** Seconds to sleep: hardly any at first, for programs that take a millisecond; in the end so few
 *  times that a rank takes no processor time. */
static double pause_after(double elapsed)
{
    const double shortest = 0.5e-3, longest = 20e-3, part = elapsed / 16;
    return part < shortest ? shortest : part < longest ? part : longest;
}

/** Call the hook, if it is time. */
static void look(watch *w, double now)
{
    const double often = 1e-3;
    if (now - w->looked < often) {
        return;
    }
    const double since = now - w->looked;
    w->looked = now;
    if (ig_yield_now(w->yield) != IG_OK) {
        order_end(w, IG_ERR_STOPPED);
    }
    if (now > w->due) {
        /* In steps: where a whole job was suspended, its keepers need not have been awake. */
        const double most = 0.1, patience = 15;
        w->overdue += since < most ? since : most;
        if (w->overdue > patience) {
            kill(w->keeper->pid, SIGKILL);
        }
    }
}

/** Sleep until there is something to do or `seconds` have passed, and take what has been printed.
 *  With `only_end` nothing of that wakes: most short programs print no more than a pipe holds.
 * True: the answer is there. */
static bool wait_for(watch *w, double seconds, bool only_end)
{
    struct pollfd fds[3] = {{.fd = w->keeper->socket, .events = POLLIN},
                            {.fd = w->pipes[0], .events = POLLIN},
                            {.fd = w->pipes[1], .events = POLLIN}};
    const struct timespec wait = ig_child_timespec(seconds);
    if (ppoll(fds, only_end ? 1 : 3, &wait, NULL) <= 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (fds[i + 1].revents) {
            take(w, i, CHUNK);
        }
    }
    return fds[0].revents != 0;
}

/** The keeper's answer; IG_END_LOST where it is gone. */
static void receive_answer(watch *w, ig_answer *answer)
{
    const ssize_t got = recv(w->keeper->socket, answer, sizeof *answer, MSG_WAITALL);
    if (got != (ssize_t)sizeof *answer) {
        *answer = (ig_answer){.end = IG_END_LOST};
        lose(w->keeper);
    }
}

/** What is left in a pipe whose writers have ended; where one could not be ended, no more than is
 *  there now. */
static void drain(watch *w, int which)
{
    int there = 0;
    if (w->pipes[which] >= 0 && ioctl(w->pipes[which], FIONREAD, &there) == 0 && there > 0) {
        size_t left = (size_t)there;
        for (size_t n; left > 0 && (n = take(w, which, left)) > 0;) {
            left -= n;
        }
    }
}

/** From the start to the answer. */
static void attend(watch *w, ig_answer *answer)
{
    double now = w->begin;
    while (!wait_for(w, pause_after(now - w->begin), now <= w->begin)) {
        now = ig_clock_monotonic();
        look(w, now);
    }
    receive_answer(w, answer);
    drain(w, 0);
    drain(w, 1);
}

/** Whether a program ended as one that was sent a signal: batch systems send theirs to all
 *  processes of a job. */
static bool is_told_to_end(const ig_answer *answer)
{
    static const int orders[] = {SIGTERM, SIGINT,  SIGHUP,  SIGQUIT,
                                 SIGKILL, SIGUSR1, SIGUSR2, SIGXCPU};
    enum { BY_SHELLS = 128 };
    const int number = answer->end == IG_END_SIGNAL ? answer->code
                       : answer->end == IG_END_EXIT ? answer->code - BY_SHELLS
                                                    : 0;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (orders[i] == number) {
            return true;
        }
    }
    return false;
}

/** Whether the rank gets a stop, too, soon after. */
static bool is_stop_coming(const watch *w)
{
    const double patience = 0.2, end = ig_clock_monotonic() + patience;
    const struct timespec pause = {.tv_nsec = 5000000};
    while (w->yield && ig_clock_monotonic() < end) {
        if (ig_yield_now(w->yield) != IG_OK) {
            return true;
        }
        nanosleep(&pause, NULL);
    }
    return false;
}

static ig_status finish(watch *w, const ig_answer *answer, ig_ended *ended, ig_error *error)
{
    if (w->status && w->status != IG_ERR_STOPPED) {
        return ig_error_set(error, w->status, "%s", w->reason.text);
    }
    if (answer->ordered || (w->status && answer->end == IG_END_LOST) ||
        (is_told_to_end(answer) && is_stop_coming(w))) {
        return ig_error_set(error, IG_ERR_STOPPED, "stopped");
    }
    ig_lines_finish(&w->lines);
    ig_tail_finish(&w->tail);
    if (!w->lines.last) {
        TRY(IG_ALLOC(w->lines.last, 1, error));
    }
    ig_ended_clear(ended);
    ended->end = answer->end;
    ended->code = answer->code;
    ended->line = ig_take(&w->lines.last);
    ended->line_long = w->lines.last_long;
    ended->tail = ig_take(&w->tail.bytes);
    ended->log_errno = w->log_errno;
    return IG_OK;
}

ig_status ig_child_run(ig_keeper *keeper, const ig_child *child, const ig_yield *yield,
                       ig_ended *ended, ig_error *error)
{
    AUTO(clear)
    watch w = {.keeper = keeper, .child = child, .yield = yield, .pipes = {-1, -1}, .log = -1};
    ig_answer answer;
    TRY(begin(&w, error));
    attend(&w, &answer);
    return finish(&w, &answer, ended, error);
}
