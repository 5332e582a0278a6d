/** One task of `dataset`: draw, train both models, measure them on episodes that were held out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "experiments/dataset.h"
#include "nn/mlp.h"

enum {
    CHUNK = 512,         /* samples predicted at a time */
    TRAIN_ERRORS = 10000 /* samples that the training error is taken of */
};

/* A standard deviation of which float32 has no inverse counts as none. */
static const double LEAST_SD = 1e-30;

void ig_learner_clear(ig_learner *learner)
{
    free(learner->parameters);
    free(learner->mean);
    free(learner->scale);
    free(learner->shift);
    free(learner->sd);
    ig_mlp_destroy(&learner->mlp);
    *learner = (ig_learner){0};
}

static const float *row_of(const ig_lesson *lesson, size_t i)
{
    return lesson->pool + (size_t)lesson->order[i] * lesson->stride;
}

/** Mean and standard deviation of one column of the samples; 0 for equal numbers. */
static void describe(const ig_lesson *lesson, size_t column, double *mean, double *sd)
{
    const double first = (double)row_of(lesson, 0)[column], n = (double)lesson->n;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < lesson->n; i++) {
        sum += (double)row_of(lesson, i)[column] - first;
    }
    *mean = first + sum / n;
    for (size_t i = 0; i < lesson->n; i++) {
        const double off = (double)row_of(lesson, i)[column] - first - sum / n;
        squares += off * off;
    }
    *sd = sqrt(squares / n);
}

/** What inputs and outputs are standardised with: the samples' own numbers. */
static ig_status standardise(const ig_lesson *lesson, ig_learner *l, ig_error *error)
{
    const size_t inputs = (size_t)l->network.inputs, outputs = (size_t)l->network.outputs;
    TRY(ig_floats(inputs + outputs, &l->mean, error));
    TRY(ig_floats(inputs + outputs, &l->scale, error));
    TRY(IG_ALLOC(l->shift, outputs, error));
    TRY(IG_ALLOC(l->sd, outputs, error));
    for (size_t k = 0; k < inputs + outputs; k++) {
        double mean = 0, sd = 1;
        if (lesson->standardise) {
            describe(lesson, k < inputs ? k : lesson->target + k - inputs, &mean, &sd);
            sd = sd > LEAST_SD ? sd : 0;
        }
        l->mean[k] = (float)mean;
        l->scale[k] = sd > 0 ? (float)(1 / sd) : 0;
        if (k >= inputs) {
            l->shift[k - inputs] = mean;
            l->sd[k - inputs] = sd;
        }
    }
    return IG_OK;
}

static ig_status train(const ig_task *task, const ig_lesson *lesson, ig_learner *l, ig_error *error)
{
    const ig_view view = {.rows = lesson->pool,
                          .stride = lesson->stride,
                          .n = lesson->n,
                          .order = lesson->order,
                          .target = lesson->target,
                          .mean = lesson->standardise ? l->mean : NULL,
                          .scale = lesson->standardise ? l->scale : NULL};
    ig_view holdout = view;
    ig_head head = {.parameters = l->parameters, .curve = lesson->curve};
    AUTO(ig_trainer_destroy) ig_trainer *trainer = NULL;
    holdout.rows = lesson->holdout_pool;
    holdout.order = lesson->holdout;
    holdout.n = lesson->n_holdout;
    TRY(ig_trainer_create_networks(task->isa, lesson->learning_rate, &l->network,
                                   (const float *[]){l->parameters}, 1, &trainer, error));
    TRY(ig_trainer_run(trainer, &lesson->schedule, &view, lesson->holdout ? &holdout : NULL, &head,
                       task->key, task->yield, error));
    return IG_OK;
}

ig_status ig_learner_train(const ig_task *task, const ig_lesson *lesson, ig_learner *learner,
                           ig_error *error)
{
    ig_rng rng = ig_rng_start(task->key, IG_STREAM_INIT, lesson->part);
    learner->network = lesson->network;
    TRY(standardise(lesson, learner, error));
    TRY(ig_floats(ig_network_size(&learner->network), &learner->parameters, error));
    ig_network_init_linear(&learner->network, &rng, learner->parameters);
    TRY(train(task, lesson, learner, error));
    return ig_network_create(task->isa, &learner->network, learner->parameters, &learner->mlp,
                             error);
}

