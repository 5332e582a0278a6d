/** What both files of the experiment `allocation` know. */
#ifndef IMAGRID_EXPERIMENTS_ALLOCATION_H
#define IMAGRID_EXPERIMENTS_ALLOCATION_H

#include "imagrid/experiment.h"
#include "theory/theory.h"

/** Values of the key `group`; the first four in the order of ig_value_shape. */
typedef enum ig_allocation_group {
    IG_GROUP_LINEAR,
    IG_GROUP_TANH,
    IG_GROUP_SIN,
    IG_GROUP_QUADRATIC,
    IG_GROUP_LQG
} ig_allocation_group;

/** Values of the key `weights`: what Theorem 1 is given in place of C_d and C_r. */
typedef enum ig_allocation_weights {
    IG_WEIGHTS_REALIZED, /**< S_f and S_r of rollouts */
    IG_WEIGHTS_SUP_NORM, /**< gamma sup|V'| / (1 - gamma) and 1/(1 - gamma) */
    IG_WEIGHTS_LEMMA1    /**< C_d and C_r */
} ig_allocation_weights;

/** What a group hands to the comparison of prediction and reality. */
typedef struct ig_allocation_case {
    double gamma;
    ig_lipschitz lipschitz;
    ig_allocation_problem problem; /**< laws; costs and weights come later */
    double r2_dyn, r2_rew;         /**< of the laws; 1 where they are given */
    double steepest;               /**< sup|V'|; NaN for lqg */
    ig_response dynamics, reward;
} ig_allocation_case;

/** lqg: the system, its identification, its responses. `*memory` belongs to the case and is freed
 *  by ig_allocation_lqg_destroy. */
typedef struct ig_allocation_lqg ig_allocation_lqg;
ig_status ig_allocation_lqg_create(const ig_task *task, ig_allocation_case *what,
                                   ig_allocation_lqg **memory, ig_error *error);
void ig_allocation_lqg_destroy(ig_allocation_lqg **memory);

#endif
