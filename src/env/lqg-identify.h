/** Linear-quadratic systems known by their matrices, and their identification by least squares. */
#ifndef IMAGRID_ENV_LQG_IDENTIFY_H
#define IMAGRID_ENV_LQG_IDENTIFY_H

#include "env/system.h"
#include "imagrid/compute.h"

enum { IG_LQG_STATE = 16, IG_LQG_ACTION = 16 }; /**< largest dimensions */

/** s' = A s + B a and r = -(s'Qs + a'Ra), row-major; or differences of such matrices. */
typedef struct ig_lqg_model {
    double a[IG_LQG_STATE * IG_LQG_STATE];   /**< state x state */
    double b[IG_LQG_STATE * IG_LQG_ACTION];  /**< state x action */
    double q[IG_LQG_STATE * IG_LQG_STATE];   /**< symmetric */
    double r[IG_LQG_ACTION * IG_LQG_ACTION]; /**< symmetric */
} ig_lqg_model;

/** The true matrices of a system of ig_lqg_create, and its policy a = -K s (action x state), found
 *  by its answers to unit vectors. */
void ig_lqg_matrices(const ig_system *system, ig_lqg_model *model, double *k);

/** Sup norms over the ball of `radius` of a difference of models: ||[A B]|| radius and
 *  max(||Q||, ||R||) radius^2. */
ig_status ig_lqg_sup(const ig_lqg_model *difference, size_t state, size_t action, double radius,
                     double *eps_dyn, double *eps_rew, ig_error *error);

/** A random difference with both sup norms 1 over the ball of `radius`. */
ig_status ig_lqg_draw_unit(size_t state, size_t action, double radius, ig_rng *rng,
                           ig_lqg_model *difference, ig_error *error);

/** Estimate A, B from n transitions and Q, R from n rewards at points uniform in the system's ball,
 *  with Gaussian noise of standard deviation `noise` added to every next state and reward; the
 *  estimate minus the truth. IG_ERR_USAGE for fewer samples than unknowns. */
ig_status ig_lqg_identify(const ig_system *system, size_t n, double noise, ig_rng *rng,
                          const ig_lqg_model *truth, ig_lqg_model *difference, ig_error *error);

/** sum_t gamma^t r(s_t, -K s_t) of the model `truth` + dyn `of_dynamics` + rew `of_reward` (the
 *  latter two may be NULL), from s_0 until nothing is left of the sum. Infinite where it diverges.
 */
double ig_lqg_return(const ig_system *system, const ig_lqg_model *truth, const double *k,
                     double gamma, const ig_lqg_model *of_dynamics, double dyn,
                     const ig_lqg_model *of_reward, double rew);

#endif
