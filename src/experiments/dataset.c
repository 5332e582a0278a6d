/** Experiment `dataset` (docs/dataset.md): somebody's own transitions. How good are models of N of
 *  them, where do the errors go, and what do they do to the return? */
#include "experiments/dataset.h"

#include <math.h>
#include <stdio.h>

#include "experiments/table.h"

/* In the order of their enums. */
static const char *const draw_choices[] = {"rows", "episodes", NULL};
static const char *const label_choices[] = {"given", "zero", "shuffled", NULL};
static const char *const target_choices[] = {"difference", "next", NULL};
static const char *const activation_choices[] = {"relu", "tanh", "silu", NULL};
static const char *const output_choices[] = {"none", "tanh", NULL};
static const char *const action_choices[] = {"sampled", "mean", NULL};

enum { WIDTH_MAX = 4096, NAME_MAX_BYTES = 200 };

static const ig_key keys[] = {
    KEY_FILE("file", NULL, "HDF5 file of episodes"),
    KEY_CHOICE("format", NULL, "auto", ig_data_formats, "layout of the file"),
    KEY_TEXTS("observations", NULL, "[]", 0, 100,
              "what makes a state: keys of a dictionary, or datasets; none: all there are"),
    KEY_CHOICE("actions_discrete", NULL, "auto", ig_data_discretes,
               "whether actions are numbers of choices"),
    KEY_TEXT("filter", NULL, "\"\"", 0, NAME_MAX_BYTES,
             "robomimic: only the episodes that mask/FILTER lists"),
    KEY_INTEGER("episode_length", NULL, "0", 0, 4e9,
                "rows after which an episode ends at the latest; 0: where the file says"),
    KEY_TEXT("actions", NULL, "\"\"", 0, NAME_MAX_BYTES, "flat: dataset of the actions"),
    KEY_TEXT("rewards", NULL, "\"\"", 0, NAME_MAX_BYTES, "flat: dataset of the rewards"),
    KEY_TEXT("next_observations", NULL, "\"\"", 0, NAME_MAX_BYTES,
             "flat: dataset of the next states"),
    KEY_TEXT("terminals", NULL, "\"\"", 0, NAME_MAX_BYTES, "flat: dataset of terminal rows"),
    KEY_TEXT("timeouts", NULL, "\"\"", 0, NAME_MAX_BYTES, "flat: dataset of rows cut short"),
    KEY_TEXT("episode_ends", NULL, "\"\"", 0, NAME_MAX_BYTES, "flat: dataset of episodes' ends"),
    KEY_TEXT("ep_len", NULL, "\"\"", 0, NAME_MAX_BYTES, "flat: dataset of episodes' lengths"),
    KEY_TEXT("ep_offset", NULL, "\"\"", 0, NAME_MAX_BYTES, "flat: dataset of episodes' first rows"),
    KEY_INTEGER("anchors", "anchor", NULL, 1, 4e9,
                "number N of training transitions, and of reward labels"),
    KEY_CHOICE("draw", "draw", "rows", draw_choices,
               "samples are drawn row by row, or as whole episodes"),
    KEY_CHOICE("labels", "labels", "given", label_choices,
               "reward labels as they are; controls: all zero, or shuffled among the samples"),
    KEY_REAL("holdout.episodes", NULL, "0.1", 0.001, 0.9, "share of the episodes that is held out"),
    KEY_CHOICE("target", NULL, "difference", target_choices,
               "what the dynamics model predicts: s' - s, or s'"),
    KEY_BOOLEAN("standardise", "standardise", "true",
                "inputs and targets are standardised by the N samples"),
    KEY_SIZES("hidden", "hidden", "[256, 256]", 1, WIDTH_MAX,
              "units of the hidden layers of both models"),
    KEY_CHOICE("activation", "activation", "relu", activation_choices,
               "activation of the hidden layers"),
    KEY_CHOICE("output", "output", "none", output_choices, "what outputs pass before the loss"),
    KEY_INTEGER("train.epochs", "epochs", "100", 1, 1e6, "passes over the N samples"),
    KEY_INTEGER("train.updates", "updates", "0", 0, 1e12,
                "Adam updates in place of epochs, the same for every N; 0: epochs count"),
    KEY_INTEGER("train.minibatch", "minibatch", "256", 1, 1e6, "samples per Adam update"),
    KEY_REAL("train.learning_rate", "learning_rate", "0.001", 1e-12, 1e12, "Adam learning rate"),
    KEY_INTEGER("train.validations", NULL, "10", 1, 1e4,
                "how often a training is validated: points of its curve"),
    KEY_INTEGER("open_loop.steps", NULL, "50", 1, 1e5, "imagined steps with recorded actions"),
    KEY_INTEGER("open_loop.starts", NULL, "256", 1, 1e6, "held-out rows they start from"),
    KEY_INTEGER("components", NULL, "32", 1, 4096,
                "how many numbers of the state have an error of their own in the results"),
    KEY_SIZES("policy.hidden", NULL, "[64, 64]", 1, WIDTH_MAX,
              "units of the hidden layers of the policy cloned from the data"),
    KEY_INTEGER("policy.updates", NULL, "2000", 1, 1e12, "Adam updates of that policy"),
    KEY_CHOICE("policy.actions", NULL, "sampled", action_choices,
               "actions with the data's own scatter, or without"),
    KEY_INTEGER("horizon", "horizon", "50", 1, 1e5, "steps H of a return"),
    KEY_REAL("gamma", "gamma", "0.99", 0, 1, "discount gamma of a return"),
    KEY_REAL("sensitivity.step", NULL, "0.01", 1e-6, 1e3,
             "size of the errors that sensitivities are measured with"),
    KEY_INTEGER("sensitivity.directions", NULL, "8", 1, 1e4, "errors they are means over"),
    KEY_INTEGER("sensitivity.trajectories", NULL, "64", 1, 1e6, "held-out rows they start from"),
};

