/** The process that starts a rank's programs and outlives the rank (see program/child.h). */
#ifndef PROGRAM_KEEPER_H
#define PROGRAM_KEEPER_H

#include <stdbool.h>

/** The keeper's whole life: to be called first in main. False, at once, unless this process was
 *  started as a keeper; otherwise it ends when its rank does, and *code is its exit code. */
bool ig_keeper_main(int argc, char **argv, int *code);

#endif
