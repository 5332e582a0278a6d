/** Decision processes whose Lipschitz constants and model errors are known exactly
 * (docs/protocol.md).
 *
 *  A system is a true MDP, a learned model of it and a policy, in double precision. The learned
 * maps are the true ones plus a perturbation whose supremum over the system's domain is known in
 * closed form. Constants are the smallest that satisfy the paper's definition,
 *  ||f(s,a) - f(s',a')|| <= L_f (||s - s'|| + ||a - a'||): for maps of s and a that enter by
 *  separate matrices, the larger of the two spectral norms. */
#ifndef IMAGRID_ENV_SYSTEM_H
#define IMAGRID_ENV_SYSTEM_H

#include <stddef.h>

#include "imagrid/compute.h"
#include "imagrid/error.h"
#include "imagrid/rng.h"
#include "theory/theory.h"

enum { IG_SYSTEM_DIMENSION = 1024 }; /**< largest state or action dimension */

typedef struct ig_system ig_system;

/** What kind of system it is. s, a and next hold `state`, `action` and `state` numbers. */
typedef struct ig_system_maps {
    void (*act)(const ig_system *system, const double *s, double *a);
    void (*step)(const ig_system *system, const double *s, const double *a, double *next);
    double (*reward)(const ig_system *system, const double *s, const double *a);
    /** Learned minus true: of the next state into `d_next`, of the reward returned. */
    double (*error)(const ig_system *system, const double *s, const double *a, double *d_next);
    /** At least |sum_{t >= steps} gamma^t (r^(s^_t, a^_t) - r(s_t, a_t))| of rollouts that share
     *  their noise. Not by the lemma that is to be tested, but where it is an equality. */
    double (*tail)(const ig_system *system, double gamma, size_t steps);
} ig_system_maps;

struct ig_system {
    const ig_system_maps *maps;
    size_t state, action;
    ig_lipschitz lipschitz;
    double eps_dyn, eps_rew; /**< suprema of the perturbations over the domain */
    double radius;           /**< the domain is the ball ||(s, a)|| <= radius; or infinity */
    double *start;           /**< s_0 */
};

/** What systems are drawn from. Intervals are {low, high}. */
typedef struct ig_system_options {
    size_t state, action;
    double gamma, kappa; /**< L_f follows from these and L_pi */
    double policy[2];    /**< L_pi, uniform */
    double reward[2];    /**< L_r, uniform */
    double errors[2];    /**< eps_dyn and eps_rew, uniform in the logarithm; low > 0 */
} ig_system_options;

/** Smooth maps, the errors anywhere: f = tanh(W_s s + W_a a), r = tanh(q_s s + q_a a),
 *  pi = tanh(P s), all entries normal, scaled so that ||W_s|| = ||W_a|| = L_f,
 *  ||q_s|| = ||q_a|| = L_r, ||P|| = L_pi: tanh has slope 1 at the origin, so the constants are
 *  attained there. Perturbations eps_dyn u sin(w (s,a) + p) and eps_rew sin(w' (s,a) + p') with
 *  ||u|| = 1 reach their amplitudes on the plane where the sine is 1. s_0 ~ U(-1, 1)^state. */
ig_status ig_generic_create(const ig_system_options *options, ig_rng_key key, ig_system **system,
                            ig_error *error);

/** One dimension in which every inequality of the proof is an equality (state = action = 1):
 *  f = L_f (s + a), pi = L_pi s, r = L_r (s + a), f^ = f + eps_dyn, r^ = r + eps_rew, or both with
 *  a minus. Then s^_t - s_t = eps_dyn sum_{k < t} Lambda^k. s_0 ~ U(-1, 1). */
ig_status ig_chain_create(const ig_system_options *options, ig_rng_key key, ig_system **system,
                          ig_error *error);

/** Linear dynamics and policy, quadratic reward: s' = As + Ba, a = -Ks, r = -(s'Qs + a'Ra) with
 *  ||A|| = ||B|| = L_f, ||K|| = L_pi, Q and R positive semidefinite, on the ball of radius
 *  sqrt(1 + L_pi^2), which holds every (s, -Ks) with ||s|| <= 1; s_0 is a random unit vector. There
 *  L_r = 2 radius max(||Q||, ||R||). The model is off by dA, dB, dQ, dR:
 *  eps_dyn = ||[dA dB]|| radius and eps_rew = max(||dQ||, ||dR||) radius^2, both attained on the
 *  sphere. Both rollouts stay in the ball where Lambda + eps_dyn <= 1. */
ig_status ig_lqg_create(const ig_system_options *options, ig_rng_key key, ig_system **system,
                        ig_error *error);

void ig_system_destroy(ig_system **system);

/** Random numbers of a system: true maps, their learned versions and the start come from streams of
 *  their own (IG_STREAM_TEACHER, _INIT and _DATA), substream by substream. */
typedef struct ig_draws {
    ig_rng truth, model, start;
} ig_draws;
ig_draws ig_system_draws(ig_rng_key key);

/** Draw L_pi, L_r, eps_dyn and eps_rew, in this order, and derive L_f. */
void ig_system_draw_constants(const ig_system_options *options, ig_draws *draws, ig_system *system);

/** n normal numbers. */
void ig_draw_normal(ig_rng *rng, size_t n, double *numbers);
/** A normal rows x columns matrix scaled to a spectral norm. */
ig_status ig_draw_matrix(ig_rng *rng, size_t rows, size_t columns, double norm, double *matrix,
                         ig_error *error);
double ig_uniform_in(ig_rng *rng, double low, double high);
/** A point uniform in the n-dimensional ball: a normal direction, then a radius whose n-th power is
 *  uniform. */
void ig_draw_in_ball(ig_rng *rng, size_t n, double radius, double *x);

/** Products with row-major matrices, added to y, and a norm. */
void ig_add_product(const double *matrix, size_t rows, size_t columns, const double *x, double *y);
double ig_dot(const double *x, const double *y, size_t n);
double ig_norm(const double *x, size_t n);

/** A zeroed system of `size` bytes (a struct that begins with ig_system) followed by its start and
 *  by n further numbers, `*numbers`; one block, freed by ig_system_destroy. IG_ERR_MEMORY. */
ig_status ig_system_alloc(const ig_system_maps *maps, const ig_system_options *options, size_t size,
                          size_t n, ig_system **system, double **numbers, ig_error *error);
/** The next n of `*numbers`, which moves on behind them. */
double *ig_take_numbers(double **numbers, size_t n);

/* Latent rollouts z_{t+1} = z_t + v(z_t) along velocity fields with a known Lipschitz constant. */

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
