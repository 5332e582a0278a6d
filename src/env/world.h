/** What the worlds made of two networks have in common. */
#ifndef IMAGRID_ENV_WORLD_H
#define IMAGRID_ENV_WORLD_H

#include <stdbool.h>

#include "imagrid/worlds.h"

/** The networks' outputs on their way into the world. */
typedef struct ig_world_outputs {
    bool tanh_state;    /**< s' = tanh(output), else the output */
    float reward_scale; /**< r = output * this */
} ig_world_outputs;

/** A world of the student's networks. The parameters are copied. IG_ERR_MEMORY. */
ig_status ig_world_networks(ig_isa isa, const ig_student *student, ig_world_outputs outputs,
                            ig_squash squash, ig_world *world, ig_error *error);

#endif
