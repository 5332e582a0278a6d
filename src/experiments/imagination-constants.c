/** Lipschitz constants of the true MDPs of `imagination`, for Lemma 1. */
#include <math.h>
#include <stdlib.h>

#include "base/linear.h"
#include "experiments/imagination.h"

/** Spectral norm of columns first ... first + count - 1 of a float matrix. */
static ig_status norm_of(const float *matrix, size_t rows, size_t width, size_t first, size_t count,
                         double *norm, ig_error *error)
{
    double *copy = malloc(rows * count * sizeof *copy);
    if (!copy) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a %zu x %zu matrix", rows, count);
    }
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < count; j++) {
            copy[i * count + j] = (double)matrix[i * width + first + j];
        }
    }
    ig_status status = ig_spectral_norm(copy, rows, count, norm, error);
    free(copy);
    return status;
}

/** ||W2|| times the larger norm of W1's part for the state and for the action, `state` of the
 * inputs being the state; tanh and ReLU are 1-Lipschitz. With all inputs the state: of a map of it
 * alone. */
static ig_status network(const float *parameters, ig_mlp_shape shape, size_t state,
                         double *lipschitz, ig_error *error)
{
    const size_t inputs = (size_t)shape.inputs, hidden = (size_t)shape.hidden;
    const size_t first = hidden ? hidden : (size_t)shape.outputs;
    double of_state = 0, of_action = 0, second = 1;
    ig_status status = norm_of(parameters, first, inputs, 0, state, &of_state, error);
    if (!status && inputs > state) {
        status = norm_of(parameters, first, inputs, state, inputs - state, &of_action, error);
    }
    if (!status && hidden) {
        status = norm_of(parameters + hidden * (inputs + 1), (size_t)shape.outputs, hidden, 0,
                         hidden, &second, error);
    }
    *lipschitz = second * fmax(of_state, of_action);
    return status;
}

static ig_status of_teacher(const ig_imagination *q, const ig_teacher *t, ig_lipschitz *l,
                            ig_error *error)
{
    const int inputs = q->state + q->action;
    const size_t state = (size_t)q->state;
    ig_status status = network(t->dynamics, (ig_mlp_shape){inputs, q->hidden, q->state}, state,
                               &l->dynamics, error);
    if (!status) {
        status = network(t->reward, (ig_mlp_shape){inputs, q->hidden, 1}, state, &l->reward, error);
        l->reward /= sqrt(q->hidden);
    }
    return status;
}

/** On the ball the reward's gradient is at most 2 reach max(||Q||, ||R||) long. */
static ig_status of_regulator(const ig_regulator *r, double reach, ig_lipschitz *l, ig_error *error)
{
    double a = 0, b = 0, of_state = 0, of_action = 0;
    ig_status status = ig_spectral_norm(r->model.a, r->state, r->state, &a, error);
    if (!status) {
        status = ig_spectral_norm(r->model.b, r->state, r->action, &b, error);
    }
    if (!status) {
        status = ig_spectral_norm(r->model.q, r->state, r->state, &of_state, error);
    }
    if (!status) {
        status = ig_spectral_norm(r->model.r, r->action, r->action, &of_action, error);
    }
    l->dynamics = fmax(a, b);
    l->reward = 2 * reach * fmax(of_state, of_action);
    return status;
}

/** |dr/ds| <= |V'|(1 + gamma |L_f|) + weight |gain| |a + gain s| and |dr/da| <= gamma |V'| +
 *  weight |a + gain s|, where |s|, |s'| and |a| are at most `reach`. */
static void of_known(const ig_known_control *k, double reach, ig_lipschitz *l)
{
    const double scale = (double)k->scale, gain = fabs((double)k->gain);
    const double slope = fabs((double)k->slope), gamma = (double)k->gamma;
    const double steepest = k->shape == IG_VALUE_QUADRATIC ? 2 * scale * scale * reach : scale;
    const double off = (double)k->weight * (1 + gain) * reach;
    l->dynamics = fmax(slope, 1);
    l->reward = fmax(steepest * (1 + gamma * slope) + gain * off, gamma * steepest + off);
}

ig_status ig_imagination_lipschitz(const ig_imagination *q, const ig_truth *truth, double reach,
                                   const ig_gaussian *policy, ig_lipschitz *lipschitz,
                                   ig_error *error)
{
    ig_lipschitz l = {0};
    ig_status status = IG_OK;
    switch (q->environment) {
    case IG_ENVIRONMENT_TEACHER:
        status = of_teacher(q, &truth->teacher, &l, error);
        break;
    case IG_ENVIRONMENT_LQG:
        status = of_regulator(&truth->regulator, reach, &l, error);
        break;
    case IG_ENVIRONMENT_KNOWN_VALUE:
        of_known(&truth->known, reach, &l);
        break;
    }
    if (!status) {
        status = network(policy->parameters, ig_gaussian_shape(policy), (size_t)policy->state,
                         &l.policy, error);
    }
    if (!status) {
        *lipschitz = l;
    }
    return status;
}
