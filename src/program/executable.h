/** Where the program is that a command names. */
#ifndef PROGRAM_EXECUTABLE_H
#define PROGRAM_EXECUTABLE_H

#include "imagrid/error.h"

/** Path of the file that the first word of a command names: with a slash it is one, from `folder`
 *  unless it begins with /; without it is searched in $PATH as shells do. Absolute, malloc'd.
 *  IG_ERR_CONFIG with the reason ("is not in $PATH", "is a folder", "may not be executed"...). */
ig_status ig_executable_find(const char *name, const char *folder, char **path, ig_error *error);

#endif
