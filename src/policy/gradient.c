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
        ig_packed_forward(k, &r->net, rows, r->rows, r->row, r->a, r->y);
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