void ig_learner_predict(const ig_learner *learner, size_t batch, const float *x, float *scratch,
                        float *y)
{
    const size_t inputs = (size_t)learner->network.inputs;
    const size_t outputs = (size_t)learner->network.outputs;
    for (size_t i = 0; i < batch; i++) {
        ig_standardise(inputs, x + i * inputs, learner->mean, learner->scale, scratch + i * inputs);
    }
    ig_mlp_forward(learner->mlp, scratch, batch, inputs, y, outputs);
    for (size_t i = 0; i < batch * outputs; i++) {
        const size_t o = i % outputs;
        y[i] = (float)(learner->shift[o] + learner->sd[o] * (double)y[i]);
    }
}

ig_status ig_learner_compare(const ig_learner *learner, const ig_compared *what,
                             const ig_yield *yield, ig_fit_moments *moments, ig_error *error)
{
    const size_t inputs = (size_t)learner->network.inputs;
    const size_t outputs = (size_t)learner->network.outputs;
    AUTO_FREE float *x = NULL, *scratch = NULL, *y = NULL;
    TRY(ig_floats(CHUNK * inputs, &x, error));
    TRY(ig_floats(CHUNK * inputs, &scratch, error));
    TRY(ig_floats(CHUNK * outputs, &y, error));
    memset(moments, 0, outputs * sizeof *moments);
    for (size_t begin = 0; begin < what->n; begin += CHUNK) {
        const size_t n = what->n - begin < CHUNK ? what->n - begin : CHUNK;
        for (size_t i = 0; i < n; i++) {
            const size_t row = what->order[begin + i];
            memcpy(x + i * inputs, what->pool + row * what->stride, inputs * sizeof *x);
        }
        ig_learner_predict(learner, n, x, scratch, y);
        for (size_t i = 0; i < n; i++) {
            const float *row = what->pool + (size_t)what->order[begin + i] * what->stride;
            for (size_t o = 0; o < outputs; o++) {
                ig_fit_moments_add(&moments[o], (double)row[what->target + o],
                                   (double)y[i * outputs + o]);
            }
        }
        TRY(ig_yield_or_stop(yield, error));
    }
    return IG_OK;
}

void ig_fit_moments_add(ig_fit_moments *m, double truth, double guess)
{
    const double t = truth - m->truth, g = guess - m->guess;
    m->n += 1;
    m->errors += (guess - truth) * (guess - truth);
    m->truth += t / m->n;
    m->guess += g / m->n;
    m->truths += t * (truth - m->truth);
    m->guesses += g * (guess - m->guess);
    m->both += t * (guess - m->guess);
}

/** Of the first output. */
static double correlation_of(const ig_fit_moments *m)
{
    const double scale = sqrt(m->truths) * sqrt(m->guesses);
    return scale > 0 ? fmin(fmax(m->both / scale, -1), 1) : 0;
}

ig_fit_quality ig_fit_quality_of(const ig_fit_moments *moments, const ig_dataset_column *columns,
                                 size_t n)
{
    double errors = 0, variance = 0;
    size_t vary = 0;
    for (size_t o = 0; o < n; o++) {
        const double unit = columns[o].sd * columns[o].sd;
        if (unit > 0) {
            errors += moments[o].errors / moments[o].n / unit;
            variance += moments[o].truths / moments[o].n / unit;
            vary++;
        }
    }
    return (ig_fit_quality){.rmse = vary ? sqrt(errors / (double)vary) : 0,
                            .explained = variance > 0 ? 1 - errors / variance : 0,
                            .correlation = correlation_of(moments),
                            .vary = vary};
}

/* A task. */

/** Everything a task allocates but the trainers. */
typedef struct work {
    ig_split split;
    uint32_t *drawn[IG_SAMPLE_KINDS], *held[IG_SAMPLE_KINDS];
    float *labelled; /**< rows with other labels; NULL: those of the file */
    uint32_t *numbers;
    ig_learner dynamics, reward;
    ig_fit_moments *moments;
} work;

static void work_clear(work *w)
{
    ig_split_clear(&w->split);
    for (int kind = 0; kind < IG_SAMPLE_KINDS; kind++) {
        free(w->drawn[kind]);
        free(w->held[kind]);
    }
    free(w->labelled);
    free(w->numbers);
    free(w->moments);
    ig_learner_clear(&w->dynamics);
    ig_learner_clear(&w->reward);
}

