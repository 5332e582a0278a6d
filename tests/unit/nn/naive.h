/** A two-layer ReLU perceptron and Adam as a textbook writes them, in double: what the kernels are
 *  held against. Parameters in the public order of imagrid/nn.h. */
#ifndef IMAGRID_TEST_NAIVE_H
#define IMAGRID_TEST_NAIVE_H

#include "imagrid/nn.h"

/** y (outputs) from x (inputs); `a` (hidden) receives the activations. */
void naive_forward(ig_mlp_shape shape, const double *parameters, const float *x, double *a,
                   double *y);

/** Mean-squared error over `batch` samples of the pool, outputs having passed `output`, targets
 * from column `target` on; gradient (of ig_mlp_size) may be NULL. */
double naive_loss(ig_mlp_shape shape, ig_activation output, const double *parameters,
                  const ig_samples *pool, size_t target, const uint32_t *order, size_t batch,
                  double *gradient);

/** Update t (from 1) of Adam with the protocol's betas and epsilon. */
void naive_adam(size_t n, int t, double learning_rate, const double *gradient, double *m, double *v,
                double *parameters);

#endif
