#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "imagrid/policy-train.h"
#include "policy/reinforce.h"
#include "policy/value.h"

/** All that lives through the iterations. */
typedef struct training {
    const ig_policy_train_options *options;
    const ig_world *world;
    ig_rng_key key;
    ig_gaussian *policy;
    const ig_yield *yield;
    ig_trajectories batch;
    ig_reinforce *reinforce;
    ig_optimizer *optimizer;
    ig_state_value *value; /**< NULL without */
    float *returns;        /**< G_t, H x K */
    float *weights;        /**< advantages, H x K; before, the baseline */
    float *gradient;       /**< P */
} training;

static void training_clear(training *t)
{
    free(t->gradient);
    free(t->weights);
    free(t->returns);
    ig_state_value_destroy(&t->value);
    ig_optimizer_destroy(&t->optimizer);
    ig_reinforce_destroy(&t->reinforce);
    ig_trajectories_clear(&t->batch);
}

/** Fill in what training_clear releases; it is called in any case. */
static ig_status training_init(training *t, ig_error *error)
{
    const ig_policy_train_options *o = t->options;
    const ig_gaussian *policy = t->policy;
    size_t all = o->trajectories * o->steps, parameters = ig_gaussian_size(policy);
    ig_status status = ig_trajectories_init(o->trajectories, o->steps, policy->state,
                                            policy->action, &t->batch, error);
    if (!status) {
        status =
            ig_reinforce_create(o->isa, policy, o->trajectories, o->steps, &t->reinforce, error);
    }
    if (!status) {
        status = ig_optimizer_create(o->isa, parameters, o->learning_rate, &t->optimizer, error);
    }
    if (!status && o->baseline == IG_BASELINE_VALUE) {
        status = ig_state_value_create(o, policy->state, t->key, &t->value, error);
    }
    if (status) {
        return status;
    }
    t->returns = malloc(all * sizeof *t->returns);
    t->weights = malloc(all * sizeof *t->weights);
    t->gradient = malloc(parameters * sizeof *t->gradient);
    return t->returns && t->weights && t->gradient
               ? IG_OK
               : ig_error_set(error, IG_ERR_MEMORY, "no memory for policy training");
}

/** From t->returns to the weights of the scores in g, 1/K included. */
static void weigh(training *t)
{
    const ig_policy_train_options *o = t->options;
    size_t n = o->trajectories, all = n * o->steps;
    const float *baseline = t->weights;
    if (t->value && ig_state_value_knows(t->value)) {
        ig_state_value_predict(t->value, t->weights);
    } else if (o->baseline != IG_BASELINE_NONE) {
        ig_policy_baseline_mean(n, o->steps, t->returns, t->weights);
    } else {
        baseline = NULL;
    }
    ig_policy_advantages(n, o->steps, o->discount, o->discount_state, t->returns, baseline,
                         t->weights);
    double squares = 0;
    for (size_t i = 0; i < all && o->normalise; i++) {
        squares += (double)t->weights[i] * (double)t->weights[i];
    }
    double scale = squares > 0 ? 1 / sqrt(squares / (double)all) : 1;
    for (size_t i = 0; i < all; i++) {
        t->weights[i] = (float)(scale * (double)t->weights[i] / (double)n);
    }
}

/** IG_ERR_NUMERIC unless every number of the gradient is finite. */
static ig_status check_gradient(const training *t, ig_error *error)
{
    size_t parameters = ig_gaussian_size(t->policy), n = t->batch.n, finite = 0, bad = 0;
    while (finite < parameters && isfinite(t->gradient[finite])) {
        finite++;
    }
    if (finite == parameters) {
        return IG_OK;
    }
    /* A return is not finite as soon as one reward of its trajectory is not. */
    for (size_t k = 0; k < n; k++) {
        bad += isfinite(t->returns[k]) ? 0 : 1;
    }
    return ig_error_set(error, IG_ERR_NUMERIC,
                        "the policy's gradient is not finite; nor are the returns of %zu of %zu "
                        "trajectories",
                        bad, n);
}

static ig_status gradient(training *t, ig_error *error)
{
    ig_reinforce *r = t->reinforce;
    ig_reinforce_load(r, t->policy);
    memset(r->gradient, 0, r->net.size * sizeof *r->gradient);
    ig_status status = ig_reinforce_accumulate(r, t->policy, &t->batch, 0, t->batch.n,
                                               t->batch.steps, t->weights, t->yield);
    if (status) {
        return ig_error_set(error, status, "stopped in a policy gradient");
    }
    ig_packed_unpack(&r->net, r->gradient, t->gradient);
    return check_gradient(t, error);
}

static double mean_return(const training *t)
{
    double sum = 0;
    for (size_t k = 0; k < t->batch.n; k++) {
        sum += (double)t->returns[k];
    }
    return sum / (double)t->batch.n;
}

static ig_status iterate(training *t, int iteration, double *curve, ig_error *error)
{
    const ig_policy_train_options *o = t->options;
    uint64_t first = (uint64_t)iteration * o->trajectories;
    ig_status status =
        ig_reinforce_rollout(t->reinforce, t->policy, t->world, t->key, IG_STREAM_POLICY, first,
                             false, &t->batch, t->yield, error);
    if (status) {
        return status;
    }
    ig_reinforce_returns(o->trajectories, o->steps, o->steps, o->discount, IG_DISCOUNT_PAPER,
                         t->batch.rewards, t->returns);
    if (t->value) {
        ig_state_value_look(t->value, &t->batch);
    }
    weigh(t);
    status = gradient(t, error);
    if (status) {
        return status;
    }
    if (t->value) {
        status = ig_state_value_fit(t->value, t->returns, iteration, t->yield);
        if (status) {
            return ig_error_set(error, status, "stopped while fitting values");
        }
    }
    if (curve) {
        curve[iteration] = mean_return(t);
    }
    ig_optimizer_ascend(t->optimizer, t->gradient, t->policy->parameters);
    return IG_OK;
}

ig_status ig_policy_train(const ig_policy_train_options *options, const ig_world *world,
                          ig_rng_key key, ig_gaussian *policy, double *curve, const ig_yield *yield,
                          ig_error *error)
{
    training t = {.options = options, .world = world, .key = key, .policy = policy, .yield = yield};
    ig_status status = training_init(&t, error);
    for (int i = 0; i < options->iterations && !status; i++) {
        status = iterate(&t, i, curve, error);
        if (status) {
            ig_error_context(error, "iteration %d", i + 1);
        }
    }
    training_clear(&t);
    return status;
}
