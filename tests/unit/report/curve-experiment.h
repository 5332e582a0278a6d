/** An experiment of the tests with curves; its file stands for the table of experiments. */
#ifndef TEST_REPORT_CURVE_EXPERIMENT_H
#define TEST_REPORT_CURVE_EXPERIMENT_H

#include "imagrid/experiment.h"

/** What one task's row holds. */
typedef struct curve_row {
    int8_t state;
    double regret, bound, guess, other;
} curve_row;

/** For make_any_file: the context is an array of curve_row, one for each task. */
int8_t set_curve_row(size_t task, const ig_row *row, void *context);

/** The curves, in order: `depth` (panels gamma, lines noise, log x, optima with two predictions),
 *  `calm` (noise=none only, log y, no optima), `plain` (no panels, no lines, optima without
 *  predictions). */
enum { CURVE_DEPTH, CURVE_CALM, CURVE_PLAIN };

#endif
