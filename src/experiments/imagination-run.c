/** One task of `imagination`: learn a world, train a policy in it, and see what it is worth. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/imagination.h"

/** The policies of a task. All begin at `start`, a random draw. */
typedef struct policies {
    ig_gaussian start, zero, imagined, trained;
    float *numbers; /**< parameters of all four, owned */
} policies;

static ig_status policies_init(const ig_task *task, const ig_imagination *q, policies *p,
                               ig_error *error)
{
    ig_gaussian *const all[] = {&p->start, &p->zero, &p->imagined, &p->trained};
    const ig_gaussian form = {q->state, q->policy_hidden, q->action, (float)q->std, NULL};
    const size_t n = ig_gaussian_size(&form);
    p->numbers = calloc(4 * n, sizeof *p->numbers);
    if (!p->numbers) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for policies");
    }
    for (size_t i = 0; i < 4; i++) {
        *all[i] = form;
        all[i]->parameters = p->numbers + i * n;
    }
    ig_rng rng = ig_rng_start(task->key, IG_STREAM_INIT, 2);
    ig_mlp_init_linear(ig_gaussian_shape(&form), &rng, p->start.parameters);
    for (size_t i = 0; i < n; i++) {
        p->start.parameters[i] *= (float)q->start;
    }
    memcpy(p->imagined.parameters, p->start.parameters, n * sizeof *p->numbers);
    memcpy(p->trained.parameters, p->start.parameters, n * sizeof *p->numbers);
    return IG_OK;
}

/** Train in a world; both trainings of a task draw the same numbers. */
static ig_status improve(const ig_task *task, const ig_imagination *q, const ig_world *world,
                         const char *where, ig_gaussian *policy, float *curve, ig_error *error)
{
    ig_policy_train_options options = q->improve;
    const size_t n = (size_t)options.iterations;
    double *means = malloc(n * sizeof *means);
    if (!means) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a curve");
    }
    options.isa = task->isa;
    ig_status status =
        ig_policy_train(&options, world, task->key, policy, means, task->yield, error);
    for (size_t i = 0; !status && i < n; i++) {
        curve[i] = (float)means[i];
    }
    free(means);
    if (status) {
        ig_error_context(error, "policy training in %s", where);
    }
    return status;
}

/** Numbers of the row beside those of the students. */
typedef struct findings {
    double imagined, in_truth, trained, start, zero, optimum;
    bool optimum_known;
    ig_world_errors own, dreamt; /**< on the imagined policy's true and imagined rollouts */
    double reach;
    ig_foresight foresight;
} findings;

/** What the policy trained in imagination is worth, and how wrong the students are where it goes.
 */
static ig_status judge_imagined(const ig_task *task, const ig_imagination *q, const ig_truth *truth,
                                const ig_learned *learned, const policies *p, ig_trajectories *t,
                                findings *f, ig_error *error)
{
    const size_t n = t->n * t->steps;
    ig_status status = ig_imagination_judge(task, q, &p->imagined, &learned->world,
                                            "the policy in imagination", t, &f->imagined, error);
    if (!status) {
        f->reach = ig_imagination_reach(t);
        status = ig_worlds_compare(&truth->world, &learned->world, n, t->states, t->actions,
                                   task->yield, &f->dreamt, error);
    }
    if (!status) {
        status = ig_imagination_judge(task, q, &p->imagined, &truth->world,
                                      "the imagined policy in the truth", t, &f->in_truth, error);
    }
    if (!status) {
        f->reach = fmax(f->reach, ig_imagination_reach(t));
        status = ig_worlds_compare(&truth->world, &learned->world, n, t->states, t->actions,
                                   task->yield, &f->own, error);
    }
    return status;
}

/** The policies to compare with. */
static ig_status judge_references(const ig_task *task, const ig_imagination *q,
                                  const ig_truth *truth, const policies *p, ig_trajectories *t,
                                  findings *f, ig_error *error)
{
    const struct {
        const ig_gaussian *policy;
        const char *where;
        double *J;
    } all[] = {
        {&p->trained, "the policy trained in the truth", &f->trained},
        {&p->start, "the random policy in the truth", &f->start},
        {&p->zero, "the zero policy in the truth", &f->zero},
    };
    ig_status status = IG_OK;
    for (size_t i = 0; i < sizeof all / sizeof *all && !status; i++) {
        status = ig_imagination_judge(task, q, all[i].policy, &truth->world, all[i].where, t,
                                      all[i].J, error);
    }
    f->optimum = f->trained;
    return status ? status : ig_truth_optimum(q, truth, t, &f->optimum_known, &f->optimum, error);
}

