/** Experiment `imagination` (docs/protocol.md, the paper's title): does the division of a budget that
 *  Theorem 1 predicts train better policies? Columns and summary. */
#include "experiments/imagination.h"
#include "experiments/table.h"

static size_t iterations_length(const ig_config *config)
{
    size_t key = ig_config_key(config, "policy.iterations");
    int64_t longest = 1;
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        int64_t iterations = ig_config_value(config, key, i)->integer;
        longest = iterations > longest ? iterations : longest;
    }
    return (size_t)longest;
}

static const ig_dimension dimensions[] = {
    {"iteration", iterations_length, 1, "1", "update of the policy"},
};

static const ig_column columns[] = {
    {"n_dyn", IG_I64, NULL, "1", "transitions bought", "N_dyn = x B / c_dyn", false},
    {"n_rew", IG_I64, NULL, "1", "reward labels bought", "N_rew = (1 - x) B / c_rew", false},
    {"label_cost", IG_F64, NULL, "1", "price of a label, in prices of a transition",
     "c_rew / (1 + (sigma / half)^2)^power", false},
    {"spent", IG_F64, NULL, "1", "money spent, in prices of a transition",
     "c_dyn N_dyn + c_rew N_rew", false},
    {"dynamics_error", IG_F64, NULL, "1", "dynamics error on held-out data",
     "sqrt(mean ||f^ - f||^2)", false},
    {"dynamics_error_own", IG_F64, NULL, "1",
     "dynamics error on the true rollouts of the policy trained in imagination",
     "sqrt(mean ||f^ - f||^2)", false},
    {"dynamics_error_most", IG_F64, NULL, "1",
     "largest dynamics error on that policy's imagined rollouts", "max ||f^ - f||", false},
    {"reward_error", IG_F64, NULL, "1", "reward error on held-out data", "sqrt(mean (r^ - r)^2)",
     false},
    {"reward_error_own", IG_F64, NULL, "1", "reward error on the policy's true rollouts",
     "sqrt(mean (r^ - r)^2)", false},
    {"reward_error_most", IG_F64, NULL, "1", "largest reward error on its imagined rollouts",
     "max |r^ - r|", false},
    {"reward_bias", IG_F64, NULL, "1", "reward bias on the policy's true rollouts", "mean(r^ - r)",
     false},
    {"reward_bias_imagined", IG_F64, NULL, "1", "reward bias on its imagined rollouts",
     "mean(r^ - r)", false},
    {"imagined_return", IG_F64, NULL, "1", "return in imagination of the policy trained there",
     "J(pi^, M^)", false},
    {"true_return", IG_F64, NULL, "1", "its return in the true MDP", "J(pi^, M)", false},
    {"gap", IG_F64, NULL, "1", "how much better it looks in imagination", "J(pi^, M^) - J(pi^, M)",
     false},
    {"gap_size", IG_F64, NULL, "1", "size of the gap", "|J(pi^, M^) - J(pi^, M)|", false},
    {"bound_log10", IG_F64, NULL, "1", "log10 of the bound on it; at most 300",
     "Lemma 1 over H steps, errors those on its imagined rollouts", false},
    {"L_f", IG_F64, NULL, "1", "Lipschitz constant of the dynamics",
     "products of spectral norms, or exact", false},
    {"L_r", IG_F64, NULL, "1", "Lipschitz constant of the reward; lqg, known_value: where it goes",
     "products of spectral norms, or exact", false},
    {"L_pi", IG_F64, NULL, "1", "Lipschitz constant of the policy", "products of spectral norms",
     false},
    {"trained_return", IG_F64, NULL, "1", "return of the policy trained in the true MDP",
     "J(pi*, M)", false},
    {"random_return", IG_F64, NULL, "1", "return of the policy both trainings begin with",
     "J(pi_0, M)", false},
    {"zero_return", IG_F64, NULL, "1", "return of the policy that does nothing", "J(0, M)", false},
    {"optimum_return", IG_F64, NULL, "1",
     "best return (lqg: Riccati equation; known_value: of a = -gain s); teacher: trained_return",
     "max J", false},
    {"optimum_known", IG_I32, NULL, "1", "1 where optimum_return is an optimum, else 0", "max J",
     false},
    {"regret", IG_F64, NULL, "1", "what training in imagination loses", "J(pi*, M) - J(pi^, M)",
     false},
    {"regret_normalised", IG_F64, NULL, "1", "as a share of what training in the truth gains",
     "(J(pi*, M) - J(pi^, M)) / (J(pi*, M) - J(pi_0, M))", false},
    {"regret_relative", IG_F64, NULL, "1", "as a share of the return",
     "(J(pi*, M) - J(pi^, M)) / |J(pi*, M)|", false},
    {"regret_optimum", IG_F64, NULL, "1", "loss against optimum_return", "max J - J(pi^, M)",
     false},
    {"S_f", IG_F64, NULL, "1", "realized sensitivity to dynamics errors",
     "|J(f + h D, r) - J(f, r)| / h, Section 4.2", false},
    {"S_r", IG_F64, NULL, "1", "realized sensitivity to reward errors",
     "|J(f, r + h D) - J(f, r)| / h, Section 4.2", false},
    {"step_check", IG_F64, NULL, "1", "what half the step changes, as a part", "Section 4.2",
     false},
    {"weight_ratio_log10", IG_F64, NULL, "1", "log10 of the bound's weights C_d / C_r",
     "Lemma 1 over H steps", false},
    {"split_bound", IG_F64, NULL, "1", "best split by Theorem 1 with the bound's weights",
     "Eq. 4 with C_d / C_r", false},
    {"split_realized", IG_F64, NULL, "1", "best split by Theorem 1 with realized sensitivities",
     "Eq. 4 with S_f / S_r", false},
    {"imagined_curve", IG_F32, "iteration", "1", "mean return of a batch in imagination",
     "J(pi^_i, M^)", true},
    {"true_curve", IG_F32, "iteration", "1", "the same of the training in the true MDP",
     "J(pi*_i, M)", true},
};

static const char *const summarised[] = {"regret",
                                         "regret_normalised",
                                         "regret_relative",
                                         "regret_optimum",
                                         "gap_size",
                                         "gap",
                                         "bound_log10",
                                         "dynamics_error",
                                         "dynamics_error_own",
                                         "reward_error",
                                         "reward_error_own",
                                         "reward_bias",
                                         "trained_return",
                                         "true_return",
                                         "random_return",
                                         "zero_return",
                                         "S_f",
                                         "S_r",
                                         "split_bound",
                                         "split_realized",
                                         NULL};

static const char *const panels[] = {"budget", "cost_ratio", NULL};
static const char *const teachers[] = {"teacher_gain", NULL};
static const char *const others[] = {"label_noise", "horizon", NULL};
static const char *const predicted[] = {"split_bound", "split_realized", NULL};
static const char split[] = "share of the budget for transitions";
static const char regret[] = "regret / gain of true training";
static const char gap[] = "|imagined - true return|";

#define CURVE(of, what, how, kind, by)                                                             \
    {                                                                                              \
        .name = what "_" of, .x = "split", .x_label = split, .panels = panels, .lines = by,        \
        .only_key = "environment", .only_value = of, .measured = kind, .y_label = how,             \
        .predicted = predicted, .tolerance = 0.1                                                   \
    }
static const ig_curve curves[] = {
    {.name = "regret_teacher"},
};

const ig_experiment ig_experiment_imagination = {
    .schema = {"imagination", ig_imagination_keys, 0},
};
