/** Environments with known dynamics and reward, and the rollouts that make data sets from them. */
#ifndef IMAGRID_ENV_H
#define IMAGRID_ENV_H

#include "imagrid/nn.h"
#include "imagrid/policy.h"

/** The paper's teacher (docs/protocol.md): two frozen Linear-ReLU-Linear networks,
 *      s' = tanh(f_dyn([s, a])),   r = f_rew([s, a]) / sqrt(hidden). */
typedef struct ig_teacher {
    int state, action, hidden; /**< dimensions d_s, d_a, d_h */
    float *dynamics;           /**< parameters of (d_s + d_a) -> d_h -> d_s, owned */
    float *reward;             /**< parameters of (d_s + d_a) -> d_h -> 1, owned */
} ig_teacher;

/** Draw a teacher, weights iid N(0, 1), biases zero: dynamics from substream 0 and reward from
 *  substream 1 of IG_STREAM_TEACHER. IG_ERR_MEMORY. Clear with ig_teacher_clear. */
ig_status ig_teacher_init(int state, int action, int hidden, ig_rng_key key, ig_teacher *teacher,
                          ig_error *error);

/** How strong a teacher's weights are. */
typedef enum ig_teacher_gain {
    IG_TEACHER_PAPER, /**< as drawn: the states saturate near +-1 */
    IG_TEACHER_SCALED /**< every weight divided by sqrt(fan_in): a smooth teacher */
} ig_teacher_gain;

/** Give a teacher just drawn its gain; IG_TEACHER_PAPER changes nothing. Only the weights change:
 *  the reward keeps its 1 / sqrt(hidden). */
void ig_teacher_apply_gain(ig_teacher *teacher, ig_teacher_gain gain);

void ig_teacher_clear(ig_teacher *teacher);

/** Reference policies that gather data (docs/protocol.md, where the paper is silent). */
typedef enum ig_reference_policy {
    IG_REFERENCE_SINUSOID, /**< a_k(t) = sin(w_k t + p_k), w_k ~ U(0.02, 0.32), p_k ~ U(0, 2 pi) */
    IG_REFERENCE_UNIFORM,  /**< a_k(t) ~ U(-1, 1) */
    IG_REFERENCE_TANH_FEEDBACK /**< a(t) = tanh(K s(t) + 0.3 n(t)), K_ij ~ N(0, 1/d_s) per episode,
                                 n ~ N(0, 1) */
} ig_reference_policy;

/** How a pool of transitions is gathered. */
typedef struct ig_rollout_options {
    ig_reference_policy policy;
    int episode_length;   /**< steps per episode, >= 1 */
    double keep_fraction; /**< each transition is kept with this probability, in (0, 1] */
    ig_isa isa;           /**< never IG_ISA_AUTO */
} ig_rollout_options;

/** Roll episodes of the teacher under the policy, each from s_0 ~ U(-1, 1)^d_s, and keep random
 *  transitions until `n` are kept. Row i (at rows[i * stride]) is [s (d_s), a (d_a), s' (d_s), r],
 *  in the order of episodes and steps. Episode e draws from substreams 2e (start and policy) and
 *  2e+1 (what is kept) of `stream`, so that a pool is a prefix of every larger one of the same key.
 *  stride >= 2 d_s + d_a + 1; numbers between rows are left alone.
 *  Errors: IG_ERR_MEMORY; IG_ERR_STOPPED from the hook. */
ig_status ig_rollout_transitions(const ig_teacher *teacher, const ig_rollout_options *options,
                                 ig_rng_key key, ig_stream stream, size_t n, size_t stride,
                                 float *rows, const ig_yield *yield, ig_error *error);

/* Worlds to act in (imagrid/policy.h): the true MDP of a teacher, and one imagined by students.
 *
 *  Both start from s_0 ~ U(-1, 1)^S, one ig_rng_uniform a coordinate. Neither clips anything: the
 *  states of a student may run away, and then grow to infinity and NaN. */

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
