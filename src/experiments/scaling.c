/** Experiment `scaling` (docs/protocol.md, the paper's Section 4.1 and Figure 1): how fast do a
 * dynamics and a reward student learn from N transitions of a random teacher? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "base/try.h"
#include "experiments/table.h"
#include "imagrid/env.h"
#include "nn/mlp.h"

enum { TEACHER_PER_SEED, TEACHER_FIXED };
static const char *const teacher_choices[] = {"per_seed", "fixed=", NULL};
/* In the order of ig_reference_policy. */
static const char *const policy_choices[] = {"sinusoid", "uniform", "tanh_feedback", NULL};
/* In the order of ig_activation and of ig_validate. */
static const char *const output_choices[] = {"none", "tanh", NULL};
static const char *const validate_choices[] = {"every_epoch", "last", NULL};

enum { HIDDEN_MAX = 4096 }; /* widest network of the trainer */

/* path, column, default, range or choices, long name */
static const ig_key keys[] = {
    KEY_INTEGER("anchors", "anchor", NULL, 1, 4e9, "number of training transitions N"),
    KEY_CHOICE("teacher", "teacher", "per_seed", teacher_choices,
               "teacher drawn by each task's seed, or one fixed teacher for all"),
    KEY_CHOICE("policy", "policy", "sinusoid", policy_choices,
               "reference policy that gathers the transitions"),
    KEY_INTEGER("dims.state", "state_dim", "12", 1, 1024, "state dimension d_s"),
    KEY_INTEGER("dims.action", "action_dim", "4", 1, 1024, "action dimension d_a"),
    KEY_INTEGER("dims.hidden", "hidden_dim", "64", 1, HIDDEN_MAX,
                "hidden width d_h of the teacher, and of students of width 1"),
    LATER_CHOICE("students.output", "student_output", "none", output_choices,
                 "what the dynamics student's outputs pass before the loss"),
    LATER_INTEGER("students.width", "student_width", "1", 1, HIDDEN_MAX,
                  "hidden width of both students in multiples of the teacher's"),
    KEY_INTEGER("train.epochs", "epochs", "200", 1, 1e6, "passes over the training transitions"),
    KEY_INTEGER("train.minibatch", "minibatch", "256", 1, 1e6, "transitions per Adam update"),
    KEY_REAL("train.learning_rate", "learning_rate", "0.001", 1e-12, 1e12, "Adam learning rate"),
    KEY_INTEGER("holdout", NULL, "5000", 1, 1e8, "number of held-out transitions"),
    LATER_CHOICE("validate", NULL, "every_epoch", validate_choices,
                 "epochs after which the validation MSE is taken"),
    KEY_INTEGER("episode_length", NULL, "500", 1, 1e6, "steps per episode of the reference policy"),
    KEY_REAL("keep_fraction", NULL, "0.25", 1e-3, 1, "share of the transitions that is kept"),
    PUBLISHED_REAL("published.alpha", "0.11", -1e3, 1e3, "published dynamics exponent"),
    PUBLISHED_INTERVAL("published.alpha_interval", "[0.09, 0.13]", -1e3, 1e3,
                       "its published 95 % interval"),
    PUBLISHED_REAL("published.beta", "0.96", -1e3, 1e3, "published reward exponent"),
    PUBLISHED_INTERVAL("published.beta_interval", "[0.93, 0.99]", -1e3, 1e3,
                       "its published 95 % interval"),
};

/** Longest training of the grid: shorter ones leave NaN at the end of their curves, and with
 *  `validate: last` all epochs but the last are NaN. */
static size_t epochs_length(const ig_config *config)
{
    return ig_key_largest(config, "train.epochs");
}

static const ig_dimension dimensions[] = {
    {.name = "epoch",
     .length = epochs_length,
     .first = 1,
     .units = "1",
     .long_name = "training epochs finished"},
};

static const ig_column columns[] = {
    COLUMN("dynamics_mse", "validation MSE of the dynamics student after the last epoch",
           "eps_dyn(N), Eq. 3 of arXiv 2605.06732"),
    COLUMN("reward_mse", "validation MSE of the reward student after the last epoch",
           "eps_rew(N), Eq. 3 of arXiv 2605.06732"),
    COLUMN("dynamics_train_mse", "training MSE of the dynamics student over the last epoch",
           "Section 4.1 of arXiv 2605.06732"),
    COLUMN("reward_train_mse", "training MSE of the reward student over the last epoch",
           "Section 4.1 of arXiv 2605.06732"),
    {.name = "dynamics_curve",
     .type = IG_F32,
     .dimension = "epoch",
     .units = "1",
     .long_name = "validation MSE of the dynamics student after each epoch",
     .equation = "Section 4.1 of arXiv 2605.06732",
     .ragged = true},
    {.name = "reward_curve",
     .type = IG_F32,
     .dimension = "epoch",
     .units = "1",
     .long_name = "validation MSE of the reward student after each epoch",
     .equation = "Section 4.1 of arXiv 2605.06732",
     .ragged = true},
};

