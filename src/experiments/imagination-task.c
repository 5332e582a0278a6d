/** One task of `imagination`: the true MDP and data from it, students that learn a world, policies
 *  trained in both, and what they are worth. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "env/world.h"
#include "experiments/imagination.h"
#include "nn/mlp.h"

ig_status ig_truth_init(const ig_imagination *q, ig_truth *truth, ig_error *error)
{
    memset(truth, 0, sizeof *truth);
    switch (q->environment) {
    case IG_ENVIRONMENT_TEACHER:
        TRY(ig_teacher_init(q->state, q->action, q->hidden, q->task->key, &truth->teacher, error));
        ig_teacher_apply_gain(&truth->teacher, q->gain);
        TRY(ig_world_teacher(q->task->isa, &truth->teacher, q->squash, &truth->world, error));
        break;
    case IG_ENVIRONMENT_LQG:
        TRY(ig_regulator_draw((size_t)q->state, (size_t)q->action, q->gamma, q->lqg_gain,
                              q->task->key, &truth->regulator, error));
        ig_lqg_world_init(&truth->regulator, &truth->lqg, &truth->world);
        break;
    case IG_ENVIRONMENT_KNOWN_VALUE:
        truth->known = q->known;
        ig_known_control_world(&truth->known, &truth->world);
        break;
    }
    return IG_OK;
}

void ig_truth_clear(ig_truth *truth)
{
    ig_world_clear(&truth->world);
    ig_teacher_clear(&truth->teacher);
}

ig_status ig_truth_gather(const ig_imagination *q, const ig_truth *truth, ig_stream stream,
                          size_t n, float **rows, ig_error *error)
{
    const size_t stride = ig_imagination_stride(q);
    AUTO_FREE float *gathered = NULL;
    TRY(ig_floats(n * stride, &gathered, error));
    const ig_pool_rows pool = {n, stride, gathered};
    if (q->environment == IG_ENVIRONMENT_TEACHER) {
        const ig_rollout_options options = {.policy = (ig_reference_policy)q->data,
                                            .episode_length = q->episode_length,
                                            .keep_fraction = q->keep_fraction,
                                            .isa = q->task->isa};
        TRY(ig_rollout_transitions(&truth->teacher, &options, q->task->key, stream, n, stride,
                                   gathered, q->task->yield, error));
    } else if (q->data == IG_GATHER_BALL) {
        TRY(ig_gather_ball(&truth->world, q->radius, q->task->key, stream, &pool, q->task->yield,
                           error));
    } else {
        TRY(ig_gather_episodes(&truth->world, q->episode_length, q->keep_fraction, q->task->key,
                               stream, &pool, q->task->yield, error));
    }
    *rows = ig_take(&gathered);
    return IG_OK;
}

/** Mean optimal return of the trajectories' starts, where it is known: for lqg that of all
 *  policies, for a solved known_value ig_known_control_return, which is short of it by gamma^H
 *  V(s_H) at most. Otherwise *known is false and *J untouched. IG_ERR_MEMORY. */
static ig_status find_optimum(const ig_imagination *q, const ig_truth *truth,
                              const ig_trajectories *trajectories, bool *known, double *J,
                              ig_error *error)
{
    double p[IG_LQG_STATE * IG_LQG_STATE] = {0}, k[IG_LQG_ACTION * IG_LQG_STATE], sum = 0;
    const size_t n = (size_t)q->state;
    const bool lqg = q->environment == IG_ENVIRONMENT_LQG;
    *known = lqg || (q->environment == IG_ENVIRONMENT_KNOWN_VALUE &&
                     ig_known_control_is_solved(&truth->known));
    if (lqg) {
        ig_error trouble = {0};
        ig_status status = ig_riccati_finite(&truth->regulator, q->horizon, p, k, &trouble);
        if (status && status != IG_ERR_NUMERIC) {
            return ig_error_set(error, status, "%s", trouble.text);
        }
        /* Without a solution in doubles nothing is known. */
        *known = !status;
    }
    if (!*known) {
        return IG_OK;
    }
    for (size_t i = 0; i < trajectories->n; i++) {
        double s[IG_LQG_STATE] = {0};
        for (size_t j = 0; j < n; j++) {
            s[j] = (double)trajectories->states[i * n + j];
        }
        sum += lqg ? -ig_quadratic_form(p, s, n)
                   : ig_known_control_return(&truth->known, s[0], q->horizon);
    }
    *J = sum / (double)trajectories->n;
    return IG_OK;
}

