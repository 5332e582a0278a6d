/** A network in the kernels' layout: rows of hidden units padded with zeros to whole vectors.
 *
 *      values  W1 transposed ((I + 1) x width; the last row is b1) | W2 (O x width) | b2
 * (out_width) w2t     W2 transposed (H x out_width), made from W2 where there are several outputs
 *
 *  Padding stays zero through training: its gradients are exactly zero. */
#ifndef IMAGRID_NN_PACKED_H
#define IMAGRID_NN_PACKED_H

#include "imagrid/nn.h"
#include "nn/kernels.h"

enum { IG_ROWS = 48 }; /**< samples that pass through a network together: all they need fits L1 */

typedef struct ig_packed {
    ig_mlp_shape shape;
    size_t width;     /**< hidden units, padded */
    size_t out_width; /**< outputs, padded; row length of y and of its gradient; 1 for one output */
    size_t w2, b2;    /**< where they start in values */
    size_t size;      /**< floats in values, a multiple of the lanes */
    float *values, *w2t;
} ig_packed;

/** `n` zeroed floats at a cache line's start; NULL without memory. free() releases. */
float *ig_floats(size_t n);

/** Allocate and fill from the public order of parameters. IG_ERR_MEMORY. */
ig_status ig_packed_init(const ig_kernels *k, ig_mlp_shape shape, const float *parameters,
                         ig_packed *net, ig_error *error);
void ig_packed_clear(ig_packed *net);
/** Back to the public order. */
void ig_packed_unpack(const ig_packed *net, float *parameters);
/** Make w2t follow W2. */
void ig_packed_refresh(const ig_kernels *k, ig_packed *net);
/** For `rows` <= IG_ROWS samples x (x_row apart): hidden activations a (rows x width) and outputs y
 *  (rows x out_width). */
void ig_packed_forward(const ig_kernels *k, const ig_packed *net, size_t rows, const float *x,
                       size_t x_row, float *a, float *y);

#endif