/** The parameters of one task, read from the grid point once. */
typedef struct parameters {
    size_t n, holdout, stride;
    int state, action, hidden, inputs;
    int student_hidden; /**< the students' hidden width; limited by check() */
    ig_activation output;
    ig_validate validate;
    int teacher;
    int64_t teacher_seed;
    ig_rollout_options rollout;
    ig_train_options train;
} parameters;

static parameters parameters_of(const ig_point *p)
{
    parameters q = {
        .n = (size_t)ig_point_integer(p, "anchors"),
        .holdout = (size_t)ig_point_integer(p, "holdout"),
        .state = (int)ig_point_integer(p, "dims.state"),
        .action = (int)ig_point_integer(p, "dims.action"),
        .hidden = (int)ig_point_integer(p, "dims.hidden"),
        .output = (ig_activation)ig_point_choice(p, "students.output", NULL),
        .validate = (ig_validate)ig_point_choice(p, "validate", NULL),
        .rollout = {.policy = (ig_reference_policy)ig_point_choice(p, "policy", NULL),
                    .episode_length = (int)ig_point_integer(p, "episode_length"),
                    .keep_fraction = ig_point_real(p, "keep_fraction")},
        .train = {.epochs = (int)ig_point_integer(p, "train.epochs"),
                  .minibatch = (int)ig_point_integer(p, "train.minibatch"),
                  .learning_rate = (float)ig_point_real(p, "train.learning_rate")},
    };
    q.teacher = ig_point_choice(p, "teacher", &q.teacher_seed);
    q.inputs = q.state + q.action;
    q.student_hidden = q.hidden * (int)ig_point_integer(p, "students.width");
    /* Whole cache lines per row: the shuffled gather then touches as few of them as it can. */
    q.stride = ((size_t)(q.inputs + q.state + 1) + 15) / 16 * 16;
    return q;
}

enum { TANH_WORK = 20 }; /* multiply-adds that one tanh takes the time of, backward included */

/** Multiply-adds of one training sample: both layers forward, both weight gradients, and the
 *  gradient of the hidden layer; none is needed for the inputs. */
static double train_work(double inputs, double hidden, double outputs)
{
    return 2 * inputs * hidden + 3 * hidden * outputs;
}

static double cost(const ig_point *point)
{
    parameters q = parameters_of(point);
    double in = q.inputs, hid = q.student_hidden, out = q.state, epochs = q.train.epochs;
    double validations = q.validate == IG_VALIDATE_LAST ? 1 : epochs;
    double squash = q.output == IG_ACTIVATION_TANH ? TANH_WORK * out : 0;
    double train = train_work(in, hid, out) + train_work(in, hid, 1) + squash;
    double forward = 2 * in * hid + hid * (out + 1) + squash;
    double steps = ((double)q.n + (double)q.holdout) / q.rollout.keep_fraction;
    return 2 * (epochs * (double)q.n * train + validations * (double)q.holdout * forward +
                steps * q.hidden * (in + out));
}

/** Bytes of a task's samples and of the order they are visited in. */
static double memory_of(const parameters *q)
{
    return ((double)q->n + (double)q->holdout) * (double)q->stride * sizeof(float) +
           (double)q->n * sizeof(uint32_t);
}

static double task_bytes(const ig_point *point)
{
    const parameters q = parameters_of(point);
    return memory_of(&q);
}

static void check_width(const ig_point *point, ig_place *last, ig_diagnostics *diagnostics)
{
    const int hidden = (int)ig_point_integer(point, "dims.hidden");
    if (parameters_of(point).student_hidden > HIDDEN_MAX) {
        char allowed[80];
        snprintf(allowed, sizeof allowed, "1 to %d (a network has at most %d hidden units)",
                 HIDDEN_MAX / hidden, HIDDEN_MAX);
        ig_reject(point, "students.width", "dims.hidden", last, allowed, diagnostics);
    }
}

static void check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    const ig_config *config = ig_grid_config(grid);
    size_t key = ig_config_key(config, "anchors");
    double memory = ig_physical_memory();
    const ig_value *reported = NULL;
    ig_place width = {0, 0};
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        check_width(&(ig_point){grid, p}, &width, diagnostics);
        parameters q = parameters_of(&(ig_point){grid, p});
        double need = memory_of(&q);
        const ig_value *value = ig_grid_value(grid, p, key);
        /* The first axis runs slowest: all points of one value follow one another. */
        if (need > memory && value != reported) {
            size_t line, column;
            ig_point_position(&(ig_point){grid, p}, "anchors", &line, &column);
            ig_diagnostics_add(diagnostics, ig_config_file(config), line, column, "anchors",
                               "%s transitions need %.3g GB of memory, this machine has %.3g GB",
                               value->text, need / 1e9, memory / 1e9);
            reported = value;
        }
    }
}

/** Everything a task allocates. */
typedef struct workspace {
    ig_teacher teacher;
    float *pool, *holdout;
    float *dynamics, *reward;
} workspace;

