/** Gaussian policies, batched rollouts in any world, and the policy gradient (REINFORCE).
 *
 *  Shape letters: K trajectories of a batch, H steps, S state and A action dimensions, P
 * parameters. Everything is float32. Arrays over steps are time-major: what belongs to trajectory k
 * at step t stands at index t * K + k, so that one step of all trajectories is one contiguous
 * batch. */
#ifndef IMAGRID_POLICY_H
#define IMAGRID_POLICY_H

#include <stdbool.h>

#include "imagrid/discount.h"
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

/** weights[t * K + k] = (gamma^t) G_t for t < steps, 0 behind, G_t = sum_{t <= t' < steps}
 *  gamma^(t'-t) r_t', computed from the end in float64. rewards and weights are H x K. */
void ig_reinforce_returns(size_t n, size_t h, size_t steps, double gamma,
                          ig_discount_state discount, const float *rewards, float *weights);

#endif
