/** The state-value baseline: V(s, t / H), regressed on returns. */
#ifndef POLICY_VALUE_H
#define POLICY_VALUE_H

#include "imagrid/policy-train.h"

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
