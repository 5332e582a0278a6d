/** Imagined returns of a policy cloned from the data, and how much they respond to errors of the
 *  models. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "experiments/dataset.h"
#include "nn/mlp.h"

ig_status ig_rolling_init(const ig_dataset_task *q, size_t n, ig_rolling *rolling, ig_error *error)
{
    const size_t inputs = q->state + q->action;
    rolling->n = n;
    TRY(ig_floats(n * inputs, &rolling->x, error));
    TRY(ig_floats(n * inputs, &rolling->scratch, error));
    TRY(ig_floats(n * q->state, &rolling->target, error));
    return ig_floats(n, &rolling->reward, error);
}

void ig_rolling_clear(ig_rolling *rolling)
{
    free(rolling->x);
    free(rolling->scratch);
    free(rolling->target);
    free(rolling->reward);
    *rolling = (ig_rolling){0};
}

/** Predict targets and rewards at rolling->x for the first n. */
static void predict(const ig_model *model, size_t n, ig_rolling *rolling)
{
    ig_learner_predict(model->dynamics, n, rolling->x, rolling->scratch, rolling->target);
    ig_learner_predict(model->reward, n, rolling->x, rolling->scratch, rolling->reward);
}

size_t ig_rolling_advance(const ig_dataset_task *q, size_t n, ig_rolling *rolling)
{
    const size_t inputs = q->state + q->action;
    size_t outside = 0;
    for (size_t i = 0; i < n; i++) {
        bool out = false;
        float *s = rolling->x + i * inputs;
        for (size_t c = 0; c < q->state; c++) {
            const ig_dataset_column *column = &q->columns[c];
            const double base = q->file->difference ? (double)s[c] : 0;
            const double next = base + (double)rolling->target[i * q->state + c];
            const double range = column->high - column->low;
            out = out || !(next >= column->low && next <= column->high);
            /* fmin and fmax take a number rather than NaN. */
            s[c] = (float)fmin(fmax(next, column->low - range), column->high + range);
        }
        outside += out;
    }
    return outside;
}

/** A smooth error: plane waves in the standardised (s, a), of root mean square size 1 in the unit
 *  of the errors reported. */
typedef struct wave {
    float *frequency; /**< S + A; for numbers as they are */
    float *direction; /**< S: of the targets, in their own units */
    double phase, reward_phase;
} wave;

typedef struct waves {
    size_t n;
    wave *waves;
    float *numbers; /**< of all */
} waves;

static void waves_clear(waves *w)
{
    free(w->waves);
    free(w->numbers);
}

static void draw_wave(const ig_dataset_task *q, ig_rng *rng, wave *w)
{
    const size_t inputs = q->state + q->action;
    const ig_dataset_column *targets = q->columns + inputs;
    double length = 0, vary = 0, outputs = 0;
    for (size_t c = 0; c < inputs; c++) {
        vary += q->columns[c].sd > 0;
    }
    w->phase = 2 * M_PI * ig_rng_uniform(rng);
    for (size_t c = 0; c < inputs; c++) {
        /* One radian or so over the standard deviation of the data. */
        const double normal = ig_rng_normal(rng), sd = q->columns[c].sd;
        w->frequency[c] = sd > 0 ? (float)(normal / sqrt(vary) / sd) : 0;
        w->phase -= (double)w->frequency[c] * q->columns[c].mean;
    }
    for (size_t o = 0; o < q->state; o++) {
        const double normal = ig_rng_normal(rng);
        w->direction[o] = (float)normal;
        length += targets[o].sd > 0 ? normal * normal : 0;
        outputs += targets[o].sd > 0;
    }
    for (size_t o = 0; o < q->state; o++) {
        const double unit = length > 0 ? sqrt(2 * outputs / length) : 0;
        w->direction[o] = (float)((double)w->direction[o] * unit * targets[o].sd);
    }
    w->reward_phase = 2 * M_PI * ig_rng_uniform(rng);
}

/** One for each direction, and one that stands for the model's own error. */
static ig_status waves_init(const ig_dataset_task *q, waves *w, ig_error *error)
{
    const size_t each = 2 * q->state + q->action;
    w->n = q->directions + 1;
    TRY(IG_ALLOC(w->waves, w->n, error));
    TRY(ig_floats(w->n * each, &w->numbers, error));
    for (size_t i = 0; i < w->n; i++) {
        ig_rng rng =
            ig_rng_start(ig_rng_key_make("dataset", q->task->seed), IG_STREAM_NOISE, 1 + i);
        w->waves[i].frequency = w->numbers + i * each;
        w->waves[i].direction = w->waves[i].frequency + q->state + q->action;
        draw_wave(q, &rng, &w->waves[i]);
    }
    return IG_OK;
}

