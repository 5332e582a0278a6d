/** Experiment `fidelity` (docs/protocol.md, Corollary 2): which price to pay for the annotation of
 * a rollout. Keys, columns and summary. */
#include "experiments/fidelity.h"
#include "experiments/noisy-keys.h"
#include "experiments/table.h"

/* In the order of ig_fidelity_family. */
static const char *const families[] = {"power", "bounded", "floor", NULL};

/* path, column, type, default, range, choices, units, long name, annotation */
static const ig_key keys[] = {
    {"curve", "curve", IG_KEY_CHOICE, "power", 0, 0, families, "1", "family of sigma^2(c)", false},
    {"exponent", "exponent", IG_KEY_REAL, "1", 1e-3, 10, NULL, "1",
     "exponent p (power): sigma^2(c) = A c^-p", false},
    {"noise", "noise", IG_KEY_REAL, "30", 1e-6, 1e9, NULL, "1", "sigma at the lowest price", false},
    {"cost", "cost", IG_KEY_REAL, "1", 1e-9, 1e9, NULL, "1",
     "price c of the annotation of one rollout", false},
    {"budget", "budget", IG_KEY_REAL, "256", 1e-9, 1e15, NULL, "1", "money B for one gradient",
     false},
    {"gamma", "gamma", IG_KEY_REAL, "0.9", 1e-6, 0.9999, NULL, "1", "discount gamma", false},
    {"horizon", "horizon", IG_KEY_INTEGER, "10", 1, 10000, NULL, "1", "steps H of a trajectory",
     false},
    {"baseline", "baseline", IG_KEY_CHOICE, "mean", 0, 0, ig_noisy_baselines, "1",
     "taken from the returns: nothing, mean of each step, or affine in the state", false},
    {"teacher_gain", "teacher_gain", IG_KEY_CHOICE, "paper", 0, 0, ig_noisy_gains, "1",
     "teacher as drawn, or weights divided by sqrt(fan_in)", false},
    {"dims.state", "state_dim", IG_KEY_INTEGER, "4", 1, 1024, NULL, "1", "state dimension d_s",
     false},
    {"dims.action", "action_dim", IG_KEY_INTEGER, "2", 1, 1024, NULL, "1", "action dimension d_a",
     false},
    {"dims.hidden", "hidden_dim", IG_KEY_INTEGER, "16", 1, 4096, NULL, "1",
     "hidden width d_h of the teacher", false},
    {"dims.policy", "policy_dim", IG_KEY_INTEGER, "0", 0, 4096, NULL, "1",
     "hidden width of the policy; 0: linear", false},
    {"std", "std", IG_KEY_REAL, "0.5", 1e-3, 1e3, NULL, "1",
     "standard deviation of the policy in every action coordinate", false},
    {"prices", NULL, IG_KEY_INTERVAL, "[1, 64]", 1e-9, 1e9, NULL, "1",
     "lowest and highest price there is", false},
    {"floor_part", NULL, IG_KEY_REAL, "0.1", 0, 1, NULL, "1",
     "part of sigma^2 at the lowest price that no price removes (floor)", false},
    {"replicates", NULL, IG_KEY_INTEGER, "500", 10, 1e7, NULL, "1", "gradients of a task", false},
    {"pilot", NULL, IG_KEY_INTEGER, "4096", 10, 1e7, NULL, "1",
     "single trajectories for the predicted variance", false},
    {"reference", NULL, IG_KEY_INTEGER, "16384", 2, 1e9, NULL, "1",
     "trajectories of the reference gradient, at least", false},
    {"confidence", NULL, IG_KEY_REAL, "0.999999", 0.5, 0.999999999999, NULL, "1",
     "confidence of every test", false},
};

