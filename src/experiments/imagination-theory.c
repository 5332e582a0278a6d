/** What theory says of a task of `imagination`, given what no buyer knows (the true MDP and a
 * policy trained in it): Lipschitz constants, Lemma 1's bound, sensitivities, and the divisions of
 * the budget that Theorem 1 makes of them. */
#include <math.h>
#include <stdlib.h>

#include "base/linear.h"
#include "base/try.h"
#include "env/world.h"
#include "experiments/imagination.h"
#include "theory/theory.h"

/** Spectral norm of columns first ... first + count - 1 of a float matrix. */
static ig_status norm_of(const float *matrix, size_t rows, size_t width, size_t first, size_t count,
                         double *norm, ig_error *error)
{
    AUTO_FREE double *copy = NULL;
    TRY(IG_ALLOC(copy, rows * count, error));
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < count; j++) {
            copy[i * count + j] = (double)matrix[i * width + first + j];
        }
    }
    return ig_spectral_norm(copy, rows, count, norm, error);
}

/** ||W2|| times the larger norm of W1's part for the state and for the action, `state` of the
 * inputs being the state; tanh and ReLU are 1-Lipschitz. With all inputs the state: of a map of it
 * alone. */
static ig_status network(const float *parameters, ig_mlp_shape shape, size_t state,
                         double *lipschitz, ig_error *error)
{
    const size_t inputs = (size_t)shape.inputs, hidden = (size_t)shape.hidden;
    const size_t first = (size_t)(hidden ? shape.hidden : shape.outputs);
    double of_state = 0, of_action = 0, second = 1;
    TRY(norm_of(parameters, first, inputs, 0, state, &of_state, error));
    if (inputs > state) {
        TRY(norm_of(parameters, first, inputs, state, inputs - state, &of_action, error));
    }
    if (hidden) {
        TRY(norm_of(parameters + hidden * (inputs + 1), (size_t)shape.outputs, hidden, 0, hidden,
                    &second, error));
    }
    *lipschitz = second * fmax(of_state, of_action);
    return IG_OK;
}

static ig_status of_teacher(const ig_imagination *q, const ig_teacher *t, ig_lipschitz *l,
                            ig_error *error)
{
    const int inputs = q->state + q->action;
    const size_t state = (size_t)q->state;
    TRY(network(t->dynamics, (ig_mlp_shape){inputs, q->hidden, q->state}, state, &l->dynamics,
                error));
    TRY(network(t->reward, (ig_mlp_shape){inputs, q->hidden, 1}, state, &l->reward, error));
    l->reward /= sqrt(q->hidden);
    return IG_OK;
}

/** On the ball the reward's gradient is at most 2 reach max(||Q||, ||R||) long. */
static ig_status of_regulator(const ig_regulator *r, double reach, ig_lipschitz *l, ig_error *error)
{
    double a = 0, b = 0, of_state = 0, of_action = 0;
    TRY(ig_spectral_norm(r->model.a, r->state, r->state, &a, error));
    TRY(ig_spectral_norm(r->model.b, r->state, r->action, &b, error));
    TRY(ig_spectral_norm(r->model.q, r->state, r->state, &of_state, error));
    TRY(ig_spectral_norm(r->model.r, r->action, r->action, &of_action, error));
    l->dynamics = fmax(a, b);
    l->reward = 2 * reach * fmax(of_state, of_action);
    return IG_OK;
}

/** |dr/ds| <= |V'|(1 + gamma |L_f|) + weight |gain| |a + gain s| and |dr/da| <= gamma |V'| +
 *  weight |a + gain s|, where |s|, |s'| and |a| are at most `reach`. */
static void of_known(const ig_known_control *k, double reach, ig_lipschitz *l)
{
    const double scale = (double)k->scale, gain = fabs((double)k->gain);
    const double slope = fabs((double)k->slope), gamma = (double)k->gamma;
    const double steepest = k->shape == IG_VALUE_QUADRATIC ? 2 * scale * scale * reach : scale;
    const double off = (double)k->weight * (1 + gain) * reach;
    l->dynamics = fmax(slope, 1);
    l->reward = fmax(steepest * (1 + gamma * slope) + gain * off, gamma * steepest + off);
}

ig_status ig_imagination_lipschitz(const ig_imagination *q, const ig_truth *truth, double reach,
                                   const ig_gaussian *policy, ig_lipschitz *lipschitz,
                                   ig_error *error)
{
    ig_lipschitz l = {0};
    switch (q->environment) {
    case IG_ENVIRONMENT_TEACHER:
        TRY(of_teacher(q, &truth->teacher, &l, error));
        break;
    case IG_ENVIRONMENT_LQG:
        TRY(of_regulator(&truth->regulator, reach, &l, error));
        break;
    case IG_ENVIRONMENT_KNOWN_VALUE:
        of_known(&truth->known, reach, &l);
        break;
    }
    TRY(network(policy->parameters, ig_gaussian_shape(policy), (size_t)policy->state, &l.policy,
                error));
    *lipschitz = l;
    return IG_OK;
}

/** The reference policy's return in perturbed worlds. */
typedef struct probe {
    const ig_imagined *outcome;
    ig_trajectories trajectories;
    bool dynamics;    /**< which of the two is perturbed */
    double J;         /**< unperturbed */
    ig_status status; /**< why a gap could not be measured, with `error` */
    ig_error error;
} probe;

/** A perturbed world and what it is made of. */
typedef struct perturbed {
    ig_world world;
    ig_perturbed_world wave;
    ig_lqg_world quadratic;
} perturbed;

static void probe_clear(probe *p)
{
    ig_trajectories_clear(&p->trajectories);
}