static ig_status prepare(const ig_dataset_task *q, work *w, ig_error *error)
{
    const ig_data_block *data = q->data;
    TRY(ig_dataset_split(ig_data_episodes(data), data->n_episodes, ig_dataset_same(q->file),
                         q->share, q->task->seed, &w->split, error));
    for (int i = 0; i < IG_SAMPLE_KINDS; i++) {
        const ig_sample_kind kind = (ig_sample_kind)i;
        /* A substream each: transitions and labels are bought apart. */
        TRY(ig_split_draw(&w->split, kind, q->draw, q->n,
                          ig_rng_start(q->task->key, IG_STREAM_DATA, (uint64_t)i), &w->drawn[i],
                          error));
        TRY(ig_split_rows(&w->split, true, kind, &w->held[i], error));
    }
    return IG_ALLOC(w->moments, q->state + q->action, error);
}

/** The labelled rows with labels that say nothing, for the controls. */
static ig_status spoil_labels(const ig_dataset_task *q, work *w, ig_error *error)
{
    AUTO_FREE uint32_t *order = NULL;
    const uint32_t *rows = w->drawn[IG_SAMPLE_LABEL];
    ig_rng rng = ig_rng_start(q->task->key, IG_STREAM_NOISE, 0);
    TRY(IG_ALLOC(order, q->n, error));
    TRY(ig_floats(q->n * q->width, &w->labelled, error));
    TRY(IG_ALLOC(w->numbers, q->n, error));
    ig_rng_permutation(&rng, (uint32_t)q->n, order);
    for (size_t i = 0; i < q->n; i++) {
        float *to = w->labelled + i * q->width;
        memcpy(to, ig_data_row(q->data, rows[i]), q->width * sizeof *to);
        to[q->width - 1] =
            q->labels == IG_LABELS_ZERO ? 0 : ig_data_row(q->data, rows[order[i]])[q->width - 1];
        w->numbers[i] = (uint32_t)i;
    }
    return IG_OK;
}

/** How a model is to be learned. */
static ig_lesson lesson_of(const ig_dataset_task *q, const work *w, ig_sample_kind kind)
{
    ig_lesson lesson = {.network = q->student,
                        .pool = ig_data_row(q->data, 0),
                        .order = w->drawn[kind],
                        .n = q->n,
                        .stride = q->width,
                        .target = kind == IG_SAMPLE_LABEL ? q->width - 1 : q->state + q->action,
                        .holdout = w->held[kind],
                        .n_holdout = w->split.held[kind],
                        .holdout_pool = ig_data_row(q->data, 0),
                        .schedule = q->schedule,
                        .learning_rate = q->learning_rate,
                        .standardise = q->standardise,
                        .part = (uint64_t)kind};
    lesson.network.inputs = (int)(q->state + q->action);
    lesson.network.outputs = kind == IG_SAMPLE_LABEL ? 1 : (int)q->state;
    if (kind == IG_SAMPLE_LABEL && w->labelled) {
        lesson.pool = w->labelled;
        lesson.order = w->numbers;
    }
    return lesson;
}

/** Root mean square of what the mean of the samples misses on held-out rows. */
static double constant_error(const ig_dataset_task *q, const ig_lesson *lesson,
                             const ig_fit_moments *moments)
{
    const size_t outputs = (size_t)lesson->network.outputs;
    double sum = 0;
    size_t vary = 0;
    for (size_t o = 0; o < outputs; o++) {
        const ig_dataset_column *c = &q->columns[lesson->target + o];
        double mean, sd;
        if (c->sd > 0) {
            describe(lesson, lesson->target + o, &mean, &sd);
            const double off = moments[o].truth - mean;
            sum += (moments[o].truths / moments[o].n + off * off) / (c->sd * c->sd);
            vary++;
        }
    }
    return vary ? sqrt(sum / (double)vary) : 0;
}

/** Names of the columns that say how good a model is. */
typedef struct names {
    const char *rmse, *explained, *constant, *train, *curve;
} names;

static const names column_names[IG_SAMPLE_KINDS] = {
    {"dynamics_rmse", "dynamics_explained", "dynamics_constant", "dynamics_train_rmse",
     "dynamics_curve"},
    {"reward_rmse", "reward_explained", "reward_constant", "reward_train_rmse", "reward_curve"}};

