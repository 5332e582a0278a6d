#include "env/world.h"

#include <stdlib.h>
#include <string.h>

#include "nn/copy.h"

/* Samples that pass through the networks together: their rows fit L1. */
enum { BLOCK = 64 };

typedef struct networks {
    ig_isa isa;
    ig_world_outputs outputs;
    ig_squash squash;
    size_t state, action;
    ig_mlp *dynamics, *reward;
    float *x; /**< [s, a]: BLOCK x (state + action) */
    float *a; /**< squashed actions: BLOCK x action */
} networks;

static void networks_destroy(void *context)
{
    networks *w = context;
    ig_mlp_destroy(&w->dynamics);
    ig_mlp_destroy(&w->reward);
    free(w->x);
    free(w->a);
    free(w);
}

static void start(void *context, ig_rng *rng, float *s)
{
    const networks *w = context;
    for (size_t i = 0; i < w->state; i++) {
        s[i] = (float)(2 * ig_rng_uniform(rng) - 1);
    }
}

/** Rows [s, a] of `batch` <= BLOCK samples. */
static void join(networks *w, size_t batch, const float *s, const float *a)
{
    size_t state = w->state, action = w->action;
    if (w->squash == IG_SQUASH_TANH) {
        memcpy(w->a, a, batch * action * sizeof *a);
        ig_tanh(w->isa, batch * action, w->a);
        a = w->a;
    }
    for (size_t b = 0; b < batch; b++) {
        float *row = w->x + b * (state + action);
        ig_copy_few(state, s + b * state, row);
        ig_copy_few(action, a + b * action, row + state);
    }
}

static void step(void *context, size_t batch, const float *s, const float *a, float *next,
                 float *reward)
{
    networks *w = context;
    size_t state = w->state, inputs = state + w->action;
    for (size_t first = 0; first < batch; first += BLOCK) {
        size_t left = batch - first, n = left < BLOCK ? left : BLOCK;
        float *to = next + first * state;
        join(w, n, s + first * state, a + first * w->action);
        ig_mlp_forward(w->dynamics, w->x, n, inputs, to, state);
        ig_mlp_forward(w->reward, w->x, n, inputs, reward + first, 1);
        if (w->outputs.tanh_state) {
            ig_tanh(w->isa, n * state, to);
        }
        for (size_t b = first; b < first + n; b++) {
            reward[b] *= w->outputs.reward_scale;
        }
    }
}

ig_status ig_world_networks(ig_isa isa, const ig_student *student, ig_world_outputs outputs,
                            ig_squash squash, ig_world *world, ig_error *error)
{
    int inputs = student->state + student->action;
    ig_mlp_shape dynamics = {inputs, student->dynamics_hidden, student->state};
    ig_mlp_shape reward = {inputs, student->reward_hidden, 1};
    networks *w = calloc(1, sizeof *w);
    if (!w) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a world");
    }
    w->isa = isa;
    w->outputs = outputs;
    w->squash = squash;
    w->state = (size_t)student->state;
    w->action = (size_t)student->action;
    w->x = malloc(BLOCK * (size_t)inputs * sizeof *w->x);
    w->a = malloc(BLOCK * w->action * sizeof *w->a);
    ig_status status =
        w->x && w->a ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "no memory for a world");
    if (!status) {
        status = ig_mlp_create(isa, dynamics, student->dynamics, &w->dynamics, error);
    }
    if (!status) {
        status = ig_mlp_create(isa, reward, student->reward, &w->reward, error);
    }
    if (status) {
        networks_destroy(w);
        return status;
    }
    *world = (ig_world){.state = student->state,
                        .action = student->action,
                        .start = start,
                        .step = step,
                        .context = w,
                        .destroy = networks_destroy};
    return IG_OK;
}
