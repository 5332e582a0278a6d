/** Run every task of a small configuration, and look at the rows. */
#ifndef IMAGRID_TESTS_RUN_GRID_H
#define IMAGRID_TESTS_RUN_GRID_H

#include "imagrid/experiment.h"

typedef struct run_grid {
    const ig_experiment *experiment;
    ig_config *config;
    ig_grid *grid;
    ig_layout *layout;
    unsigned char *rows; /**< n_tasks x row_size */
    size_t n_tasks;
} run_grid;

/** Parse `text` and run all of it; any fault fails the test. */
void run_grid_init(const char *text, run_grid *run);
void run_grid_clear(run_grid *run);

/** A column of a task; the value of a key there. */
double run_grid_number(const run_grid *run, size_t task, const char *column);
const ig_value *run_grid_key(const run_grid *run, size_t task, const char *path);

/** Rows that break a claim of the experiment's summary: `judged` (or `column`) above 1 times
 *  1 / factor, among the rows the claim is about. */
size_t run_grid_broken(const run_grid *run, const char *column, double factor);

#endif
