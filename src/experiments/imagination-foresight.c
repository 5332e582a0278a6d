/** What theory says before the money is spent: Lemma 1's bound, sensitivities, and the divisions of
 *  the budget that Theorem 1 makes of them. */
#include <math.h>
#include <stdlib.h>

#include "env/perturbed-world.h"
#include "experiments/imagination.h"
#include "theory/realized.h"

/** The reference policy's return in perturbed worlds. */
typedef struct probe {
    const ig_task *task;
    const ig_imagination *q;
    const ig_truth *truth;
    const ig_gaussian *policy;
    ig_trajectories trajectories;
    bool dynamics; /**< which of the two is perturbed */
    double J;      /**< unperturbed */
    ig_status status;
    ig_error *error;
} probe;

/** Mean over the directions of |J(perturbed) - J|. */
static double gap(double size, void *context)
{
    probe *p = context;
    double sum = 0;
    for (size_t i = 0; i < p->q->directions && !p->status; i++) {
        ig_rng rng = ig_rng_start(p->task->key, IG_STREAM_INIT, 3 + i);
        ig_perturbed_world memory;
        ig_world world;
        double J = 0;
        ig_perturbed_world_init(&p->truth->world, &rng, &memory, &world);
        *(p->dynamics ? &memory.dyn : &memory.rew) = (float)size;
        p->status = ig_imagination_judge(p->task, p->q, p->policy, &world, "a perturbed world",
                                         &p->trajectories, &J, p->error);
        sum += fabs(J - p->J);
    }
    return sum / (double)p->q->directions;
}

static ig_status find_sensitivities(probe *p, ig_foresight *f, ig_error *error)
{
    const ig_response response = {gap, p};
    double check_f = 0, check_r = 0;
    ig_status status = ig_imagination_judge(p->task, p->q, p->policy, &p->truth->world, "the truth",
                                            &p->trajectories, &p->J, error);
    p->dynamics = true;
    if (!status) {
        status = ig_sensitivity(&response, p->q->step, &f->s_f, &check_f, error);
    }
    p->dynamics = false;
    if (!status && !p->status) {
        status = ig_sensitivity(&response, p->q->step, &f->s_r, &check_r, error);
    }
    f->check = fmax(check_f, check_r);
    return p->status ? p->status : status;
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

ig_status ig_imagination_foresee(const ig_task *task, const ig_imagination *q,
                                 const ig_truth *truth, const ig_gaussian *policy,
                                 const ig_gaussian *reference, const ig_world_errors *imagined,
                                 double reach, ig_foresight *foresight, ig_error *error)
{
    ig_foresight f = {0};
    probe p = {.task = task, .q = q, .truth = truth, .policy = reference, .error = error};
    ig_status status =
        ig_trajectories_init(q->probes, q->horizon, q->state, q->action, &p.trajectories, error);
    if (!status) {
        status = find_sensitivities(&p, &f, error);
    }
    ig_trajectories_clear(&p.trajectories);
    if (!status) {
        status = ig_imagination_lipschitz(q, truth, reach, policy, &f.lipschitz, error);
    }
    if (!status) {
        status = find_bound(q, imagined, &f, error);
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
