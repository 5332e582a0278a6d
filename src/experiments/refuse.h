/** Faults of a configuration whose keys do not fit together at a grid point. */
#ifndef IMAGRID_EXPERIMENTS_REFUSE_H
#define IMAGRID_EXPERIMENTS_REFUSE_H

#include "imagrid/grid.h"

/** Where the last message was placed: values of one list that stand together get one message. */
typedef struct ig_place {
    size_t line, column;
} ig_place;

/** Report that the value of `path` does not go with that of `with`, unless it stands where `last`
 *  says, which is moved there. `allowed` says what would be right. */
void ig_refuse(const ig_point *point, const char *path, const char *with, ig_place *last,
               const char *allowed, ig_diagnostics *diagnostics);

#endif