/** The truth's matrices off by those of a random difference. */
static void off_by(const ig_regulator *truth, const ig_lqg_model *d, double dyn, double rew,
                   perturbed *p)
{
    ig_regulator r = *truth;
    ig_lqg_add(&r.model, r.state, r.action, d, dyn, d, rew);
    ig_lqg_world_init(&r, &p->quadratic, &p->world);
}

/** Matrices drawn in a sup norm are scaled to root-mean-square 1 over the held-out data. */
static ig_status perturb_matrices(const ig_imagined *k, ig_rng *rng, double dyn, double rew,
                                  perturbed *p, ig_error *error)
{
    const ig_regulator *truth = &k->truth->regulator;
    ig_lqg_model d;
    ig_world_errors unit = {0};
    TRY(ig_lqg_draw_unit(truth->state, truth->action, 1, rng, &d, error));
    off_by(truth, &d, 1, 1, p);
    TRY(ig_worlds_compare(&k->truth->world, &p->world, k->q->holdout, k->learned->s, k->learned->a,
                          k->q->task->yield, &unit, error));
    off_by(truth, &d, dyn / unit.dynamics_rms, rew / unit.reward_rms, p);
    return IG_OK;
}

static ig_status perturb(const ig_imagined *k, uint64_t direction, double dyn, double rew,
                         perturbed *p, ig_error *error)
{
    ig_rng rng = ig_rng_start(k->q->task->key, IG_STREAM_INIT, 3 + direction);
    if (k->q->students == IG_STUDENT_LEAST_SQUARES) {
        return perturb_matrices(k, &rng, dyn, rew, p, error);
    }
    TRY(ig_perturbed_world_init(&k->truth->world, &rng, &p->wave, &p->world, error));
    p->wave.dyn = (float)dyn;
    p->wave.rew = (float)rew;
    return IG_OK;
}

/** Mean over the directions of |J(perturbed) - J|. */
static double gap(double size, void *context)
{
    probe *p = context;
    const ig_imagined *k = p->outcome;
    double sum = 0;
    for (size_t i = 0; i < k->q->directions && !p->status; i++) {
        perturbed world;
        double J = 0;
        p->status =
            perturb(k, i, p->dynamics ? size : 0, p->dynamics ? 0 : size, &world, &p->error);
        if (!p->status) {
            p->status =
                ig_imagination_evaluate(k->q, k->reference, &world.world, "a perturbed world",
                                        &p->trajectories, &J, &p->error);
        }
        sum += fabs(J - p->J);
    }
    return sum / (double)k->q->directions;
}

static ig_status find_sensitivities(probe *p, ig_prediction *f, ig_error *error)
{
    const ig_imagined *k = p->outcome;
    const ig_response response = {gap, p};
    double check_f = 0, check_r = 0;
    TRY(ig_imagination_evaluate(k->q, k->reference, &k->truth->world, "the truth", &p->trajectories,
                                &p->J, error));
    p->dynamics = true;
    ig_status status = ig_sensitivity(&response, k->q->step, &f->s_f, &check_f, error);
    p->dynamics = false;
    if (!status && !p->status) {
        status = ig_sensitivity(&response, k->q->step, &f->s_r, &check_r, error);
    }
    f->check = fmax(check_f, check_r);
    if (p->status) {
        return ig_error_set(error, p->status, "%s", p->error.text);
    }
    return status;
}

/** Numbers beyond 10^IG_BOUND_CUT count as that: they say the same. */
static double cut(double number)
{
    return fmin(number, pow(10, IG_BOUND_CUT));
}

static ig_status find_bound(const ig_imagination *q, const ig_world_errors *imagined,
                            ig_prediction *f, ig_error *error)
{
    ig_coefficients c;
    double rewards = 0, weight = 1;
    for (size_t t = 0; t < q->horizon; t++) {
        rewards += weight;
        weight *= q->gamma;
    }
    const ig_status status = ig_lemma1_finite(q->gamma, &f->lipschitz, q->horizon, &c, error);
    if (status == IG_ERR_NUMERIC) {
        c = (ig_coefficients){.reward = rewards, .dynamics = pow(10, IG_BOUND_CUT)};
    } else {
        TRY(status);
    }
    f->bound = cut(c.reward * imagined->reward_max + cut(c.dynamics * imagined->dynamics_max));
    f->weight_ratio = cut(c.dynamics / c.reward);
    return IG_OK;
}

static ig_status predict(const ig_imagination *q, double weight_dyn, double weight_rew,
                         double *split, ig_error *error)
{
    ig_allocation_problem problem = ig_imagination_laws(q);
    ig_allocation best;
    problem.dyn.weight = weight_dyn;
    problem.rew.weight = weight_rew;
    TRY(ig_allocation_solve(&problem, q->budget, &best, error));
    *split = best.share_dyn;
    return IG_OK;
}

ig_status ig_imagination_predict(const ig_imagined *outcome, ig_prediction *prediction,
                                 ig_error *error)
{
    const ig_imagination *q = outcome->q;
    ig_prediction f = {0};
    AUTO(probe_clear) probe p = {.outcome = outcome};
    TRY(ig_trajectories_init(q->probes, q->horizon, q->state, q->action, &p.trajectories, error));
    TRY(find_sensitivities(&p, &f, error));
    TRY(ig_imagination_lipschitz(q, outcome->truth, outcome->reach, outcome->policy, &f.lipschitz,
                                 error));
    TRY(find_bound(q, outcome->imagined, &f, error));
    /* A bound that does not respond to the dynamics buys labels alone. */
    TRY(predict(q, fmax(f.weight_ratio, IG_TINY), 1, &f.split_bound, error));
    TRY(predict(q, f.s_f, f.s_r, &f.split_realized, error));
    *prediction = f;
    return IG_OK;
}
