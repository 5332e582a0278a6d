/** Lemma 1 and what follows from it: how far a return can be off when dynamics and reward are
 * learned.
 *
 *  A true MDP (f, r) and a learned one (f^, r^) share discount gamma, start and an L_pi-Lipschitz
 *  policy; eps_dyn = sup ||f^ - f||, eps_rew = sup |r^ - r|. Lipschitz constants are those of the
 *  true maps in the paper's norm, ||f(s,a) - f(s',a')|| <= L_f (||s - s'|| + ||a - a'||). Every
 *  function is pure. All return IG_ERR_USAGE with the argument named where it lies outside the
 *  domain (NaN and infinity always do), IG_ERR_NUMERIC where the result is no finite double, and
 *  leave their outputs alone then. */
#ifndef IMAGRID_THEORY_LEMMA1_H
#define IMAGRID_THEORY_LEMMA1_H

#include <stddef.h>

#include "imagrid/error.h"

/** L_f, L_r and L_pi, each >= 0. */
typedef struct ig_lipschitz {
    double dynamics, reward, policy;
} ig_lipschitz;

/** Weights of the two errors in a bound: C_r eps_rew + C_d eps_dyn. */
typedef struct ig_coefficients {
    double reward, dynamics;
} ig_coefficients;

/** A bound and its two terms. */
typedef struct ig_bound {
    double reward;   /**< C_r eps_rew */
    double dynamics; /**< C_d eps_dyn */
    double total;
} ig_bound;

/** kappa = gamma L_f (1 + L_pi), any value >= 0, also infinite; 0 <= gamma <= 1. */
ig_status ig_contraction(double gamma, const ig_lipschitz *lipschitz, double *kappa,
                         ig_error *error);

/** Eq. 1: C_r = 1/(1 - gamma), C_d = gamma L_r (1 + L_pi) / ((1 - gamma)(1 - kappa)) for
 *  0 <= gamma < 1 and kappa < 1; a kappa of 1 or more is outside the domain, not infinite. */
ig_status ig_lemma1(double gamma, const ig_lipschitz *lipschitz, ig_coefficients *coefficients,
                    ig_error *error);

/** The same over the first `steps` rewards, for any kappa and 0 <= gamma <= 1:
 *  sum_{t < H} gamma^t [eps_rew + L_r (1 + L_pi) eps_dyn sum_{k < t} Lambda^k] with
 *  Lambda = L_f (1 + L_pi). Lemma 1 is its limit for H to infinity where kappa < 1. */
ig_status ig_lemma1_finite(double gamma, const ig_lipschitz *lipschitz, size_t steps,
                           ig_coefficients *coefficients, ig_error *error);

/** What Lemma 1 has beyond the first `steps` rewards: lemma1 - finite, to about 1e-9 of itself
 *  where Lambda is within 1e-8 of 1, and to rounding elsewhere. */
ig_status ig_lemma1_tail(double gamma, const ig_lipschitz *lipschitz, size_t steps,
                         ig_coefficients *coefficients, ig_error *error);

/** Corollary 1: C_d of Lemma 1 and its partial derivatives by L_f, L_r and L_pi, none negative. */
ig_status ig_corollary1(double gamma, const ig_lipschitz *lipschitz, double *coefficient,
                        ig_lipschitz *slope, ig_error *error);

/** The bound for errors eps_rew, eps_dyn >= 0. */
ig_status ig_bound_of(const ig_coefficients *coefficients, double eps_rew, double eps_dyn,
                      ig_bound *bound, ig_error *error);

#endif