static size_t validations_length(const ig_config *config)
{
    return ig_key_largest(config, "train.validations");
}

static size_t steps_length(const ig_config *config)
{
    return ig_key_largest(config, "open_loop.steps");
}

static size_t components_length(const ig_config *config)
{
    return ig_key_largest(config, "components");
}

static const ig_dimension dimensions[] = {
    {"validation", validations_length, 1, "1", "part of the training that is done", 0},
    {"step", steps_length, 1, "1", "imagined steps", 0},
    {"component", components_length, 1, "1", "number of the state", 0},
};

#define ARRAY(name, dimension, long_name, equation)                                                \
    {                                                                                              \
        name, IG_F32, dimension, "1", long_name, equation, true, 0                                 \
    }

/* Errors are in standard deviations of the targets over the whole file, unless something else is
 * said. */
static const ig_column columns[] = {
    COLUMN_I64("file_episodes", "episodes in the file", NULL),
    COLUMN_I64("file_transitions", "rows of the file whose next state is known", NULL),
    COLUMN_I64("file_labels", "rows of the file that have a reward", NULL),
    COLUMN_I64("state_dim", "numbers in a state", "d_s"),
    COLUMN_I64("action_dim", "numbers in an action", "d_a"),
    COLUMN_I64("outputs", "numbers of the state whose target varies by more than rounding", NULL),
    COLUMN_I64("holdout_episodes", "episodes held out", NULL),
    COLUMN_I64("holdout_transitions", "held-out transitions", NULL),
    COLUMN_I64("holdout_labels", "held-out labels", NULL),
    COLUMN("holdout_repeated", "share of the held-out rows that is there for training, too", NULL),
    COLUMN_I64("train_transitions", "transitions that are not held out: the largest N", NULL),
    COLUMN_I64("train_labels", "labels that are not held out", NULL),
    COLUMN("reward_mean", "mean reward of the file", NULL),
    COLUMN("reward_sd", "standard deviation of the file's rewards: the unit of reward_rmse", NULL),
    COLUMN("dynamics_rmse", "error of the dynamics on held-out transitions",
           "sqrt(mean over transitions and outputs of ((f^ - f) / sd)^2); the Euclidean norm is "
           "sqrt(outputs) times that"),
    COLUMN("dynamics_explained", "variance of held-out targets that the dynamics explain",
           "1 - sum (f^ - f)^2 / sum (f - mean f)^2, every output in its sd; 0 without variance"),
    COLUMN("dynamics_constant", "error of a constant prediction, the mean of the N samples",
           "as dynamics_rmse"),
    COLUMN("dynamics_train_rmse", "error on at most 10 000 of the N samples", "as dynamics_rmse"),
    COLUMN("reward_rmse", "error of the reward on held-out labels", "sqrt(mean ((r^ - r) / sd)^2)"),
    COLUMN("reward_rmse_own", "error of the reward in the file's units", "sqrt(mean (r^ - r)^2)"),
    COLUMN("reward_explained", "variance of held-out rewards that the reward model explains",
           "1 - sum (r^ - r)^2 / sum (r - mean r)^2; 0 without variance"),
    COLUMN("reward_correlation", "correlation of predicted and held-out rewards",
           "0 without variance"),
    COLUMN("reward_constant", "error of a constant prediction, the mean of the N labels",
           "as reward_rmse"),
    COLUMN("reward_train_rmse", "error on at most 10 000 of the N labels", "as reward_rmse"),
    COLUMN("policy_explained", "variance of held-out actions that the cloned policy explains",
           NULL),
    COLUMN("recorded_return", "mean return recorded from held-out rows, over H steps or to the end",
           "sum gamma^t r_t"),
    COLUMN("imagined_return", "mean return of the cloned policy in the models, from the same rows",
           "J(pi, M^)"),
    COLUMN("imagined_outside", "share of the imagined states outside the range of the file's",
           NULL),
    COLUMN("sensitivity_dynamics", "response of that return to dynamics errors",
           "S_f = |J(f^ + h D, r^) - J(f^, r^)| / h, h in dynamics_rmse"),
    COLUMN("sensitivity_reward", "response of that return to reward errors",
           "S_r = |J(f^, r^ + h D) - J(f^, r^)| / h, h in reward_rmse"),
    COLUMN("sensitivity_check", "what half the step changes of sensitivity_dynamics, as a part",
           "|S - S'| / max(S, S')"),
    COLUMN("sensitivity_dynamics_perturbed",
           "sensitivity_dynamics in models that are off by their own held-out errors",
           "S_f around f^ + dynamics_rmse D_0, r^ + reward_rmse D_0"),
    COLUMN("sensitivity_reward_perturbed", "sensitivity_reward in such models", "S_r likewise"),
    ARRAY("open_loop", "step", "error of the imagined state, recorded actions, from held-out rows",
          "sqrt(mean ((s^_k - s_k) / sd of the states)^2)"),
    ARRAY("component_rmse", "component", "error of the dynamics, of every number of the state",
          "as dynamics_rmse"),
    ARRAY("component_unit", "component", "standard deviation of the target in the file's units",
          NULL),
    ARRAY("dynamics_curve", "validation", "validation MSE of the dynamics during the training",
          "in standard deviations of the N samples"),
    ARRAY("reward_curve", "validation", "validation MSE of the reward during the training",
          "in standard deviations of the N samples"),
};

