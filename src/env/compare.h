/** A policy's return in a true MDP and in a learned one, and where the difference comes from. */
#ifndef IMAGRID_ENV_COMPARE_H
#define IMAGRID_ENV_COMPARE_H

#include "env/system.h"
#include "imagrid/compute.h"

typedef struct ig_comparison_options {
    double gamma;
    size_t horizon; /**< rewards to sum; 0: until the tail is at most `limit` */
    double limit;   /**< > 0 where horizon is 0 */
    size_t longest; /**< rewards after which a sum without a horizon is given up */
    double noise;   /**< standard deviation of the noise added to every next state */
    ig_rng *truth;  /**< its normal numbers in the true rollout; NULL where noise is 0 */
    ig_rng *model;  /**< in the learned rollout; NULL: it shares those of the true one */
} ig_comparison_options;

/** One pair of rollouts. Differences are learned minus true, summed as differences: a gap much
 *  smaller than the returns keeps its digits. */
typedef struct ig_comparison {
    double J, J_hat;     /**< true and learned return */
    double gap;          /**< J_hat - J */
    double gap_dynamics; /**< J(f^, r) - J: what the dynamics error does alone */
    double gap_reward;   /**< J(f, r^) - J: what the reward error does alone */
    size_t steps;        /**< rewards summed */
    double tail;         /**< at least what the rest could add to the gap; 0 with a horizon */
    double reach;        /**< largest ||(s, a)|| / radius of both rollouts; 0 without a ball */
    double seen_dyn, seen_rew; /**< largest errors met on the learned rollout */
} ig_comparison;

/** Roll both out. IG_ERR_NUMERIC where a rollout leaves the system's domain, an error exceeds the
 *  supremum it should have, the tail does not vanish within `longest` steps, or states overflow;
 *  IG_ERR_MEMORY; IG_ERR_STOPPED. */
ig_status ig_compare(const ig_system *system, const ig_comparison_options *options,
                     const ig_yield *yield, ig_comparison *comparison, ig_error *error);

#endif
