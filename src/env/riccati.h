/** The discounted linear-quadratic regulator: optimal policies and values by the Riccati equation.
 *
 *  For s' = A s + B a, r = -(s'Qs + a'Ra) and discount gamma the best return over H steps is
 *  -s'P_0 s, attained by a_t = -K_t s, where P_H = 0 and, backwards in time,
 *      K = (R + gamma B'PB)^-1 gamma B'PA,     P <- Q + gamma A'P (A - B K).
 *  Matrices are row-major: P is state x state, K is action x state. R must be positive definite. */
#ifndef IMAGRID_ENV_RICCATI_H
#define IMAGRID_ENV_RICCATI_H

#include "env/lqg-identify.h"

/** A linear-quadratic problem. */
typedef struct ig_regulator {
    size_t state, action;
    double gamma; /**< in [0, 1] */
    ig_lqg_model model;
} ig_regulator;

/** P_0 and K_0 of `steps` >= 1 steps. IG_ERR_NUMERIC where R + gamma B'PB is not positive definite
 *  or something overflows. */
ig_status ig_riccati_finite(const ig_regulator *regulator, size_t steps, double *p, double *k,
                            ig_error *error);

/** P and K of infinitely many steps: iterated until nothing changes beyond rounding. IG_ERR_NUMERIC
 *  also where that does not come about. */
ig_status ig_riccati_infinite(const ig_regulator *regulator, double *p, double *k, ig_error *error);

/** s'Ms of a square matrix. */
double ig_quadratic_form(const double *matrix, const double *s, size_t n);

#endif