enum { BLOCK = 1024 }; /* samples between two calls of the hook: a millisecond of networks */

/* Evaluation trajectories lie beyond every episode of held-out data in the same stream. */
static const uint64_t evaluation = UINT64_C(1) << 40;

/** Sums over samples on their way to means and roots. */
typedef struct sums {
    double dynamics, reward, bias;
    ig_world_errors errors;
} sums;

/** What is not a number stays. */
static double larger(double largest, double number)
{
    return isnan(largest) || largest >= number ? largest : number;
}

static void add_sample(const float *true_next, const float *next, size_t state, double d_reward,
                       sums *to)
{
    double squares = 0;
    for (size_t i = 0; i < state; i++) {
        const double d = (double)next[i] - (double)true_next[i];
        squares += d * d;
    }
    to->dynamics += squares;
    to->reward += d_reward * d_reward;
    to->bias += d_reward;
    to->errors.dynamics_max = larger(to->errors.dynamics_max, squares);
    to->errors.reward_max = larger(to->errors.reward_max, fabs(d_reward));
}

/** Add the errors at n <= BLOCK samples; `next` has room for both worlds' states and rewards. */
static void add_block(const ig_world *truth, const ig_world *learned, size_t n, const float *s,
                      const float *a, float *next, sums *to)
{
    const size_t state = (size_t)truth->state;
    float *true_reward = next + n * state, *guess = true_reward + n, *reward = guess + n * state;
    truth->step(truth->context, n, s, a, next, true_reward);
    learned->step(learned->context, n, s, a, guess, reward);
    for (size_t i = 0; i < n; i++) {
        add_sample(next + i * state, guess + i * state, state,
                   (double)reward[i] - (double)true_reward[i], to);
    }
}

ig_status ig_worlds_compare(const ig_world *truth, const ig_world *learned, size_t n,
                            const float *s, const float *a, const ig_yield *yield,
                            ig_world_errors *errors, ig_error *error)
{
    const size_t state = (size_t)truth->state, action = (size_t)truth->action;
    AUTO_FREE float *next = NULL;
    sums to = {0};
    TRY(IG_ALLOC(next, (size_t)2 * BLOCK * (state + 1), error));
    for (size_t i = 0; i < n; i += BLOCK) {
        add_block(truth, learned, n - i < BLOCK ? n - i : BLOCK, s + i * state, a + i * action,
                  next, &to);
        TRY(ig_yield_or_stop(yield, error));
    }
    *errors = to.errors;
    errors->dynamics_max = sqrt(to.errors.dynamics_max);
    errors->dynamics_rms = sqrt(to.dynamics / (double)n);
    errors->reward_rms = sqrt(to.reward / (double)n);
    errors->reward_bias = to.bias / (double)n;
    return IG_OK;
}

static double mean_return(const ig_trajectories *t, double gamma)
{
    double sum = 0, weight = 1;
    for (size_t step = 0; step < t->steps; step++) {
        for (size_t k = 0; k < t->n; k++) {
            sum += weight * (double)t->rewards[step * t->n + k];
        }
        weight *= gamma;
    }
    return sum / (double)t->n;
}

