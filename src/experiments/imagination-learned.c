/** Students of a task of `imagination`: what is bought, and what is learned from it. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "env/gather.h"
#include "experiments/imagination.h"

/** The rows that money buys: the first n_dyn count as transitions, the first n_rew as labels. */
static ig_status buy(const ig_task *task, const ig_imagination *q, const ig_truth *truth,
                     float **rows, ig_error *error)
{
    const ig_purchased *b = &q->purchased;
    const size_t n = b->n_dyn > b->n_rew ? b->n_dyn : b->n_rew, state = (size_t)q->state;
    const size_t inputs = state + (size_t)q->action;
    ig_status status = ig_truth_gather(task, q, truth, IG_STREAM_DATA, n, rows, error);
    if (!status) {
        const ig_pool_rows pool = {n, ig_imagination_stride(q), *rows};
        ig_rng rng = ig_rng_start(task->key, IG_STREAM_NOISE, 0);
        ig_gather_noise(&pool, inputs, state, q->transition_noise, &rng);
        rng = ig_rng_start(task->key, IG_STREAM_NOISE, 1);
        ig_gather_noise(&pool, inputs + state, 1, q->label_noise, &rng);
    }
    return status;
}

/** Train one network on n rows [inputs | outputs] that start at `rows`. */
static ig_status train(const ig_task *task, const ig_imagination *q, const float *rows, size_t n,
                       size_t stride, int outputs, uint64_t substream, float *parameters,
                       ig_error *error)
{
    const int inputs = q->state + q->action;
    const double epochs = ig_imagination_epochs(q, n);
    const ig_samples pool = {rows, n, stride}, one = {rows, 1, stride};
    ig_train_options options = q->train;
    ig_head head = {.hidden = q->hidden, .outputs = outputs, .parameters = parameters};
    ig_rng rng = ig_rng_start(task->key, IG_STREAM_INIT, substream);
    ig_mlp_init_linear((ig_mlp_shape){inputs, q->hidden, outputs}, &rng, parameters);
    options.epochs = epochs < INT_MAX ? (int)epochs : INT_MAX;
    options.isa = task->isa;
    /* Held-out errors are measured once, after the training: here one row stands in for them. */
    return ig_train(&options, inputs, &pool, &one, &head, 1, task->key, task->yield, error);
}

/** Rows [s, a, r]: the label student's samples. */
static float *label_rows(const ig_imagination *q, const float *rows, size_t n, size_t *stride)
{
    const size_t inputs = (size_t)q->state + (size_t)q->action, from = ig_imagination_stride(q);
    *stride = (inputs + 1 + 15) / 16 * 16;
    float *labels = aligned_alloc(64, n * *stride * sizeof *labels);
    for (size_t i = 0; labels && i < n; i++) {
        memcpy(labels + i * *stride, rows + i * from, inputs * sizeof *labels);
        labels[i * *stride + inputs] = rows[i * from + inputs + (size_t)q->state];
    }
    return labels;
}

static ig_status learn_networks(const ig_task *task, const ig_imagination *q, const float *rows,
                                ig_learned *l, ig_error *error)
{
    const int inputs = q->state + q->action;
    const ig_purchased *b = &q->purchased;
    size_t stride = 0;
    float *labels = label_rows(q, rows, b->n_rew, &stride);
    l->dynamics =
        malloc(ig_mlp_size((ig_mlp_shape){inputs, q->hidden, q->state}) * sizeof *l->dynamics);
    l->reward = malloc(ig_mlp_size((ig_mlp_shape){inputs, q->hidden, 1}) * sizeof *l->reward);
    ig_status status = labels && l->dynamics && l->reward
                           ? IG_OK
                           : ig_error_set(error, IG_ERR_MEMORY, "no memory for students");
    if (!status) {
        status = train(task, q, rows, b->n_dyn, ig_imagination_stride(q), q->state, 0, l->dynamics,
                       error);
    }
    if (!status) {
        status = train(task, q, labels, b->n_rew, stride, 1, 1, l->reward, error);
    }
    free(labels);
    return status;
}

static ig_status make_world(const ig_task *task, const ig_imagination *q, ig_squash squash,
                            ig_learned *l, ig_world *world, ig_error *error)
{
    if (q->students == IG_STUDENT_LEAST_SQUARES) {
        ig_lqg_world_init(&l->regulator, &l->lqg, world);
        return IG_OK;
    }
    const ig_student student = {q->state, q->action, q->hidden, q->hidden, l->dynamics, l->reward};
    return ig_world_student(task->isa, &student, squash, world, error);
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
static ig_status measure(const ig_task *task, const ig_imagination *q, const ig_truth *truth,
                         ig_learned *l, ig_error *error)
{
    float *rows = NULL;
    ig_world plain = {0}, plain_truth = {0};
    const bool teacher = q->environment == IG_ENVIRONMENT_TEACHER;
    ig_status status = ig_truth_gather(task, q, truth, IG_STREAM_HOLDOUT, q->holdout, &rows, error);
    if (status) {
        return status;
    }
    l->s = malloc(q->holdout * (size_t)q->state * sizeof *l->s);
    l->a = malloc(q->holdout * (size_t)q->action * sizeof *l->a);
    if (!l->s || !l->a) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for held-out transitions");
        goto done;
    }
    read_rows(q, rows, q->holdout, l->s, l->a);
    status = make_world(task, q, IG_SQUASH_NONE, l, &plain, error);
    if (!status && teacher) {
        status = ig_world_teacher(task->isa, &truth->teacher, IG_SQUASH_NONE, &plain_truth, error);
    }
    if (!status) {
        status = ig_worlds_compare(teacher ? &plain_truth : &truth->world, &plain, q->holdout, l->s,
                                   l->a, task->yield, &l->holdout, error);
    }
    if (!status && !(isfinite(l->holdout.dynamics_rms) && isfinite(l->holdout.reward_rms))) {
        status = ig_error_set(error, IG_ERR_NUMERIC,
                              "a student diverged: held-out errors %g (dynamics) and %g (reward)",
                              l->holdout.dynamics_rms, l->holdout.reward_rms);
    }
done:
    ig_world_clear(&plain);
    ig_world_clear(&plain_truth);
    free(rows);
    return status;
}

ig_status ig_learned_init(const ig_task *task, const ig_imagination *q, const ig_truth *truth,
                          ig_learned *learned, ig_error *error)
{
    float *rows = NULL;
    memset(learned, 0, sizeof *learned);
    ig_status status = buy(task, q, truth, &rows, error);
    if (!status && q->students == IG_STUDENT_NETWORK) {
        status = learn_networks(task, q, rows, learned, error);
    } else if (!status) {
        learned->regulator = truth->regulator;
        status = ig_lqg_learn(rows, ig_imagination_stride(q), q->purchased.n_dyn,
                              q->purchased.n_rew, q->ridge, &learned->regulator, error);
    }
    free(rows);
    if (!status) {
        const ig_squash squash =
            q->environment == IG_ENVIRONMENT_TEACHER ? q->squash : IG_SQUASH_NONE;
        status = make_world(task, q, squash, learned, &learned->world, error);
    }
    return status ? status : measure(task, q, truth, learned, error);
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
