/** One-dimensional decision processes with a known value function (docs/protocol.md).
 *
 *  V(s) = phi(lambda s) under f(s) = c + L_f (s - c) and r(s) = V(s) - gamma V(f(s)); the linear
 * one is f(s) = L_f s + c, r(s) = L_r s, so that V is linear, too. There is no action. Models are
 * off by a constant, f^ = f + e or r^ = r + e, whose sup norm is e. */
#ifndef IMAGRID_ENV_KNOWN_VALUE_H
#define IMAGRID_ENV_KNOWN_VALUE_H

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

#endif