/** Train a model and measure it; the moments are left as those of the held-out rows. */
static ig_status learn(const ig_dataset_task *q, work *w, ig_sample_kind kind, const ig_row *row,
                       ig_fit_quality *quality, ig_error *error)
{
    ig_learner *learner = kind == IG_SAMPLE_LABEL ? &w->reward : &w->dynamics;
    const names *name = &column_names[kind];
    ig_lesson lesson = lesson_of(q, w, kind);
    const size_t outputs = (size_t)lesson.network.outputs;
    const ig_dataset_column *columns = q->columns + lesson.target;
    lesson.curve = ig_row_f32(row, name->curve);
    TRY(ig_learner_train(q->task, &lesson, learner, error));
    ig_compared what = {lesson.pool, lesson.order, lesson.n, lesson.stride, lesson.target};
    what.n = what.n < TRAIN_ERRORS ? what.n : TRAIN_ERRORS;
    TRY(ig_learner_compare(learner, &what, q->task->yield, w->moments, error));
    ig_row_set(row, name->train, ig_fit_quality_of(w->moments, columns, outputs).rmse);
    what.pool = lesson.holdout_pool;
    what.order = lesson.holdout;
    what.n = lesson.n_holdout;
    TRY(ig_learner_compare(learner, &what, q->task->yield, w->moments, error));
    *quality = ig_fit_quality_of(w->moments, columns, outputs);
    ig_row_set(row, name->rmse, quality->rmse);
    ig_row_set(row, name->explained, quality->explained);
    ig_row_set(row, name->constant, constant_error(q, &lesson, w->moments));
    return IG_OK;
}

/** Errors of the state's numbers one by one. */
static void put_components(const ig_dataset_task *q, const work *w, const ig_row *row)
{
    const size_t room = row->layout->counts[ig_layout_column(row->layout, "component_rmse")];
    const ig_dataset_column *columns = q->columns + q->state + q->action;
    float *rmse = ig_row_f32(row, "component_rmse"), *unit = ig_row_f32(row, "component_unit");
    for (size_t k = 0; k < q->state && k < room; k++) {
        const double mse = w->moments[k].errors / w->moments[k].n;
        rmse[k] = columns[k].sd > 0 ? (float)(sqrt(mse) / columns[k].sd) : 0;
        unit[k] = (float)columns[k].sd;
    }
}

/** How many held-out rows are there among the others as well. */
static ig_status count_leaks(const ig_dataset_task *q, const work *w, size_t *leaks,
                             ig_error *error)
{
    AUTO_FREE bool *trained = NULL;
    AUTO_FREE uint32_t *rest = NULL;
    const uint32_t *twin = ig_dataset_twin(q->file);
    TRY(IG_ALLOC(trained, q->data->n_rows, error));
    TRY(ig_split_rows(&w->split, false, IG_SAMPLE_LABEL, &rest, error));
    for (size_t i = 0; i < w->split.rest[IG_SAMPLE_LABEL]; i++) {
        trained[twin[rest[i]]] = true;
    }
    *leaks = 0;
    for (size_t i = 0; i < w->split.held[IG_SAMPLE_LABEL]; i++) {
        *leaks += trained[twin[w->held[IG_SAMPLE_LABEL][i]]];
    }
    return IG_OK;
}

static ig_status put_data(const ig_dataset_task *q, const work *w, const ig_row *row,
                          ig_error *error)
{
    const ig_split *s = &w->split;
    const ig_dataset_column *reward = &q->columns[q->width - 1];
    size_t leaks = 0;
    TRY(count_leaks(q, w, &leaks, error));
    ig_row_set(row, "file_episodes", (double)q->data->n_episodes);
    ig_row_set(row, "file_transitions", (double)q->data->n_transitions);
    ig_row_set(row, "file_labels", (double)q->data->n_labels);
    ig_row_set(row, "state_dim", (double)q->state);
    ig_row_set(row, "action_dim", (double)q->action);
    ig_row_set(row, "holdout_episodes", (double)s->n_held_out);
    ig_row_set(row, "holdout_transitions", (double)s->held[IG_SAMPLE_TRANSITION]);
    ig_row_set(row, "holdout_labels", (double)s->held[IG_SAMPLE_LABEL]);
    ig_row_set(row, "holdout_repeated", (double)leaks / (double)s->held[IG_SAMPLE_LABEL]);
    ig_row_set(row, "train_transitions", (double)s->rest[IG_SAMPLE_TRANSITION]);
    ig_row_set(row, "train_labels", (double)s->rest[IG_SAMPLE_LABEL]);
    ig_row_set(row, "reward_mean", reward->mean);
    ig_row_set(row, "reward_sd", reward->sd);
    return IG_OK;
}

/* Open loops: the recorded actions, and the model's own states. */

/** The longest come first, so that those that go on are the first of the batch. */
static int compare_starts(const void *a, const void *b)
{
    const ig_start *p = a, *q = b;
    if (p->steps != q->steps) {
        return p->steps > q->steps ? -1 : 1;
    }
    return (p->row > q->row) - (p->row < q->row);
}

