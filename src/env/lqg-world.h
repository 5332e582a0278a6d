/** Linear-quadratic systems as worlds to act in, and learning them from gathered samples. */
#ifndef IMAGRID_ENV_LQG_WORLD_H
#define IMAGRID_ENV_LQG_WORLD_H

#include "env/riccati.h"
#include "imagrid/policy.h"

/** float32 copies of a model's matrices; the context of its world. */
typedef struct ig_lqg_world {
    int state, action;
    float a[IG_LQG_STATE * IG_LQG_STATE], b[IG_LQG_STATE * IG_LQG_ACTION];
    float q[IG_LQG_STATE * IG_LQG_STATE], r[IG_LQG_ACTION * IG_LQG_ACTION];
} ig_lqg_world;

/** A random problem [ours]: the matrices of ig_lqg_create with ||A|| = ||B|| = `gain` and
 *  max(||Q||, ||R||) = 1/(2 sqrt 2), drawn from substream 0 of IG_STREAM_TEACHER. */
ig_status ig_regulator_draw(size_t state, size_t action, double gamma, double gain, ig_rng_key key,
                            ig_regulator *regulator, ig_error *error);

/** The world of a regulator's model; s_0 ~ U(-1, 1)^state. `memory` must stay
 * where it is while the world is used. */
void ig_lqg_world_init(const ig_regulator *regulator, ig_lqg_world *memory, ig_world *world);

/** Estimate A and B from the first `n_dyn` rows [s, a, s', r], Q and R from the first `n_rew` ones,
 *  by least squares with a penalty of `ridge` > 0 on the squared coefficients, so that any number
 *  of rows will do. Other fields of `learned` are the caller's. IG_ERR_MEMORY, IG_ERR_NUMERIC. */
ig_status ig_lqg_learn(const float *rows, size_t stride, size_t n_dyn, size_t n_rew, double ridge,
                       ig_regulator *learned, ig_error *error);

#endif
