/** An experiment of the tests with curves; its file stands for the table of experiments. */
#ifndef TEST_RESULTS_CURVE_EXPERIMENT_H
#define TEST_RESULTS_CURVE_EXPERIMENT_H

#include "imagrid/experiment.h"
#include "results/curves.h"

/** What one task's row holds. */
typedef struct curve_row {
    int8_t state;
    double regret, bound, guess, other;
} curve_row;

/** Make a file in the running test's folder that holds these rows, one for each task. */
void make_curve_file(const char *yaml, curve_row *rows, char path[512]);

/** The curves, in order: `depth` (panels gamma, lines noise, log x, optima with two predictions),
 *  `calm` (noise=none only, log y, no optima), `plain` (no panels, no lines, optima without
 *  predictions). */
enum { CURVE_DEPTH, CURVE_CALM, CURVE_PLAIN };

/** The curves of such a file, and tables of their optima. */
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
