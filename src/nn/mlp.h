/** A network in the kernels' layout: rows of units padded with zeros to whole vectors, in `values`
 *  layer by layer:
 *
 *      first layer    W1 transposed ((I + 1) x width; the last row is b1)
 *      other layers   W (O x width of the layer before) | b (padded O)
 *      transposed     W transposed (H x width), of all but the first, made from W; none of a single
 *                     output
 *
 *  In the first layer's gradient the inputs' number I + 1 is a one, so that its bias is a row among
 *  others. Padding stays zero through training: its gradients are exactly zero. */
#ifndef IMAGRID_NN_MLP_H
#define IMAGRID_NN_MLP_H

#include <string.h>

#include "imagrid/nn.h"
#include "nn/kernels.h"

enum {
    IG_ROWS = 48
}; /**< samples that pass through a network of one hidden layer
     together: all they need fits the first cache */

typedef struct ig_layer {
    size_t inputs, outputs;
    size_t columns;    /**< outputs, padded to whole vectors */
    size_t width;      /**< floats of a row, >= columns; 1 for a network's single output behind
                            hidden layers */
    size_t before;     /**< width of all layers before */
    size_t w, b;       /**< where they start in values */
    size_t transposed; /**< where W transposed starts in transposed */
} ig_layer;

typedef struct ig_packed {
    ig_network network;
    int last; /**< number of the last layer: hidden layers */
    ig_layer layer[IG_HIDDEN_MAX + 1];
    size_t width;     /**< of all hidden layers, padded; of the outputs where there is none */
    size_t out_width; /**< of the outputs; row length of y and of its gradient */
    size_t size;      /**< floats in values, a multiple of the lanes */
    float *values, *transposed;
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

/** The paper's networks as a case of the others. */
ig_network ig_network_of(ig_mlp_shape shape);

/** Samples of a pool in its order, with their targets behind the inputs. */
static inline ig_view ig_view_of(const ig_samples *samples, size_t inputs)
{
    return (ig_view){
        .rows = samples->rows, .stride = samples->stride, .n = samples->n, .target = inputs};
}

/** Adam's numbers for update `step`, from 1. */
ig_adam ig_adam_step(double learning_rate, uint64_t step);

/** Allocate and fill from the public order of parameters. IG_ERR_MEMORY, IG_ERR_USAGE for what is
 * no network. */
ig_status ig_packed_init(const ig_kernels *k, const ig_network *network, const float *parameters,
                         ig_packed *net, ig_error *error);
void ig_packed_clear(ig_packed *net);
/** Replace all values, from the public order of parameters. */
void ig_packed_load(const ig_kernels *k, ig_packed *net, const float *parameters);
/** `values`, laid out as the network's (its own or a gradient), in the public order. */
void ig_packed_unpack(const ig_packed *net, const float *values, float *parameters);
/** Make `transposed` follow `values`. */
void ig_packed_refresh(const ig_kernels *k, ig_packed *net);
/** For `rows` samples x (x_row apart): hidden activations a (rows x width of the first
 *  layer, then of the second ...) and outputs y (rows x out_width), before their activation. For
 *  a backward pass through tanh or SiLU `slopes`, as large as `a`, gets their derivatives; else
 *  NULL. */
void ig_packed_forward(const ig_kernels *k, const ig_packed *net, size_t rows, const float *x,
                       size_t x_row, float *a, float *slopes, float *y);
/** From the outputs' derivative y, the activations `a` of a single hidden layer become the
 *  derivative by that layer before its ReLU (rows x width). */
void ig_packed_backward_hidden(const ig_kernels *k, const ig_packed *net, size_t rows, float *a,
                               const float *y);
/** After ig_packed_forward, y now holding the derivative of something by the outputs (padding
 *  zero): add its derivative by the parameters, summed over the rows, to `gradient` (laid out as
 *  values). Behind each sample's inputs, at x[r * x_row + I], must stand a one. `a` becomes the
 *  derivative by the hidden layers. */
void ig_packed_backward(const ig_kernels *k, const ig_packed *net, size_t rows, const float *x,
                        size_t x_row, float *a, const float *slopes, const float *y,
                        float *gradient);

/** What ig_train adds to the public trainer, prefetching across minibatches and the hook: as
 *  ig_trainer_step on rows of the view's pool (whose own order is not read); `order` holds `left`
 * >= batch samples, and those after the batch are fetched towards the cache while it is computed.
 * Calls the hook about every million multiply-adds; when it stops, the trainer is only good for
 * being destroyed. */
ig_status ig_trainer_step_ahead(ig_trainer *trainer, const ig_view *pool, const uint32_t *order,
                                size_t batch, size_t left, const ig_yield *yield, double *loss,
                                ig_error *error);

#endif
