/** One-dimensional decision processes with a known value function (docs/protocol.md).
 *
 *  V(s) = phi(lambda s) under f(s) = c + L_f (s - c) and r(s) = V(s) - gamma V(f(s)); the linear
 *  one is f(s) = L_f s + c, r(s) = L_r s, so that V is linear, too. There is no action. Models are
 *  off by a constant, f^ = f + e or r^ = r + e, whose sup norm is e.
 *
 *  A control problem [ours] has an action, which moves the state, and a reward shaped by the value
 *  function:
 *
 *      s' = L_f s + a,   r = V(s) - gamma V(s') - (weight/2) (a + gain s)^2,   V(s) = phi(scale s)
 *
 *  The discounted sum telescopes to V(s_0) - gamma^H V(s_H) less the penalties. Where V >= 0 no
 *  policy gains more than V(s_0), and where also gamma (L_f - gain)^2 < 1 and V is quadratic,
 *  a = -gain s comes within gamma^H V(s_H) of that: for H to infinity it is optimal and V its
 *  value. s_0 ~ U(-1, 1). */
#ifndef IMAGRID_ENV_KNOWN_VALUE_H
#define IMAGRID_ENV_KNOWN_VALUE_H

#include <stdbool.h>

#include "imagrid/policy.h"

typedef enum ig_value_shape {
    IG_VALUE_LINEAR,
    IG_VALUE_TANH,
    IG_VALUE_SIN,
    IG_VALUE_QUADRATIC /**< phi(x) = x^2 */
} ig_value_shape;

typedef struct ig_known_value {
    ig_value_shape shape;
    double gamma;  /**< in (0, 1), with gamma * slope < 1 */
    double slope;  /**< L_f >= 0 */
    double scale;  /**< lambda; L_r of the linear one */
    double centre; /**< c = theta_f0; s_0 is c for a slope of 1, else c + 0.5 */
} ig_known_value;

/** |J(f + e, r) - J(f, r)| and |J(f, r + e) - J(f, r)| from rollouts that end where the rest is
 * below rounding. Differences are summed as such: nothing cancels however small e is. */
double ig_known_value_gap_dynamics(const ig_known_value *mdp, double e);
double ig_known_value_gap_reward(const ig_known_value *mdp, double e);

/** The largest |V'| for |s - c| <= radius. */
double ig_known_value_steepest(const ig_known_value *mdp, double radius);

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
