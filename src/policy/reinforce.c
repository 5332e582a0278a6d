/** Gaussian policies rolled in batches, and the policy gradient (REINFORCE). */
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "policy/reinforce.h"

ig_mlp_shape ig_gaussian_shape(const ig_gaussian *policy)
{
    return (ig_mlp_shape){policy->state, policy->hidden, policy->action};
}

size_t ig_gaussian_size(const ig_gaussian *policy)
{
    return ig_mlp_size(ig_gaussian_shape(policy));
}

void ig_world_clear(ig_world *world)
{
    if (world->destroy) {
        world->destroy(world->context);
    }
    memset(world, 0, sizeof *world);
}

ig_status ig_trajectories_init(size_t n, size_t steps, int state, int action,
                               ig_trajectories *trajectories, ig_error *error)
{
    AUTO(ig_trajectories_clear)
    ig_trajectories t = {.n = n, .steps = steps, .state = state, .action = action};
    const size_t s = (size_t)state, a = (size_t)action;
    /* Steps are numbered in 32 bits (the kernels' order of samples), so products cannot overflow.
     */
    if (steps >= UINT32_MAX || n > UINT32_MAX / (steps + 1)) {
        return ig_error_set(error, IG_ERR_MEMORY, "%zu trajectories of %zu steps are too many", n,
                            steps);
    }
    const size_t all = n * steps;
    TRY(IG_ALLOC(t.states, (all + n) * s, error));
    TRY(IG_ALLOC(t.actions, all * a, error));
    TRY(IG_ALLOC(t.noise, all * a, error));
    TRY(IG_ALLOC(t.rewards, all, error));
    *trajectories = t;
    memset(&t, 0, sizeof t);
    return IG_OK;
}

void ig_trajectories_clear(ig_trajectories *trajectories)
{
    free(trajectories->states);
    free(trajectories->actions);
    free(trajectories->noise);
    free(trajectories->rewards);
    memset(trajectories, 0, sizeof *trajectories);
}

ig_status ig_reinforce_create(ig_isa isa, const ig_gaussian *policy, size_t n, size_t steps,
                              ig_reinforce **reinforce, ig_error *error)
{
    (void)n; /* trajectories pass in blocks, so that scratch does not grow with them */
    AUTO(ig_reinforce_destroy) ig_reinforce *r = NULL;
    TRY(IG_ALLOC(r, 1, error));
    r->kernels = ig_kernels_of(isa);
    r->isa = isa;
    r->parameters = ig_gaussian_size(policy);
    size_t lanes = r->kernels->lanes, state = (size_t)policy->state;
    r->row = (state + 1 + lanes - 1) / lanes * lanes;
    const ig_network mu = ig_network_of(ig_gaussian_shape(policy));
    TRY(ig_packed_init(r->kernels, &mu, policy->parameters, &r->net, error));
    TRY(ig_floats(r->parameters, &r->loaded, error));
    TRY(ig_floats(r->net.size, &r->gradient, error));
    TRY(ig_floats(IG_ROWS * r->row, &r->rows, error));
    TRY(ig_floats(IG_ROWS * r->net.width, &r->a, error));
    TRY(ig_floats(IG_ROWS * r->net.out_width, &r->y, error));
    TRY(ig_floats(steps * (size_t)policy->action, &r->noise, error));
    memcpy(r->loaded, policy->parameters, r->parameters * sizeof *r->loaded);
    *reinforce = ig_take(&r);
    return IG_OK;
}

void ig_reinforce_destroy(ig_reinforce **reinforce)
{
    ig_reinforce *r = *reinforce;
    if (r) {
        ig_packed_clear(&r->net);
        free(r->loaded);
        free(r->gradient);
        free(r->rows);
        free(r->a);
        free(r->y);
        free(r->noise);
        free(r);
        *reinforce = NULL;
    }
}

void ig_reinforce_load(ig_reinforce *r, const ig_gaussian *policy)
{
    /* The gradients of many small ranges follow each other at the same parameters. */
    size_t bytes = r->parameters * sizeof *r->loaded;
    if (memcmp(r->loaded, policy->parameters, bytes) != 0) {
        memcpy(r->loaded, policy->parameters, bytes);
        ig_packed_load(r->kernels, &r->net, policy->parameters);
    }
}

