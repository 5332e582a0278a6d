/** Experiment `calibration` (docs/protocol.md, the paper's Section 3.1 and Figure 3): does Lemma 1
 * hold, and how much of the bound is used? Keys, columns and summary. */
#include "experiments/calibration.h"
#include "experiments/table.h"

/* In the order of ig_arm. */
static const char *const arms[] = {
    "synthetic_generic",  "synthetic_aligned",  "lqg", "expansive_generic", "expansive_aligned",
    "stochastic_generic", "stochastic_aligned", NULL};

/* path, column, type, default, range, choices, units, long name, annotation */
static const ig_key keys[] = {
    {"arm", "arm", IG_KEY_CHOICE, "synthetic_generic", 0, 0, arms, "1",
     "family of systems and form of the bound", false},
    {"gamma", "gamma", IG_KEY_REAL, "0.9", 0.001, 0.9999, NULL, "1", "discount gamma", false},
    {"kappa", "kappa", IG_KEY_REAL, "0.6", 0.001, 100, NULL, "1",
     "contraction kappa = gamma L_f (1 + L_pi)", false},
    {"dims.state", "state_dim", IG_KEY_INTEGER, "4", 1, 1024, NULL, "1", "state dimension d_s",
     false},
    {"dims.action", "action_dim", IG_KEY_INTEGER, "2", 1, 1024, NULL, "1", "action dimension d_a",
     false},
    {"horizon", "horizon", IG_KEY_INTEGER, "50", 1, 1e6, NULL, "1",
     "rewards summed by the expansive arms", false},
    {"noise", "noise", IG_KEY_REAL, "0.1", 1e-12, 1e6, NULL, "1",
     "standard deviation of the noise in the stochastic arms", false},
    {"paths", NULL, IG_KEY_INTEGER, "100", 2, 1e6, NULL, "1", "noise paths of a stochastic system",
     false},
    {"confidence", NULL, IG_KEY_REAL, "0.999", 0.5, 0.9999999, NULL, "1",
     "confidence of the interval of the unshared gap", false},
    {"lipschitz.policy", NULL, IG_KEY_INTERVAL, "[0.2, 1]", 0, 1e3, NULL, "1",
     "L_pi is drawn uniformly from here", false},
    {"lipschitz.reward", NULL, IG_KEY_INTERVAL, "[0.5, 2]", 0, 1e3, NULL, "1",
     "L_r is drawn uniformly from here", false},
    {"errors", NULL, IG_KEY_INTERVAL, "[0.001, 0.1]", 1e-9, 1e3, NULL, "1",
     "eps_dyn and eps_rew are drawn from here, uniformly in the logarithm", false},
    {"published.synthetic_median", NULL, IG_KEY_REAL, "0.0035", 0, 1, NULL, "1",
     "published median of the synthetic arm", true},
    {"published.synthetic_maximum", NULL, IG_KEY_REAL, "0.9995", 0, 1, NULL, "1",
     "published maximum of the synthetic arm", true},
    {"published.lqg_median", NULL, IG_KEY_REAL, "0.034", 0, 1, NULL, "1",
     "published median of the LQG arm", true},
    {"published.lqg_maximum", NULL, IG_KEY_REAL, "0.999", 0, 1, NULL, "1",
     "published maximum of the LQG arm", true},
    {"published.pooled_median", NULL, IG_KEY_REAL, "0.015", 0, 1, NULL, "1",
     "published median of both arms", true},
};

#define SHARED "; stochastic arms: mean over the paths"