ig_status ig_imagination_evaluate(const ig_imagination *q, const ig_gaussian *policy,
                                  const ig_world *world, const char *where,
                                  ig_trajectories *trajectories, double *J, ig_error *error)
{
    AUTO(ig_reinforce_destroy) ig_reinforce *reinforce = NULL;
    TRY(ig_reinforce_create(q->task->isa, policy, trajectories->n, trajectories->steps, &reinforce,
                            error));
    TRY(ig_reinforce_rollout(reinforce, policy, world, q->task->key, IG_STREAM_HOLDOUT, evaluation,
                             q->mean_action, trajectories, q->task->yield, error));
    *J = mean_return(trajectories, q->gamma);
    if (!isfinite(*J)) {
        return ig_error_set(error, IG_ERR_NUMERIC, "rollouts of %s diverge", where);
    }
    return IG_OK;
}

static double squares_of(const float *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += (double)x[i] * (double)x[i];
    }
    return sum;
}

/** Largest ||(s, a)|| of the trajectories. */
static double reach_of(const ig_trajectories *t)
{
    double largest = 0;
    for (size_t i = 0; i < (t->steps + 1) * t->n; i++) {
        double squares = squares_of(t->states + i * (size_t)t->state, t->state);
        if (i < t->steps * t->n) {
            squares += squares_of(t->actions + i * (size_t)t->action, t->action);
        }
        largest = fmax(largest, squares);
    }
    return sqrt(largest);
}

/** The rows that money buys: the first n_dyn count as transitions, the first n_rew as labels. */
static ig_status buy(const ig_imagination *q, const ig_truth *truth, float **rows, ig_error *error)
{
    const ig_purchased *b = &q->purchased;
    const size_t n = b->n_dyn > b->n_rew ? b->n_dyn : b->n_rew, state = (size_t)q->state;
    const size_t inputs = state + (size_t)q->action;
    TRY(ig_truth_gather(q, truth, IG_STREAM_DATA, n, rows, error));
    const ig_pool_rows pool = {n, ig_imagination_stride(q), *rows};
    ig_rng rng = ig_rng_start(q->task->key, IG_STREAM_NOISE, 0);
    ig_gather_noise(&pool, inputs, state, q->transition_noise, &rng);
    rng = ig_rng_start(q->task->key, IG_STREAM_NOISE, 1);
    ig_gather_noise(&pool, inputs + state, 1, q->label_noise, &rng);
    return IG_OK;
}

/** Train one network on n rows [inputs | outputs] that start at `rows`. */
static ig_status train(const ig_imagination *q, const float *rows, size_t n, size_t stride,
                       int outputs, uint64_t substream, float *parameters, ig_error *error)
{
    const int inputs = q->state + q->action;
    const double epochs = ig_imagination_epochs(q, n);
    const ig_samples pool = {rows, n, stride}, one = {rows, 1, stride};
    ig_train_options options = q->train;
    ig_head head = {.hidden = q->hidden, .outputs = outputs, .parameters = parameters};
    ig_rng rng = ig_rng_start(q->task->key, IG_STREAM_INIT, substream);
    ig_mlp_init_linear((ig_mlp_shape){inputs, q->hidden, outputs}, &rng, parameters);
    options.epochs = epochs < INT_MAX ? (int)epochs : INT_MAX;
    options.isa = q->task->isa;
    /* Held-out errors are measured once, after the training: here one row stands in for them. */
    return ig_train(&options, inputs, &pool, &one, &head, 1, q->task->key, q->task->yield, error);
}

/** Rows [s, a, r]: the label student's samples. */
static ig_status label_rows(const ig_imagination *q, const float *rows, size_t n, size_t stride,
                            float **labels, ig_error *error)
{
    const size_t inputs = (size_t)q->state + (size_t)q->action, from = ig_imagination_stride(q);
    TRY(ig_floats(n * stride, labels, error));
    for (size_t i = 0; i < n; i++) {
        float *row = *labels + i * stride;
        memcpy(row, rows + i * from, inputs * sizeof *row);
        row[inputs] = rows[i * from + inputs + (size_t)q->state];
    }
    return IG_OK;
}