/** Start states and noise of trajectories begin ... end-1. */
static void draw(ig_reinforce *r, const ig_world *world, ig_rng_key key, ig_stream stream,
                 uint64_t first, bool deterministic, ig_trajectories *to, size_t begin, size_t end)
{
    size_t state = (size_t)to->state, action = (size_t)to->action;
    for (size_t k = begin; k < end; k++) {
        ig_rng rng = ig_rng_start(key, stream, first + k);
        world->start(world->context, &rng, to->states + k * state);
        if (deterministic) {
            memset(r->noise, 0, to->steps * action * sizeof *r->noise);
        } else {
            ig_normals(r->isa, &rng, to->steps * action, r->noise);
        }
        for (size_t t = 0; t < to->steps; t++) {
            ig_copy_few(action, r->noise + t * action, to->noise + (t * to->n + k) * action);
        }
    }
}

/** Actions of `batch` consecutive samples: mu(s) + std * noise. */
static void act(ig_reinforce *r, float std, size_t batch, const float *states, const float *noise,
                float *actions)
{
    size_t state = (size_t)r->net.network.inputs, action = (size_t)r->net.network.outputs;
    for (size_t first = 0; first < batch; first += IG_ROWS) {
        size_t rows = batch - first < IG_ROWS ? batch - first : IG_ROWS;
        ig_packed_forward(r->kernels, &r->net, rows, states + first * state, state, r->a, NULL,
                          r->y);
        for (size_t i = 0; i < rows; i++) {
            const float *n = noise + (first + i) * action, *mu = r->y + i * r->net.out_width;
            float *a = actions + (first + i) * action;
            for (size_t j = 0; j < action; j++) {
                a[j] = mu[j] + std * n[j];
            }
        }
    }
}

ig_status ig_reinforce_rollout(ig_reinforce *r, const ig_gaussian *policy, const ig_world *world,
                               ig_rng_key key, ig_stream stream, uint64_t first, bool deterministic,
                               ig_trajectories *to, const ig_yield *yield, ig_error *error)
{
    size_t state = (size_t)to->state, action = (size_t)to->action, since = 0;
    ig_reinforce_load(r, policy);
    for (size_t begin = 0; begin < to->n; begin += IG_TRAJECTORIES) {
        size_t left = to->n - begin, batch = left < IG_TRAJECTORIES ? left : IG_TRAJECTORIES;
        draw(r, world, key, stream, first, deterministic, to, begin, begin + batch);
        for (size_t t = 0; t < to->steps; t++) {
            size_t at = t * to->n + begin;
            float *actions = to->actions + at * action;
            act(r, policy->std, batch, to->states + at * state, to->noise + at * action, actions);
            world->step(world->context, batch, to->states + at * state, actions,
                        to->states + (at + to->n) * state, to->rewards + at);
            since += batch;
            if (since >= IG_YIELD_ROWS) {
                since = 0;
                TRY(ig_yield_or_stop(yield, error));
            }
        }
    }
    return IG_OK;
}

enum { BLOCK = 64 }; /* trajectories whose sums run side by side */

static void block_returns(size_t n, size_t steps, double gamma, const float *rewards,
                          float *weights, size_t count)
{
    double rest[BLOCK] = {0};
    for (size_t t = steps; t-- > 0;) {
        for (size_t k = 0; k < count; k++) {
            rest[k] = (double)rewards[t * n + k] + gamma * rest[k];
            weights[t * n + k] = (float)rest[k];
        }
    }
}

void ig_reinforce_returns(size_t n, size_t h, size_t steps, double gamma,
                          ig_discount_state discount, const float *rewards, float *weights)
{
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t count = n - first < BLOCK ? n - first : BLOCK;
        block_returns(n, steps, gamma, rewards + first, weights + first, count);
    }
    double factor = 1;
    for (size_t t = 0; discount == IG_DISCOUNT_EXACT && t < steps; t++) {
        for (size_t i = t * n; i < (t + 1) * n; i++) {
            weights[i] = (float)(factor * (double)weights[i]);
        }
        factor *= gamma;
    }
    for (size_t i = steps * n; i < h * n; i++) {
        weights[i] = 0;
    }
}

/** A range of steps on its way through the policy's network: t outer, k inner. */
typedef struct cursor {
    const ig_trajectories *of;
    size_t begin, end; /**< trajectories */
    size_t t, k;       /**< the next step */
} cursor;

/** Gather the next states, at most IG_ROWS, into r->rows and note in r->order which they are;
 *  returns how many. */
