/** Worlds to act in (imagrid/policy.h): the true MDP of a teacher, and one imagined by students.
 *
 *  Both start from s_0 ~ U(-1, 1)^S, one ig_rng_uniform a coordinate. Neither clips anything: the
 *  states of a student may run away, and then grow to infinity and NaN. */
#ifndef IMAGRID_WORLDS_H
#define IMAGRID_WORLDS_H

#include "imagrid/env.h"
#include "imagrid/policy.h"

/** Which action enters the world when the policy draws u. */
typedef enum ig_squash {
    IG_SQUASH_NONE, /**< u */
    IG_SQUASH_TANH  /**< tanh(u), each coordinate; the policy's density stays that of u */
} ig_squash;

/** The teacher as a world: s' = tanh(f_dyn([s, a])), r = f_rew([s, a]) / sqrt(hidden). The teacher
 *  is copied. IG_ERR_MEMORY. Clear with ig_world_clear. */
ig_status ig_world_teacher(ig_isa isa, const ig_teacher *teacher, ig_squash squash, ig_world *world,
                           ig_error *error);

/** Two learned networks as a world, without output activation: s' = dynamics([s, a]) and
 *  r = reward([s, a]). Their hidden widths may differ, and 0 is a linear model. */
typedef struct ig_student {
    int state, action;
    int dynamics_hidden, reward_hidden;
    const float *dynamics; /**< parameters of (S + A) -> dynamics_hidden -> S */
    const float *reward;   /**< parameters of (S + A) -> reward_hidden -> 1 */
} ig_student;

/** The parameters are copied. IG_ERR_MEMORY. Clear with ig_world_clear. */
ig_status ig_world_student(ig_isa isa, const ig_student *student, ig_squash squash, ig_world *world,
                           ig_error *error);

#endif
