/** What the rank and its keeper share. */
#ifndef PROGRAM_PRIVATE_H
#define PROGRAM_PRIVATE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/clock.h"
#include "program/child.h"

#define IG_KEEPER_NAME "imagrid-keeper" /**< argv[0], also for `ps` */
enum {
    IG_KEEPER_SOCKET = 3 /**< the keeper's descriptor */
};

/* The rank sends orders; to each IG_ORDER_START comes one answer. */

typedef enum ig_order_kind { IG_ORDER_START = 1, IG_ORDER_END } ig_order_kind;

/** With the write ends of both pipes, and followed by `size` bytes of zero-terminated texts: the
 *  folder, the scratch folder (empty: none), the arguments, the environment. */
typedef struct ig_order {
    ig_order_kind kind;
    size_t size, n_arguments, n_environment;
    double timeout, grace;
} ig_order;

/** IG_END_LOST never arrives. */
typedef struct ig_answer {
    ig_end end;
    int code;
    bool ordered; /**< it was ended by IG_ORDER_END */
} ig_answer;

/** Seconds >= 0, at most a day, as system calls take them. */
static inline struct timespec ig_child_timespec(double seconds)
{
    const double day = 86400, kept = seconds < day ? seconds > 0 ? seconds : 0 : day;
    const time_t whole = (time_t)kept;
    return (struct timespec){.tv_sec = whole, .tv_nsec = (long)(1e9 * (kept - (double)whole))};
}

/** Children of a process as /proc lists them, at most `max`. */
size_t ig_children_list(pid_t parent, pid_t *children, size_t max);
/** Send SIGTERM to all that came from a process but itself, and wake what is stopped. */
void ig_children_terminate(pid_t parent);
/** SIGKILL the children of this process but `spared`, and those that it inherits by that, until
 *  there are none. False where some are left after some seconds: other users', or in a system call
 *  that does not end. */
bool ig_children_kill(const pid_t *spared, size_t n_spared);

/* What a program prints (printed.c); without zero bytes. */

/** Lines of standard output; `child` says how much of them is kept and who is told. */
typedef struct ig_lines {
    const ig_child *child;
    char *current, *last; /**< of at most line_max bytes and a zero */
    size_t size, room;    /**< of the current line */
    size_t last_room;
    bool is_long, last_long;
} ig_lines;

/** The next bytes. IG_ERR_MEMORY. */
ig_status ig_lines_add(ig_lines *lines, const char *bytes, size_t n, ig_error *error);
/** There are no more: a line without its newline is one, too. */
void ig_lines_finish(ig_lines *lines);

/** The end of standard error: the last `max` bytes of what is here, which is at most twice that. */
typedef struct ig_tail {
    char *bytes;
    size_t size, max;
    bool is_cut;
} ig_tail;

void ig_tail_add(ig_tail *tail, const char *bytes, size_t n);
/** Make of what is kept a text for people, zero-terminated; `bytes` has room for it. */
void ig_tail_finish(ig_tail *tail);

#endif
