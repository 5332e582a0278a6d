/** A world made of another one by a small perturbation. */
#ifndef IMAGRID_ENV_WORLD_H
#define IMAGRID_ENV_WORLD_H

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

#endif
