/** Requests to stop, as they reach this process. */
#ifndef IMAGRID_RUNNER_SIGNALS_H
#define IMAGRID_RUNNER_SIGNALS_H

#include "imagrid/error.h"

/** Let SIGTERM, SIGINT, SIGUSR1 and, unless it is ignored as under nohup, SIGHUP ask for a stop. A
 *  second one of the same kind has its default effect and ends the process at once, which the
 *  result file survives. SIGPIPE is ignored: a reader that leaves must not end a run. */
ig_status ig_signals_install(ig_error *error);
/** The signal that asked for a stop, or 0. */
int ig_signals_caught(void);
/** IG_ERR_STOPPED with the signal's name. */
ig_status ig_signals_error(ig_error *error);

#endif
