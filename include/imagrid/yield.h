/** The hook that long computations call every few milliseconds. */
#ifndef IMAGRID_YIELD_H
#define IMAGRID_YIELD_H

#include "imagrid/error.h"

/** Lets the runner answer messages, look at signals and the clock while a task computes.
 *  `call` returns IG_OK to go on or IG_ERR_STOPPED to make the task clean up and return that
 *  status. A NULL `ig_yield *` means nobody waits. */
typedef struct ig_yield {
    ig_status (*call)(void *context);
    void *context;
} ig_yield;

/** Call the hook if there is one. */
static inline ig_status ig_yield_now(const ig_yield *yield)
{
    return yield ? yield->call(yield->context) : IG_OK;
}

#endif
