#include "policy/reinforce.h"

#include <string.h>

#include "nn/copy.h"

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
    size_t state = (size_t)r->net.shape.inputs, action = (size_t)r->net.shape.outputs;
    for (size_t first = 0; first < batch; first += IG_ROWS) {
        size_t rows = batch - first < IG_ROWS ? batch - first : IG_ROWS;
        ig_packed_forward(r->kernels, &r->net, rows, states + first * state, state, r->a, r->y);
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
                ig_status status = ig_yield_now(yield);
                if (status) {
                    return ig_error_set(error, status, "stopped while rolling trajectories");
                }
            }
        }
    }
    return IG_OK;
}
