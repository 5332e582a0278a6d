/** Small tasks of `imagination` for tests. */
#ifndef IMAGINATION_SAMPLE_H
#define IMAGINATION_SAMPLE_H

#include "experiments/imagination.h"

/** A small configuration, parsed. */
typedef struct sample_grid {
    ig_config *config;
    ig_grid *grid;
    ig_layout *layout;
    const ig_experiment *experiment;
} sample_grid;

/** Keys for whoever does not say otherwise, and those of linear-quadratic systems. */
extern const char sample_quick[], sample_regulators[];

/** Parse two texts one after the other; what is wrong goes to `d`. */
ig_status sample_parse(const char *more, const char *still, sample_grid *g, ig_diagnostics *d);
/** The same, to be cleared; a fault fails the test. */
sample_grid sample_make(const char *more, const char *still);
void sample_clear(sample_grid *g);
ig_task sample_task(const sample_grid *g, size_t task, const ig_yield *yield);
/** Run a task that must end with `wanted`. The row's bytes are the caller's to free. */
ig_row sample_run(const sample_grid *g, size_t task, const ig_yield *yield, ig_status wanted,
                  ig_error *error);
/** A float64 or int64 column. */
double sample_number(const ig_row *row, const char *column);

#endif
