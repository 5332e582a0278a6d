#include "program/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/try.h"
#include "program/private.h"

/* What starting a program tells, from the new process: in memory that both share, also where the
 * system makes a copy of the rest. */
typedef struct start_report {
    int errnum;
    bool at_folder;
} start_report;

typedef struct keeper {
    sigset_t waking; /**< signals that stay blocked while it sleeps: all but SIGCHLD */
    start_report *report;
    char *stack; /**< of a new process until it is another program */
    ig_order order;
    char *texts; /**< that follow the order */
    size_t texts_size;
    char **pointers; /**< to the arguments, NULL, the environment, NULL */
    size_t n_pointers;
    const char *folder, *scratch;
    int output, errors; /**< write ends of the pipes, or -1 */
    pid_t self, child;
    bool left; /**< of a program something is left that could not be killed yet */
} keeper;

enum { STACK_SIZE = 64 * 1024 };

/* ---- orders ---- */

static bool receive(void *to, size_t size)
{
    for (size_t done = 0; done < size;) {
        const ssize_t got = recv(IG_KEEPER_SOCKET, (char *)to + done, size - done, 0);
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            return false;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

/** An order with the descriptors that came with it. False: the rank is gone. */
static bool receive_order(keeper *k, ig_order *order)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control;
    struct iovec part = {order, sizeof *order};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    const ssize_t got = recvmsg(IG_KEEPER_SOCKET, &message, MSG_CMSG_CLOEXEC);
    if (got <= 0) {
        return false;
    }
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(2 * sizeof(int))) {
        int fds[2];
        memcpy(fds, CMSG_DATA(header), sizeof fds);
        k->output = fds[0];
        k->errors = fds[1];
    }
    return receive((char *)order + got, sizeof *order - (size_t)got);
}

static char *next_text(char **at)
{
    char *text = *at;
    *at += strlen(text) + 1;
    return text;
}

/** What follows the order to start a program. */
static bool receive_texts(keeper *k)
{
    const size_t n = k->order.n_arguments + k->order.n_environment + 2;
    if (k->order.size > k->texts_size) {
        if (IG_GROW(k->texts, k->order.size, NULL)) {
            return false;
        }
        k->texts_size = k->order.size;
    }
    if (n > k->n_pointers) {
        if (IG_GROW(k->pointers, n, NULL)) {
            return false;
        }
        k->n_pointers = n;
    }
    if (!receive(k->texts, k->order.size)) {
        return false;
    }
    char *at = k->texts;
    k->folder = next_text(&at);
    k->scratch = next_text(&at);
    for (size_t i = 0; i < n; i++) {
        k->pointers[i] = i == k->order.n_arguments || i == n - 1 ? NULL : next_text(&at);
    }
    return true;
}

static void answer(ig_end end, int code, bool ordered)
{
    const ig_answer sent = {.end = end, .code = code, .ordered = ordered};
    send(IG_KEEPER_SOCKET, &sent, sizeof sent, MSG_NOSIGNAL);
}

/* ---- starting ---- */

/** The new process, in the memory of the keeper, which waits until it is another program. */
static int become(void *context)
{
    keeper *k = context;
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != k->self) {
        _exit(1);
    }
    k->report->at_folder = chdir(k->folder) != 0;
    if (!k->report->at_folder && dup2(k->output, STDOUT_FILENO) >= 0 &&
        dup2(k->errors, STDERR_FILENO) >= 0) {
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(k->pointers[0], k->pointers, k->pointers + k->order.n_arguments + 1);
    }
    k->report->errnum = errno;
    _exit(1);
}

static void close_pipes(keeper *k)
{
    if (k->output >= 0) {
        close(k->output);
        close(k->errors);
    }
    k->output = k->errors = -1;
}

/** Start the program; false: it could not be, which has been answered. */
static bool start(keeper *k)
{
    *k->report = (start_report){0};
    k->child = clone(become, k->stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD, k);
    const int errnum = k->child < 0 ? errno : k->report->errnum;
    close_pipes(k);
    if (errnum && k->child >= 0) {
        waitpid(k->child, NULL, 0);
    }
    if (errnum) {
        answer(k->report->at_folder ? IG_END_NO_FOLDER : IG_END_NO_START, errnum, false);
    }
    return errnum == 0;
}

/* ---- the wait for its end ---- */

/** Until an order, the end of a child or `seconds`: 1 an order or the rank's end, 0 anything else.
 */
static int sleep_until(const keeper *k, double seconds)
{
    struct pollfd rank = {.fd = IG_KEEPER_SOCKET, .events = POLLIN};
    const struct timespec wait = ig_child_timespec(seconds);
    return ppoll(&rank, 1, isfinite(seconds) ? &wait : NULL, &k->waking) > 0;
}

/** Take the ends of adopted processes and of the program; where that has ended by itself, its group
 *  is killed while the number is still its own. False: nothing is left. */
static bool reap(keeper *k, bool is_over, siginfo_t *ended)
{
    for (;;) {
        siginfo_t one = {0};
        if (waitid(P_ALL, 0, &one, WEXITED | WNOHANG | WNOWAIT) != 0) {
            return errno != ECHILD;
        }
        if (one.si_pid <= 0) {
            return true;
        }
        if (one.si_pid == k->child) {
            *ended = one;
            if (is_over) {
                kill(-k->child, SIGKILL);
            }
            k->child = 0;
        }
        waitpid(one.si_pid, NULL, 0);
    }
}

