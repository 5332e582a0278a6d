/** A one-dimensional control problem with a known value function [ours].
 *
 *  The value-function groups of `allocation` have no action. Here the action moves the state and
 *  the reward is shaped by the value function:
 *
 *      s' = L_f s + a,   r = V(s) - gamma V(s') - (weight/2) (a + gain s)^2,   V(s) = phi(scale s)
 *
 *  The discounted sum telescopes to V(s_0) - gamma^H V(s_H) less the penalties. Where V >= 0 no
 *  policy gains more than V(s_0), and where also gamma (L_f - gain)^2 < 1 and V is quadratic,
 *  a = -gain s comes within gamma^H V(s_H) of that: for H to infinity it is optimal and V its
 *  value. s_0 ~ U(-1, 1). */
#ifndef IMAGRID_ENV_KNOWN_CONTROL_H
#define IMAGRID_ENV_KNOWN_CONTROL_H

#include <stdbool.h>

#include "env/known-value.h"
#include "imagrid/policy.h"

typedef struct ig_known_control {
    ig_value_shape shape;
    float gamma, slope, scale; /**< slope is L_f */
    float gain, weight;
} ig_known_control;

/** `memory` is the world's context, filled by the caller. */
void ig_known_control_world(ig_known_control *memory, ig_world *world);

/** Whether the policy a = -gain s tends to the optimum as the horizon grows: V is quadratic and
 *  gamma^H V(s_H) vanishes. (With any other V it pays to end where V is low.) */
bool ig_known_control_is_solved(const ig_known_control *problem);

/** What that policy gains from `s` in `steps` steps: V(s) - gamma^H V(s_H). */
double ig_known_control_return(const ig_known_control *problem, double s, size_t steps);

#endif
