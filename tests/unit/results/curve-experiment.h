/** An experiment of the tests with curves; its file stands for the table of experiments. */
#ifndef TEST_ANALYSIS_CURVE_EXPERIMENT_H
#define TEST_ANALYSIS_CURVE_EXPERIMENT_H

#include "imagrid/experiment.h"

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

#endif
