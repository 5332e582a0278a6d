/** Experiment `scaling` (docs/protocol.md, the paper's Section 4.1 and Figure 1): how fast do a
 * dynamics and a reward student learn from N transitions of a random teacher? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "experiments/table.h"
#include "imagrid/env.h"

enum { TEACHER_PER_SEED, TEACHER_FIXED };
static const char *const teacher_choices[] = {"per_seed", "fixed=", NULL};
/* In the order of ig_reference_policy. */
static const char *const policy_choices[] = {"sinusoid", "uniform", "tanh_feedback", NULL};

/* path, column, type, default, range, choices, units, long name, annotation */
static const ig_key keys[] = {
    {"anchors", "anchor", IG_KEY_INTEGER, NULL, 1, 4e9, NULL, "1",
     "number of training transitions N", false},
    {"teacher", "teacher", IG_KEY_CHOICE, "per_seed", 0, 0, teacher_choices, "1",
     "teacher drawn by each task's seed, or one fixed teacher for all", false},
    {"policy", "policy", IG_KEY_CHOICE, "sinusoid", 0, 0, policy_choices, "1",
     "reference policy that gathers the transitions", false},
    {"dims.state", "state_dim", IG_KEY_INTEGER, "12", 1, 1024, NULL, "1", "state dimension d_s",
     false},
    {"dims.action", "action_dim", IG_KEY_INTEGER, "4", 1, 1024, NULL, "1", "action dimension d_a",
     false},
    {"dims.hidden", "hidden_dim", IG_KEY_INTEGER, "64", 1, 4096, NULL, "1",
     "hidden width d_h of teacher and students", false},
    {"train.epochs", "epochs", IG_KEY_INTEGER, "200", 1, 1e6, NULL, "1",
     "passes over the training transitions", false},
    {"train.minibatch", "minibatch", IG_KEY_INTEGER, "256", 1, 1e6, NULL, "1",
     "transitions per Adam update", false},
    {"train.learning_rate", "learning_rate", IG_KEY_REAL, "0.001", 1e-12, 1e12, NULL, "1",
     "Adam learning rate", false},
    {"holdout", NULL, IG_KEY_INTEGER, "5000", 1, 1e8, NULL, "1", "number of held-out transitions",
     false},
    {"episode_length", NULL, IG_KEY_INTEGER, "500", 1, 1e6, NULL, "1",
     "steps per episode of the reference policy", false},
    {"keep_fraction", NULL, IG_KEY_REAL, "0.25", 1e-3, 1, NULL, "1",
     "share of the transitions that is kept", false},
    {"published.alpha", NULL, IG_KEY_REAL, "0.11", -1e3, 1e3, NULL, "1",
     "published dynamics exponent", true},
    {"published.alpha_interval", NULL, IG_KEY_INTERVAL, "[0.09, 0.13]", -1e3, 1e3, NULL, "1",
     "its published 95 % interval", true},
    {"published.beta", NULL, IG_KEY_REAL, "0.96", -1e3, 1e3, NULL, "1", "published reward exponent",
     true},
    {"published.beta_interval", NULL, IG_KEY_INTERVAL, "[0.93, 0.99]", -1e3, 1e3, NULL, "1",
     "its published 95 % interval", true},
};

/** Longest training of the grid: shorter ones leave NaN at the end of their curves. */
static size_t epochs_length(const ig_config *config)
{
    size_t key = ig_config_key(config, "train.epochs");
    int64_t longest = 1;
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        int64_t epochs = ig_config_value(config, key, i)->integer;
        longest = epochs > longest ? epochs : longest;
    }
    return (size_t)longest;
}

static const ig_dimension dimensions[] = {
    {.name = "epoch",
     .length = epochs_length,
     .first = 1,
     .units = "1",
     .long_name = "training epochs finished"},
};

static const ig_column columns[] = {
    {.name = "dynamics_mse",
     .type = IG_F64,
     .units = "1",
     .long_name = "validation MSE of the dynamics student after the last epoch",
     .equation = "eps_dyn(N), Eq. 3 of arXiv 2605.06732"},
    {.name = "reward_mse",
     .type = IG_F64,
     .units = "1",
     .long_name = "validation MSE of the reward student after the last epoch",
     .equation = "eps_rew(N), Eq. 3 of arXiv 2605.06732"},
    {.name = "dynamics_train_mse",
     .type = IG_F64,
     .units = "1",
     .long_name = "training MSE of the dynamics student over the last epoch",
     .equation = "Section 4.1 of arXiv 2605.06732"},
    {.name = "reward_train_mse",
     .type = IG_F64,
     .units = "1",
     .long_name = "training MSE of the reward student over the last epoch",
     .equation = "Section 4.1 of arXiv 2605.06732"},
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
        .rollout = {.policy = (ig_reference_policy)ig_point_choice(p, "policy", NULL),
                    .episode_length = (int)ig_point_integer(p, "episode_length"),
                    .keep_fraction = ig_point_real(p, "keep_fraction")},
        .train = {.epochs = (int)ig_point_integer(p, "train.epochs"),
                  .minibatch = (int)ig_point_integer(p, "train.minibatch"),
                  .learning_rate = (float)ig_point_real(p, "train.learning_rate")},
    };
    q.teacher = ig_point_choice(p, "teacher", &q.teacher_seed);
    q.inputs = q.state + q.action;
    /* Whole cache lines per row: the shuffled gather then touches as few of them as it can. */
    q.stride = ((size_t)(q.inputs + q.state + 1) + 15) / 16 * 16;
    return q;
}