ig_status ig_starts_draw(const ig_dataset_task *q, const ig_split *split, ig_sample_kind kind,
                         size_t n, ig_start **starts, ig_error *error)
{
    AUTO_FREE uint32_t *held = NULL;
    AUTO_FREE ig_start *drawn = NULL;
    ig_rng rng = ig_rng_start(ig_rng_key_make("dataset", q->task->seed), IG_STREAM_HOLDOUT,
                              1 + (uint64_t)kind);
    TRY(ig_split_rows(split, true, kind, &held, error));
    TRY(IG_ALLOC(drawn, n, error));
    for (size_t i = 0; i < n; i++) {
        const size_t row = held[ig_rng_below(&rng, split->held[kind])];
        const ig_data_episode *e = &ig_data_episodes(q->data)[ig_data_episode_of(q->data, row)];
        const size_t lost = kind == IG_SAMPLE_TRANSITION && !e->whole ? 1 : 0;
        drawn[i] = (ig_start){row, (size_t)(e->first + e->length) - row - lost};
    }
    qsort(drawn, n, sizeof *drawn, compare_starts);
    *starts = ig_take(&drawn);
    return IG_OK;
}

/** Root mean square of the first n states' distance to the recorded ones, in the standard
 *  deviations of the states. */
static double distance(const ig_dataset_task *q, const ig_start *windows, size_t n, size_t step,
                       const ig_rolling *rolling)
{
    const size_t inputs = q->state + q->action;
    double sum = 0;
    size_t vary = 0;
    for (size_t c = 0; c < q->state; c++) {
        vary += q->columns[c].sd > 0;
    }
    for (size_t i = 0; i < n; i++) {
        const float *row = ig_data_row(q->data, windows[i].row + step);
        for (size_t c = 0; c < q->state; c++) {
            const double base = q->file->difference ? (double)row[c] : 0;
            const double off =
                (double)rolling->x[i * inputs + c] - (base + (double)row[inputs + c]);
            sum += q->columns[c].sd > 0 ? off * off / (q->columns[c].sd * q->columns[c].sd) : 0;
        }
    }
    return vary ? sqrt(sum / (double)(n * vary)) : 0;
}

static ig_status open_loop(const ig_dataset_task *q, const work *w, const ig_row *row,
                           ig_error *error)
{
    const size_t inputs = q->state + q->action;
    float *errors = ig_row_f32(row, "open_loop");
    AUTO(ig_rolling_clear) ig_rolling rolling = {0};
    AUTO_FREE ig_start *windows = NULL;
    size_t n = q->starts;
    TRY(ig_starts_draw(q, &w->split, IG_SAMPLE_TRANSITION, n, &windows, error));
    TRY(ig_rolling_init(q, n, &rolling, error));
    for (size_t i = 0; i < n; i++) {
        memcpy(rolling.x + i * inputs, ig_data_row(q->data, windows[i].row),
               q->state * sizeof(float));
    }
    for (size_t t = 0; t < q->steps; t++) {
        while (n > 0 && windows[n - 1].steps <= t) {
            n--;
        }
        if (n == 0) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            memcpy(rolling.x + i * inputs + q->state,
                   ig_data_row(q->data, windows[i].row + t) + q->state, q->action * sizeof(float));
        }
        ig_learner_predict(&w->dynamics, n, rolling.x, rolling.scratch, rolling.target);
        ig_rolling_advance(q, n, &rolling);
        errors[t] = (float)distance(q, windows, n, t, &rolling);
        TRY(ig_yield_or_stop(q->task->yield, error));
    }
    return IG_OK;
}

static ig_status respond(const ig_dataset_task *q, const work *w, const ig_fit_quality quality[],
                         const ig_row *row, ig_error *error)
{
    const ig_model model = {q, &w->dynamics, &w->reward};
    ig_dataset_returns r;
    TRY(ig_dataset_respond(&model, &w->split, quality[IG_SAMPLE_TRANSITION].rmse,
                           quality[IG_SAMPLE_LABEL].rmse, &r, error));
    ig_row_set(row, "recorded_return", r.recorded);
    ig_row_set(row, "imagined_return", r.imagined);
    ig_row_set(row, "imagined_outside", r.outside);
    ig_row_set(row, "policy_explained", r.policy_explained);
    ig_row_set(row, "sensitivity_dynamics", r.s_f);
    ig_row_set(row, "sensitivity_reward", r.s_r);
    ig_row_set(row, "sensitivity_check", r.check_f);
    ig_row_set(row, "sensitivity_dynamics_perturbed", r.moved_f);
    ig_row_set(row, "sensitivity_reward_perturbed", r.moved_r);
    return IG_OK;
}