/** A wave in the model. */
typedef struct push {
    const wave *wave;
    double dynamics, reward; /**< sizes */
} push;

static double angle_of(const wave *w, const float *x, size_t inputs)
{
    double angle = 0;
    for (size_t c = 0; c < inputs; c++) {
        angle += (double)w->frequency[c] * (double)x[c];
    }
    return angle + w->phase;
}

/** What a reward wave of size 1 adds to a reward. */
static double reward_of(const ig_dataset_task *q, const wave *w, double angle)
{
    return sqrt(2) * q->columns[q->width - 1].sd * sin(angle + w->reward_phase);
}

static void add_push(const ig_dataset_task *q, const push *p, size_t n, ig_rolling *rolling)
{
    const size_t inputs = q->state + q->action;
    for (size_t i = 0; i < n; i++) {
        const double angle = angle_of(p->wave, rolling->x + i * inputs, inputs);
        const float size = (float)(p->dynamics * sin(angle));
        for (size_t o = 0; o < q->state; o++) {
            rolling->target[i * q->state + o] += size * p->wave->direction[o];
        }
        rolling->reward[i] += (float)(p->reward * reward_of(q, p->wave, angle));
    }
}

/** What the policy is rolled with: the same starts and noise in every model. */
typedef struct stage {
    const ig_dataset_task *q;
    const ig_model *model;
    ig_learner policy;
    double *noise_sd; /**< A */
    ig_start *starts;
    float *noise; /**< [(t * K + k) * A]: normal numbers; of choices the first is uniform */
    ig_rolling rolling;
    float *states; /**< K x S, as the policy takes them */
    float *actions, *scratch;
    waves waves;
    double policy_explained;
} stage;

static void stage_clear(stage *s)
{
    ig_learner_clear(&s->policy);
    ig_rolling_clear(&s->rolling);
    waves_clear(&s->waves);
    free(s->noise_sd);
    free(s->starts);
    free(s->noise);
    free(s->states);
    free(s->actions);
    free(s->scratch);
}

/** Learn the actions of all rows that are not held out. */
static ig_status clone_policy(stage *s, const ig_split *split, ig_error *error)
{
    const ig_dataset_task *q = s->q;
    AUTO_FREE uint32_t *rows = NULL, *held = NULL;
    AUTO_FREE ig_fit_moments *moments = NULL;
    const float *pool = ig_data_row(q->data, 0);
    const ig_dataset_column *columns = q->columns + q->state;
    TRY(ig_split_rows(split, false, IG_SAMPLE_LABEL, &rows, error));
    TRY(ig_split_rows(split, true, IG_SAMPLE_LABEL, &held, error));
    TRY(IG_ALLOC(moments, q->action, error));
    TRY(IG_ALLOC(s->noise_sd, q->action, error));
    ig_lesson lesson = {
        .network = q->policy,
        .pool = pool,
        .order = rows,
        .n = split->rest[IG_SAMPLE_LABEL],
        .stride = q->width,
        .target = q->state,
        .schedule = {.updates = q->policy_updates, .epochs = 1, .minibatch = q->schedule.minibatch},
        .learning_rate = q->learning_rate,
        .standardise = true,
        .part = IG_SAMPLE_KINDS};
    lesson.network.inputs = (int)q->state;
    lesson.network.outputs = (int)q->action;
    TRY(ig_learner_train(q->task, &lesson, &s->policy, error));
    const ig_compared what = {pool, held, split->held[IG_SAMPLE_LABEL], q->width, q->state};
    TRY(ig_learner_compare(&s->policy, &what, q->task->yield, moments, error));
    for (size_t a = 0; a < q->action; a++) {
        s->noise_sd[a] = sqrt(moments[a].errors / moments[a].n);
    }
    s->policy_explained = ig_fit_quality_of(moments, columns, q->action).explained;
    return IG_OK;
}

