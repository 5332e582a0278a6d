/** Whether a file is a whole shared object of this machine. */
#ifndef IMAGRID_PLUGIN_SHARED_OBJECT_H
#define IMAGRID_PLUGIN_SHARED_OBJECT_H

#include "imagrid/error.h"

/** Look at an open file's headers before the loader maps it: of one that was cut short (a full
 * disk, a copy that was interrupted) the loader reads behind the end, which ends the process with a
 * bus error. IG_ERR_USAGE. */
ig_status ig_shared_object_check(int fd, ig_error *error);

#endif
