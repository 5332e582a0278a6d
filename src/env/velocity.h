/** Latent rollouts z_{t+1} = z_t + v(z_t) along velocity fields with a known Lipschitz constant. */
#ifndef IMAGRID_ENV_VELOCITY_H
#define IMAGRID_ENV_VELOCITY_H

#include "imagrid/compute.h"
#include "imagrid/error.h"
#include "imagrid/rng.h"

typedef enum ig_velocity_kind {
    /** v(z) = eps W2 tanh(W1 z + b), entries normal, ||W1|| = ||W2|| = 1. */
    IG_VELOCITY_TANH,
    /** v(z) = eps R(phi) z with R a rotation of the plane and cos phi = -eps, sin phi of random
     *  sign: linear, so exactly eps-Lipschitz. Then v(z_{t+1}) - v(z_t) is orthogonal to
     *  v(z_{t+1}), the direction turns by asin(eps) at every step, and no eps-Lipschitz field can
     *  turn it by more. Two dimensions. */
    IG_VELOCITY_PLANAR
} ig_velocity_kind;

typedef struct ig_velocity_options {
    ig_velocity_kind kind;
    double eps;       /**< in (0, 1) */
    size_t dimension; /**< of z; 2 for the planar field */
    size_t hidden;    /**< width of the tanh field */
    size_t steps;     /**< velocities visited, at least 2 */
} ig_velocity_options;

/** What a rollout shows. */
typedef struct ig_bend {
    double largest, mean; /**< curvature loss over the rollout's consecutive velocities */
    double lipschitz;     /**< largest ||v(z) - v(z')|| / ||z - z'|| over all pairs visited */
    size_t steps;         /**< velocities visited; fewer where the rollout comes to rest */
} ig_bend;

/** Draw a field (IG_STREAM_TEACHER) and a start (IG_STREAM_DATA), z_0 ~ N(0, 1) in every
 * coordinate, and roll out. A rollout that comes so close to rest that rounding would decide the
 * direction of its velocity (||v|| < 1e-6 eps min(1, ||z||), or < 1e-140) ends there.
 * IG_ERR_NUMERIC where it ends before its second velocity; IG_ERR_USAGE for a planar field not in
 * two dimensions; IG_ERR_MEMORY, IG_ERR_STOPPED. */
ig_status ig_velocity_rollout(const ig_velocity_options *options, ig_rng_key key,
                              const ig_yield *yield, ig_bend *bend, ig_error *error);

#endif
