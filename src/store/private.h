/** Folders for one process alone, in places that others can write to as well. */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include "imagrid/error.h"

enum { IG_PRIVATE_NAME = 64 };

/** Make an empty folder of mode 0700 in the open folder `parent`, its name being `prefix` (at most
 * 40 characters) and random digits, and open it. Whoever may rename it cannot put anything into it:
 * what goes by the descriptor stays among ourselves. Messages name no path. */
ig_status ig_private_make(int parent, const char *prefix, char name[IG_PRIVATE_NAME], int *fd,
                          ig_error *error);

/** Remove the files in a folder; allocates nothing and may be called by a signal handler. */
void ig_private_empty(int fd);

#endif