/* What is in the file is not known here; only ratios matter. */
enum { TYPICAL_STATE = 16, TYPICAL_ACTION = 6 };

static double cost(const ig_point *point)
{
    ig_dataset_task q = ig_dataset_task_of(point);
    ig_network n = q.student;
    const double epochs = q.schedule.epochs, size = (double)q.n;
    const double samples =
        q.schedule.updates > 0 ? (double)q.schedule.updates * q.schedule.minibatch : epochs * size;
    n.inputs = TYPICAL_STATE + TYPICAL_ACTION;
    n.outputs = TYPICAL_STATE + 1;
    q.policy.inputs = TYPICAL_STATE;
    q.policy.outputs = TYPICAL_ACTION;
    const double steps =
        (double)q.horizon * (double)q.trajectories * (3 * (double)q.directions + 2) +
        (double)q.steps * (double)q.starts;
    const double policy = (double)q.policy_updates * q.schedule.minibatch;
    /* A prediction takes a third of a training step, and both models have hidden layers. */
    return 2 * ((2 * samples + steps) * ig_network_work(&n) +
                (policy + steps / 3) * ig_network_work(&q.policy));
}

static const char *const summarised[] = {"dynamics_rmse",
                                         "reward_rmse",
                                         "dynamics_explained",
                                         "reward_explained",
                                         "reward_correlation",
                                         "dynamics_train_rmse",
                                         "reward_train_rmse",
                                         "dynamics_constant",
                                         "reward_constant",
                                         "reward_rmse_own",
                                         "sensitivity_dynamics",
                                         "sensitivity_reward",
                                         "sensitivity_check",
                                         "sensitivity_dynamics_perturbed",
                                         "sensitivity_reward_perturbed",
                                         "recorded_return",
                                         "imagined_return",
                                         "imagined_outside",
                                         "policy_explained",
                                         "file_episodes",
                                         "file_transitions",
                                         "file_labels",
                                         "state_dim",
                                         "action_dim",
                                         "outputs",
                                         "holdout_episodes",
                                         "holdout_transitions",
                                         "holdout_labels",
                                         "holdout_repeated",
                                         "train_transitions",
                                         "train_labels",
                                         "reward_mean",
                                         "reward_sd",
                                         NULL};