static const ig_column columns[] = {
    {"L_f", IG_F64, NULL, "1", "Lipschitz constant of the true dynamics",
     "Section 3, Lemma 1 of arXiv 2605.06732", false},
    {"L_r", IG_F64, NULL, "1", "Lipschitz constant of the true reward",
     "Section 3, Lemma 1 of arXiv 2605.06732", false},
    {"L_pi", IG_F64, NULL, "1", "Lipschitz constant of the policy",
     "Section 3, Lemma 1 of arXiv 2605.06732", false},
    {"eps_dyn", IG_F64, NULL, "1", "supremum of the dynamics error over the domain",
     "eps_dyn = sup ||f^ - f||", false},
    {"eps_rew", IG_F64, NULL, "1", "supremum of the reward error over the domain",
     "eps_rew = sup |r^ - r|", false},
    {"bound_reward", IG_F64, NULL, "1", "reward term of the bound",
     "C_r eps_rew, Eq. 1 of arXiv 2605.06732", false},
    {"bound_dynamics", IG_F64, NULL, "1", "dynamics term of the bound",
     "C_d eps_dyn, Eq. 1 of arXiv 2605.06732", false},
    {"bound", IG_F64, NULL, "1", "the bound: Lemma 1, or its finite-horizon form in expansive arms",
     "C_r eps_rew + C_d eps_dyn, Eq. 1 of arXiv 2605.06732", false},
    {"J", IG_F64, NULL, "1", "true return" SHARED, "J(pi, M)", false},
    {"J_hat", IG_F64, NULL, "1", "learned return" SHARED, "J(pi, M^)", false},
    {"gap", IG_F64, NULL, "1",
     "distance of the two returns; stochastic arms: the largest of all paths", "|J - J^|", false},
    {"R", IG_F64, NULL, "1", "share of the bound that the gap uses", "R = |J - J^| / bound", false},
    {"gap_dynamics", IG_F64, NULL, "1", "what the dynamics error does alone" SHARED,
     "J(f^, r) - J(f, r)", false},
    {"gap_reward", IG_F64, NULL, "1", "what the reward error does alone" SHARED,
     "J(f, r^) - J(f, r)", false},
    {"share_dynamics", IG_F64, NULL, "1", "share of the gap from the dynamics error alone",
     "(J(f^, r) - J) / (J^ - J)", false},
    {"share_reward", IG_F64, NULL, "1", "share of the gap from the reward error alone",
     "(J(f, r^) - J) / (J^ - J)", false},
    {"share_both", IG_F64, NULL, "1", "share of the gap that takes both errors",
     "1 - share_dynamics - share_reward", false},
    {"steps", IG_I64, NULL, "1", "rewards summed", "Appendix B.4 of arXiv 2605.06732", false},
    {"tail", IG_F64, NULL, "1", "most that the rewards left out could add, as a share of the bound",
     "|sum_{t >= steps} gamma^t (r^_t - r_t)| / bound", false},
    {"reach", IG_F64, NULL, "1",
     "largest ||(s, a)|| of both rollouts over the radius of the operating ball; 0 without a ball",
     "max_t ||(s_t, a_t)|| / radius", false},
    {"seen_dyn", IG_F64, NULL, "1", "largest dynamics error on the learned rollout",
     "max_t ||f^ - f||", false},
    {"seen_rew", IG_F64, NULL, "1", "largest reward error on the learned rollout", "max_t |r^ - r|",
     false},
    {"unshared_R", IG_F64, NULL, "1",
     "ratio of the mean gap when each rollout has noise of its own; R without noise",
     "|mean(J^ - J)| / bound", false},
    {"unshared_low", IG_F64, NULL, "1", "lower end of the confidence interval of unshared_R",
     "(|mean(J^ - J)| - z SE) / bound", false},
    {"unshared_high", IG_F64, NULL, "1", "upper end of the confidence interval of unshared_R",
     "(|mean(J^ - J)| + z SE) / bound", false},
};

static const char *const summarised[] = {
    "R", "share_dynamics", "share_reward", "share_both", "unshared_R", "unshared_low", NULL};
static const char *const by[] = {"arm", NULL};
static const char *const shares[] = {"share_dynamics", "share_reward", "share_both", NULL};
static const char *const synthetic[] = {"synthetic_generic", "synthetic_aligned", NULL};
static const char *const lqg[] = {"lqg", NULL};
static const char *const both[] = {"synthetic_generic", "synthetic_aligned", "lqg", NULL};
static const char *const expansive[] = {"expansive_generic", "expansive_aligned", NULL};
static const char *const stochastic[] = {"stochastic_generic", "stochastic_aligned", NULL};
static const char *const aligned[] = {"synthetic_aligned", "expansive_aligned",
                                      "stochastic_aligned", NULL};
static const ig_pool pools[] = {
    {"synthetic", synthetic, "published.synthetic_median", "published.synthetic_maximum", true},
    {"lqg", lqg, "published.lqg_median", "published.lqg_maximum", true},
    {"synthetic and lqg", both, "published.pooled_median", "published.synthetic_maximum", false},
    {"expansive", expansive, NULL, NULL, true},
    {"stochastic", stochastic, NULL, NULL, true},
};
static const ig_ratio ratios[] = {
    {.column = "R",
     .slack = 1e-10,
     .by = by,
     .attained = aligned,
     .pools = pools,
     .n_pools = sizeof pools / sizeof *pools,
     .beside = shares,
     .figure = "figure3",
     .figure_title =
         "How much of Lemma 1's bound is used; aligned chains, half of every arm but lqg, use "
         "all of it",
     .x_label = "R = |J - J^| / bound",
     .y_label = "share of configurations up to R"},
    {.column = "unshared_R",
     .judged = "unshared_low",
     .slack = 1e-10,
     .by = by,
     .only = stochastic},
};

const ig_experiment ig_experiment_calibration = {
    .schema = {"calibration", keys, sizeof keys / sizeof *keys},
    .title = "Lemma 1: the gap between true and learned return against its bound",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = ig_calibration_check,
    .cost = ig_calibration_cost,
    .run = ig_calibration_run,
    .results_version = 1,
    .summary = {.columns = summarised,
                .ratios = ratios,
                .n_ratios = sizeof ratios / sizeof *ratios},
};
