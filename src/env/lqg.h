/** Linear-quadratic systems: known by their matrices, identified by least squares, solved by the
 *  Riccati equation, and as worlds to act in.
 *
 *  The discounted linear-quadratic regulator: for s' = A s + B a, r = -(s'Qs + a'Ra) and discount
 *  gamma the best return over H steps is -s'P_0 s, attained by a_t = -K_t s, where P_H = 0 and,
 *  backwards in time,
 *      K = (R + gamma B'PB)^-1 gamma B'PA,     P <- Q + gamma A'P (A - B K).
 *  Matrices are row-major: P is state x state, K is action x state. R must be positive definite. */
#ifndef IMAGRID_ENV_LQG_H
#define IMAGRID_ENV_LQG_H

#include "env/system.h"
#include "imagrid/policy.h"

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

/** x'Mx of a square matrix. */
double ig_quadratic_form(const double *matrix, const double *x, size_t n);

/** model += dyn times the dynamics of one and rew times the reward of another difference; either
 * may be NULL. */
void ig_lqg_add(ig_lqg_model *model, size_t n, size_t m, const ig_lqg_model *of_dynamics,
                double dyn, const ig_lqg_model *of_reward, double rew);

/** Quadratic features of z = [s, a], -z_j z_k for k <= j among the n states and among the m
 *  actions, twice where they differ: their coefficients are the entries of Q and R. Written
 *  `stride` numbers apart. */
void ig_lqg_features(const double *z, size_t n, size_t m, double *x, size_t stride);
/** Q and R from such coefficients. */
void ig_lqg_set_reward(const double *weights, size_t n, size_t m, ig_lqg_model *model);

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

/** float32 copies of a model's matrices; the context of its world. */
typedef struct ig_lqg_world {
    int state, action;
    float a[IG_LQG_STATE * IG_LQG_STATE], b[IG_LQG_STATE * IG_LQG_ACTION];
    float q[IG_LQG_STATE * IG_LQG_STATE], r[IG_LQG_ACTION * IG_LQG_ACTION];
} ig_lqg_world;

/** A random problem [ours]: the matrices of ig_lqg_create with ||A|| = ||B|| = `gain` and
 *  max(||Q||, ||R||) = 1/(2 sqrt 2), drawn from substream 0 of IG_STREAM_TEACHER. */
ig_status ig_regulator_draw(size_t state, size_t action, double gamma, double gain, ig_rng_key key,
                            ig_regulator *regulator, ig_error *error);

/** The world of a regulator's model; s_0 ~ U(-1, 1)^state. `memory` must stay
 * where it is while the world is used. */
void ig_lqg_world_init(const ig_regulator *regulator, ig_lqg_world *memory, ig_world *world);

/** Estimate A and B from the first `n_dyn` rows [s, a, s', r], Q and R from the first `n_rew` ones,
 *  by least squares with a penalty of `ridge` > 0 on the squared coefficients, so that any number
 *  of rows will do. Other fields of `learned` are the caller's. IG_ERR_MEMORY, IG_ERR_NUMERIC. */
ig_status ig_lqg_learn(const float *rows, size_t stride, size_t n_dyn, size_t n_rew, double ridge,
                       ig_regulator *learned, ig_error *error);

#endif
