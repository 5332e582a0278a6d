/** A small experiment of its own for the tests of the store: every kind of key and column. */
#ifndef TEST_EXPERIMENT_H
#define TEST_EXPERIMENT_H

#include "store/store.h"

/** Configuration, grid and layout of a YAML text. */
typedef struct fixture {
    ig_config *config;
    ig_grid *grid;
    ig_layout *layout;
    const ig_experiment *experiment;
} fixture;

/** A configuration of 2 * 2 * 2 grid points and 3 seeds: 24 tasks. */
extern const char test_yaml[];
extern const ig_provenance test_provenance;

/** 0, or -1 with the reason printed. */
int fixture_init(fixture *f, const char *yaml);
void fixture_clear(fixture *f);

/** Deterministic results of a task into `row`. */
void test_compute(const ig_row *row, size_t task);

#endif
