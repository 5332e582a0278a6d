/** Gaussian policies, batched rollouts in any world, and the policy gradient (REINFORCE).
 *
 *  Shape letters: K trajectories of a batch, H steps, S state and A action dimensions, P
 * parameters. Everything is float32. Arrays over steps are time-major: what belongs to trajectory k
 * at step t stands at index t * K + k, so that one step of all trajectories is one contiguous
 * batch. */
#ifndef IMAGRID_POLICY_H
#define IMAGRID_POLICY_H

#include <stdbool.h>

#include "imagrid/compute.h"
#include "imagrid/nn.h"

/** A world one can act in: the true MDP, or one made of learned students. */
typedef struct ig_world {
    int state, action; /**< S, A */
    /** Start state of one trajectory, S numbers, drawn from `rng`. */
    void (*start)(void *context, ig_rng *rng, float *s);
    /** One step of a batch, row-major: s is batch x S, a is batch x A, next is batch x S, reward is
     *  `batch` long. A sample's result does not depend on which others are in the batch. */
    void (*step)(void *context, size_t batch, const float *s, const float *a, float *next,
                 float *reward);
    void *context; /**< not shared between threads */
    /** Releases the context; NULL where nothing is owned. */
    void (*destroy)(void *context);
} ig_world;

/** Release what a world owns and zero it; a zeroed world is allowed. */
void ig_world_clear(ig_world *world);

/** pi(a|s) = N(mu(s), std^2 I): mu is a two-layer ReLU perceptron S -> hidden -> A, or linear,
 *  mu(s) = W s + b, where hidden is 0. */
typedef struct ig_gaussian {
    int state, hidden, action;
    float std;         /**< standard deviation of every action coordinate, > 0 */
    float *parameters; /**< P numbers in PyTorch's order (W1, b1, W2, b2, or W, b); owner's */
} ig_gaussian;

/** P. */
size_t ig_gaussian_size(const ig_gaussian *policy);
/** The mean's network, for ig_mlp_init_linear and ig_mlp_create. */
ig_mlp_shape ig_gaussian_shape(const ig_gaussian *policy);

/** Trajectories of one batch. Buffers are allocated by ig_trajectories_init. */
typedef struct ig_trajectories {
    size_t n;          /**< K */
    size_t steps;      /**< H */
    int state, action; /**< S, A */
    float *states;     /**< (H + 1) x K x S */
    float *actions;    /**< H x K x A: mu(s) + std * noise */
    float *noise;      /**< H x K x A: standard normal */
    float *rewards;    /**< H x K */
} ig_trajectories;

/** IG_ERR_MEMORY, also for more than 2^32 - 1 steps in all. */
ig_status ig_trajectories_init(size_t n, size_t steps, int state, int action,
                               ig_trajectories *trajectories, ig_error *error);
void ig_trajectories_clear(ig_trajectories *trajectories);

/** What rollouts and gradients need besides the policy: kernels and scratch for any number of
 *  trajectories of up to `steps` steps (`n`, how many there will be, changes nothing), of policies
 *  with this one's dimensions (parameters and std may change from call to call). Opaque; not shared
 * between threads. */
typedef struct ig_reinforce ig_reinforce;
/** IG_ERR_MEMORY. */
ig_status ig_reinforce_create(ig_isa isa, const ig_gaussian *policy, size_t n, size_t steps,
                              ig_reinforce **reinforce, ig_error *error);
void ig_reinforce_destroy(ig_reinforce **reinforce);

/** Roll K trajectories of H steps. Trajectory k draws its start and then its noise, A numbers a
 * step by ig_normals, from substream first + k of `stream`, so it is the same whatever batch it is
 * in. `deterministic` acts by mu alone (noise zero). Nothing is clipped: a world that runs away
 * leaves infinities or NaN in the trajectories. IG_ERR_STOPPED from the hook. */
ig_status ig_reinforce_rollout(ig_reinforce *reinforce, const ig_gaussian *policy,
                               const ig_world *world, ig_rng_key key, ig_stream stream,
                               uint64_t first, bool deterministic, ig_trajectories *to,
                               const ig_yield *yield, ig_error *error);

/** gradient[p] = sum over trajectories [begin, end) and steps t < steps of
 *  weights[t * K + k] * d/dtheta_p log pi(a_t|s_t), P numbers; steps <= H.
 *  With mu(s) the mean, log pi's derivative by mu is (a - mu(s)) / std^2; the rest is the network's
 *  backward pass. Sums are float32, in the order of t, then k. */
void ig_reinforce_gradient(ig_reinforce *reinforce, const ig_gaussian *policy,
                           const ig_trajectories *trajectories, size_t begin, size_t end,
                           size_t steps, const float *weights, float *gradient);

