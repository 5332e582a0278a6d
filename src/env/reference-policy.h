/** Reference policies, many episodes side by side. */
#ifndef IMAGRID_ENV_REFERENCE_POLICY_H
#define IMAGRID_ENV_REFERENCE_POLICY_H

#include "imagrid/env.h"

enum { IG_BLOCK = 64 }; /**< episodes rolled side by side */

/** The policy's parameters of one block of episodes. Owned by whoever began it. */
typedef struct ig_reference_policy_block {
    ig_reference_policy policy;
    int state, action;
    double *frequency, *phase; /**< sinusoid: IG_BLOCK x action each */
    float *gain;               /**< tanh_feedback: IG_BLOCK x action x state */
} ig_reference_policy_block;

/** Allocate for the policy's needs. IG_ERR_MEMORY. */
ig_status ig_reference_policy_block_init(ig_reference_policy policy, int state, int action,
                                         ig_reference_policy_block *block, ig_error *error);
void ig_reference_policy_block_clear(ig_reference_policy_block *block);

/** Draw the parameters of episode `e` (< IG_BLOCK) of the block from its stream. */
void ig_reference_policy_begin(ig_reference_policy_block *block, int e, ig_rng *rng);

/** Actions of step t for the first `n` episodes: row e of `x`, [s, a], holds episode e's state and
 *  receives its action; rng[e] is its stream. */
void ig_reference_policy_act(const ig_reference_policy_block *block, int n, int t, ig_rng *rng,
                             float *x);

#endif
