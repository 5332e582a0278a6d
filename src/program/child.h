/** Other programs as children of a rank.
 *
 *  A rank starts no program itself: a small process beside it, the keeper, does, and is the parent
 *  of all that is started. It adopts whatever a program leaves behind (a subreaper), hears at once
 *  when its rank is gone, also by SIGKILL, and then ends every process that came from it and
 *  removes the scratch folder. Should the keeper itself be killed, the kernel ends the program
 *  (PR_SET_PDEATHSIG), the rank adopts and ends the rest, and starts another keeper.
 *
 *  No shell anywhere. Nothing here is collective. */
#ifndef PROGRAM_CHILD_H
#define PROGRAM_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "imagrid/compute.h"

typedef struct ig_keeper ig_keeper;

/** Start the keeper: this very program (/proc/self/exe) as another process, in a session of its
 *  own, so that signals to the rank's group do not reach it; main must begin with ig_keeper_main
 *  (program/keeper.h). At most one at a time. IG_ERR_IO, IG_ERR_MEMORY. */
ig_status ig_keeper_start(ig_keeper **keeper, ig_error *error);
/** End it and all that came from it; NULL is fine. */
void ig_keeper_stop(ig_keeper **keeper);

/** A program to run. All borrowed. */
typedef struct ig_child {
    char *const *arguments;   /**< NULL-terminated; the first is the path of a file, not searched,
                                   seen from `folder` where it is relative */
    char *const *environment; /**< NULL-terminated, the whole of it */
    const char *folder;       /**< working folder */
    const char *scratch;      /**< removed with all in it when the rank ends before it begins its
                                   next program; or NULL */
    const char *log; /**< file to which both outputs are appended whole, made where there is none;
                          or NULL */
    double timeout;  /**< seconds it may take; INFINITY: any time */
    double grace;    /**< seconds between SIGTERM and SIGKILL */
    size_t line_max; /**< bytes kept of the last line of standard output */
    size_t tail_max; /**< bytes kept of the end of standard error */
    /** A whole line of standard output, zero-terminated, without its newline, as it arrives; lines
     *  that are longer than line_max or blank are not told. NULL: nobody wants them. */
    void (*line)(void *context, const char *line);
    void *context;
} ig_child;

typedef enum ig_end {
    IG_END_EXIT,      /**< by itself; code: exit status */
    IG_END_SIGNAL,    /**< by a signal; code: its number */
    IG_END_TIMEOUT,   /**< was ended after `timeout` */
    IG_END_NO_START,  /**< could not be started; code: errno of execve, or of clone */
    IG_END_NO_FOLDER, /**< its working folder could not be entered; code: errno */
    IG_END_LOST       /**< the keeper was killed, and the program with it */
} ig_end;

/** How it ended. Texts are the caller's to free; start with {0}. A zero byte in them is shown as a
 *  question mark. */
typedef struct ig_ended {
    ig_end end;
    int code;
    char *line;     /**< last line of standard output that is not blank, "" where there is none */
    bool line_long; /**< it was longer than line_max, and is not whole */
    char *tail;     /**< end of standard error, from the beginning of a line where that is possible,
                         lines fit for a terminal (ig_text_sanitize), no newline at its end */
    int log_errno;  /**< not 0: why the log is not whole */
} ig_ended;
void ig_ended_clear(ig_ended *ended);

/** Run a program to its end: standard input is empty, standard output and error are read, however
 *  much comes. When the program itself has ended, all that came from it is killed (SIGTERM to none:
 *  it is over). After `timeout` and at a stop all that came from it gets SIGTERM, and what is left
 *  after `grace` SIGKILL. Calls `yield` all the while, every millisecond at first and every 20 ms
 *  later, and otherwise sleeps. IG_ERR_STOPPED where the hook says so and the program had not ended
 *  by then, or was ended by a signal that the hook's stop follows within 0.2 s: batch systems send
 *  theirs to programs and ranks at once. IG_ERR_IO, IG_ERR_MEMORY: nothing of it is left either.
 *  How the program ended is no error. */
ig_status ig_child_run(ig_keeper *keeper, const ig_child *child, const ig_yield *yield,
                       ig_ended *ended, ig_error *error);

/** Remove a folder with all that is in it, whatever its modes; links are removed, not followed.
 *  IG_ERR_IO names the first thing that could not be removed; a folder that is not there is fine.
 */
ig_status ig_folder_remove(const char *folder, ig_error *error);

/** The environment for a program: this process's without the variables by which MPI, PMI, PMIx and
 *  Slurm's steps tell a process that it is one of several, and with `set`, NULL-terminated
 *  "NAME=VALUE", in place of or beside the others. Malloc'd as one block: free() it. */
ig_status ig_child_environment(char *const *set, char ***environment, ig_error *error);

/** Cores that this process may run on. */
int ig_child_cores(void);

#endif