static ig_status draw_noise(stage *s, ig_error *error)
{
    const ig_dataset_task *q = s->q;
    const size_t n = q->trajectories;
    AUTO_FREE float *one = NULL;
    TRY(ig_floats(q->horizon * q->action, &one, error));
    TRY(ig_floats(q->horizon * n * q->action, &s->noise, error));
    for (size_t k = 0; k < n; k++) {
        ig_rng rng = ig_rng_start(ig_rng_key_make("dataset", q->task->seed), IG_STREAM_POLICY, k);
        if (q->file->discrete) {
            for (size_t t = 0; t < q->horizon; t++) {
                one[t * q->action] = (float)ig_rng_uniform(&rng);
            }
        } else {
            ig_normals(q->task->isa, &rng, q->horizon * q->action, one);
        }
        for (size_t t = 0; t < q->horizon; t++) {
            memcpy(s->noise + (t * n + k) * q->action, one + t * q->action,
                   q->action * sizeof *one);
        }
    }
    return IG_OK;
}

static ig_status stage_init(const ig_model *model, const ig_split *split, stage *s, ig_error *error)
{
    const ig_dataset_task *q = model->q;
    s->q = q;
    s->model = model;
    TRY(clone_policy(s, split, error));
    TRY(ig_starts_draw(q, split, IG_SAMPLE_LABEL, q->trajectories, &s->starts, error));
    TRY(draw_noise(s, error));
    TRY(ig_rolling_init(q, q->trajectories, &s->rolling, error));
    TRY(ig_floats(q->trajectories * q->state, &s->states, error));
    TRY(ig_floats(q->trajectories * q->state, &s->scratch, error));
    TRY(ig_floats(q->trajectories * q->action, &s->actions, error));
    return waves_init(q, &s->waves, error);
}

/** Take a choice with the probabilities that the policy gives, u being uniform. */
static void take_choice(const ig_dataset_task *q, const float *mean, bool sampled, double u,
                        float *to)
{
    double sum = 0, below = 0;
    size_t chosen = 0;
    for (size_t a = 0; a < q->action; a++) {
        sum += fmax((double)mean[a], 0);
        chosen = mean[a] > mean[chosen] ? a : chosen;
    }
    for (size_t a = 0; sampled && a < q->action; a++) {
        below += fmax((double)mean[a], 0);
        if (u * sum < below) {
            chosen = a;
            break;
        }
    }
    for (size_t a = 0; a < q->action; a++) {
        to[a] = a == chosen ? 1 : 0;
    }
}

/** Actions of the first n trajectories at step t, within those of the file. */
static void act(stage *s, size_t n, size_t t)
{
    const ig_dataset_task *q = s->q;
    const size_t inputs = q->state + q->action;
    for (size_t i = 0; i < n; i++) {
        memcpy(s->states + i * q->state, s->rolling.x + i * inputs, q->state * sizeof(float));
    }
    ig_learner_predict(&s->policy, n, s->states, s->scratch, s->actions);
    for (size_t i = 0; i < n; i++) {
        const float *mean = s->actions + i * q->action;
        const float *noise = s->noise + (t * q->trajectories + i) * q->action;
        float *to = s->rolling.x + i * inputs + q->state;
        if (q->file->discrete) {
            take_choice(q, mean, q->sampled, (double)noise[0], to);
            continue;
        }
        for (size_t a = 0; a < q->action; a++) {
            const ig_dataset_column *c = &q->columns[q->state + a];
            const double off = q->sampled ? s->noise_sd[a] * (double)noise[a] : 0;
            to[a] = (float)fmin(fmax((double)mean[a] + off, c->low), c->high);
        }
    }
}

/** What a rollout gives. */
typedef struct rolled {
    double J;
    double *reward; /**< of every direction: what a reward wave of size 1 adds to J; or NULL */
    size_t steps, outside;
} rolled;

static void collect(stage *s, size_t n, double weight, rolled *out)
{
    const ig_dataset_task *q = s->q;
    const size_t inputs = q->state + q->action;
    const double share = weight / (double)q->trajectories;
    for (size_t i = 0; i < n; i++) {
        out->J += share * (double)s->rolling.reward[i];
        for (size_t d = 0; out->reward && d < q->directions; d++) {
            const wave *w = &s->waves.waves[d];
            out->reward[d] +=
                share * reward_of(q, w, angle_of(w, s->rolling.x + i * inputs, inputs));
        }
    }
}

