/** What both bootstraps of a power law, by anchors and by whole seeds, have in common. */
#ifndef IMAGRID_ANALYSIS_POWER_LAW_RESAMPLES_H
#define IMAGRID_ANALYSIS_POWER_LAW_RESAMPLES_H

#include "results/power-law.h"

/** The fits to the resamples and to the data without single results; owned. */
typedef struct ig_law_resamples {
    size_t n, n_left;         /**< anchors; leave-one-out fits */
    double *log_x, *log_mean; /**< n */
    double *exponent, *log_a; /**< one per resample */
    double *percent;          /**< one per resample, to be sorted */
    double *left[2];          /**< influence of n_left results on exponent and amplitude */
} ig_law_resamples;

/** `left` is made for BCa intervals only. IG_ERR_MEMORY. */
ig_status ig_law_resamples_init(ig_law_resamples *s, size_t n, size_t n_left,
                                const ig_bootstrap *how, ig_error *error);
void ig_law_resamples_clear(ig_law_resamples *s);

/** ln y = log_a - exponent ln x over s->log_x and s->log_mean; returns the residual sum of squares.
 */
double ig_law_least_squares(const ig_law_resamples *s, double *exponent, double *log_a);

/** Standard errors and intervals of `law`, whose exponent and amplitude are set. IG_ERR_NUMERIC
 *  where the fit overflows. */
ig_status ig_law_spread(ig_law_resamples *s, const ig_bootstrap *how, ig_power_law *law,
                        ig_error *error);

#endif
