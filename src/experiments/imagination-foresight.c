/** What theory says, told what no buyer knows (the true MDP and a policy trained in it): Lemma 1's
 *  bound, sensitivities, and the divisions of the budget that Theorem 1 makes of them. */
#include <math.h>
#include <stdlib.h>

#include "env/world.h"
#include "experiments/imagination.h"
#include "theory/realized.h"

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

static void add(double *sum, const double *numbers, size_t n, double factor)
{
    for (size_t i = 0; i < n; i++) {
        sum[i] += factor * numbers[i];
    }
}

/** The truth's matrices off by those of a random difference. */
static void off_by(const ig_regulator *truth, const ig_lqg_model *d, double dyn, double rew,
                   perturbed *p)
{
    const size_t n = truth->state, m = truth->action;
    ig_regulator r = *truth;
    add(r.model.a, d->a, n * n, dyn);
    add(r.model.b, d->b, n * m, dyn);
    add(r.model.q, d->q, n * n, rew);
    add(r.model.r, d->r, m * m, rew);
    ig_lqg_world_init(&r, &p->quadratic, &p->world);
}

/** Matrices drawn in a sup norm are scaled to root-mean-square 1 over the held-out data. */
static ig_status perturb_matrices(const ig_imagined *k, ig_rng *rng, double dyn, double rew,
                                  perturbed *p, ig_error *error)
{
    const ig_regulator *truth = &k->truth->regulator;
    ig_lqg_model d;
    ig_world_errors unit = {0};
    ig_status status = ig_lqg_draw_unit(truth->state, truth->action, 1, rng, &d, error);
    if (!status) {
        off_by(truth, &d, 1, 1, p);
        status = ig_worlds_compare(&k->truth->world, &p->world, k->q->holdout, k->learned->s,
                                   k->learned->a, k->task->yield, &unit, error);
    }
    if (!status) {
        off_by(truth, &d, dyn / unit.dynamics_rms, rew / unit.reward_rms, p);
    }
    return status;
}

static ig_status perturb(const ig_imagined *k, uint64_t direction, double dyn, double rew,
                         perturbed *p, ig_error *error)
{
    ig_rng rng = ig_rng_start(k->task->key, IG_STREAM_INIT, 3 + direction);
    if (k->q->students == IG_STUDENT_LEAST_SQUARES) {
        return perturb_matrices(k, &rng, dyn, rew, p, error);
    }
    ig_status status = ig_perturbed_world_init(&k->truth->world, &rng, &p->wave, &p->world, error);
    p->wave.dyn = (float)dyn;
    p->wave.rew = (float)rew;
    return status;
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
            p->status = ig_imagination_judge(k->task, k->q, k->reference, &world.world,
                                             "a perturbed world", &p->trajectories, &J, &p->error);
        }
        sum += fabs(J - p->J);
    }
    return sum / (double)k->q->directions;
}

static ig_status find_sensitivities(probe *p, ig_foresight *f, ig_error *error)
{
    const ig_imagined *k = p->outcome;
    const ig_response response = {gap, p};
    double check_f = 0, check_r = 0;
    ig_status status = ig_imagination_judge(k->task, k->q, k->reference, &k->truth->world,
                                            "the truth", &p->trajectories, &p->J, error);
    p->dynamics = true;
    if (!status) {
        status = ig_sensitivity(&response, k->q->step, &f->s_f, &check_f, error);
    }
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
                            ig_foresight *f, ig_error *error)
{
    ig_coefficients c;
    double rewards = 0, weight = 1;
    for (size_t t = 0; t < q->horizon; t++) {
        rewards += weight;
        weight *= q->gamma;
    }
    ig_status status = ig_lemma1_finite(q->gamma, &f->lipschitz, q->horizon, &c, error);
    if (status == IG_ERR_NUMERIC) {
        c = (ig_coefficients){.reward = rewards, .dynamics = pow(10, IG_BOUND_CUT)};
        status = IG_OK;
    }
    if (!status) {
        f->bound =
            cut(c.reward * imagined->reward_most + cut(c.dynamics * imagined->dynamics_most));
        f->weight_ratio = cut(c.dynamics / c.reward);
    }
    return status;
}

static ig_status predict(const ig_imagination *q, double weight_dyn, double weight_rew,
                         double *split, ig_error *error)
{
    ig_allocation_problem problem = ig_imagination_laws(q);
    ig_allocation best;
    problem.dyn.weight = weight_dyn;
    problem.rew.weight = weight_rew;
    ig_status status = ig_allocation_solve(&problem, q->budget, &best, error);
    if (!status) {
        *split = best.share_dyn;
    }
    return status;
}

ig_status ig_imagination_foresee(const ig_imagined *outcome, ig_foresight *foresight,
                                 ig_error *error)
{
    const ig_imagination *q = outcome->q;
    ig_foresight f = {0};
    probe p = {.outcome = outcome};
    ig_status status =
        ig_trajectories_init(q->probes, q->horizon, q->state, q->action, &p.trajectories, error);
    if (!status) {
        status = find_sensitivities(&p, &f, error);
    }
    ig_trajectories_clear(&p.trajectories);
    if (!status) {
        status = ig_imagination_lipschitz(q, outcome->truth, outcome->reach, outcome->policy,
                                          &f.lipschitz, error);
    }
    if (!status) {
        status = find_bound(q, outcome->imagined, &f, error);
    }
    if (!status) {
        /* A bound that does not respond to the dynamics buys labels alone. */
        status = predict(q, fmax(f.weight_ratio, 1e-300), 1, &f.split_bound, error);
    }
    if (!status) {
        status = predict(q, f.s_f, f.s_r, &f.split_realized, error);
    }
    if (!status) {
        *foresight = f;
    }
    return status;
}