static ig_status learn_networks(const ig_imagination *q, const float *rows, ig_learned *l,
                                ig_error *error)
{
    const int inputs = q->state + q->action;
    const ig_purchased *b = &q->purchased;
    const size_t stride = ((size_t)inputs + 1 + 15) / 16 * 16;
    AUTO_FREE float *labels = NULL;
    TRY(label_rows(q, rows, b->n_rew, stride, &labels, error));
    TRY(IG_ALLOC(l->dynamics, ig_mlp_size((ig_mlp_shape){inputs, q->hidden, q->state}), error));
    TRY(IG_ALLOC(l->reward, ig_mlp_size((ig_mlp_shape){inputs, q->hidden, 1}), error));
    TRY(train(q, rows, b->n_dyn, ig_imagination_stride(q), q->state, 0, l->dynamics, error));
    return train(q, labels, b->n_rew, stride, 1, 1, l->reward, error);
}

static ig_status make_world(const ig_imagination *q, ig_squash squash, ig_learned *l,
                            ig_world *world, ig_error *error)
{
    if (q->students == IG_STUDENT_LEAST_SQUARES) {
        ig_lqg_world_init(&l->regulator, &l->lqg, world);
        return IG_OK;
    }
    const ig_student student = {q->state, q->action, q->hidden, q->hidden, l->dynamics, l->reward};
    return ig_world_student(q->task->isa, &student, squash, world, error);
}

/** States and actions of the rows, each one after the other. */
static void read_rows(const ig_imagination *q, const float *rows, size_t n, float *s, float *a)
{
    const size_t state = (size_t)q->state, action = (size_t)q->action;
    for (size_t i = 0; i < n; i++, rows += ig_imagination_stride(q)) {
        memcpy(s + i * state, rows, state * sizeof *s);
        memcpy(a + i * action, rows + state, action * sizeof *a);
    }
}

/** Errors on held-out rows, whose actions are those that entered the truth: neither world squashes
 *  them again. */
static ig_status measure(const ig_imagination *q, const ig_truth *truth, ig_learned *l,
                         ig_error *error)
{
    AUTO_FREE float *rows = NULL;
    AUTO(ig_world_clear) ig_world plain = {0}, plain_truth = {0};
    const bool teacher = q->environment == IG_ENVIRONMENT_TEACHER;
    TRY(ig_truth_gather(q, truth, IG_STREAM_HOLDOUT, q->holdout, &rows, error));
    TRY(IG_ALLOC(l->s, q->holdout * (size_t)q->state, error));
    TRY(IG_ALLOC(l->a, q->holdout * (size_t)q->action, error));
    read_rows(q, rows, q->holdout, l->s, l->a);
    TRY(make_world(q, IG_SQUASH_NONE, l, &plain, error));
    if (teacher) {
        TRY(ig_world_teacher(q->task->isa, &truth->teacher, IG_SQUASH_NONE, &plain_truth, error));
    }
    TRY(ig_worlds_compare(teacher ? &plain_truth : &truth->world, &plain, q->holdout, l->s, l->a,
                          q->task->yield, &l->holdout, error));
    if (!isfinite(l->holdout.dynamics_rms) || !isfinite(l->holdout.reward_rms)) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "a student diverged: held-out errors %g (dynamics) and %g (reward)",
                            l->holdout.dynamics_rms, l->holdout.reward_rms);
    }
    return IG_OK;
}

