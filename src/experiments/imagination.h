/** What the files of the experiment `imagination` share. */
#ifndef IMAGRID_EXPERIMENTS_IMAGINATION_H
#define IMAGRID_EXPERIMENTS_IMAGINATION_H

#include "env/known-value.h"
#include "env/lqg.h"
#include "imagrid/env.h"
#include "imagrid/experiment.h"
#include "imagrid/policy.h"
#include "theory/theory.h"

typedef enum ig_environment {
    IG_ENVIRONMENT_TEACHER,
    IG_ENVIRONMENT_LQG,
    IG_ENVIRONMENT_KNOWN_VALUE
} ig_environment;

typedef enum ig_student_kind { IG_STUDENT_NETWORK, IG_STUDENT_LEAST_SQUARES } ig_student_kind;

/** Values of the key `data`; the first three in the order of ig_reference_policy. */
typedef enum ig_gathering {
    IG_GATHER_SINUSOID,
    IG_GATHER_UNIFORM,
    IG_GATHER_TANH_FEEDBACK,
    IG_GATHER_BALL
} ig_gathering;

/** What a budget buys: whole numbers, at least one of each. */
typedef struct ig_purchased {
    double label_cost; /**< price of a label; a transition costs 1 */
    size_t n_dyn, n_rew;
    double spent;
} ig_purchased;

/** The parameters of one task, read from the grid point once. */
typedef struct ig_imagination {
    const ig_task *task; /**< whose parameters they are; NULL before it runs */
    ig_environment environment;
    ig_student_kind students;
    ig_gathering data;
    ig_teacher_gain gain;
    ig_squash squash;
    int state, action, hidden;
    double gamma, split, budget, cost_ratio, label_noise, half_price, price_power;
    size_t horizon;
    ig_purchased purchased;
    size_t holdout;
    int episode_length;
    double keep_fraction, radius, transition_noise;
    ig_train_options train;
    double updates; /**< least number of updates of a student */
    double lqg_gain, ridge;
    ig_known_control known;
    int policy_hidden;
    double std, start;
    ig_policy_train_options improve;
    size_t evaluations;
    bool mean_action;
    double step; /**< of the sensitivities, as are the next two */
    size_t directions, probes;
    ig_allocation_problem laws; /**< of networks; weights unset */
} ig_imagination;

ig_imagination ig_imagination_of(const ig_point *point);

/** N_dyn = split * budget and N_rew = (1 - split) * budget / label cost, rounded down (rounding
 *  errors aside), at least 1. A label with noise of standard deviation sigma costs
 *  cost_ratio / (1 + (sigma / half_price)^2)^power. */
ig_purchased ig_imagination_purchase(const ig_imagination *q);

/** The laws of the errors in root-mean-square norm, with the prices: those of the keys for
 * networks; for least squares what linear regression theory says, A_d = noise sqrt(d_s (d_s +
 * d_a)), A_r = noise sqrt(coefficients), alpha = beta = 1/2. Errors without noise count as noise
 * 1e-6. */
ig_allocation_problem ig_imagination_laws(const ig_imagination *q);

/** Floats from row to row of a pool. */
size_t ig_imagination_stride(const ig_imagination *q);

/** Passes over `n` samples: train.epochs, or more for train.updates. */
double ig_imagination_epochs(const ig_imagination *q, size_t n);

/** The true MDP. Owns what it points to: ig_truth_clear releases. Must stay where it is. */
typedef struct ig_truth {
    ig_teacher teacher;
    ig_regulator regulator;
    ig_lqg_world lqg;
    ig_known_control known;
    ig_world world; /**< to act in */
} ig_truth;
/** To be cleared whatever is returned. */
ig_status ig_truth_init(const ig_imagination *q, ig_truth *truth, ig_error *error);
void ig_truth_clear(ig_truth *truth);

