/** Corollary 2: what price to pay for the annotation of a rollout.
 *
 *  A budget B buys K = B/c rollouts at price c, each with reward noise of variance sigma^2(c). The
 *  noise then adds (h / B) Phi(c) to the variance of the gradient, Phi(c) = c sigma^2(c), with h
 *  what unit noise adds for one trajectory; the whole variance is (c / B) (v + h sigma^2(c)), with
 * v that of one noise-free trajectory. Every function is pure; IG_ERR_USAGE outside the domain
 * (NaN and infinity always are), outputs left alone then. */
#ifndef IMAGRID_THEORY_FIDELITY_H
#define IMAGRID_THEORY_FIDELITY_H

#include <stdbool.h>

#include "imagrid/error.h"

typedef enum ig_fidelity_family {
    IG_FIDELITY_POWER,   /**< sigma^2(c) = scale c^-exponent */
    IG_FIDELITY_BOUNDED, /**< sigma^2(c) = scale (1 - c / clean), 0 < c <= clean */
    IG_FIDELITY_FLOOR    /**< sigma^2(c) = floor + scale / c */
} ig_fidelity_family;

/** How the noise falls with the price. */
typedef struct ig_fidelity {
    ig_fidelity_family family;
    double scale;    /**< > 0 */
    double exponent; /**< power only, > 0 */
    double clean;    /**< bounded only: the price without any noise, > 0 */
    double floor;    /**< floor only: variance that no price removes, >= 0 */
} ig_fidelity;

/** sigma^2(c), c > 0. */
ig_status ig_fidelity_variance(const ig_fidelity *curve, double cost, double *variance,
                               ig_error *error);

/** Phi(c) = c sigma^2(c), c > 0. */
ig_status ig_fidelity_phi(const ig_fidelity *curve, double cost, double *phi, ig_error *error);

/** The best price in an interval. */
typedef struct ig_best_cost {
    double cost;      /**< the lowest one where several are best */
    double objective; /**< there */
    double worst;     /**< the price with the largest objective, the lowest such */
    bool indifferent; /**< every price is as good */
    bool both_ends;   /**< both ends are best, and nothing between them */
} ig_best_cost;

/** Least c (noise_free + added sigma^2(c)) over low <= c <= high, in closed form; 0 < low < high,
 *  noise_free >= 0, added > 0. Corollary 2 is noise_free = 0, added = 1, where the objective is
 *  Phi: the highest price for exponents above 1, the lowest below 1 and with a floor, any for 1, an
 * end with a bounded curve. Objectives that differ by rounding (1e-12) count as equal. */
ig_status ig_fidelity_best(const ig_fidelity *curve, double low, double high, double noise_free,
                           double added, ig_best_cost *best, ig_error *error);

#endif
