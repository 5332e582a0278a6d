/** A network in the kernels' layout: rows of hidden units padded with zeros to whole vectors.
 *
 *      values  W1 transposed ((I + 1) x width; the last row is b1) | W2 (O x width)
 *              | b2 (out_width)
 *      w2t     W2 transposed (H x out_width), made from W2 where there are several outputs
 *
 *  Without a hidden layer (H = 0) values is W transposed ((I + 1) x out_width; the last row is b),
 *  width is out_width, and there is no w2t.
 *
 *  Padding stays zero through training: its gradients are exactly zero. */
#ifndef IMAGRID_NN_MLP_H
#define IMAGRID_NN_MLP_H

#include <string.h>

#include "imagrid/nn.h"
#include "nn/kernels.h"

enum { IG_ROWS = 48 }; /**< samples that pass through a network together: all they need fits L1 */

typedef struct ig_packed {
    ig_mlp_shape shape;
    size_t width;     /**< hidden units, padded */
    size_t out_width; /**< outputs, padded; row length of y and of its gradient; 1 for one output
                           behind a hidden layer */
    size_t w2, b2;    /**< where they start in values; b2 is b where there is no hidden layer */
    size_t size;      /**< floats in values, a multiple of the lanes */
    float *values, *w2t;
} ig_packed;

/** `n` zeroed floats at a cache line's start, to be released by free(). IG_ERR_MEMORY. */
ig_status ig_floats(size_t n, float **numbers, ig_error *error);

/** Copy n numbers, of which there are few, such as a state or an action: the call of memcpy for a
 *  length that is not known to the compiler takes longer than the copy. */
static inline void ig_copy_few(size_t n, const float *from, float *to)
{
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        memcpy(to + i, from + i, 4 * sizeof *to);
        /* Otherwise compilers find that the loop is a memcpy. */
        __asm__ volatile("");
    }
    if (n & 2) {
        memcpy(to + i, from + i, 2 * sizeof *to);
        i += 2;
    }
    if (n & 1) {
        to[i] = from[i];
    }
}

/** Adam's numbers for update `step`, from 1. */
ig_adam ig_adam_step(double learning_rate, uint64_t step);

/** Allocate and fill from the public order of parameters. IG_ERR_MEMORY. */
ig_status ig_packed_init(const ig_kernels *k, ig_mlp_shape shape, const float *parameters,
                         ig_packed *net, ig_error *error);
void ig_packed_clear(ig_packed *net);
/** Replace all values, from the public order of parameters. */
void ig_packed_load(const ig_kernels *k, ig_packed *net, const float *parameters);
/** `values`, laid out as the network's (its own or a gradient), in the public order. */
void ig_packed_unpack(const ig_packed *net, const float *values, float *parameters);
/** Make w2t follow W2. */
void ig_packed_refresh(const ig_kernels *k, ig_packed *net);
/** For `rows` <= IG_ROWS samples x (x_row apart): hidden activations a (rows x width) and outputs y
 *  (rows x out_width). */
void ig_packed_forward(const ig_kernels *k, const ig_packed *net, size_t rows, const float *x,
                       size_t x_row, float *a, float *y);
/** From the outputs' derivative y, the activations `a` become the derivative by the hidden layer
 *  before its ReLU (rows x width). Not for a linear network. */
void ig_packed_backward_hidden(const ig_kernels *k, const ig_packed *net, size_t rows, float *a,
                               const float *y);
/** After ig_packed_forward, y now holding the derivative of something by the outputs (padding
 *  zero): add its derivative by the parameters, summed over the rows, to `gradient` (laid out as
 *  values). Behind each sample's inputs, at x[r * x_row + I], must stand a one. `a` becomes the
 *  derivative by the hidden layer. */
void ig_packed_backward(const ig_kernels *k, const ig_packed *net, size_t rows, const float *x,
                        size_t x_row, float *a, const float *y, float *gradient);

/** What ig_train adds to the public trainer, prefetching across minibatches and the hook: as
 *  ig_trainer_step; `order` holds `left` >= batch samples, and those after the batch are fetched
 *  towards the cache while it is computed. Calls the hook about every million multiply-adds; when
 *  it stops, the trainer is only good for being destroyed. */
ig_status ig_trainer_step_ahead(ig_trainer *trainer, const ig_samples *pool, const uint32_t *order,
                                size_t batch, size_t left, const ig_yield *yield, double *loss,
                                ig_error *error);

/** As ig_trainer_evaluate, with the hook. */
ig_status ig_trainer_evaluate_yielding(ig_trainer *trainer, const ig_samples *samples,
                                       const ig_yield *yield, double *mse, ig_error *error);

#endif
