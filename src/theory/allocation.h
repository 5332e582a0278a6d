/** Theorem 1: how to divide a budget between transitions and reward labels.
 *
 *  Errors fall as power laws, eps_dyn(N) = A_d N^-alpha and eps_rew(N) = A_r N^-beta (Eq. 3). On
 *  the budget line c_dyn N_dyn + c_rew N_rew = B the bound C_d eps_dyn + C_r eps_rew is strictly
 *  convex and its minimiser satisfies (Eq. 4)
 *
 *      N_dyn/N_rew = (alpha/beta) (C_d/C_r) (c_rew/c_dyn) (eps_dyn/eps_rew),
 *
 *  where the errors are those of the minimiser itself. With u the logarithm of the odds (money for
 *  transitions over money for labels) the logarithm of Eq. 4 is a function of u whose slope lies
 *  between -(1 + max(alpha, beta)) and -(1 + min(alpha, beta)) everywhere: its value at u = 0 gives
 *  a bracket, and the root is found in it to rounding, whatever the magnitudes. Counts are real
 *  numbers except where whole ones are said to be meant; costs, budgets and errors are in the
 *  caller's units. */
#ifndef IMAGRID_THEORY_ALLOCATION_H
#define IMAGRID_THEORY_ALLOCATION_H

#include "imagrid/error.h"

/** One kind of data: what its errors weigh, how they fall, what it costs. All > 0 and finite. */
typedef struct ig_allocation_kind {
    double amplitude; /**< A_d or A_r */
    double exponent;  /**< alpha or beta */
    double weight;    /**< C_d or C_r of Lemma 1, or the realized sensitivity S_f or S_r */
    double cost;      /**< of one transition or one reward label */
} ig_allocation_kind;

typedef struct ig_allocation_problem {
    ig_allocation_kind dyn, rew;
} ig_allocation_problem;

/** A division of money and what comes of it. */
typedef struct ig_allocation {
    double n_dyn, n_rew;
    double ratio;                /**< n_dyn / n_rew */
    double share_dyn, share_rew; /**< of the money spent; their sum is 1 */
    double eps_dyn, eps_rew;
    double bound; /**< C_d eps_dyn + C_r eps_rew */
    double cost;  /**< the money spent */
} ig_allocation;

/** d ln(ratio) / d ln(input) at the optimum, except `alpha` and `beta`: d ln(ratio) / d input. */
typedef struct ig_allocation_slopes {
    double a_d, alpha, a_r, beta, c_d, c_r, cost_dyn, cost_rew, budget;
} ig_allocation_slopes;

/** What counts n_dyn, n_rew > 0 cost and give. */
ig_allocation ig_allocation_of(const ig_allocation_problem *problem, double n_dyn, double n_rew);

/** `odds` is the money for transitions over the money for labels, 0 where it is too small for a
 *  double; all of the budget is spent. */
ig_allocation ig_allocation_split(const ig_allocation_problem *problem, double budget, double odds);

/** The best division of `budget` > 0. IG_ERR_USAGE for inputs that are not positive and finite;
 *  IG_ERR_NUMERIC where a count is no finite double; IG_ERR_MEMORY. */
ig_status ig_allocation_solve(const ig_allocation_problem *problem, double budget,
                              ig_allocation *best, ig_error *error);

/** The smallest budget whose best division has a bound of `target` > 0, and that division. Errors
 * as above. */
ig_status ig_allocation_reach(const ig_allocation_problem *problem, double target,
                              ig_allocation *best, ig_error *error);

/** How the best ratio moves with every input (implicit differentiation of Eq. 4). IG_ERR_USAGE and
 *  IG_ERR_MEMORY as above. */
ig_status ig_allocation_differentiate(const ig_allocation_problem *problem, double budget,
                                      ig_allocation_slopes *slopes, ig_error *error);

/** The best whole counts, at least one each, that cost no more than `budget` in double arithmetic.
 *  Exact wherever at most 2^14 counts of the more expensive kind to either side can compete; beyond
 * that the bound is within one sample of the cheaper kind of the best. IG_ERR_USAGE also where the
 *  budget does not buy one of each. */
ig_status ig_allocation_solve_whole(const ig_allocation_problem *problem, double budget,
                                    ig_allocation *best, ig_error *error);

/** The cheapest whole counts whose bound is at most `target`; exactness and errors as above. */
ig_status ig_allocation_reach_whole(const ig_allocation_problem *problem, double target,
                                    ig_allocation *best, ig_error *error);

#endif
