/** What to buy: the best whole counts, what they give, and how sure that is. */
#ifndef IMAGRID_PLAN_PURCHASE_H
#define IMAGRID_PLAN_PURCHASE_H

#include "plan/measured.h"
#include "theory/theory.h"

/** What is asked for. */
typedef struct ig_order {
    double cost[IG_KINDS];   /**< of one sample */
    double weight[IG_KINDS]; /**< C_d, C_r or S_f, S_r */
    bool for_target;
    double limit; /**< the budget, or the target for the bound */
} ig_order;

/** A number with its 95 % interval; NaN ends where there is none, infinite ones where a redraw
 * never reaches the target. */
typedef struct ig_estimate {
    double value, low, high;
} ig_estimate;

/** The intervals of counts, shares and `spent` show where the best purchase lies under the redraws
 * of both laws; those of errors, bound and losses show what the purchase recommended gives there.
 */
typedef struct ig_purchase {
    ig_allocation best; /**< whole counts */
    ig_allocation
        even; /**< half of the same money each; NaN where that buys less than one sample */
    ig_estimate count[IG_KINDS], share[IG_KINDS], error[IG_KINDS];
    ig_estimate bound, spent;
    ig_estimate even_loss; /**< even.bound / best.bound - 1 */
    double regret;         /**< 97.5 % of the redraws have a best bound at most this part lower */
    size_t n_draws;        /**< pairs of redraws used */
    size_t flat[IG_KINDS]; /**< of these, redraws in which the error does not fall with N */
    size_t unreached;      /**< of these, redraws in which no budget reaches the target */
} ig_purchase;

/** The power laws and the order as Theorem 1 takes them. */
ig_allocation_problem ig_purchase_problem(const ig_learning_curve curves[IG_KINDS],
                                          const ig_order *order);

/** The same with redraw `k` of both curves, whose exponents may not be positive. */
ig_allocation_problem ig_purchase_redrawn(const ig_learning_curve curves[IG_KINDS],
                                          const ig_order *order, size_t k);

/** Redraws that both curves have. */
size_t ig_purchase_n_draws(const ig_learning_curve curves[IG_KINDS]);

/** IG_ERR_NUMERIC where an error does not fall with N or nothing finite is the best; IG_ERR_USAGE
 *  for a budget that buys nothing; IG_ERR_MEMORY. */
ig_status ig_purchase_make(const ig_learning_curve curves[IG_KINDS], const ig_order *order,
                           ig_purchase *purchase, ig_error *error);

#endif
