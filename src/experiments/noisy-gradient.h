/** The policy gradient of a teacher MDP under noisy and biased rewards, replicate by replicate.
 *
 *  The estimator is linear in the observed reward r + sigma eta + b, so that a replicate is kept as
 *  its parts: what rewards, unit noise and bias each contribute on the same K trajectories,
 *      g = g_reward + sigma g_noise + g_bias. */
#ifndef IMAGRID_EXPERIMENTS_NOISY_GRADIENT_H
#define IMAGRID_EXPERIMENTS_NOISY_GRADIENT_H

#include "base/moments.h"
#include "imagrid/experiment.h"
#include "imagrid/worlds.h"

enum { IG_DISCOUNTS = 2 }; /**< ig_discount_state */

typedef enum ig_part { IG_PART_REWARD, IG_PART_NOISE, IG_PART_BIAS, IG_PARTS } ig_part;

/** b(s, a): nothing, `bias_size`, or bias_size tanh(u [s, a, 1]) with u ~ N(0, 1). */
typedef enum ig_reward_bias {
    IG_REWARD_BIAS_NONE,
    IG_REWARD_BIAS_CONSTANT,
    IG_REWARD_BIAS_STATE
} ig_reward_bias;

/** What is taken from the returns: nothing, their mean at each step, or an affine function of the
 *  state at each step. Fitted to one batch of trajectories of the reference, so that it depends on
 *  no replicate and biases none. */
typedef enum ig_noisy_baseline {
    IG_NOISY_BASELINE_NONE,
    IG_NOISY_BASELINE_MEAN,
    IG_NOISY_BASELINE_VALUE
} ig_noisy_baseline;

typedef struct ig_noisy_options {
    int state, action, hidden; /**< teacher: d_s, d_a, d_h */
    ig_teacher_gain gain;
    int policy_hidden; /**< 0: linear */
    double std, gamma;
    size_t steps, trajectories; /**< H, K */
    ig_reward_bias bias;
    double bias_size;
    ig_noisy_baseline baseline;
    bool noise;                /**< whether the part is wanted; the others follow from the rest */
    bool wanted[IG_DISCOUNTS]; /**< by ig_discount_state */
    ig_isa isa;
} ig_noisy_options;

/** Trajectories of a batch: a whole number of replicates. */
size_t ig_noisy_batch(size_t trajectories);

/** Teacher, policy, bias and buffers. Opaque. */
typedef struct ig_noisy ig_noisy;

/** Draws: teacher from IG_STREAM_TEACHER 0 and 1, bias from 2; policy (PyTorch's nn.Linear start)
 *  from IG_STREAM_INIT 0. IG_ERR_MEMORY. */
ig_status ig_noisy_create(const ig_noisy_options *options, ig_rng_key key, ig_noisy **noisy,
                          ig_error *error);
void ig_noisy_destroy(ig_noisy **noisy);
/** P, the length of a gradient. */
size_t ig_noisy_size(const ig_noisy *noisy);

/** One replicate: P numbers of every part; NULL for a part that there is not. */
typedef struct ig_replicate {
    const double *part[IG_DISCOUNTS][IG_PARTS];
} ig_replicate;

typedef struct ig_replicates {
    void (*add)(void *context, const ig_replicate *replicate); /**< called with each in turn */
    void *context;
    ig_moment noise_mean, noise_square; /**< out: of eta and eta^2, a number per trajectory */
} ig_replicates;

/** Make `n` replicates of K trajectories: number k of replicate i is rolled from substream
 *  first + i K + k of `stream`, its noise is drawn from the same substream of IG_STREAM_NOISE.
 *  IG_ERR_STOPPED from the hook; IG_ERR_MEMORY. */
ig_status ig_noisy_sample(ig_noisy *noisy, ig_stream stream, uint64_t first, size_t n,
                          ig_replicates *replicates, const ig_yield *yield, ig_error *error);

/** The truth that replicates are compared with, estimated from other trajectories: exact
 * discounting and, for each step, the mean return of the batch's other trajectories as a baseline.
 * A batch is one observation; P numbers each. */
typedef struct ig_reference {
    ig_moments reward, bias, both;       /**< grad J_H, grad B_H, their sum */
    double *rewards;                     /**< every batch's grad J_H, reward.n x P; owned */
    double bias_norm2, bias_norm2_error; /**< ||grad B_H||^2 without its noise, and its error */
    ig_moment largest;                   /**< max_t ||score||^2: W_H^2 */
    ig_moment added[IG_DISCOUNTS];       /**< what unit noise adds to one trajectory's variance */
} ig_reference;

/** From at least `trajectories` trajectories (whole batches, two or more) of IG_STREAM_HOLDOUT;
 * fits the baseline as well, so to be called first. Errors as above, and those of
 * ig_least_squares. */
ig_status ig_noisy_refer(ig_noisy *noisy, size_t trajectories, ig_reference *reference,
                         const ig_yield *yield, ig_error *error);
void ig_reference_clear(ig_reference *reference);

#endif
