/** Theorem 2 and Proposition 2: what noise and bias of observed rewards do to the policy gradient
 * (REINFORCE) of K trajectories of H steps, g = (1/K) sum_k sum_t w_t grad log pi(a_t|s_t).
 *
 *  The variance of a vector is the sum of its coordinates' variances. Every function is pure,
 *  returns IG_ERR_USAGE with the argument named where it lies outside the domain (NaN and infinity
 *  always do) and leaves its output alone then. */
#ifndef IMAGRID_THEORY_REINFORCE_H
#define IMAGRID_THEORY_REINFORCE_H

#include <stddef.h>

#include "imagrid/discount.h"
#include "imagrid/error.h"

/** Theorem 2, Eq. 5: independent reward noise of mean 0 and standard deviation sigma adds at most
 *      sigma^2 H W_H^2 / (K (1 - gamma)^2),     W_H^2 = E max_t ||grad log pi(a_t|s_t)||^2,
 *  to the variance. sigma >= 0, W_H^2 = w2 >= 0, H, K >= 1, 0 <= gamma < 1. */
ig_status ig_theorem2_bound(double sigma, size_t steps, double w2, size_t trajectories,
                            double gamma, double *bound, ig_error *error);

/** What the noise adds exactly, ours: scores of different steps are uncorrelated, so that
 *      added = (sigma^2 / K) sum_t E||grad log pi(a_t|s_t)||^2 c_t,
 *      c_t = sum_{t <= u < H} gamma^(2u) for weights gamma^t G_t (exact),
 *      c_t = sum_{t <= u < H} gamma^(2(u-t)) for weights G_t (paper).
 *  score2[t] is the mean squared norm of step t's score, H numbers >= 0; 0 <= gamma <= 1. */
ig_status ig_theorem2_added(double sigma, size_t steps, const double *score2, size_t trajectories,
                            double gamma, ig_discount_state discount, double *added,
                            ig_error *error);

/** Proposition 2, Eq. 7: E||g~ - grad J_H||^2 = single / K + floor, with `single` the variance of
 *  one trajectory's estimate and `floor` = ||grad B_H||^2 of the reward bias; both >= 0. */
ig_status ig_proposition2_mse(double single, size_t trajectories, double floor, double *mse,
                              ig_error *error);

#endif