static void workspace_clear(workspace *w)
{
    ig_teacher_clear(&w->teacher);
    free(w->pool);
    free(w->holdout);
    free(w->dynamics);
    free(w->reward);
    memset(w, 0, sizeof *w);
}

/** Teacher, training pool, held-out pool and initial students: everything drawn before training. */
static ig_status prepare(const ig_task *task, const parameters *q, workspace *w, ig_error *error)
{
    ig_mlp_shape dynamics = {q->inputs, q->student_hidden, q->state};
    ig_mlp_shape reward = {q->inputs, q->student_hidden, 1};
    TRY(ig_floats(q->n * q->stride, &w->pool, error));
    TRY(ig_floats(q->holdout * q->stride, &w->holdout, error));
    TRY(ig_floats(ig_mlp_size(dynamics), &w->dynamics, error));
    TRY(ig_floats(ig_mlp_size(reward), &w->reward, error));
    /* A fixed teacher is the same at every grid point, whatever these share otherwise. */
    ig_rng_key teacher_key = q->teacher == TEACHER_FIXED
                                 ? ig_rng_key_make("scaling", (uint64_t)q->teacher_seed)
                                 : task->key;
    ig_rollout_options rollout = q->rollout;
    rollout.isa = task->isa;
    TRY(ig_teacher_init(q->state, q->action, q->hidden, teacher_key, &w->teacher, error));
    TRY(ig_rollout_transitions(&w->teacher, &rollout, task->key, IG_STREAM_DATA, q->n, q->stride,
                               w->pool, task->yield, error));
    TRY(ig_rollout_transitions(&w->teacher, &rollout, task->key, IG_STREAM_HOLDOUT, q->holdout,
                               q->stride, w->holdout, task->yield, error));
    ig_rng rng = ig_rng_start(task->key, IG_STREAM_INIT, 0);
    ig_mlp_init_linear(dynamics, &rng, w->dynamics);
    rng = ig_rng_start(task->key, IG_STREAM_INIT, 1);
    ig_mlp_init_linear(reward, &rng, w->reward);
    return IG_OK;
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    parameters q = parameters_of(&task->point);
    AUTO(workspace_clear) workspace w = {0};
    TRY(prepare(task, &q, &w, error));
    ig_train_options train = q.train;
    train.isa = task->isa;
    ig_head heads[] = {
        {q.student_hidden, q.state, w.dynamics, ig_row_f32(row, "dynamics_curve"), 0, 0},
        {q.student_hidden, 1, w.reward, ig_row_f32(row, "reward_curve"), 0, 0},
    };
    AUTO(ig_trainer_destroy) ig_trainer *trainer = NULL;
    TRY(ig_trainer_create(&train, q.inputs, heads, 2, &trainer, error));
    ig_trainer_set_output(trainer, 0, q.output);
    TRY(ig_trainer_train(trainer, &train, q.validate, &(ig_samples){w.pool, q.n, q.stride},
                         &(ig_samples){w.holdout, q.holdout, q.stride}, heads, task->key,
                         task->yield, error));
    ig_row_set(row, "dynamics_mse", heads[0].holdout_mse);
    ig_row_set(row, "reward_mse", heads[1].holdout_mse);
    ig_row_set(row, "dynamics_train_mse", heads[0].train_mse);
    ig_row_set(row, "reward_train_mse", heads[1].train_mse);
    return IG_OK;
}

static const char *const summarised[] = {"dynamics_mse", "reward_mse", NULL};
static const ig_fit fits[] = {
    {.column = "dynamics_mse",
     .axis = "anchors",
     .exponent = "alpha",
     .amplitude = "A_d",
     .published = "published.alpha",
     .published_interval = "published.alpha_interval",
     .outputs = "dims.state"},
    {.column = "reward_mse",
     .axis = "anchors",
     .exponent = "beta",
     .amplitude = "A_r",
     .published = "published.beta",
     .published_interval = "published.beta_interval"},
};
static const ig_fits laws = {
    .fits = fits,
    .n_fits = sizeof fits / sizeof *fits,
    .figure = "figure1",
    .figure_title = "Error of dynamics and reward students against training data",
    .x_label = "training transitions N",
    .y_label = "validation MSE (geometric mean over seeds)",
};
static const ig_analysis analyses[] = {
    IG_ANALYSE(LAWS, &laws),
};

static uint32_t results_version(const ig_config *config)
{
    return ig_version_of_gathering(config, "policy");
}

const ig_experiment ig_experiment_scaling = {
    .schema = {"scaling", keys, sizeof keys / sizeof *keys},
    .title = "Scaling of dynamics and reward error with the number of training transitions",
    .dimensions = dimensions,
    .n_dimensions = sizeof dimensions / sizeof *dimensions,
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = check,
    .cost = cost,
    .run = run,
    .summary = {summarised, analyses, sizeof analyses / sizeof *analyses},
    .task_bytes = task_bytes,
    .results_version_of = results_version,
};
