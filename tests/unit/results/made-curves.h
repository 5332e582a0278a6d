/** The curves of the tests' experiment, computed from rows that are made for it. */
#ifndef TEST_RESULTS_MADE_CURVES_H
#define TEST_RESULTS_MADE_CURVES_H

#include "curve-experiment.h"
#include "results/analyses.h"

typedef struct made_curves {
    ig_rows rows;
    ig_curve_lines curves[3];
    ig_tables optima; /**< of all curves */
} made_curves;

/** Curves of a file in the running test's folder that holds these rows, one for each task. Fails
 * the test where something goes wrong. */
made_curves *make_curves(const char *yaml, curve_row *rows, size_t resamples);
void made_curves_destroy(made_curves **made);

/** Fails the test unless the table of this name has a note that begins so. */
void expect_note(const ig_tables *tables, const char *name, const char *note);

#endif
