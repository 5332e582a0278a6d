/** Gradients of a linear policy under several weights at once. */
#include <string.h>

#include "experiments/noisy-private.h"
#include "nn/kernels.h"

/** Scores of step t: with x = (a - mu) / std^2 = noise / std, the derivative by W is x [s]' and
 * that by b is x, in the parameters' order. The padding of a row stays zero. */
static void fill_scores(ig_noisy *g, size_t t)
{
    const size_t state = (size_t)g->options.state, action = (size_t)g->options.action;
    const float inverse = 1 / g->policy.std;
    for (size_t k = 0; k < g->n; k++) {
        const float *s = g->batch.states + (t * g->n + k) * state;
        const float *noise = g->batch.noise + (t * g->n + k) * action;
        float *to = g->features + k * g->width;
        for (size_t j = 0; j < action; j++) {
            const float x = inverse * noise[j];
            for (size_t i = 0; i < state; i++) {
                to[j * state + i] = x * s[i];
            }
            to[action * state + j] = x;
        }
    }
}

void ig_noisy_linear_sums(ig_noisy *noisy, size_t replicates, size_t rows)
{
    const ig_kernels *kernels = ig_kernels_of(noisy->options.isa);
    const size_t k = noisy->options.trajectories;
    memset(noisy->sums, 0, replicates * rows * noisy->width * sizeof *noisy->sums);
    for (size_t t = 0; t < noisy->options.steps; t++) {
        fill_scores(noisy, t);
        for (size_t i = 0; i < replicates; i++) {
            float *c = noisy->sums + i * rows * noisy->width;
            kernels->product(&(ig_product){.rows = rows,
                                           .depth = k,
                                           .width = noisy->width,
                                           .a = noisy->weights + t * noisy->n + i * k,
                                           .a_row = noisy->n_weights,
                                           .a_depth = 1,
                                           .b = noisy->features + i * k * noisy->width,
                                           .start = c,
                                           .start_row = noisy->width,
                                           .c = c,
                                           .finish = IG_FINISH_NONE});
        }
    }
}