ig_status ig_learned_init(const ig_imagination *q, const ig_truth *truth, ig_learned *learned,
                          ig_error *error)
{
    const ig_squash squash = q->environment == IG_ENVIRONMENT_TEACHER ? q->squash : IG_SQUASH_NONE;
    AUTO_FREE float *rows = NULL;
    memset(learned, 0, sizeof *learned);
    TRY(buy(q, truth, &rows, error));
    if (q->students == IG_STUDENT_NETWORK) {
        TRY(learn_networks(q, rows, learned, error));
    } else {
        learned->regulator = truth->regulator;
        TRY(ig_lqg_learn(rows, ig_imagination_stride(q), q->purchased.n_dyn, q->purchased.n_rew,
                         q->ridge, &learned->regulator, error));
    }
    TRY(make_world(q, squash, learned, &learned->world, error));
    return measure(q, truth, learned, error);
}

void ig_learned_clear(ig_learned *learned)
{
    ig_world_clear(&learned->world);
    free(learned->dynamics);
    free(learned->reward);
    free(learned->s);
    free(learned->a);
    memset(learned, 0, sizeof *learned);
}

/** The policies of a task. All begin at `start`, a random draw. */
typedef struct policies {
    ig_gaussian start, zero, imagined, trained;
    float *numbers; /**< parameters of all four, owned */
} policies;

static void policies_clear(policies *p)
{
    free(p->numbers);
}

static ig_status policies_init(const ig_imagination *q, policies *p, ig_error *error)
{
    ig_gaussian *const all[] = {&p->start, &p->zero, &p->imagined, &p->trained};
    const ig_gaussian form = {q->state, q->policy_hidden, q->action, (float)q->std, NULL};
    const size_t n = ig_gaussian_size(&form);
    TRY(IG_ALLOC(p->numbers, 4 * n, error));
    for (size_t i = 0; i < 4; i++) {
        *all[i] = form;
        all[i]->parameters = p->numbers + i * n;
    }
    ig_rng rng = ig_rng_start(q->task->key, IG_STREAM_INIT, 2);
    ig_mlp_init_linear(ig_gaussian_shape(&form), &rng, p->start.parameters);
    for (size_t i = 0; i < n; i++) {
        p->start.parameters[i] *= (float)q->start;
    }
    memcpy(p->imagined.parameters, p->start.parameters, n * sizeof *p->numbers);
    memcpy(p->trained.parameters, p->start.parameters, n * sizeof *p->numbers);
    return IG_OK;
}

/** Train in a world; both trainings of a task draw the same numbers. */
static ig_status improve(const ig_imagination *q, const ig_world *world, const char *where,
                         ig_gaussian *policy, float *curve, ig_error *error)
{
    ig_policy_train_options options = q->improve;
    const size_t n = (size_t)options.iterations;
    AUTO_FREE double *means = NULL;
    TRY(IG_ALLOC(means, n, error));
    options.isa = q->task->isa;
    ig_status status =
        ig_policy_train(&options, world, q->task->key, policy, means, q->task->yield, error);
    if (status) {
        ig_error_context(error, "policy training in %s", where);
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        curve[i] = (float)means[i];
    }
    return IG_OK;
}

/** Numbers of the row beside those of the students. */
typedef struct findings {
    double imagined, in_truth, trained, start, zero, optimum;
    bool optimum_known;
    ig_world_errors own, on_imagined; /**< on the imagined policy's true and imagined rollouts */
    double reach;
    ig_prediction prediction;
} findings;

/** What the policy trained in imagination is worth, and how wrong the students are where it goes.
 */
static ig_status evaluate_imagined(const ig_imagination *q, const ig_truth *truth,
                                   const ig_learned *learned, const policies *p, ig_trajectories *t,
                                   findings *f, ig_error *error)
{
    const size_t n = t->n * t->steps;
    TRY(ig_imagination_evaluate(q, &p->imagined, &learned->world, "the policy in imagination", t,
                                &f->imagined, error));
    f->reach = reach_of(t);
    TRY(ig_worlds_compare(&truth->world, &learned->world, n, t->states, t->actions, q->task->yield,
                          &f->on_imagined, error));
    TRY(ig_imagination_evaluate(q, &p->imagined, &truth->world, "the imagined policy in the truth",
                                t, &f->in_truth, error));
    f->reach = fmax(f->reach, reach_of(t));
    return ig_worlds_compare(&truth->world, &learned->world, n, t->states, t->actions,
                             q->task->yield, &f->own, error);
}

