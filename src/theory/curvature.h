/** Proposition 1: how much a latent rollout z_{t+1} = z_t + v(z_t) can bend when the velocity v is
 *  eps-Lipschitz. Pure functions; IG_ERR_USAGE outside the domain 0 < eps < 1 (NaN is outside). */
#ifndef IMAGRID_THEORY_CURVATURE_H
#define IMAGRID_THEORY_CURVATURE_H

#include <stddef.h>

#include "imagrid/error.h"

/** Definition 1: L_curv = 1 - cos(u, w) of two velocities of n coordinates, neither of them zero.
 *  Computed as ||u/|u| - w/|w| ||^2 / 2, which keeps its digits for nearly parallel velocities. */
double ig_curvature_loss(const double *u, const double *w, size_t n);

/** Eq. 2: L_curv <= eps^2 / (2 (1 - eps)). */
ig_status ig_curvature_bound(double eps, double *bound, ig_error *error);

/** The least upper bound, ours: 1 - sqrt(1 - eps^2). ||w - u|| <= eps ||u|| lets w leave the
 *  direction of u by at most asin(eps), and in two dimensions a linear field reaches that angle at
 *  every step. */
ig_status ig_curvature_supremum(double eps, double *supremum, ig_error *error);

#endif
