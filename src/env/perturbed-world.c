#include "env/perturbed-world.h"

#include <math.h>

static void start(void *context, ig_rng *rng, float *s)
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

static void step(void *context, size_t batch, const float *s, const float *a, float *next,
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

ig_status ig_perturbed_world_init(const ig_world *inner, ig_rng *rng, ig_perturbed_world *memory,
                                  ig_world *world, ig_error *error)
{
    double squares = 0, direction[IG_PERTURBED_STATE];
    if (inner->state > IG_PERTURBED_STATE || inner->action > IG_PERTURBED_ACTION) {
        return ig_error_set(error, IG_ERR_USAGE, "no perturbation of %d states and %d actions",
                            inner->state, inner->action);
    }
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
    *world = (ig_world){.state = inner->state,
                        .action = inner->action,
                        .start = start,
                        .step = step,
                        .context = memory};
    return IG_OK;
}