/** Kill all that came from the program. */
static void kill_all(keeper *k)
{
    if (k->child > 0) {
        kill(-k->child, SIGKILL);
    }
    k->left = !ig_children_kill(NULL, 0);
    k->child = 0;
}

/** The rank is gone: so is soon all that it started. Never back while something can be done. */
static void clean_up(keeper *k)
{
    kill_all(k);
    if (k->scratch && k->scratch[0]) {
        ig_folder_remove(k->scratch, NULL);
    }
}

/** Give all that came from the program until the end of `grace` to end by itself, from SIGTERM on.
 *  False: the rank is gone. */
static bool terminate(keeper *k)
{
    const double end = ig_clock_monotonic() + k->order.grace;
    siginfo_t ended;
    kill(-k->child, SIGTERM);
    kill(-k->child, SIGCONT);
    ig_children_terminate(k->self);
    for (double now; reap(k, false, &ended) && (now = ig_clock_monotonic()) < end;) {
        ig_order order = {0};
        /* A stop after the time-out changes nothing. */
        if (sleep_until(k, end - now) && !receive_order(k, &order)) {
            return false;
        }
    }
    kill_all(k);
    return true;
}

/** From the start of the program to the answer. False: the rank is gone. */
static bool attend(keeper *k)
{
    const double end = ig_clock_monotonic() + k->order.timeout;
    siginfo_t ended = {0};
    for (;;) {
        const bool order = sleep_until(k, end - ig_clock_monotonic());
        const bool left = reap(k, true, &ended);
        if (!k->child) {
            if (left) {
                kill_all(k);
            }
            answer(ended.si_code == CLD_EXITED ? IG_END_EXIT : IG_END_SIGNAL, ended.si_status,
                   false);
            return true;
        }
        ig_order stop = {0};
        if (order && !receive_order(k, &stop)) {
            return false;
        }
        if (order || ig_clock_monotonic() >= end) {
            if (!terminate(k)) {
                return false;
            }
            answer(IG_END_TIMEOUT, 0, order);
            return true;
        }
    }
}

/* ---- its life ---- */

static void on_child(int number)
{
    (void)number;
}

/** Close whatever came along: a library's socket must not live on in programs. */
static void close_others(void)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, IG_KEEPER_SOCKET + 1, ~0U, 0) == 0) {
        return;
    }
#endif
    struct rlimit limit;
    const int most = 65536;
    const int end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)most
                        ? (int)limit.rlim_cur
                        : most;
    for (int fd = IG_KEEPER_SOCKET + 1; fd < end; fd++) {
        close(fd);
    }
}

/** Signals reach the keeper only while it sleeps, and only SIGCHLD; its programs start with none
 *  blocked, ignored or handled. */
static void prepare_signals(keeper *k)
{
    const struct sigaction wake = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int number = 1; number <= SIGRTMAX; number++) {
        signal(number, SIG_DFL);
    }
    sigaction(SIGCHLD, &wake, NULL);
    k->waking = all;
    sigdelset(&k->waking, SIGCHLD);
}

static void *shared_block(size_t size, int flags)
{
    void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED ? NULL : block;
}

static bool prepare(keeper *k)
{
    k->self = getpid();
    k->output = k->errors = -1;
    prepare_signals(k);
    close_others();
    fcntl(IG_KEEPER_SOCKET, F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_NAME, IG_KEEPER_NAME);
    k->report = shared_block(sizeof *k->report, MAP_SHARED);
    k->stack = shared_block(STACK_SIZE, MAP_PRIVATE | MAP_STACK);
    return k->report && k->stack && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

/** Wait for an order while no program runs. False: the rank is gone. */
static bool next_order(keeper *k)
{
    const double again = 1;
    while (!sleep_until(k, k->left ? again : (double)INFINITY)) {
        if (k->left) {
            kill_all(k);
        }
    }
    return receive_order(k, &k->order);
}

static void serve(keeper *k)
{
    while (next_order(k)) {
        /* A stop that has crossed the answer. */
        if (k->order.kind != IG_ORDER_START) {
            continue;
        }
        /* Until now the rank might have been killed before it had removed its folder. */
        k->scratch = NULL;
        k->child = 0;
        if (!receive_texts(k) || (start(k) && !attend(k))) {
            break;
        }
    }
}

bool ig_keeper_main(int argc, char **argv, int *code)
{
    struct stat at;
    if (argc != 2 || strcmp(argv[0], IG_KEEPER_NAME) != 0 || fstat(IG_KEEPER_SOCKET, &at) != 0 ||
        !S_ISSOCK(at.st_mode)) {
        return false;
    }
    keeper k = {0};
    *code = 1;
    if (prepare(&k)) {
        serve(&k);
        clean_up(&k);
        *code = 0;
    }
    free(k.texts);
    free(k.pointers);
    if (k.stack) {
        munmap(k.stack, STACK_SIZE);
    }
    return true;
}