/** A pool of `n` rows [s, a, s', r] without noise from `stream`; the caller's to free. */
ig_status ig_truth_gather(const ig_imagination *q, const ig_truth *truth, ig_stream stream,
                          size_t n, float **rows, ig_error *error);

/** Errors of a learned world: of the next state in Euclidean norm, of the reward. */
typedef struct ig_world_errors {
    double dynamics_rms, dynamics_max;
    double reward_rms, reward_max, reward_bias; /**< bias: mean of learned minus true */
} ig_world_errors;

/** The learned MDP. As ig_truth. */
typedef struct ig_learned {
    float *dynamics, *reward; /**< parameters of networks */
    ig_regulator regulator;
    ig_lqg_world lqg;
    ig_world world;
    float *s, *a; /**< held-out states and the actions that entered the truth */
    ig_world_errors holdout;
} ig_learned;
/** Buy, learn, and measure on held-out transitions. IG_ERR_NUMERIC for a student that diverges. To
 * be cleared whatever is returned. */
ig_status ig_learned_init(const ig_imagination *q, const ig_truth *truth, ig_learned *learned,
                          ig_error *error);
void ig_learned_clear(ig_learned *learned);

/** Compare two worlds at `n` >= 1 states (n x S) and actions (n x A). IG_ERR_MEMORY,
 * IG_ERR_STOPPED. */
ig_status ig_worlds_compare(const ig_world *truth, const ig_world *learned, size_t n,
                            const float *s, const float *a, const ig_yield *yield,
                            ig_world_errors *errors, ig_error *error);

/** Mean return of `policy` over the evaluation's trajectories, which are left in `trajectories`:
 * the same starts (and noise) for every policy and world. IG_ERR_NUMERIC where it is not finite;
 * `where` names the world in the message. */
ig_status ig_imagination_evaluate(const ig_imagination *q, const ig_gaussian *policy,
                                  const ig_world *world, const char *where,
                                  ig_trajectories *trajectories, double *J, ig_error *error);

/** What Theorem 1 makes of two kinds of weights. */
typedef struct ig_prediction {
    ig_lipschitz lipschitz;
    double bound;           /**< finite-horizon Lemma 1 */
    double weight_ratio;    /**< C_d / C_r */
    double s_f, s_r, check; /**< realized sensitivities, the worse of their step checks */
    double split_bound, split_realized; /**< predicted shares of the budget for transitions */
} ig_prediction;

/** Bounds and weights above 10^300, near the largest double, count as that. */
enum { IG_BOUND_CUT = 300 };
#define IG_TINY 1e-300 /**< stands for zero in logarithms and ratios */

/** What a task has found when theory is asked. */
typedef struct ig_imagined {
    const ig_imagination *q;
    const ig_truth *truth;
    const ig_learned *learned;
    const ig_gaussian *policy;       /**< trained in imagination */
    const ig_gaussian *reference;    /**< whose sensitivities are measured */
    const ig_world_errors *imagined; /**< on the policy's imagined rollouts, for the bound */
    double reach;                    /**< largest ||(s, a)|| of its rollouts */
} ig_imagined;

/** Sensitivities are means over random perturbations of root-mean-square size 1 over the data:
 * plane waves (env/world.h) for networks, random matrices for least squares.
 * IG_ERR_NUMERIC where the return does not respond. */
ig_status ig_imagination_predict(const ig_imagined *outcome, ig_prediction *prediction,
                                 ig_error *error);

/** Lipschitz constants of the truth in the paper's norm: products of spectral norms for networks;
 * for quadratic rewards those of the ball ||(s, a)|| <= `reach`. L_pi is the policy's. */
ig_status ig_imagination_lipschitz(const ig_imagination *q, const ig_truth *truth, double reach,
                                   const ig_gaussian *policy, ig_lipschitz *lipschitz,
                                   ig_error *error);

/** What the experiment's struct points to. */
ig_status ig_imagination_run(const ig_task *task, const ig_row *row, ig_error *error);

#endif
