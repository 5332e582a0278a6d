/** `imagrid status --watch`. */
#ifndef IMAGRID_COMMANDS_WATCH_H
#define IMAGRID_COMMANDS_WATCH_H

#include <stdbool.h>

#include "imagrid/experiment.h"

/** Show how far the run is, every `seconds`, until every task is finished (`*whole` becomes true)
 *  or a signal asks for the end (false). The file is opened, read and closed each time, and never
 *  written. On a terminal the picture is drawn in place, elsewhere a line is printed each time. */
ig_status ig_watch(const ig_registry *registry, const char *path, double seconds, bool *whole,
                   ig_error *error);

#endif
