/** A world made of another one by a small perturbation. */
#ifndef IMAGRID_ENV_WORLD_H
#define IMAGRID_ENV_WORLD_H

#include "env/system.h"
#include "imagrid/compute.h"
#include "imagrid/policy.h"

enum {
    IG_PERTURBED_STATE = 48,  /**< largest state dimension */
    IG_PERTURBED_ACTION = 16, /**< largest action dimension */
    IG_PERTURBED_WIDTH = IG_PERTURBED_STATE + IG_PERTURBED_ACTION
};

/** Context of a world that is off by plane waves of root-mean-square size 1 times what one likes:
 *      next += dyn sqrt(2) u sin(w (s,a) + p),   reward += rew sqrt(2) sin(w' (s,a) + p'),
 *  w and w' normal, phases uniform, u a random unit vector. */
typedef struct ig_perturbed_world {
    ig_world inner;
    float dyn, rew; /**< sizes; the caller's to change */
    float direction[IG_PERTURBED_STATE];
    float wave[2][IG_PERTURBED_WIDTH];
    float phase[2];
} ig_perturbed_world;

/** Draw a perturbation; sizes are 0. IG_ERR_USAGE for larger dimensions. */
ig_status ig_perturbed_world_init(const ig_world *inner, ig_rng *rng, ig_perturbed_world *memory,
                                  ig_world *world, ig_error *error);

/* Pools of transitions from any world, as ig_rollout_transitions makes them from teachers. */

/** Where a pool goes: row i, [s, a, s', r], at rows[i * stride]. */
typedef struct ig_pool_rows {
    size_t n, stride; /**< stride >= 2 S + A + 1 */
    float *rows;
} ig_pool_rows;

/** Points (s, a) uniform in the ball of `radius`, drawn one after the other from substream 0 of
 *  `stream`: a pool is the beginning of every larger one. IG_ERR_MEMORY, IG_ERR_STOPPED. */
ig_status ig_gather_ball(const ig_world *world, double radius, ig_rng_key key, ig_stream stream,
                         const ig_pool_rows *pool, const ig_yield *yield, ig_error *error);

/** Episodes of `length` steps with actions U(-1, 1)^A, every transition kept with probability
 *  `keep_fraction`. Episode e draws start and actions from substream 2e, what is kept from 2e + 1.
 */
ig_status ig_gather_episodes(const ig_world *world, int length, double keep_fraction,
                             ig_rng_key key, ig_stream stream, const ig_pool_rows *pool,
                             const ig_yield *yield, ig_error *error);

/** Add normal noise of standard deviation `std` to `count` numbers of every row from number `first`
 *  on, row by row; nothing is drawn where std is 0. */
void ig_gather_noise(const ig_pool_rows *pool, size_t first, size_t count, double std, ig_rng *rng);

/* A policy's return in a true MDP and in a learned one, and where the difference comes from. */

typedef struct ig_comparison_options {
    double gamma;
    size_t horizon; /**< rewards to sum; 0: until the tail is at most `limit` */
    double limit;   /**< > 0 where horizon is 0 */
    size_t longest; /**< rewards after which a sum without a horizon is given up */
    double noise;   /**< standard deviation of the noise added to every next state */
    ig_rng *truth;  /**< its normal numbers in the true rollout; NULL where noise is 0 */
    ig_rng *model;  /**< in the learned rollout; NULL: it shares those of the true one */
} ig_comparison_options;

/** One pair of rollouts. Differences are learned minus true, summed as differences: a gap much
 *  smaller than the returns keeps its digits. */
typedef struct ig_comparison {
    double J, J_hat;     /**< true and learned return */
    double gap;          /**< J_hat - J */
    double gap_dynamics; /**< J(f^, r) - J: what the dynamics error does alone */
    double gap_reward;   /**< J(f, r^) - J: what the reward error does alone */
    size_t steps;        /**< rewards summed */
    double tail;         /**< at least what the rest could add to the gap; 0 with a horizon */
    double reach;        /**< largest ||(s, a)|| / radius of both rollouts; 0 without a ball */
    double seen_dyn, seen_rew; /**< largest errors met on the learned rollout */
} ig_comparison;

/** Roll both out. IG_ERR_NUMERIC where a rollout leaves the system's domain, an error exceeds the
 *  supremum it should have, the tail does not vanish within `longest` steps, or states overflow;
 *  IG_ERR_MEMORY; IG_ERR_STOPPED. */
ig_status ig_compare(const ig_system *system, const ig_comparison_options *options,
                     const ig_yield *yield, ig_comparison *comparison, ig_error *error);

#endif
