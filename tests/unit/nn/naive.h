/** Perceptrons of any depth and Adam as a textbook writes them, in double: what the kernels are
 *  held against. Parameters in the public order of imagrid/nn.h. */
#ifndef IMAGRID_TEST_NAIVE_H
#define IMAGRID_TEST_NAIVE_H

#include "imagrid/nn.h"

/** Outputs y of one sample, behind their activation. */
void naive_forward(const ig_network *network, const double *parameters, const float *x, double *y);

/** Mean squared error of the samples order[0 ... batch-1], whose targets start at column `target`.
 *  gradient may be NULL; else it gets the derivative by the parameters. */
double naive_loss(const ig_network *network, const double *parameters, const ig_samples *pool,
                  size_t target, const uint32_t *order, size_t batch, double *gradient);

/** Update number t (from 1) of n parameters. */
void naive_adam(size_t n, int t, double learning_rate, const double *g, double *m, double *v,
                double *p);

#endif
