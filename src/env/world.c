/** Teachers, and worlds to act in: made of two networks, or of another world by a perturbation. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "env/world.h"
#include "imagrid/env.h"
#include "nn/mlp.h"

ig_status ig_teacher_init(int state, int action, int hidden, ig_rng_key key, ig_teacher *teacher,
                          ig_error *error)
{
    ig_mlp_shape dynamics = {state + action, hidden, state};
    ig_mlp_shape reward = {state + action, hidden, 1};
    AUTO(ig_teacher_clear) ig_teacher t = {.state = state, .action = action, .hidden = hidden};
    TRY(IG_ALLOC(t.dynamics, ig_mlp_size(dynamics), error));
    TRY(IG_ALLOC(t.reward, ig_mlp_size(reward), error));
    ig_rng rng = ig_rng_start(key, IG_STREAM_TEACHER, 0);
    ig_mlp_init_normal(dynamics, &rng, t.dynamics);
    rng = ig_rng_start(key, IG_STREAM_TEACHER, 1);
    ig_mlp_init_normal(reward, &rng, t.reward);
    *teacher = t;
    memset(&t, 0, sizeof t);
    return IG_OK;
}

static void divide_weights(ig_mlp_shape shape, float *parameters)
{
    size_t inputs = (size_t)shape.inputs, hidden = (size_t)shape.hidden;
    float *second = parameters + hidden * (inputs + 1);
    for (size_t i = 0; i < hidden * inputs; i++) {
        parameters[i] = (float)((double)parameters[i] / sqrt(shape.inputs));
    }
    for (size_t i = 0; i < (size_t)shape.outputs * hidden; i++) {
        second[i] = (float)((double)second[i] / sqrt(shape.hidden));
    }
}

void ig_teacher_apply_gain(ig_teacher *teacher, ig_teacher_gain gain)
{
    int inputs = teacher->state + teacher->action;
    if (gain == IG_TEACHER_SCALED) {
        divide_weights((ig_mlp_shape){inputs, teacher->hidden, teacher->state}, teacher->dynamics);
        divide_weights((ig_mlp_shape){inputs, teacher->hidden, 1}, teacher->reward);
    }
}

void ig_teacher_clear(ig_teacher *teacher)
{
    free(teacher->dynamics);
    free(teacher->reward);
    memset(teacher, 0, sizeof *teacher);
}

/* Samples that pass through the networks together: their rows fit L1. */
enum { BLOCK = 64 };

/** The networks' outputs on their way into the world. */
typedef struct activation {
    bool tanh_state;    /**< s' = tanh(output), else the output */
    float reward_scale; /**< r = output * this */
} activation;

typedef struct networks {
    ig_isa isa;
    activation outputs;
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

static void networks_release(networks **w)
{
    if (*w) {
        networks_destroy(*w);
    }
}

/** A world of the student's networks, whose parameters are copied. */
static ig_status make_networks(ig_isa isa, const ig_student *student, activation outputs,
                               ig_squash squash, ig_world *world, ig_error *error)
{
    int inputs = student->state + student->action;
    ig_mlp_shape dynamics = {inputs, student->dynamics_hidden, student->state};
    ig_mlp_shape reward = {inputs, student->reward_hidden, 1};
    AUTO(networks_release) networks *w = NULL;
    TRY(IG_ALLOC(w, 1, error));
    w->isa = isa;
    w->outputs = outputs;
    w->squash = squash;
    w->state = (size_t)student->state;
    w->action = (size_t)student->action;
    TRY(IG_ALLOC(w->x, BLOCK * (size_t)inputs, error));
    TRY(IG_ALLOC(w->a, BLOCK * w->action, error));
    TRY(ig_mlp_create(isa, dynamics, student->dynamics, &w->dynamics, error));
    TRY(ig_mlp_create(isa, reward, student->reward, &w->reward, error));
    *world = (ig_world){.state = student->state,
                        .action = student->action,
                        .start = start,
                        .step = step,
                        .context = ig_take(&w),
                        .destroy = networks_destroy};
    return IG_OK;
}

ig_status ig_world_teacher(ig_isa isa, const ig_teacher *teacher, ig_squash squash, ig_world *world,
                           ig_error *error)
{
    ig_student student = {.state = teacher->state,
                          .action = teacher->action,
                          .dynamics_hidden = teacher->hidden,
                          .reward_hidden = teacher->hidden,
                          .dynamics = teacher->dynamics,
                          .reward = teacher->reward};
    activation outputs = {.tanh_state = true, .reward_scale = 1 / sqrtf((float)teacher->hidden)};
    return make_networks(isa, &student, outputs, squash, world, error);
}

ig_status ig_world_student(ig_isa isa, const ig_student *student, ig_squash squash, ig_world *world,
                           ig_error *error)
{
    return make_networks(isa, student, (activation){.reward_scale = 1}, squash, world, error);
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
                        .start = perturbed_start,
                        .step = perturbed_step,
                        .context = memory};
    return IG_OK;
}