static const ig_fit fits[] = {
    {.column = "dynamics_rmse",
     .axis = "anchors",
     .exponent = "alpha",
     .amplitude = "A_d",
     .only_key = "labels",
     .only_value = "given",
     .sensitivity = "sensitivity_dynamics",
     .sensitivity_perturbed = "sensitivity_dynamics_perturbed"},
    {.column = "reward_rmse",
     .axis = "anchors",
     .exponent = "beta",
     .amplitude = "A_r",
     .only_key = "labels",
     .only_value = "given",
     .sensitivity = "sensitivity_reward",
     .sensitivity_perturbed = "sensitivity_reward_perturbed"},
};
static const ig_fits laws = {
    .fits = fits,
    .n_fits = sizeof fits / sizeof *fits,
    .figure = "errors",
    .figure_title = "Errors of the models against the number of samples",
    .x_label = "transitions, or reward labels, N",
    .y_label = "held-out error (1: a constant prediction)",
};
static const char *const by_labels[] = {"labels", NULL};
static const ig_curve explained[] = {
    {.name = "dynamics-explained",
     .title = "Variance of held-out transitions that the dynamics model explains",
     .x_label = "transitions N",
     .y_label = "share explained",
     .x = "anchors",
     .log_x = true,
     .lines = by_labels,
     .only_key = "labels",
     .only_value = "given",
     .measured = "dynamics_explained"},
    {.name = "reward-explained",
     .title = "Variance of held-out rewards that the reward model explains",
     .x_label = "reward labels N",
     .y_label = "share explained",
     .x = "anchors",
     .log_x = true,
     .lines = by_labels,
     .measured = "reward_explained"},
};
static const ig_profile open_loop = {
    .name = "open-loop",
    .title = "Error of imagined states, actions as recorded",
    .x_label = "imagined steps",
    .y_label = "error, in standard deviations of the states",
    .column = "open_loop",
    .log_x = true,
    .log_y = true,
    .only_key = "labels",
    .only_value = "given",
};
static const ig_profile components = {
    .name = "components",
    .title = "Error of every number of the state, with the most transitions",
    .x_label = "number of the state, from 1",
    .y_label = "error (1: a constant prediction)",
    .column = "component_rmse",
    .only_key = "labels",
    .only_value = "given",
    .largest = "anchors",
};
static const ig_analysis analyses[] = {
    IG_ANALYSE(TABLE, &ig_dataset_data_table),
    IG_ANALYSE(TABLE, &ig_dataset_models_table),
    IG_ANALYSE(LAWS, &laws),
    IG_ANALYSE(TABLE, &ig_dataset_returns_table),
    IG_ANALYSE(PROFILE, &open_loop),
    IG_ANALYSE(PROFILE, &components),
    IG_ANALYSE(CURVE, &explained[0]),
    IG_ANALYSE(CURVE, &explained[1]),
    IG_ANALYSE(TABLE, &ig_dataset_controls_table),
};

const ig_experiment ig_experiment_dataset = {
    .schema = {"dataset", keys, sizeof keys / sizeof *keys},
    .title = "Models of your own transitions, and what more of them are worth",
    .dimensions = dimensions,
    .n_dimensions = sizeof dimensions / sizeof *dimensions,
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .cost = cost,
    .run = ig_dataset_run,
    .results_version = 1,
    .summary = {summarised, analyses, sizeof analyses / sizeof *analyses},
    .shared_bytes = ig_dataset_bytes,
    .load = ig_dataset_load,
};