static size_t gather(ig_reinforce *r, cursor *c, size_t steps)
{
    size_t rows = 0;
    while (rows < IG_ROWS && c->t < steps) {
        r->order[rows++] = (uint32_t)(c->t * c->of->n + c->k);
        if (++c->k == c->end) {
            c->k = c->begin;
            c->t++;
        }
    }
    size_t state = (size_t)c->of->state;
    r->kernels->gather(rows, state, state, 0, c->of->states, state, r->order, NULL, r->rows,
                       r->row);
    return rows;
}

/** r->y, holding mu, becomes weight * (a - mu) / std^2; `weights` NULL: weight 1. */
static void residuals(ig_reinforce *r, const ig_gaussian *policy, const float *actions, size_t rows,
                      const float *weights)
{
    size_t action = (size_t)policy->action, width = r->net.out_width;
    float inverse = 1 / (policy->std * policy->std);
    for (size_t i = 0; i < rows; i++) {
        const float *taken = actions + r->order[i] * action;
        float scale = weights ? weights[r->order[i]] * inverse : inverse;
        float *y = r->y + i * width;
        for (size_t j = 0; j < action; j++) {
            y[j] = scale * (taken[j] - y[j]);
        }
    }
}

ig_status ig_reinforce_accumulate(ig_reinforce *r, const ig_gaussian *policy,
                                  const ig_trajectories *trajectories, size_t begin, size_t end,
                                  size_t steps, const float *weights, const ig_yield *yield,
                                  ig_error *error)
{
    cursor c = {.of = trajectories, .begin = begin, .end = end, .k = begin};
    size_t since = 0;
    while (begin < end && c.t < steps) {
        size_t rows = gather(r, &c, steps);
        ig_packed_forward(r->kernels, &r->net, rows, r->rows, r->row, r->a, NULL, r->y);
        residuals(r, policy, trajectories->actions, rows, weights);
        ig_packed_backward(r->kernels, &r->net, rows, r->rows, r->row, r->a, NULL, r->y,
                           r->gradient);
        since += rows;
        if (since >= IG_YIELD_ROWS) {
            since = 0;
            TRY(ig_yield_or_stop(yield, error));
        }
    }
    return IG_OK;
}

void ig_reinforce_gradient(ig_reinforce *r, const ig_gaussian *policy,
                           const ig_trajectories *trajectories, size_t begin, size_t end,
                           size_t steps, const float *weights, float *gradient)
{
    ig_reinforce_load(r, policy);
    memset(r->gradient, 0, r->net.size * sizeof *r->gradient);
    ig_reinforce_accumulate(r, policy, trajectories, begin, end, steps, weights, NULL, NULL);
    ig_packed_unpack(&r->net, r->gradient, gradient);
}

/* With d the derivative by mu, h that by the hidden layer before its ReLU, x the state and a the
 * hidden activations, every weight's derivative is a product, so that
 * ||grad||^2 = |h|^2 (|x|^2 + 1) + |d|^2 (|a|^2 + 1); a linear policy's is |d|^2 (|x|^2 + 1). */
void ig_reinforce_score_norms(ig_reinforce *r, const ig_gaussian *policy,
                              const ig_trajectories *trajectories, float *norms)
{
    const ig_kernels *k = r->kernels;
    cursor c = {.of = trajectories, .end = trajectories->n};
    float x[IG_ROWS], d[IG_ROWS], a[IG_ROWS], h[IG_ROWS];
    size_t width = r->net.width, out_width = r->net.out_width;
    ig_reinforce_load(r, policy);
    while (c.end > 0 && c.t < trajectories->steps) {
        size_t rows = gather(r, &c, trajectories->steps);
        ig_packed_forward(k, &r->net, rows, r->rows, r->row, r->a, NULL, r->y);
        residuals(r, policy, trajectories->actions, rows, NULL);
        k->squares(rows, r->row, r->rows, r->row, x); /* with the one behind the state */
        k->squares(rows, out_width, r->y, out_width, d);
        if (policy->hidden) {
            k->squares(rows, width, r->a, width, a);
            ig_packed_backward_hidden(k, &r->net, rows, r->a, r->y);
            k->squares(rows, width, r->a, width, h);
        }
        for (size_t i = 0; i < rows; i++) {
            norms[r->order[i]] = policy->hidden ? h[i] * x[i] + d[i] * (a[i] + 1) : d[i] * x[i];
        }
    }
}