/** Roll the policy in the model with some waves in it. */
static ig_status roll(stage *s, const push *pushes, size_t n_pushes, rolled *out, ig_error *error)
{
    const ig_dataset_task *q = s->q;
    const size_t inputs = q->state + q->action;
    size_t n = q->trajectories;
    double weight = 1;
    for (size_t k = 0; k < n; k++) {
        memcpy(s->rolling.x + k * inputs, ig_data_row(q->data, s->starts[k].row),
               q->state * sizeof(float));
    }
    for (size_t t = 0; t < q->horizon; t++) {
        while (n > 0 && s->starts[n - 1].steps <= t) {
            n--;
        }
        act(s, n, t);
        predict(s->model, n, &s->rolling);
        for (size_t i = 0; i < n_pushes; i++) {
            add_push(q, &pushes[i], n, &s->rolling);
        }
        collect(s, n, weight, out);
        out->outside += ig_rolling_advance(q, n, &s->rolling);
        out->steps += n;
        weight *= q->gamma;
        TRY(ig_yield_or_stop(q->task->yield, error));
    }
    return IG_OK;
}

/** Mean over the directions of |J - base| / step, `own` being a wave that stays in the model. */
static ig_status slope(stage *s, const push *own, size_t n_own, double base, double step,
                       double *mean, ig_error *error)
{
    double sum = 0;
    for (size_t d = 0; d < s->q->directions; d++) {
        rolled r = {0};
        const push pushes[] = {{&s->waves.waves[d], step, 0}, n_own ? *own : (push){0}};
        TRY(roll(s, pushes, 1 + n_own, &r, error));
        sum += fabs(r.J - base) / step;
    }
    *mean = sum / (double)s->q->directions;
    return IG_OK;
}

/** Both sensitivities in one model. */
typedef struct slopes {
    double J, f, r, outside;
} slopes;

static ig_status find_slopes(stage *s, const push *own, size_t n_own, slopes *found,
                             ig_error *error)
{
    AUTO_FREE double *reward = NULL;
    const size_t n = s->q->directions;
    TRY(IG_ALLOC(reward, n, error));
    rolled base = {.reward = reward};
    TRY(roll(s, own, n_own, &base, error));
    *found = (slopes){.J = base.J, .outside = (double)base.outside / (double)base.steps};
    for (size_t d = 0; d < n; d++) {
        found->r += fabs(reward[d]) / (double)n;
    }
    return slope(s, own, n_own, base.J, s->q->step, &found->f, error);
}

/** What was recorded from the same starts, over the same steps. */
static double recorded_return(const stage *s)
{
    const ig_dataset_task *q = s->q;
    double sum = 0;
    for (size_t k = 0; k < q->trajectories; k++) {
        double weight = 1;
        for (size_t t = 0; t < s->starts[k].steps && t < q->horizon; t++) {
            sum += weight * (double)ig_data_row(q->data, s->starts[k].row + t)[q->width - 1];
            weight *= q->gamma;
        }
    }
    return sum / (double)q->trajectories;
}

/** How far two numbers that are not negative are apart, as a part of the larger. */
static double apart(double a, double b)
{
    return a == b ? 0 : fabs(a - b) / fmax(a, b);
}

ig_status ig_dataset_respond(const ig_model *model, const ig_split *split, double dynamics_rmse,
                             double reward_rmse, ig_dataset_returns *returns, ig_error *error)
{
    const ig_dataset_task *q = model->q;
    AUTO(stage_clear) stage s = {0};
    slopes plain, moved;
    double half = 0;
    TRY(stage_init(model, split, &s, error));
    const push own = {&s.waves.waves[q->directions], dynamics_rmse, reward_rmse};
    TRY(find_slopes(&s, NULL, 0, &plain, error));
    TRY(slope(&s, NULL, 0, plain.J, q->step / 2, &half, error));
    TRY(find_slopes(&s, &own, 1, &moved, error));
    *returns = (ig_dataset_returns){.imagined = plain.J,
                                    .recorded = recorded_return(&s),
                                    .policy_explained = s.policy_explained,
                                    .outside = plain.outside,
                                    .s_f = plain.f,
                                    .s_r = plain.r,
                                    .check_f = apart(plain.f, half),
                                    .moved_f = moved.f,
                                    .moved_r = moved.r};
    return IG_OK;
}
