/** The grid: every combination of axis values and seeds, numbered.
 *
 *  Task t is grid point t / n_seeds and seed t % n_seeds. Grid points are numbered with the last
 *  axis of the key table running fastest; the keys of a zip group count as one axis that stands
 *  where its first key stands. Nothing is stored per task, so a grid of 10 million tasks is small.
 */
#ifndef IMAGRID_GRID_H
#define IMAGRID_GRID_H

#include "imagrid/config.h"
#include "imagrid/rng.h"

typedef struct ig_grid ig_grid;

/** Build the grid of a configuration, which must outlive it. IG_ERR_MEMORY only. */
ig_status ig_grid_create(const ig_config *config, ig_grid **grid, ig_error *error);
void ig_grid_destroy(ig_grid **grid);

const ig_config *ig_grid_config(const ig_grid *grid);
size_t ig_grid_n_points(const ig_grid *grid);
size_t ig_grid_n_seeds(const ig_grid *grid);
size_t ig_grid_n_tasks(const ig_grid *grid); /**< n_points * n_seeds */

/** Value of key `key` at grid point `point`; owned by the config. */
const ig_value *ig_grid_value(const ig_grid *grid, size_t point, size_t key);

/** "anchors=2000 policy=sinusoid": the keys that vary over the grid, cut to `size`; "all" where
 *  none does. */
void ig_grid_label(const ig_grid *grid, size_t point, char *text, size_t size);

/** Random-number key of a task. With common random numbers the scope is the experiment's name;
 *  otherwise "name;path=value;..." over all axis keys of the table in table order, varying or not,
 *  so that adding an axis value changes no other task. */
ig_rng_key ig_grid_rng_key(const ig_grid *grid, size_t task);

/** One grid point as an experiment sees it. */
typedef struct ig_point {
    const ig_grid *grid;
    size_t index; /**< grid point, < n_points */
} ig_point;

/** Values by dotted path; a path or type that is not in the key table is a bug and aborts. */
int64_t ig_point_integer(const ig_point *point, const char *path);
double ig_point_real(const ig_point *point, const char *path);
/** Both ends of an INTERVAL key. */
void ig_point_interval(const ig_point *point, const char *path, double interval[2]);
/** Where the value that a key has at this point stands in the text; 0, 0 for a default. */
void ig_point_position(const ig_point *point, const char *path, size_t *line, size_t *column);
bool ig_point_boolean(const ig_point *point, const char *path);
/** A text, and the n texts of a list; owned by the config. */
const char *ig_point_text(const ig_point *point, const char *path);
const char *const *ig_point_texts(const ig_point *point, const char *path, size_t *n);
/** How many sizes a list has; they go to the beginning of `sizes`. */
size_t ig_point_sizes(const ig_point *point, const char *path, size_t sizes[IG_SIZES_MAX]);
/** Index into the key's choices; `*argument` (may be NULL) gets the integer of {name: integer}. */
int ig_point_choice(const ig_point *point, const char *path, int64_t *argument);

#endif