static ig_status find(const ig_task *task, const ig_imagination *q, const ig_truth *truth,
                      const ig_learned *learned, policies *p, const ig_row *row, findings *f,
                      ig_error *error)
{
    ig_trajectories t = {0};
    ig_status status = improve(task, q, &learned->world, "imagination", &p->imagined,
                               ig_row_f32(row, "imagined_curve"), error);
    if (!status) {
        status = improve(task, q, &truth->world, "the truth", &p->trained,
                         ig_row_f32(row, "true_curve"), error);
    }
    if (!status) {
        status = ig_trajectories_init(q->evaluations, q->horizon, q->state, q->action, &t, error);
    }
    if (!status) {
        status = judge_imagined(task, q, truth, learned, p, &t, f, error);
    }
    if (!status) {
        status = judge_references(task, q, truth, p, &t, f, error);
    }
    ig_trajectories_clear(&t);
    if (!status) {
        const ig_imagined outcome = {.task = task,
                                     .q = q,
                                     .truth = truth,
                                     .learned = learned,
                                     .policy = &p->imagined,
                                     .reference = &p->trained,
                                     .imagined = &f->dreamt,
                                     .reach = f->reach};
        status = ig_imagination_foresee(&outcome, &f->foresight, error);
    }
    return status;
}

static void set_students(const ig_row *row, const ig_imagination *q, const ig_learned *learned,
                         const findings *f)
{
    ig_row_set(row, "n_dyn", (double)q->purchased.n_dyn);
    ig_row_set(row, "n_rew", (double)q->purchased.n_rew);
    ig_row_set(row, "label_cost", q->purchased.label_cost);
    ig_row_set(row, "spent", q->purchased.spent);
    ig_row_set(row, "dynamics_error", learned->holdout.dynamics_rms);
    ig_row_set(row, "dynamics_error_own", f->own.dynamics_rms);
    ig_row_set(row, "dynamics_error_most", f->dreamt.dynamics_most);
    ig_row_set(row, "reward_error", learned->holdout.reward_rms);
    ig_row_set(row, "reward_error_own", f->own.reward_rms);
    ig_row_set(row, "reward_error_most", f->dreamt.reward_most);
    ig_row_set(row, "reward_bias", f->own.reward_bias);
    ig_row_set(row, "reward_bias_imagined", f->dreamt.reward_bias);
}

static void set_returns(const ig_row *row, const findings *f)
{
    const double regret = f->trained - f->in_truth, learned = f->trained - f->start;
    ig_row_set(row, "imagined_return", f->imagined);
    ig_row_set(row, "true_return", f->in_truth);
    ig_row_set(row, "gap", f->imagined - f->in_truth);
    ig_row_set(row, "gap_size", fabs(f->imagined - f->in_truth));
    ig_row_set(row, "trained_return", f->trained);
    ig_row_set(row, "random_return", f->start);
    ig_row_set(row, "zero_return", f->zero);
    ig_row_set(row, "optimum_return", f->optimum);
    ig_row_set(row, "optimum_known", f->optimum_known);
    ig_row_set(row, "regret", regret);
    ig_row_set(row, "regret_normalised", regret / learned);
    ig_row_set(row, "regret_relative", regret / fabs(f->trained));
    ig_row_set(row, "regret_optimum", f->optimum - f->in_truth);
}

static void set_foresight(const ig_row *row, const ig_foresight *f)
{
    ig_row_set(row, "L_f", f->lipschitz.dynamics);
    ig_row_set(row, "L_r", f->lipschitz.reward);
    ig_row_set(row, "L_pi", f->lipschitz.policy);
    ig_row_set(row, "bound_log10", log10(fmax(f->bound, 1e-300)));
    ig_row_set(row, "weight_ratio_log10", log10(fmax(f->weight_ratio, 1e-300)));
    ig_row_set(row, "S_f", f->s_f);
    ig_row_set(row, "S_r", f->s_r);
    ig_row_set(row, "step_check", f->check);
    ig_row_set(row, "split_bound", f->split_bound);
    ig_row_set(row, "split_realized", f->split_realized);
}

ig_status ig_imagination_run(const ig_task *task, const ig_row *row, ig_error *error)
{
    const ig_imagination q = ig_imagination_of(&task->point);
    ig_truth truth = {0};
    ig_learned learned = {0};
    policies p = {0};
    findings f = {0};
    ig_status status = ig_truth_init(task, &q, &truth, error);
    if (!status) {
        status = ig_learned_init(task, &q, &truth, &learned, error);
    }
    if (!status) {
        status = policies_init(task, &q, &p, error);
    }
    if (!status) {
        status = find(task, &q, &truth, &learned, &p, row, &f, error);
    }
    if (!status) {
        set_students(row, &q, &learned, &f);
        set_returns(row, &f);
        set_foresight(row, &f.foresight);
    }
    free(p.numbers);
    ig_learned_clear(&learned);
    ig_truth_clear(&truth);
    return status;
}
