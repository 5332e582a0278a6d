/** The policy gradient of a teacher MDP under noisy and biased rewards, replicate by replicate.
 *
 *  The estimator is linear in the observed reward r + sigma eta + b, so that a replicate is kept as
 *  its parts: what rewards, unit noise and bias each contribute on the same K trajectories,
 *      g = g_reward + sigma g_noise + g_bias. */
#ifndef EXPERIMENTS_NOISE_H
#define EXPERIMENTS_NOISE_H

#include "base/moments.h"
#include "experiments/table.h"
#include "imagrid/env.h"
#include "imagrid/experiment.h"

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

/* What `reward_noise` and `fidelity` share: keys, and replicates of noisy gradients, kept as
 * moments, with tests of what theory says of them. */

/** In the order of ig_discount_state, ig_reward_bias, ig_noisy_baseline and ig_teacher_gain. */
extern const char *const ig_noisy_discounts[];
extern const char *const ig_noisy_biases[];
extern const char *const ig_noisy_baselines[];
extern const char *const ig_noisy_gains[];

/* Rows of both key tables. */
#define NOISE_RETURN_KEYS(baseline)                                                                \
    KEY_REAL("gamma", "gamma", "0.9", 1e-6, 0.9999, "discount gamma"),                             \
        KEY_INTEGER("horizon", "horizon", "10", 1, 10000, "steps H of a trajectory"),              \
        KEY_CHOICE("baseline", "baseline", baseline, ig_noisy_baselines,                           \
                   "taken from the returns: nothing, mean of each step, or affine in the state")
#define NOISE_TEACHER_KEYS                                                                         \
    KEY_CHOICE("teacher_gain", "teacher_gain", "paper", ig_noisy_gains,                            \
               "teacher as drawn, or weights divided by sqrt(fan_in)"),                            \
        KEY_INTEGER("dims.state", "state_dim", "4", 1, 1024, "state dimension d_s"),               \
        KEY_INTEGER("dims.action", "action_dim", "2", 1, 1024, "action dimension d_a"),            \
        KEY_INTEGER("dims.hidden", "hidden_dim", "16", 1, 4096,                                    \
                    "hidden width d_h of the teacher"),                                            \
        KEY_INTEGER("dims.policy", "policy_dim", "0", 0, 4096,                                     \
                    "hidden width of the policy; 0: linear"),                                      \
        KEY_REAL("std", "std", "0.5", 1e-3, 1e3,                                                   \
                 "standard deviation of the policy in every action coordinate")

/** dims.*, teacher_gain, std, gamma, horizon, baseline. The rest is left at zero: K 0, no bias, no
 *  part wanted. */
ig_noisy_options ig_noisy_options_of(const ig_point *point);

/** Reject what these keys and the number of trajectories, `options`, do not allow together: a
 *  baseline that is affine in more states than a batch has trajectories. */
void ig_noisy_check(const ig_point *point, const ig_noisy_options *options, ig_place *place,
                    ig_diagnostics *diagnostics);

/** Steps of all trajectories of one gradient, at most: their arrays take some 100 bytes a step in
 *  small systems, a gigabyte. */
enum { IG_NOISE_STEPS_MAX = 10000000 };

/** Floating-point operations of one step of one trajectory, with everything made of it. */
double ig_noisy_step_cost(const ig_noisy_options *options);

/** Running moments of the replicates of one way of discounting. */
typedef struct ig_noise_tally {
    ig_moments noisy, clean; /**< gradients with and without noise, both with bias */
    ig_moment inflation;     /**< ||noisy - mean||^2 - ||clean - mean||^2, means as known so far */
    ig_moment error;         /**< ||noisy - grad J_H||^2 */
} ig_noise_tally;

/** All that is kept of the replicates of a task. */
typedef struct ig_noise_record {
    double sigma;
    size_t main; /**< the way of discounting that the claims are about */
    ig_reference reference;
    ig_noise_tally tally[IG_DISCOUNTS];
    ig_moments noise, bias; /**< these parts alone, discounted the main way */
    ig_moment projection;   /**< of the bias part on the reference's */
    double *clean, *noisy;  /**< one replicate: P each */
} ig_noise_record;

/** Sample `n` replicates of a gradient made for `options` from substream `first` of `stream` into a
 *  record, against its own reference of at least `trajectories` trajectories. `drawn` gets the
 *  moments of the noise. The record is to be cleared whatever is returned. Errors as
 *  ig_noisy_sample and ig_noisy_refer. */
ig_status ig_noise_sample(const ig_task *task, const ig_noisy_options *options, ig_stream stream,
                          uint64_t first, size_t n, size_t trajectories, ig_noise_record *record,
                          ig_replicates *drawn, ig_error *error);
void ig_noise_record_clear(ig_noise_record *record);

/** Whether the means agree with what they should be: the coordinate that says so least. */
typedef struct ig_mean_test {
    double z;      /**< its distance in standard errors */
    double p;      /**< Bonferroni: P times its two-sided p, at most 1 */
    double square; /**< mean of z^2 over the coordinates; 1 is expected */
} ig_mean_test;

/** Means of `moments` against those of `truth` (NULL: zero), whose errors are counted as well:
 *  Welch's test in every coordinate. Coordinates without any spread are left out. */
ig_mean_test ig_mean_test_of(const ig_moments *moments, const ig_moments *truth);

/** Two-sided p of a normal distance, for an error above 0; 1 where both are zero. */
double ig_normal_p(double distance, double error);

/** ln p / ln(1 - confidence): above 1 where p is smaller than the confidence allows. */
double ig_evidence(double p, double confidence);

/** ||noisy - grad J_H||^2 on average, without what the noise of grad J_H's estimate adds to it, and
 *  its standard error. */
double ig_noise_mse(const ig_noise_record *record, size_t discount);
double ig_noise_mse_error(const ig_noise_record *record, size_t discount);

#endif
