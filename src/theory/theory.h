/** The paper's results as pure functions, a part of this header and a file each. */
#ifndef THEORY_THEORY_H
#define THEORY_THEORY_H

#include <stdbool.h>
#include <stddef.h>

#include "imagrid/compute.h"
#include "imagrid/error.h"

/* Lemma 1 and what follows from it: how far a return can be off when dynamics and reward are
 * learned.
 *
 *  A true MDP (f, r) and a learned one (f^, r^) share discount gamma, start and an L_pi-Lipschitz
 *  policy; eps_dyn = sup ||f^ - f||, eps_rew = sup |r^ - r|. Lipschitz constants are those of the
 *  true maps in the paper's norm, ||f(s,a) - f(s',a')|| <= L_f (||s - s'|| + ||a - a'||). Every
 *  function is pure. All return IG_ERR_USAGE with the argument named where it lies outside the
 *  domain (NaN and infinity always do), IG_ERR_NUMERIC where the result is no finite double, and
 *  leave their outputs alone then. */

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

/* Proposition 1: how much a latent rollout z_{t+1} = z_t + v(z_t) can bend when the velocity v is
 *  eps-Lipschitz. Pure functions; IG_ERR_USAGE outside the domain 0 < eps < 1 (NaN is outside). */

/** Definition 1: L_curv = 1 - cos(u, w) of two velocities of n coordinates, neither of them zero.
 *  Computed as ||u/|u| - w/|w| ||^2 / 2, which keeps its digits for nearly parallel velocities. */
double ig_curvature_loss(const double *u, const double *w, size_t n);

/** Eq. 2: L_curv <= eps^2 / (2 (1 - eps)). */
ig_status ig_curvature_bound(double eps, double *bound, ig_error *error);

/** The least upper bound, ours: 1 - sqrt(1 - eps^2). ||w - u|| <= eps ||u|| lets w leave the
 *  direction of u by at most asin(eps), and in two dimensions a linear field reaches that angle at
 *  every step. */
ig_status ig_curvature_supremum(double eps, double *supremum, ig_error *error);

/* Theorem 1: how to divide a budget between transitions and reward labels.
 *
 *  Errors fall as power laws, eps_dyn(N) = A_d N^-alpha and eps_rew(N) = A_r N^-beta (Eq. 3), maybe
 *  down to floors E_d and E_r (ours). On the budget line c_dyn N_dyn + c_rew N_rew = B the bound
 *  C_d (E_d + eps_dyn) + C_r (E_r + eps_rew) is strictly convex and its minimiser satisfies (Eq. 4)
 *
 *      N_dyn/N_rew = (alpha/beta) (C_d/C_r) (c_rew/c_dyn) (eps_dyn/eps_rew),
 *
 *  where the errors are those of the minimiser itself, without the floors, which no money moves.
 *  What is owned counts and costs nothing: then N is what there is in all, the money line begins
 *  at the owned samples, and where the minimiser lies beyond its ends, or beyond the point from
 *  which on there are more labels than transitions, that end or point is the best. Of a kind whose
 *  price is 0 there are as many as may be. With u the logarithm of the odds (money for
 *  transitions over money for labels) the logarithm of Eq. 4 is a function of u whose slope lies
 *  between -(1 + max(alpha, beta)) and -(1 + min(alpha, beta)) everywhere: its value at u = 0 gives
 *  a bracket, and the root is found in it to rounding, whatever the magnitudes. Counts are real
 *  numbers except where whole ones are said to be meant; costs, budgets and errors are in the
 *  caller's units. */

/** One kind of data: what its errors weigh, how they fall, what it costs. All finite, and > 0 where
 *  nothing else is said. */
typedef struct ig_allocation_kind {
    double amplitude; /**< A_d or A_r */
    double exponent;  /**< alpha or beta */
    double weight;    /**< C_d or C_r of Lemma 1, or the realized sensitivity S_f or S_r */
    double cost;      /**< of one transition or one reward label; 0 for one of the two: free */
    double floor;     /**< the error that no number of samples takes away, >= 0 */
    double owned;     /**< samples that are there already, a whole number >= 0 */
} ig_allocation_kind;

typedef struct ig_allocation_problem {
    ig_allocation_kind dyn, rew;
    bool labels_within; /**< a label belongs to a transition: never more of them, owned included */
} ig_allocation_problem;

