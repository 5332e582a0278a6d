/** Training a policy: Adam, advantages, and the iterations of REINFORCE. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "policy/reinforce.h"

struct ig_optimizer {
    const ig_kernels *kernels;
    size_t n, padded; /**< parameters; and as many numbers as fill whole vectors */
    double learning_rate;
    uint64_t steps;
    float *gradient, *m, *v, *p; /**< padded each */
};

ig_status ig_optimizer_create(ig_isa isa, size_t n, float learning_rate, ig_optimizer **optimizer,
                              ig_error *error)
{
    AUTO(ig_optimizer_destroy) ig_optimizer *o = NULL;
    TRY(IG_ALLOC(o, 1, error));
    o->kernels = ig_kernels_of(isa);
    o->n = n;
    o->padded = (n + o->kernels->lanes - 1) / o->kernels->lanes * o->kernels->lanes;
    o->learning_rate = (double)learning_rate;
    TRY(ig_floats(o->padded, &o->gradient, error));
    TRY(ig_floats(o->padded, &o->m, error));
    TRY(ig_floats(o->padded, &o->v, error));
    TRY(ig_floats(o->padded, &o->p, error));
    *optimizer = ig_take(&o);
    return IG_OK;
}

void ig_optimizer_destroy(ig_optimizer **optimizer)
{
    ig_optimizer *o = *optimizer;
    if (o) {
        free(o->gradient);
        free(o->m);
        free(o->v);
        free(o->p);
        free(o);
        *optimizer = NULL;
    }
}

static void optimizer_step(ig_optimizer *o, float sign, const float *gradient, float *parameters)
{
    for (size_t i = 0; i < o->n; i++) {
        o->gradient[i] = sign * gradient[i];
    }
    memcpy(o->p, parameters, o->n * sizeof *parameters);
    o->steps++;
    ig_adam adam = ig_adam_step(o->learning_rate, o->steps);
    o->kernels->adam(o->padded, adam, o->gradient, o->m, o->v, o->p);
    memcpy(parameters, o->p, o->n * sizeof *parameters);
}

void ig_optimizer_descend(ig_optimizer *optimizer, const float *gradient, float *parameters)
{
    optimizer_step(optimizer, 1, gradient, parameters);
}

void ig_optimizer_ascend(ig_optimizer *optimizer, const float *gradient, float *parameters)
{
    optimizer_step(optimizer, -1, gradient, parameters);
}

void ig_policy_baseline_mean(size_t n, size_t steps, const float *returns, float *baseline)
{
    for (size_t t = 0; t < steps; t++) {
        const float *g = returns + t * n;
        double sum = 0;
        for (size_t k = 0; k < n; k++) {
            sum += (double)g[k];
        }
        for (size_t k = 0; k < n; k++) {
            baseline[t * n + k] = n > 1 ? (float)((sum - (double)g[k]) / (double)(n - 1)) : 0;
        }
    }
}

void ig_policy_advantages(size_t n, size_t steps, double gamma, ig_discount_state discount,
                          const float *returns, const float *baseline, float *advantages)
{
    double factor = 1;
    for (size_t t = 0; t < steps; t++) {
        for (size_t i = t * n; i < (t + 1) * n; i++) {
            double base = baseline ? (double)baseline[i] : 0;
            advantages[i] = (float)(factor * ((double)returns[i] - base));
        }
        factor *= discount == IG_DISCOUNT_EXACT ? gamma : 1;
    }
}

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
    TRY(ig_trajectories_init(o->trajectories, o->steps, policy->state, policy->action, &t->batch,
                             error));
    TRY(ig_reinforce_create(o->isa, policy, o->trajectories, o->steps, &t->reinforce, error));
    TRY(ig_optimizer_create(o->isa, parameters, o->learning_rate, &t->optimizer, error));
    if (o->baseline == IG_BASELINE_VALUE) {
        TRY(ig_state_value_create(o, policy->state, t->key, &t->value, error));
    }
    TRY(IG_ALLOC(t->returns, all, error));
    TRY(IG_ALLOC(t->weights, all, error));
    return IG_ALLOC(t->gradient, parameters, error);
}

/** From t->returns to the weights of the scores in g, 1/K included. */
static void weigh(training *t)
{
    const ig_policy_train_options *o = t->options;
    size_t n = o->trajectories, all = n * o->steps;
    const float *baseline = t->weights;
    if (t->value && ig_state_value_is_fitted(t->value)) {
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

static ig_status find_gradient(training *t, ig_error *error)
{
    ig_reinforce *r = t->reinforce;
    ig_reinforce_load(r, t->policy);
    memset(r->gradient, 0, r->net.size * sizeof *r->gradient);
    TRY(ig_reinforce_accumulate(r, t->policy, &t->batch, 0, t->batch.n, t->batch.steps, t->weights,
                                t->yield, error));
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
    ig_trajectories batch = t->batch; /* whose buffers are filled */
    TRY(ig_reinforce_rollout(t->reinforce, t->policy, t->world, t->key, IG_STREAM_POLICY, first,
                             false, &batch, t->yield, error));
    ig_reinforce_returns(o->trajectories, o->steps, o->steps, o->discount, IG_DISCOUNT_PAPER,
                         t->batch.rewards, t->returns);
    if (t->value) {
        ig_state_value_observe(t->value, &t->batch);
    }
    weigh(t);
    TRY(find_gradient(t, error));
    if (t->value) {
        TRY(ig_state_value_fit(t->value, t->returns, iteration, t->yield, error));
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
    AUTO(training_clear)
    training t = {.options = options, .world = world, .key = key, .policy = policy, .yield = yield};
    TRY(training_init(&t, error));
    for (int i = 0; i < options->iterations; i++) {
        ig_status status = iterate(&t, i, curve, error);
        if (status) {
            ig_error_context(error, "iteration %d", i + 1);
            return status;
        }
    }
    return IG_OK;
}
