/** Choosing grid points by the values of their axes: `--where anchor=200000`. */
#ifndef CONFIG_WHERE_H
#define CONFIG_WHERE_H

#include <stdbool.h>

#include "imagrid/grid.h"

/** One condition: a key of the table, by path or column, has one of its values. */
typedef struct ig_where {
    size_t key;
    const ig_value *value; /**< of the grid's configuration */
} ig_where;

/** Read "KEY=VALUE", the argument of `option` ("--where"). IG_ERR_USAGE, naming the keys or values
 *  there are. */
ig_status ig_where_parse(const char *option, const char *text, const ig_grid *grid, ig_where *where,
                         ig_error *error);
/** Whether a grid point meets all n conditions. */
bool ig_where_holds(const ig_where *where, size_t n, const ig_grid *grid, size_t point);

#endif
