/** How an error falls with the number of samples: measurements, their power law, and redraws of
 * that law that show how well the measurements determine it. */
#ifndef IMAGRID_PLAN_CURVE_H
#define IMAGRID_PLAN_CURVE_H

#include <stdbool.h>
#include <stddef.h>

#include "imagrid/error.h"
#include "imagrid/rng.h"

enum { IG_CURVE_NAME = 64 };

/** Where the redraws come from; each redraw refits the line through all anchors. */
typedef enum ig_learning_curve_draws {
    IG_DRAWS_NONE,     /**< two single measurements: a line goes through them exactly */
    IG_DRAWS_SEEDS,    /**< the measurements of each anchor are resampled (stratified bootstrap) */
    IG_DRAWS_MEANS,    /**< each anchor's mean is redrawn from its standard error */
    IG_DRAWS_RESIDUALS /**< single measurements: the scatter about the line is all there is */
} ig_learning_curve_draws;

/** Measurements of one kind at n_anchors different N, in ascending order. Arrays are owned. */
typedef struct ig_anchors {
    size_t n;
    double *x;     /**< numbers of samples, > 0 */
    double *mean;  /**< mean error, > 0 */
    double *sem;   /**< standard error of the mean; NaN where it is not known */
    double *y;     /**< all measurements, those of anchor i from first[i]; NULL: only means known */
    size_t *first; /**< n + 1 indices into y; NULL with it */
} ig_anchors;

/** Arrays for n anchors and, unless it is 0, n_values measurements. IG_ERR_MEMORY. */
ig_status ig_anchors_init(size_t n, size_t n_values, ig_anchors *anchors, ig_error *error);
void ig_anchors_clear(ig_anchors *anchors);

/** error = amplitude * N^-exponent, with redraws. */
typedef struct ig_learning_curve {
    char name[IG_CURVE_NAME]; /**< what was measured: "dynamics_mse" */
    double amplitude, exponent;
    double exponent_low, exponent_high; /**< 95 % interval; NaN without redraws */
    double r2;                          /**< NaN with two anchors */
    double tail;      /**< exponent of the upper half of the anchors; NaN with fewer than four */
    size_t n_anchors; /**< at least two */
    double n_low, n_high; /**< smallest and largest N measured */
    ig_learning_curve_draws method;
    size_t n_draws;                             /**< 0 for IG_DRAWS_NONE */
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