/** A division of money and what comes of it. */
typedef struct ig_allocation {
    double n_dyn, n_rew;         /**< to buy; infinite where that is free and nothing limits it */
    double ratio;                /**< n_dyn / n_rew */
    double share_dyn, share_rew; /**< of the money spent; their sum is 1, or 0 without any */
    double eps_dyn, eps_rew;     /**< of all samples, bought and owned, floors included */
    double bound;                /**< C_d eps_dyn + C_r eps_rew */
    double cost;                 /**< the money spent */
} ig_allocation;

/** d ln(ratio) / d ln(input) at the optimum, except `alpha` and `beta`: d ln(ratio) / d input. */
typedef struct ig_allocation_slopes {
    double a_d, alpha, a_r, beta, c_d, c_r, cost_dyn, cost_rew, budget;
} ig_allocation_slopes;

/** What buying n_dyn, n_rew costs and gives. The functions up to ig_allocation_free check nothing.
 */
ig_allocation ig_allocation_of(const ig_allocation_problem *problem, double n_dyn, double n_rew);

/** `odds` is the money for transitions over the money for labels, 0 where it is too small for a
 *  double; all of the budget is spent, whether there are more labels than transitions or not. Both
 *  prices > 0. */
ig_allocation ig_allocation_split(const ig_allocation_problem *problem, double budget, double odds);

/** The same, `share` (0 ... 1) of the money for transitions, or as near to it as leaves one sample
 *  of each kind of which none is owned and keeps labels within transitions; bound NaN where no
 *  division does. */
ig_allocation ig_allocation_near(const ig_allocation_problem *problem, double budget, double share);

/** C_d E_d + C_r E_r, which no money goes below. */
double ig_allocation_floor(const ig_allocation_problem *problem);

/** How many of the free kind there may be beside `n` bought of the other: as many labels as they
 *  have transitions, else infinitely many. */
double ig_allocation_free(const ig_allocation_problem *problem, double n);

/** The best division of `budget` > 0. IG_ERR_USAGE for inputs outside their domain and for more
 *  owned labels than transitions where labels belong to them; IG_ERR_NUMERIC where a count is no
 *  finite double; IG_ERR_MEMORY. */
ig_status ig_allocation_solve(const ig_allocation_problem *problem, double budget,
                              ig_allocation *best, ig_error *error);

/** The smallest budget whose best division has a bound of `target` > 0, and that division, of
 *  which nothing may be left to buy. IG_ERR_NUMERIC also for a target at or below the floors; the
 *  other errors as above. */
ig_status ig_allocation_reach(const ig_allocation_problem *problem, double target,
                              ig_allocation *best, ig_error *error);

/** How the best ratio moves with every input (implicit differentiation of Eq. 4), where nothing is
 *  owned and labels may be any number. IG_ERR_USAGE, also for a kind that is free, and
 * IG_ERR_MEMORY as above. */
ig_status ig_allocation_differentiate(const ig_allocation_problem *problem, double budget,
                                      ig_allocation_slopes *slopes, ig_error *error);

/** The best whole counts, at least one of each kind of which none is owned, that cost no more than
 * `budget` in double arithmetic. Exact wherever at most 2^14 counts of the more expensive kind to
 * either side can compete; beyond that the bound is within one sample of the cheaper kind of the
 * best. IG_ERR_USAGE also where the budget does not buy these. */
ig_status ig_allocation_solve_whole(const ig_allocation_problem *problem, double budget,
                                    ig_allocation *best, ig_error *error);

/** The cheapest whole counts whose bound is at most `target`; exactness and errors as above. */
ig_status ig_allocation_reach_whole(const ig_allocation_problem *problem, double target,
                                    ig_allocation *best, ig_error *error);

/* What errors of a size really do to the return, as opposed to what a bound allows them to do. */

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

/* Theorem 2 and Proposition 2: what noise and bias of observed rewards do to the policy gradient
 * (REINFORCE) of K trajectories of H steps, g = (1/K) sum_k sum_t w_t grad log pi(a_t|s_t).
 *
 *  The variance of a vector is the sum of its coordinates' variances. Every function is pure,
 *  returns IG_ERR_USAGE with the argument named where it lies outside the domain (NaN and infinity
 *  always do) and leaves its output alone then. */

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

/* Corollary 2: what price to pay for the annotation of a rollout.
 *
 *  A budget B buys K = B/c rollouts at price c, each with reward noise of variance sigma^2(c). The
 *  noise then adds (h / B) Phi(c) to the variance of the gradient, Phi(c) = c sigma^2(c), with h
 *  what unit noise adds for one trajectory; the whole variance is (c / B) (v + h sigma^2(c)), with
 * v that of one noise-free trajectory. Every function is pure; IG_ERR_USAGE outside the domain
 * (NaN and infinity always are), outputs left alone then. */

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