/** Multiply-adds of one training sample: both layers forward, both weight gradients, and the
 *  gradient of the hidden layer; none is needed for the inputs. */
static double train_work(double inputs, double hidden, double outputs)
{
    return 2 * inputs * hidden + 3 * hidden * outputs;
}

static double cost(const ig_point *point)
{
    parameters q = parameters_of(point);
    double in = q.inputs, hid = q.hidden, out = q.state, epochs = q.train.epochs;
    double train = train_work(in, hid, out) + train_work(in, hid, 1);
    double forward = 2 * in * hid + hid * (out + 1);
    double steps = ((double)q.n + (double)q.holdout) / q.rollout.keep_fraction;
    return 2 * (epochs * ((double)q.n * train + (double)q.holdout * forward) +
                steps * hid * (in + out));
}

static void check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    const ig_config *config = ig_grid_config(grid);
    size_t key = ig_config_key(config, "anchors");
    double memory = ig_physical_memory();
    const ig_value *reported = NULL;
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        parameters q = parameters_of(&(ig_point){grid, p});
        double need = ((double)q.n + (double)q.holdout) * (double)q.stride * sizeof(float);
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

static float *floats(size_t n)
{
    size_t bytes = (n * sizeof(float) + 63) / 64 * 64;
    return aligned_alloc(64, bytes);
}

/** Teacher, training pool, held-out pool and initial students: everything drawn before training. */
static ig_status prepare(const ig_task *task, const parameters *q, workspace *w, ig_error *error)
{
    ig_mlp_shape dynamics = {q->inputs, q->hidden, q->state}, reward = {q->inputs, q->hidden, 1};
    w->pool = floats(q->n * q->stride);
    w->holdout = floats(q->holdout * q->stride);
    w->dynamics = floats(ig_mlp_size(dynamics));
    w->reward = floats(ig_mlp_size(reward));
    if (!w->pool || !w->holdout || !w->dynamics || !w->reward) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu transitions", q->n);
    }
    /* A fixed teacher is the same at every grid point, whatever these share otherwise. */
    ig_rng_key teacher_key = q->teacher == TEACHER_FIXED
                                 ? ig_rng_key_make("scaling", (uint64_t)q->teacher_seed)
                                 : task->key;
    ig_rollout_options rollout = q->rollout;
    rollout.isa = task->isa;
    ig_status status =
        ig_teacher_init(q->state, q->action, q->hidden, teacher_key, &w->teacher, error);
    if (!status) {
        status = ig_rollout_transitions(&w->teacher, &rollout, task->key, IG_STREAM_DATA, q->n,
                                        q->stride, w->pool, task->yield, error);
    }
    if (!status) {
        status = ig_rollout_transitions(&w->teacher, &rollout, task->key, IG_STREAM_HOLDOUT,
                                        q->holdout, q->stride, w->holdout, task->yield, error);
    }
    ig_rng rng = ig_rng_start(task->key, IG_STREAM_INIT, 0);
    ig_mlp_init_linear(dynamics, &rng, w->dynamics);
    rng = ig_rng_start(task->key, IG_STREAM_INIT, 1);
    ig_mlp_init_linear(reward, &rng, w->reward);
    return status;
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    parameters q = parameters_of(&task->point);
    workspace w = {0};
    ig_status status = prepare(task, &q, &w, error);
    if (status) {
        goto done;
    }
    ig_train_options train = q.train;
    train.isa = task->isa;
    ig_head heads[] = {
        {q.hidden, q.state, w.dynamics, ig_row_f32(row, "dynamics_curve"), 0, 0},
        {q.hidden, 1, w.reward, ig_row_f32(row, "reward_curve"), 0, 0},
    };
    status = ig_train(&train, q.inputs, &(ig_samples){w.pool, q.n, q.stride},
                      &(ig_samples){w.holdout, q.holdout, q.stride}, heads, 2, task->key,
                      task->yield, error);
    if (status) {
        goto done;
    }
    ig_row_set(row, "dynamics_mse", heads[0].holdout_mse);
    ig_row_set(row, "reward_mse", heads[1].holdout_mse);
    ig_row_set(row, "dynamics_train_mse", heads[0].train_mse);
    ig_row_set(row, "reward_train_mse", heads[1].train_mse);
done:
    workspace_clear(&w);
    return status;
}

static const char *const summarised[] = {"dynamics_mse", "reward_mse", NULL};
static const ig_fit fits[] = {
    {"dynamics_mse", "anchors", "alpha", "A_d", "published.alpha", "published.alpha_interval"},
    {"reward_mse", "anchors", "beta", "A_r", "published.beta", "published.beta_interval"},
};

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
    .results_version = 1,
    .summary = {.columns = summarised,
                .fits = fits,
                .n_fits = sizeof fits / sizeof *fits,
                .figure = "figure1",
                .figure_title = "Error of dynamics and reward students against training data",
                .x_label = "training transitions N",
                .y_label = "validation MSE (mean over seeds)"},
};
