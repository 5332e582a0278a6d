/** Signals: which end a program and how, and the temporary files that none of them leaves behind.
 */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <stdbool.h>
#include <sys/types.h>

#include "imagrid/error.h"

/* What ends a program: SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM,
 * SIGPROF, SIGXCPU, SIGPWR, SIGSTKFLT, SIGABRT and the real-time signals, which batch systems,
 * their tools, power supplies and people send as warnings or orders. Left alone are faults of the
 * program itself, SIGKILL, SIGTSTP and SIGCONT, which suspend it and let it go on, a SIGHUP that is
 * ignored as under nohup, and a signal that a preloaded library (a profiler) already handles.
 * SIGXFSZ and SIGIO are ignored: a write past a limit of sizes then fails with EFBIG, as on a full
 * disk. */

/** First thing in main: signals that end the program remove its temporary files first. */
void ig_signals_prepare(void);

/** From now on they only ask for a stop, and SIGPIPE is ignored: a reader that leaves must not end
 * a run. Warnings may be repeated; an order (SIGTERM, SIGINT, SIGQUIT, SIGABRT) that is repeated
 * more than a second later, as a person does and not a launcher that passes on what reaches its
 * whole process group, ends the process at once, which a result file survives. Where the processor
 * time is limited, SIGXCPU comes before the limit's SIGKILL. */
ig_status ig_signals_install(ig_error *error);
/** The signal that asked for a stop, or 0. */
int ig_signals_caught(void);
/** IG_ERR_STOPPED with the signal's name. */
ig_status ig_signals_error(ig_error *error);

/** Let `handler` take every signal that ends a program; `ignored` ones too, but SIGHUP. */
ig_status ig_signals_handle(void (*handler)(int number), bool ignored, ig_error *error);

/** No signal until ig_signals_release: for the moment between a temporary file and its note. */
void ig_signals_hold(void);
void ig_signals_release(void);

/** Note a temporary file, `name` in `folder` (AT_FDCWD: a path), for the handler to remove. Best
 *  before it is made. A few at a time are noted; what is too much is not. */
void ig_temporary_add(int folder, const char *name);
/** Note a temporary folder without folders in it; `fd` leads to it for reading. */
void ig_temporary_add_folder(int fd, const char *path);
/** It has got its final name, or is gone. */
void ig_temporary_drop(int folder, const char *name);
/** A child that writes into temporary files and goes with them; 0: it has ended. */
void ig_temporary_child(pid_t child);

#endif