static void read_networks(const ig_point *p, ig_dataset_task *q)
{
    static const ig_activation hidden[] = {IG_ACTIVATION_RELU, IG_ACTIVATION_TANH,
                                           IG_ACTIVATION_SILU};
    size_t sizes[IG_SIZES_MAX];
    q->student = (ig_network){.n_hidden = (int)ig_point_sizes(p, "hidden", sizes),
                              .activation = hidden[ig_point_choice(p, "activation", NULL)],
                              .output = ig_point_choice(p, "output", NULL) ? IG_ACTIVATION_TANH
                                                                           : IG_ACTIVATION_NONE};
    for (int i = 0; i < q->student.n_hidden; i++) {
        q->student.hidden[i] = (int)sizes[i];
    }
    q->policy = q->student;
    q->policy.output = IG_ACTIVATION_NONE;
    q->policy.n_hidden = (int)ig_point_sizes(p, "policy.hidden", sizes);
    for (int i = 0; i < q->policy.n_hidden; i++) {
        q->policy.hidden[i] = (int)sizes[i];
    }
}

ig_dataset_task ig_dataset_task_of(const ig_point *p)
{
    ig_dataset_task q = {
        .n = (size_t)ig_point_integer(p, "anchors"),
        .share = ig_point_real(p, "holdout.episodes"),
        .draw = (ig_draw)ig_point_choice(p, "draw", NULL),
        .labels = (ig_labels)ig_point_choice(p, "labels", NULL),
        .standardise = ig_point_boolean(p, "standardise"),
        .schedule = {.updates = (uint64_t)ig_point_integer(p, "train.updates"),
                     .epochs = (int)ig_point_integer(p, "train.epochs"),
                     .minibatch = (int)ig_point_integer(p, "train.minibatch"),
                     .points = (int)ig_point_integer(p, "train.validations")},
        .learning_rate = (float)ig_point_real(p, "train.learning_rate"),
        .policy_updates = (uint64_t)ig_point_integer(p, "policy.updates"),
        .sampled = ig_point_choice(p, "policy.actions", NULL) == 0,
        .steps = (size_t)ig_point_integer(p, "open_loop.steps"),
        .starts = (size_t)ig_point_integer(p, "open_loop.starts"),
        .horizon = (size_t)ig_point_integer(p, "horizon"),
        .gamma = ig_point_real(p, "gamma"),
        .trajectories = (size_t)ig_point_integer(p, "sensitivity.trajectories"),
        .directions = (size_t)ig_point_integer(p, "sensitivity.directions"),
        .step = ig_point_real(p, "sensitivity.step"),
    };
    read_networks(p, &q);
    return q;
}

ig_status ig_dataset_run(const ig_task *task, const ig_row *row, ig_error *error)
{
    ig_dataset_task q = ig_dataset_task_of(&task->point);
    ig_fit_quality quality[IG_SAMPLE_KINDS];
    AUTO(work_clear) work w = {0};
    q.task = task;
    q.file = task->shared;
    q.data = ig_dataset_data(q.file);
    q.columns = ig_dataset_columns(q.file);
    q.state = q.data->state;
    q.action = q.data->action;
    q.width = q.data->width;
    TRY(prepare(&q, &w, error));
    TRY(put_data(&q, &w, row, error));
    if (q.labels != IG_LABELS_GIVEN) {
        TRY(spoil_labels(&q, &w, error));
    }
    TRY(learn(&q, &w, IG_SAMPLE_TRANSITION, row, &quality[IG_SAMPLE_TRANSITION], error));
    put_components(&q, &w, row);
    ig_row_set(row, "outputs", (double)quality[IG_SAMPLE_TRANSITION].vary);
    TRY(learn(&q, &w, IG_SAMPLE_LABEL, row, &quality[IG_SAMPLE_LABEL], error));
    const ig_fit_moments *m = &w.moments[0];
    ig_row_set(row, "reward_rmse_own", sqrt(m->errors / m->n));
    ig_row_set(row, "reward_correlation", quality[IG_SAMPLE_LABEL].correlation);
    TRY(open_loop(&q, &w, row, error));
    return respond(&q, &w, quality, row, error);
}
