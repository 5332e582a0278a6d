#include "imagrid/env.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

ig_status ig_teacher_init(int state, int action, int hidden, ig_rng_key key, ig_teacher *teacher,
                          ig_error *error)
{
    ig_mlp_shape dynamics = {state + action, hidden, state};
    ig_mlp_shape reward = {state + action, hidden, 1};
    ig_teacher t = {.state = state, .action = action, .hidden = hidden};
    t.dynamics = malloc(ig_mlp_size(dynamics) * sizeof *t.dynamics);
    t.reward = malloc(ig_mlp_size(reward) * sizeof *t.reward);
    if (!t.dynamics || !t.reward) {
        ig_teacher_clear(&t);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a teacher");
    }
    ig_rng rng = ig_rng_start(key, IG_STREAM_TEACHER, 0);
    ig_mlp_init_normal(dynamics, &rng, t.dynamics);
    rng = ig_rng_start(key, IG_STREAM_TEACHER, 1);
    ig_mlp_init_normal(reward, &rng, t.reward);
    *teacher = t;
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
