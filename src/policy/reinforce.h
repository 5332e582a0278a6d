/** The inside of ig_reinforce, shared by rollouts and gradients. */
#ifndef POLICY_REINFORCE_H
#define POLICY_REINFORCE_H

#include "imagrid/policy.h"
#include "nn/mlp.h"

enum {
    IG_TRAJECTORIES = 128, /**< rolled side by side: what one step needs stays in cache */
    IG_YIELD_ROWS = 512    /**< samples between two calls of the hook: tens of microseconds in
                               small networks, a millisecond in large ones */
};

struct ig_reinforce {
    const ig_kernels *kernels;
    ig_isa isa;
    size_t parameters;       /**< P */
    float *loaded;           /**< the parameters that `net` holds, in the public order */
    ig_packed net;           /**< mu */
    float *gradient;         /**< net.size, laid out as the network */
    size_t row;              /**< floats of a gathered state: S, a one, padding of zeros */
    float *rows;             /**< IG_ROWS of them */
    float *a, *y;            /**< IG_ROWS x net.width, IG_ROWS x net.out_width */
    float *noise;            /**< one trajectory's, steps x A */
    uint32_t order[IG_ROWS]; /**< which steps the gathered rows are: t * K + k */
};

/** Make `net` hold this policy. */
void ig_reinforce_load(ig_reinforce *r, const ig_gaussian *policy);

/** Add to r->gradient, after ig_reinforce_load, what ig_reinforce_gradient returns; the hook may
 *  end it early. */
ig_status ig_reinforce_accumulate(ig_reinforce *r, const ig_gaussian *policy,
                                  const ig_trajectories *trajectories, size_t begin, size_t end,
                                  size_t steps, const float *weights, const ig_yield *yield,
                                  ig_error *error);

/* The state-value baseline: V(s, t / H), regressed on returns. */

typedef struct ig_state_value ig_state_value;

/** For batches of K trajectories of H steps. IG_ERR_MEMORY. */
ig_status ig_state_value_create(const ig_policy_train_options *options, int state, ig_rng_key key,
                                ig_state_value **value, ig_error *error);
void ig_state_value_destroy(ig_state_value **value);

/** Whether it has been fitted, and so may predict. */
bool ig_state_value_is_fitted(const ig_state_value *value);
/** Read the states of a batch, which the other two are about. */
void ig_state_value_observe(ig_state_value *value, const ig_trajectories *trajectories);
/** values[t * K + k] = V(s_t, t / H) of every step. */
void ig_state_value_predict(ig_state_value *value, float *values);
/** Regress on the returns (H x K); iteration counts from 0. The hook's status. */
ig_status ig_state_value_fit(ig_state_value *value, const float *returns, int iteration,
                             const ig_yield *yield, ig_error *error);

#endif