static const ig_column columns[] = {
    {"trajectories", IG_F64, NULL, "1", "trajectories bought",
     "K = B / c, rounded to the nearest, at least 1", false},
    {"sigma2", IG_F64, NULL, "1", "variance of the reward noise at this price", "sigma^2(c)",
     false},
    {"mse", IG_F64, NULL, "1", "squared error of the gradient at equal budget",
     "E||g - grad J_H||^2 K c / B", false},
    {"mse_error", IG_F64, NULL, "1", "its standard error", "docs/protocol.md", false},
    {"mse_predicted", IG_F64, NULL, "1", "squared error by theory", "c (v + h sigma^2(c)) / B",
     false},
    {"added", IG_F64, NULL, "1", "variance that the noise adds at equal budget",
     "(Var g - Var g[sigma = 0]) K c / B", false},
    {"added_error", IG_F64, NULL, "1", "its standard error", "docs/protocol.md", false},
    {"added_predicted", IG_F64, NULL, "1", "variance that the noise adds by theory", "h Phi(c) / B",
     false},
    {"phi_measured", IG_F64, NULL, "1", "Phi from the measured variance", "B added / h", false},
    {"phi", IG_F64, NULL, "1", "Phi", "c sigma^2(c), Corollary 2", false},
    {"phi_test", IG_F64, NULL, "1", "evidence that they differ; above 1 at the confidence",
     "ln p / ln(1 - confidence)", false},
    {"mse_test", IG_F64, NULL, "1", "evidence that measured and predicted squared error differ",
     "ln p / ln(1 - confidence)", false},
    {"single_noise_free", IG_F64, NULL, "1", "noise-free variance of one trajectory", "v", false},
    {"single_added", IG_F64, NULL, "1", "variance that unit noise adds to one trajectory", "h",
     false},
    {"best_phi", IG_F64, NULL, "1",
     "best price by Phi alone; the lowest price where all are as good", "Corollary 2", false},
    {"best_total", IG_F64, NULL, "1", "best price by Phi and the noise-free variance",
     "argmin c (v + h sigma^2(c))", false},
};

static const char *const summarised[] = {
    "trajectories",      "sigma2",       "mse",      "mse_predicted", "added",
    "added_predicted",   "phi_measured", "phi",      "phi_test",      "mse_test",
    "single_noise_free", "single_added", "best_phi", "best_total",    NULL};

static const char *const by[] = {"curve", "exponent", NULL};
static const ig_ratio ratios[] = {
    {.column = "phi_test", .by = by},
    {.column = "mse_test", .by = by},
};

static const char *const panels[] = {"curve", "exponent", NULL};
static const char *const lines[] = {"noise", NULL};
static const char *const best_phi[] = {"best_phi", NULL};
static const char *const best_both[] = {"best_phi", "best_total", NULL};
static const ig_curve curves[] = {
    {.name = "figure5",
     .title = "Variance that the noise adds at equal budget, and Phi(c)",
     .x_label = "price c of a rollout's annotation",
     .y_label = "Phi(c) = c sigma^2(c)",
     .x = "cost",
     .log_x = true,
     .log_y = true,
     .panels = panels,
     .lines = lines,
     .measured = "phi_measured",
     .reference = "phi",
     .reference_title = "Phi(c)",
     .predicted = best_phi,
     .tolerance = 0.05},
    {.name = "fidelity_mse",
     .title = "Squared error of the gradient at equal budget",
     .x_label = "price c of a rollout's annotation",
     .y_label = "squared error against grad J_H",
     .x = "cost",
     .log_x = true,
     .log_y = true,
     .panels = panels,
     .lines = lines,
     .measured = "mse",
     .reference = "mse_predicted",
     .reference_title = "c (v + h sigma^2(c)) / B",
     .predicted = best_both,
     .tolerance = 0.05},
};

const ig_experiment ig_experiment_fidelity = {
    .schema = {"fidelity", keys, sizeof keys / sizeof *keys},
    .title = "Corollary 2: the price of an annotation and the error of the policy gradient",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = ig_fidelity_check,
    .cost = ig_fidelity_cost,
    .run = ig_fidelity_run,
    .results_version = 1,
    .summary = {.columns = summarised,
                .ratios = ratios,
                .n_ratios = sizeof ratios / sizeof *ratios,
                .curves = curves,
                .n_curves = sizeof curves / sizeof *curves},
};
