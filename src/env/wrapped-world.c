#include "env/wrapped-world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 }; /* samples whose actions are bounded together */

static void bounded_start(void *context, ig_rng *rng, float *s)
{
    const ig_bounded_world *w = context;
    w->inner.start(w->inner.context, rng, s);
}

static void bounded_step(void *context, size_t batch, const float *s, const float *a, float *next,
                         float *reward)
{
    const ig_bounded_world *w = context;
    const size_t state = (size_t)w->inner.state, action = (size_t)w->inner.action;
    for (size_t k = 0; k < batch; k += BLOCK) {
        const size_t n = batch - k < BLOCK ? batch - k : BLOCK;
        memcpy(w->actions, a + k * action, n * action * sizeof *a);
        ig_tanh(w->isa, n * action, w->actions);
        w->inner.step(w->inner.context, n, s + k * state, w->actions, next + k * state, reward + k);
    }
}

ig_status ig_bounded_world_init(const ig_world *inner, ig_isa isa, ig_bounded_world *memory,
                                ig_world *world, ig_error *error)
{
    float *actions = malloc(BLOCK * (size_t)inner->action * sizeof *actions);
    if (!actions) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a world");
    }
    *memory = (ig_bounded_world){*inner, isa, actions};
    *world = (ig_world){inner->state, inner->action, bounded_start, bounded_step, memory};
    return IG_OK;
}

void ig_bounded_world_clear(ig_bounded_world *memory)
{
    free(memory->actions);
    memset(memory, 0, sizeof *memory);
}

static void perturbed_start(void *context, ig_rng *rng, float *s)
{
    const ig_perturbed_world *w = context;
    w->inner.start(w->inner.context, rng, s);
}

/** sqrt(2) sin(w (s,a) + p). */
static float wave_at(const ig_perturbed_world *w, int i, const float *s, const float *a)
{
    double sum = (double)w->phase[i];
    for (int j = 0; j < w->inner.state; j++) {
        sum += (double)(w->wave[i][j] * s[j]);
    }
    for (int j = 0; j < w->inner.action; j++) {
        sum += (double)(w->wave[i][w->inner.state + j] * a[j]);
    }
    return (float)(M_SQRT2 * sin(sum));
}

static void perturbed_step(void *context, size_t batch, const float *s, const float *a, float *next,
                           float *reward)
{
    const ig_perturbed_world *w = context;
    const int state = w->inner.state, action = w->inner.action;
    w->inner.step(w->inner.context, batch, s, a, next, reward);
    for (size_t k = 0; k < batch; k++, s += state, a += action, next += state) {
        if (w->rew != 0) {
            reward[k] += w->rew * wave_at(w, 1, s, a);
        }
        float size = w->dyn != 0 ? w->dyn * wave_at(w, 0, s, a) : 0;
        for (int i = 0; i < state && size != 0; i++) {
            next[i] += size * w->direction[i];
        }
    }
}

void ig_perturbed_world_init(const ig_world *inner, ig_rng *rng, ig_perturbed_world *memory,
                             ig_world *world)
{
    double squares = 0, direction[IG_PERTURBED_WIDTH];
    *memory = (ig_perturbed_world){.inner = *inner};
    for (int i = 0; i < inner->state; i++) {
        direction[i] = ig_rng_normal(rng);
        squares += direction[i] * direction[i];
    }
    for (int i = 0; i < inner->state; i++) {
        memory->direction[i] = (float)(direction[i] / sqrt(squares));
    }
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < inner->state + inner->action; j++) {
            memory->wave[i][j] = (float)ig_rng_normal(rng);
        }
        memory->phase[i] = (float)(2 * M_PI * ig_rng_uniform(rng));
    }
    *world = (ig_world){inner->state, inner->action, perturbed_start, perturbed_step, memory};
}
