/** Pools of transitions from any world, as ig_rollout_transitions makes them from teachers. */
#ifndef IMAGRID_ENV_GATHER_H
#define IMAGRID_ENV_GATHER_H

#include "imagrid/policy.h"

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

#endif
