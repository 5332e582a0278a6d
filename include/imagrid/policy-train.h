/** Training a Gaussian policy by REINFORCE with Adam, wholly inside a world. */
#ifndef IMAGRID_POLICY_TRAIN_H
#define IMAGRID_POLICY_TRAIN_H

#include "imagrid/policy.h"

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
    size_t trajectories; /**< K, rolled anew in each iteration, >= 1 */
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
