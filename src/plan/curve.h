/** How an error falls with the number of samples: measurements, their power law, and redraws of
 * that law that show how well the measurements determine it. */
#ifndef IMAGRID_PLAN_CURVE_H
#define IMAGRID_PLAN_CURVE_H

#include "results/power-law.h"

enum { IG_CURVE_NAME = 64 };

/** error = amplitude * N^-exponent, with redraws. */
typedef struct ig_learning_curve {
    char name[IG_CURVE_NAME]; /**< what was measured: "dynamics_mse" */
    double amplitude, exponent;
    double exponent_low, exponent_high; /**< 95 % interval; NaN without redraws */
    double r2;                          /**< NaN with two anchors */
    double tail;      /**< exponent of the upper half of the anchors; NaN with fewer than four */
    size_t n_anchors; /**< at least two */
    double n_low, n_high; /**< smallest and largest N measured */
    ig_redraws method;
    size_t n_draws;                             /**< 0 for IG_REDRAW_NONE */
    double *draw_log_amplitude, *draw_exponent; /**< n_draws, owned */
} ig_learning_curve;

/** Fit the anchors by ordinary least squares of ln(mean) on ln(N), and redraw. IG_ERR_NUMERIC for
 *  fewer than two anchors or where the line is not finite; IG_ERR_MEMORY. Clear with
 *  ig_learning_curve_clear. */
ig_status ig_learning_curve_fit(const ig_anchors *anchors, const char *name, size_t draws,
                                ig_rng *rng, ig_learning_curve *curve, ig_error *error);
void ig_learning_curve_clear(ig_learning_curve *curve);

/** Make a curve of mean squares one of their roots: half the logarithms, exactly. */
void ig_learning_curve_take_root(ig_learning_curve *curve);

#endif
