/** The inner loops of training, one set per instruction set.
 *
 *  Everything is row-major with rows of whole vectors: a row of hidden units is padded with zeros
 * to a multiple of the vector's lanes, which stay zero through training. The matrix products of a
 *  perceptron, but for those of a single output, are then the same loop, `product`: rows of C are
 *  built from broadcast numbers of A and whole rows of B. */
#ifndef IMAGRID_NN_KERNELS_H
#define IMAGRID_NN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "imagrid/compute.h"

/** What happens to a finished row of C before it is stored. */
typedef enum ig_finish {
    IG_FINISH_NONE,
    IG_FINISH_RELU, /**< max(0, c) */
    IG_FINISH_GATE  /**< zero where the number that stood in C before is not positive */
} ig_finish;

/** C[m][j] = start[m][j] + sum over k < K of A[m][k] * B[k][j], summed in the order of k. */
typedef struct ig_product {
    size_t rows;    /**< M: rows of C */
    size_t depth;   /**< K */
    size_t columns; /**< numbers of a row of B and C, a multiple of the lanes */
    size_t width;   /**< floats from row to row of B and C, >= columns */
    const float *a; /**< A[m][k] at a[m * a_row + k * a_depth] */
    size_t a_row, a_depth;
    const float *b;     /**< rows `width` apart */
    const float *start; /**< row m at start + m * start_row; start_row 0: one row for all (a bias);
                             NULL: zero */
    size_t start_row;
    float *c; /**< rows `width` apart; may be `start` */
    ig_finish finish;
} ig_product;

/** Adam's numbers for one step t (from 1); PyTorch's order of operations. */
typedef struct ig_adam {
    float step;   /**< learning rate / (1 - beta1^t) */
    float unbias; /**< 1 / sqrt(1 - beta2^t) */
} ig_adam;

typedef struct ig_kernels {
    size_t lanes; /**< floats in a vector */
    void (*product)(const ig_product *p);
    /** y[r] = bias + a[r] . w over `width` numbers, for `rows` rows of a. */
    void (*dot)(size_t rows, size_t width, const float *a, const float *w, float bias, float *y);
    /** y[r] = the sum of squares of `width` numbers (whole vectors, or 1), for rows a_row apart. */
    void (*squares)(size_t rows, size_t width, const float *a, size_t a_row, float *y);
    /** Backward pass of a single output: gradient[j] += sum over rows d[m] a[m][j]; then a[m][j]
     *  becomes d[m] w[j] where it was positive, else 0. */
    void (*back_single)(size_t rows, size_t width, const float *d, const float *w, float *a,
                        float *gradient);
    /** y becomes (y - target) * scale in the first `n` of `width` columns; returns the sum of
     *  (y - target)^2. Targets are target_row apart. Beyond n, y is zero and stays so. */
    double (*residual)(size_t rows, size_t n, size_t width, const float *target, size_t target_row,
                       float scale, float *y);
    /** As residual, behind t = tanh(y): y becomes (t - target) * (1 - t^2) * scale; returns the sum
     *  of (t - target)^2. */
    double (*tanh_residual)(size_t rows, size_t n, size_t width, const float *target,
                            size_t target_row, float scale, float *y);
    /** sum[j] += the sum over rows of y[m][j], `width` numbers. (width 1 is allowed here and in
     *  residual.) */
    void (*sum_rows)(size_t rows, size_t width, const float *y, float *sum);
    /** One Adam update of n parameters (a multiple of the lanes). */
    void (*adam)(size_t n, ig_adam adam, const float *gradient, float *m, float *v, float *p);
    /** out[j][i] = in[i][j] for i < rows, j < columns; out's rows are out_row apart. */
    void (*transpose)(size_t rows, size_t columns, const float *in, size_t in_row, float *out,
                      size_t out_row);
    /** Row r of `out` (out_row apart) = the sample at pool + order[r] * pool_row (order NULL: r):
     *  `inputs` numbers, a one (the input of the biases), and from column `target` on `targets`
     *  numbers. Rows that will be wanted next, ahead[0 ... rows-1], are fetched towards the cache;
     *  NULL for none. */
    void (*gather)(size_t rows, size_t inputs, size_t target, size_t targets, const float *pool,
                   size_t pool_row, const unsigned *order, const unsigned *ahead, float *out,
                   size_t out_row);
    /** x[r][j] = (x[r][j] - mean[j]) * scale[j], rows of whole vectors. */
    void (*standardise)(size_t rows, size_t width, const float *mean, const float *scale, float *x);
    /** x = tanh(x) for n numbers, to 7 units in the last place. */
    void (*tanh)(size_t n, float *x);
    /** x = tanh(x), or x / (1 + exp(-x)), for n numbers (whole vectors), and slope = the derivative
     *  at x unless it is NULL. */
    void (*tanh_slope)(size_t n, float *x, float *slope);
    void (*silu_slope)(size_t n, float *x, float *slope);
    /** x *= by for n numbers (whole vectors). */
    void (*multiply)(size_t n, const float *by, float *x);
    /** n standard normals from 2 n random words, as ig_rng_normal makes them. */
    void (*normals)(size_t n, const uint64_t *words, float *x);
} ig_kernels;

/** The kernels of an instruction set that this machine has; never IG_ISA_AUTO. */
const ig_kernels *ig_kernels_of(ig_isa isa);

extern const ig_kernels ig_kernels_portable, ig_kernels_avx2, ig_kernels_avx512, ig_kernels_neon,
    ig_kernels_sve256, ig_kernels_sve512;

#endif
