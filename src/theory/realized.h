/** What errors of a size really do to the return, as opposed to what a bound allows them to do. */
#ifndef IMAGRID_THEORY_REALIZED_H
#define IMAGRID_THEORY_REALIZED_H

#include <stdbool.h>

#include "imagrid/compute.h"
#include "theory/allocation.h"

/** |J changed - J| for a perturbation `size` times a unit-scaled one, from rollouts; 0 for size 0.
 *  Infinite where the rollout diverges. */
typedef struct ig_response {
    double (*gap)(double size, void *context);
    void *context;
} ig_response;

/** S = |J(changed by step) - J| / step, and how much half the step would change it, as a part of S:
 *  `*check` of more than a few per cent means that the step is too large or drowns in rounding.
 *  IG_ERR_USAGE for a step that is not positive; IG_ERR_NUMERIC where S is not positive and finite.
 */
ig_status ig_sensitivity(const ig_response *response, double step, double *sensitivity,
                         double *check, ig_error *error);

/** The division of a budget that really is the best. */
typedef struct ig_realized {
    ig_allocation best; /**< `bound` is the sum of the two gaps */
    int minima;         /**< local minima along the budget line, at least 1 */
    bool at_edge;       /**< the best lies at an end of the ratios searched */
} ig_realized;

/** Minimise |J(f^, r) - J| + |J(f, r^) - J| over the budget line, f^ and r^ off by the errors that
 *  the laws of `problem` give. Searched are the ratios N_dyn/N_rew in [low, high] that buy at least
 *  one of each: every local minimum of a logarithmic grid whose neighbours are finite is refined by
 *  Brent's method (GSL), and the lowest counts. IG_ERR_NUMERIC where there is none, IG_ERR_STOPPED
 *  from the hook; the other errors as ig_allocation_solve_whole, which checks the problem, weights
 *  included. */
ig_status ig_realized_solve(const ig_allocation_problem *problem, double budget, double low,
                            double high, const ig_response *dynamics, const ig_response *reward,
                            const ig_yield *yield, ig_realized *realized, ig_error *error);

#endif
