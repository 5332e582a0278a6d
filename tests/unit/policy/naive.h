/** Policies, worlds and gradients as their definitions say, in double, for the tests. */
#ifndef TEST_POLICY_NAIVE_H
#define TEST_POLICY_NAIVE_H

#include "imagrid/policy.h"

/** mu(s) of a policy whose parameters are `p` (A numbers). */
void naive_mean(const ig_gaussian *policy, const double *p, const float *s, double *mu);

/** sum over trajectories [begin, end) and steps t < steps of weights * log pi(a|s), without the
 *  normalising constant; parameters p. */
double naive_log_density(const ig_gaussian *policy, const double *p, const ig_trajectories *t,
                         size_t begin, size_t end, size_t steps, const float *weights);

/** Its gradient by central differences (P numbers). */
void naive_gradient(const ig_gaussian *policy, const ig_trajectories *t, size_t begin, size_t end,
                    size_t steps, const float *weights, double *gradient);

/** One step of an easy world: s' = 0.9 s + 0.1 a (with coordinates of a repeated), r = -|s|^2. The
 *  start is standard normal. No context. */
ig_world naive_world(int state, int action);

/** A policy with PyTorch's default parameters from a fixed stream. Aborts without memory. */
ig_gaussian naive_policy(int state, int hidden, int action, float std);

/** Largest |x[i] - y[i]| over the largest |y[i]|. */
double naive_difference(size_t n, const float *x, const double *y);

#endif
