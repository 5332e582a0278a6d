#include "policy/reinforce.h"

#include <string.h>

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
    r->kernels->gather(rows, state, 0, c->of->states, state, r->order, NULL, r->rows, r->row);
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
                                  size_t steps, const float *weights, const ig_yield *yield)
{
    cursor c = {.of = trajectories, .begin = begin, .end = end, .k = begin};
    size_t since = 0;
    while (begin < end && c.t < steps) {
        size_t rows = gather(r, &c, steps);
        ig_packed_forward(r->kernels, &r->net, rows, r->rows, r->row, r->a, r->y);
        residuals(r, policy, trajectories->actions, rows, weights);
        ig_packed_backward(r->kernels, &r->net, rows, r->rows, r->row, r->a, r->y, r->gradient);
        since += rows;
        if (since >= IG_YIELD_ROWS) {
            since = 0;
            ig_status status = ig_yield_now(yield);
            if (status) {
                return status;
            }
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
    ig_reinforce_accumulate(r, policy, trajectories, begin, end, steps, weights, NULL);
    ig_packed_unpack(&r->net, r->gradient, gradient);
}

/** The sum of squares of every row of `x`, `width` numbers. */
static float squares(const float *x, size_t width)
{
    float sum = 0;
    for (size_t j = 0; j < width; j++) {
        sum += x[j] * x[j];
    }
    return sum;
}

/* With d the derivative by mu, h that by the hidden layer before its ReLU, x the state and a the
 * hidden activations, every weight's derivative is a product, so that
 * ||grad||^2 = |h|^2 (|x|^2 + 1) + |d|^2 (|a|^2 + 1); a linear policy's is |d|^2 (|x|^2 + 1). */
void ig_reinforce_score_norms(ig_reinforce *r, const ig_gaussian *policy,
                              const ig_trajectories *trajectories, float *norms)
{
    cursor c = {.of = trajectories, .end = trajectories->n};
    size_t width = r->net.width, out_width = r->net.out_width;
    ig_reinforce_load(r, policy);
    while (c.end > 0 && c.t < trajectories->steps) {
        size_t rows = gather(r, &c, trajectories->steps);
        float outputs[IG_ROWS], hidden[IG_ROWS];
        ig_packed_forward(r->kernels, &r->net, rows, r->rows, r->row, r->a, r->y);
        residuals(r, policy, trajectories->actions, rows, NULL);
        for (size_t i = 0; i < rows; i++) {
            outputs[i] = squares(r->y + i * out_width, out_width);
            hidden[i] = squares(r->a + i * width, width);
        }
        if (policy->hidden) {
            ig_packed_backward_hidden(r->kernels, &r->net, rows, r->a, r->y);
        }
        for (size_t i = 0; i < rows; i++) {
            float inputs = squares(r->rows + i * r->row, r->row);
            norms[r->order[i]] = policy->hidden ? squares(r->a + i * width, width) * inputs +
                                                      outputs[i] * (hidden[i] + 1)
                                                : outputs[i] * inputs;
        }
    }
}