/** The policies to compare with. */
static ig_status evaluate_references(const ig_imagination *q, const ig_truth *truth,
                                     const policies *p, ig_trajectories *t, findings *f,
                                     ig_error *error)
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
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        TRY(ig_imagination_evaluate(q, all[i].policy, &truth->world, all[i].where, t, all[i].J,
                                    error));
    }
    f->optimum = f->trained;
    return find_optimum(q, truth, t, &f->optimum_known, &f->optimum, error);
}

static ig_status find(const ig_imagination *q, const ig_truth *truth, const ig_learned *learned,
                      policies *p, const ig_row *row, findings *f, ig_error *error)
{
    AUTO(ig_trajectories_clear) ig_trajectories t = {0};
    TRY(improve(q, &learned->world, "imagination", &p->imagined, ig_row_f32(row, "imagined_curve"),
                error));
    TRY(improve(q, &truth->world, "the truth", &p->trained, ig_row_f32(row, "true_curve"), error));
    TRY(ig_trajectories_init(q->evaluations, q->horizon, q->state, q->action, &t, error));
    TRY(evaluate_imagined(q, truth, learned, p, &t, f, error));
    TRY(evaluate_references(q, truth, p, &t, f, error));
    const ig_imagined outcome = {.q = q,
                                 .truth = truth,
                                 .learned = learned,
                                 .policy = &p->imagined,
                                 .reference = &p->trained,
                                 .imagined = &f->on_imagined,
                                 .reach = f->reach};
    return ig_imagination_predict(&outcome, &f->prediction, error);
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
    ig_row_set(row, "dynamics_error_most", f->on_imagined.dynamics_max);
    ig_row_set(row, "reward_error", learned->holdout.reward_rms);
    ig_row_set(row, "reward_error_own", f->own.reward_rms);
    ig_row_set(row, "reward_error_most", f->on_imagined.reward_max);
    ig_row_set(row, "reward_bias", f->own.reward_bias);
    ig_row_set(row, "reward_bias_imagined", f->on_imagined.reward_bias);
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

static void set_prediction(const ig_row *row, const ig_prediction *f)
{
    ig_row_set(row, "L_f", f->lipschitz.dynamics);
    ig_row_set(row, "L_r", f->lipschitz.reward);
    ig_row_set(row, "L_pi", f->lipschitz.policy);
    ig_row_set(row, "bound_log10", log10(fmax(f->bound, IG_TINY)));
    ig_row_set(row, "weight_ratio_log10", log10(fmax(f->weight_ratio, IG_TINY)));
    ig_row_set(row, "S_f", f->s_f);
    ig_row_set(row, "S_r", f->s_r);
    ig_row_set(row, "step_check", f->check);
    ig_row_set(row, "split_bound", f->split_bound);
    ig_row_set(row, "split_realized", f->split_realized);
}

ig_status ig_imagination_run(const ig_task *task, const ig_row *row, ig_error *error)
{
    ig_imagination q = ig_imagination_of(&task->point);
    AUTO(ig_truth_clear) ig_truth truth = {0};
    AUTO(ig_learned_clear) ig_learned learned = {0};
    AUTO(policies_clear) policies p = {0};
    findings f = {0};
    q.task = task;
    TRY(ig_truth_init(&q, &truth, error));
    TRY(ig_learned_init(&q, &truth, &learned, error));
    TRY(policies_init(&q, &p, error));
    TRY(find(&q, &truth, &learned, &p, row, &f, error));
    set_students(row, &q, &learned, &f);
    set_returns(row, &f);
    set_prediction(row, &f.prediction);
    return IG_OK;
}