/** norms[t * K + k] = ||grad log pi(a_t|s_t)||^2, H x K numbers (W_H of Theorem 2). */
void ig_reinforce_score_norms(ig_reinforce *reinforce, const ig_gaussian *policy,
                              const ig_trajectories *trajectories, float *norms);

/** weights[t * K + k] = (gamma^t) G_t for t < steps, 0 after, G_t = sum_{t <= t' < steps}
 *  gamma^(t'-t) r_t', computed from the end in float64. rewards and weights are H x K. */
void ig_reinforce_returns(size_t n, size_t h, size_t steps, double gamma,
                          ig_discount_state discount, const float *rewards, float *weights);

/* Training a Gaussian policy by REINFORCE with Adam, wholly inside a world. */

/** Adam (betas 0.9, 0.999, eps 1e-8; PyTorch's order of operations) on one vector of parameters. */
typedef struct ig_optimizer ig_optimizer;
/** For `n` parameters. IG_ERR_MEMORY. */
ig_status ig_optimizer_create(ig_isa isa, size_t n, float learning_rate, ig_optimizer **optimizer,
                              ig_error *error);
void ig_optimizer_destroy(ig_optimizer **optimizer);
/** One step that makes the function whose gradient is given smaller. */
void ig_optimizer_descend(ig_optimizer *optimizer, const float *gradient, float *parameters);
/** One step that makes it larger. */
void ig_optimizer_ascend(ig_optimizer *optimizer, const float *gradient, float *parameters);

/** What is subtracted from a return before it weights its score. None of them changes the
 *  gradient's mean: no baseline depends on the actions it is used for. */
typedef enum ig_baseline {
    IG_BASELINE_NONE, /**< nothing */
    IG_BASELINE_MEAN, /**< the mean return of the same step over the *other* trajectories of the
                           batch (leave-one-out; the mean over all would shrink the gradient by
                           (K - 1) / K); nothing for K = 1 */
    IG_BASELINE_VALUE /**< V(s_t, t), a perceptron regressed on the returns of the iterations
                           before; in the first iteration, when it has seen none, as
                           IG_BASELINE_MEAN */
} ig_baseline;

/** The value network and its regression. A finite horizon's returns depend on the steps left, so
 *  the network's inputs are the state and t / H. */
typedef struct ig_value_options {
    int hidden;          /**< width of V's hidden layer; 0: linear */
    int epochs;          /**< passes over the batch after each iteration, >= 1 */
    int minibatch;       /**< samples per Adam update */
    float learning_rate; /**< Adam's, for targets scaled to mean 0 and variance 1 */
} ig_value_options;

typedef struct ig_policy_train_options {
    int iterations;      /**< Adam steps of the policy, >= 1 */
    size_t trajectories; /**< K, simulated in each iteration, >= 1 */
    size_t steps;        /**< H, >= 1 */
    double discount;     /**< gamma */
    ig_discount_state discount_state;
    float learning_rate; /**< Adam's */
    ig_baseline baseline;
    ig_value_options value; /**< for IG_BASELINE_VALUE only */
    /** Divide the advantages of a batch by their root mean square. The scale then depends on the
     *  batch, which biases the gradient's length (Adam hardly sees it), not its sign. */
    bool normalise;
    ig_isa isa; /**< never IG_ISA_AUTO */
} ig_policy_train_options;

/** Improve `policy->parameters` in `world`: every iteration rolls K trajectories of H steps and
 *  takes one Adam step up the estimate
 *      g = 1/K sum_k sum_t (gamma^t) (G_t - baseline) grad log pi(a_t|s_t).
 *  curve[i], `iterations` numbers or NULL: the batch's mean of G_0 in iteration i, before its step.
 *  Trajectory k of iteration i draws from substream i K + k of IG_STREAM_POLICY; V from
 *  IG_STREAM_VALUE (substream 0 its start, 1 + i the order of the i-th regression's passes).
 *  Errors: IG_ERR_MEMORY; IG_ERR_STOPPED from the hook; IG_ERR_NUMERIC where the gradient is not
 *  finite, as when the world has run away. On an error the parameters are those of the last
 *  finished iteration. */
ig_status ig_policy_train(const ig_policy_train_options *options, const ig_world *world,
                          ig_rng_key key, ig_gaussian *policy, double *curve, const ig_yield *yield,
                          ig_error *error);

/** baseline[t * K + k] = the mean of returns[t * K + j] over j != k, in float64; zero for K = 1. */
void ig_policy_baseline_mean(size_t n, size_t steps, const float *returns, float *baseline);

/** advantages[t * K + k] = (gamma^t) (G_t - baseline), from `returns` G_t (of IG_DISCOUNT_PAPER,
 *  H x K); `baseline` may be NULL, and each array may be `advantages`. */
void ig_policy_advantages(size_t n, size_t steps, double gamma, ig_discount_state discount,
                          const float *returns, const float *baseline, float *advantages);

#endif
