/** A one-dimensional control problem with a known value function [ours].
 *
 *  The value-function groups of `allocation` have no action. Here the action moves the state and
 * the reward is shaped by the value function, s' = L_f s + a,   r = V(s) - gamma V(s') - (weight/2)
 * (a + gain s)^2,   V(s) = phi(scale s): the discounted sum telescopes to V(s_0) - gamma^H V(s_H)
 * less the penalties, so that for H to infinity a = -gain s is optimal and V its value. s_0 ~ U(-1,
 * 1). */
#ifndef IMAGRID_ENV_KNOWN_CONTROL_H
#define IMAGRID_ENV_KNOWN_CONTROL_H

#include "env/known-value.h"
#include <stdbool.h>

#include "imagrid/policy.h"

typedef struct ig_known_control {
    ig_value_shape shape;
    float gamma, slope, scale; /**< slope is L_f */
    float gain, weight;
} ig_known_control;

/** `memory` is the world's context, filled by the caller. */
void ig_known_control_world(ig_known_control *memory, ig_world *world);

/** What the policy a = -gain s gains from `s` in `steps` steps: V(s) - gamma^H V(s_H). */
double ig_known_control_optimum(const ig_known_control *problem, double s, size_t steps);

#endif
