/** Experiment `calibration` (docs/protocol.md, the paper's Section 3.1 and Figure 3): does Lemma 1
 * hold, and how much of the bound is used? */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "base/moments.h"
#include "base/try.h"
#include "env/world.h"
#include "experiments/table.h"

/** Values of the key `arm`. */
typedef enum arm_kind {
    ARM_SYNTHETIC_GENERIC,
    ARM_SYNTHETIC_ALIGNED,
    ARM_LQG,
    ARM_EXPANSIVE_GENERIC,
    ARM_EXPANSIVE_ALIGNED,
    ARM_STOCHASTIC_GENERIC,
    ARM_STOCHASTIC_ALIGNED
} arm_kind;

/** Rewards are summed until what is left is below this share of the bound. */
#define TAIL 1e-12

/* In the order of arm_kind. */
static const char *const arms[] = {
    "synthetic_generic",  "synthetic_aligned",  "lqg", "expansive_generic", "expansive_aligned",
    "stochastic_generic", "stochastic_aligned", NULL};

/* path, column, default, range or choices, long name */
static const ig_key keys[] = {
    KEY_CHOICE("arm", "arm", "synthetic_generic", arms, "family of systems and form of the bound"),
    KEY_REAL("gamma", "gamma", "0.9", 0.001, 0.9999, "discount gamma"),
    KEY_REAL("kappa", "kappa", "0.6", 0.001, 100, "contraction kappa = gamma L_f (1 + L_pi)"),
    KEY_INTEGER("dims.state", "state_dim", "4", 1, 1024, "state dimension d_s"),
    KEY_INTEGER("dims.action", "action_dim", "2", 1, 1024, "action dimension d_a"),
    KEY_INTEGER("horizon", "horizon", "50", 1, 1e6, "rewards summed by the expansive arms"),
    KEY_REAL("noise", "noise", "0.1", 1e-12, 1e6,
             "standard deviation of the noise in the stochastic arms"),
    KEY_INTEGER("paths", NULL, "100", 2, 1e6, "noise paths of a stochastic system"),
    KEY_REAL("confidence", NULL, "0.999", 0.5, 0.9999999,
             "confidence of the interval of the unshared gap"),
    KEY_INTERVAL("lipschitz.policy", NULL, "[0.2, 1]", 0, 1e3, "L_pi is drawn uniformly from here"),
    KEY_INTERVAL("lipschitz.reward", NULL, "[0.5, 2]", 0, 1e3, "L_r is drawn uniformly from here"),
    KEY_INTERVAL("errors", NULL, "[0.001, 0.1]", 1e-9, 1e3,
                 "eps_dyn and eps_rew are drawn from here, uniformly in the logarithm"),
    PUBLISHED_REAL("published.synthetic_median", "0.0035", 0, 1,
                   "published median of the synthetic arm"),
    PUBLISHED_REAL("published.synthetic_maximum", "0.9995", 0, 1,
                   "published maximum of the synthetic arm"),
    PUBLISHED_REAL("published.lqg_median", "0.034", 0, 1, "published median of the LQG arm"),
    PUBLISHED_REAL("published.lqg_maximum", "0.999", 0, 1, "published maximum of the LQG arm"),
    PUBLISHED_REAL("published.pooled_median", "0.015", 0, 1, "published median of both arms"),
};

#define SHARED "; stochastic arms: mean over the paths"

static const ig_column columns[] = {
    COLUMN("L_f", "Lipschitz constant of the true dynamics",
           "Section 3, Lemma 1 of arXiv 2605.06732"),
    COLUMN("L_r", "Lipschitz constant of the true reward",
           "Section 3, Lemma 1 of arXiv 2605.06732"),
    COLUMN("L_pi", "Lipschitz constant of the policy", "Section 3, Lemma 1 of arXiv 2605.06732"),
    COLUMN("eps_dyn", "supremum of the dynamics error over the domain", "eps_dyn = sup ||f^ - f||"),
    COLUMN("eps_rew", "supremum of the reward error over the domain", "eps_rew = sup |r^ - r|"),
    COLUMN("bound_reward", "reward term of the bound", "C_r eps_rew, Eq. 1 of arXiv 2605.06732"),
    COLUMN("bound_dynamics", "dynamics term of the bound",
           "C_d eps_dyn, Eq. 1 of arXiv 2605.06732"),
    COLUMN("bound", "the bound: Lemma 1, or its finite-horizon form in expansive arms",
           "C_r eps_rew + C_d eps_dyn, Eq. 1 of arXiv 2605.06732"),
    COLUMN("J", "true return" SHARED, "J(pi, M)"),
    COLUMN("J_hat", "learned return" SHARED, "J(pi, M^)"),
    COLUMN("gap", "distance of the two returns; stochastic arms: the largest of all paths",
           "|J - J^|"),
    COLUMN("R", "share of the bound that the gap uses", "R = |J - J^| / bound"),
    COLUMN("gap_dynamics", "what the dynamics error does alone" SHARED, "J(f^, r) - J(f, r)"),
    COLUMN("gap_reward", "what the reward error does alone" SHARED, "J(f, r^) - J(f, r)"),
    COLUMN("share_dynamics", "share of the gap from the dynamics error alone",
           "(J(f^, r) - J) / (J^ - J)"),
    COLUMN("share_reward", "share of the gap from the reward error alone",
           "(J(f, r^) - J) / (J^ - J)"),
    COLUMN("share_both", "share of the gap that takes both errors",
           "1 - share_dynamics - share_reward"),
    COLUMN_I64("steps", "rewards summed", "Appendix B.4 of arXiv 2605.06732"),
    COLUMN("tail", "most that the rewards left out could add, as a share of the bound",
           "|sum_{t >= steps} gamma^t (r^_t - r_t)| / bound"),
    COLUMN("reach",
           "largest ||(s, a)|| of both rollouts over the radius of the operating ball; 0 without a "
           "ball",
           "max_t ||(s_t, a_t)|| / radius"),
    COLUMN("seen_dyn", "largest dynamics error on the learned rollout", "max_t ||f^ - f||"),
    COLUMN("seen_rew", "largest reward error on the learned rollout", "max_t |r^ - r|"),
    COLUMN("unshared_R",
           "ratio of the mean gap when each rollout has noise of its own; R without noise",
           "|mean(J^ - J)| / bound"),
    COLUMN("unshared_low", "lower end of the confidence interval of unshared_R",
           "(|mean(J^ - J)| - z SE) / bound"),
    COLUMN("unshared_high", "upper end of the confidence interval of unshared_R",
           "(|mean(J^ - J)| + z SE) / bound"),
};

static bool is_expansive(arm_kind arm)
{
    return arm == ARM_EXPANSIVE_GENERIC || arm == ARM_EXPANSIVE_ALIGNED;
}

static bool is_stochastic(arm_kind arm)
{
    return arm == ARM_STOCHASTIC_GENERIC || arm == ARM_STOCHASTIC_ALIGNED;
}

static bool is_aligned(arm_kind arm)
{
    return arm == ARM_SYNTHETIC_ALIGNED || arm == ARM_EXPANSIVE_ALIGNED ||
           arm == ARM_STOCHASTIC_ALIGNED;
}

/* Rewards after which a sum is given up: half a minute of a small system. */
enum { STEPS_MAX = 100000000 };

/** The parameters of one task, read from the grid point once. */
typedef struct parameters {
    arm_kind arm;
    ig_system_options system;
    size_t horizon, paths;
    double noise, confidence;
} parameters;

static parameters parameters_of(const ig_point *p)
{
    parameters q = {
        .arm = (arm_kind)ig_point_choice(p, "arm", NULL),
        .system = {.state = (size_t)ig_point_integer(p, "dims.state"),
                   .action = (size_t)ig_point_integer(p, "dims.action"),
                   .gamma = ig_point_real(p, "gamma"),
                   .kappa = ig_point_real(p, "kappa")},
        .paths = (size_t)ig_point_integer(p, "paths"),
        .confidence = ig_point_real(p, "confidence"),
    };
    ig_point_interval(p, "lipschitz.policy", q.system.policy);
    ig_point_interval(p, "lipschitz.reward", q.system.reward);
    ig_point_interval(p, "errors", q.system.errors);
    q.horizon = is_expansive(q.arm) ? (size_t)ig_point_integer(p, "horizon") : 0;
    q.noise = is_stochastic(q.arm) ? ig_point_real(p, "noise") : 0;
    return q;
}

static double cost(const ig_point *point)
{
    parameters q = parameters_of(point);
    double n = (double)q.system.state, m = (double)q.system.action;
    /* Both rates of decay count; the sum ends when the slower one has fallen far enough. */
    double rate = -log(is_aligned(q.arm) ? fmax(q.system.gamma, fmin(q.system.kappa, 0.9999))
                                         : q.system.gamma);
    double steps = q.horizon ? (double)q.horizon : (35 - 2 * log(rate)) / rate;
    double rollouts = is_stochastic(q.arm) ? 4 * (double)q.paths : 2;
    return steps * rollouts * (4 * n * (n + m) + 4 * n * m + 40 * (n + m));
}

static ig_status make_system(const ig_task *task, const parameters *q, ig_system **system,
                             ig_error *error)
{
    if (is_aligned(q->arm)) {
        return ig_chain_create(&q->system, task->key, system, error);
    }
    return q->arm == ARM_LQG ? ig_lqg_create(&q->system, task->key, system, error)
                             : ig_generic_create(&q->system, task->key, system, error);
}

/** The bound with the system's own constants and errors. */
static ig_status make_bound(const parameters *q, const ig_system *system, ig_bound *bound,
                            ig_error *error)
{
    const double gamma = q->system.gamma;
    ig_coefficients c;
    TRY(q->horizon ? ig_lemma1_finite(gamma, &system->lipschitz, q->horizon, &c, error)
                   : ig_lemma1(gamma, &system->lipschitz, &c, error));
    return ig_bound_of(&c, system->eps_rew, system->eps_dyn, bound, error);
}

/** What one task finds. With noise: means over the paths, `gap` of the path with the largest. */
typedef struct findings {
    ig_comparison pair;
    double gap; /**< |J^ - J| */
    double separate,
        separate_error; /**< mean of J^ - J with noise of its own, and its standard error */
} findings;

/** Shared noise: the lemma holds on every path, so the worst path counts. */
static void note_shared(const ig_comparison *path, double share, findings *f)
{
    ig_comparison *mean = &f->pair;
    mean->J += share * path->J;
    mean->J_hat += share * path->J_hat;
    mean->gap += share * path->gap;
    mean->gap_dynamics += share * path->gap_dynamics;
    mean->gap_reward += share * path->gap_reward;
    mean->steps = path->steps;
    mean->tail = path->tail;
    mean->reach = fmax(mean->reach, path->reach);
    mean->seen_dyn = fmax(mean->seen_dyn, path->seen_dyn);
    mean->seen_rew = fmax(mean->seen_rew, path->seen_rew);
    f->gap = fmax(f->gap, fabs(path->gap));
}

/** Path p: noise from substream 2p of IG_STREAM_NOISE, the model's own from 2p + 1. */
static ig_status run_path(const ig_task *task, const ig_system *system,
                          const ig_comparison_options *options, size_t p, ig_comparison *shared,
                          ig_comparison *separate, ig_error *error)
{
    ig_comparison_options o = *options;
    ig_rng truth = ig_rng_start(task->key, IG_STREAM_NOISE, 2 * p), again = truth;
    ig_rng model = ig_rng_start(task->key, IG_STREAM_NOISE, 2 * p + 1);
    o.truth = &truth;
    TRY(ig_compare(system, &o, task->yield, shared, error));
    o.truth = &again;
    o.model = &model;
    return ig_compare(system, &o, task->yield, separate, error);
}

static ig_status run_paths(const ig_task *task, const parameters *q, const ig_system *system,
                           const ig_comparison_options *options, findings *f, ig_error *error)
{
    ig_moment separate_gap = {0};
    for (size_t p = 0; p < q->paths; p++) {
        ig_comparison shared, separate;
        TRY(run_path(task, system, options, p, &shared, &separate, error));
        ig_moment_add(&separate_gap, separate.gap);
        note_shared(&shared, 1 / (double)q->paths, f);
    }
    f->separate = separate_gap.mean;
    f->separate_error = ig_moment_error(&separate_gap);
    return IG_OK;
}

static ig_status find(const ig_task *task, const parameters *q, const ig_system *system,
                      const ig_bound *bound, findings *f, ig_error *error)
{
    ig_comparison_options options = {
        .gamma = q->system.gamma,
        .horizon = q->horizon,
        .limit = TAIL * bound->total,
        .longest = STEPS_MAX,
        .noise = q->noise,
    };
    if (is_stochastic(q->arm)) {
        return run_paths(task, q, system, &options, f, error);
    }
    TRY(ig_compare(system, &options, task->yield, &f->pair, error));
    f->gap = fabs(f->pair.gap);
    f->separate = f->pair.gap;
    return IG_OK;
}

static void set_system(const ig_row *row, const ig_system *system, const ig_bound *bound)
{
    ig_row_set(row, "L_f", system->lipschitz.dynamics);
    ig_row_set(row, "L_r", system->lipschitz.reward);
    ig_row_set(row, "L_pi", system->lipschitz.policy);
    ig_row_set(row, "eps_dyn", system->eps_dyn);
    ig_row_set(row, "eps_rew", system->eps_rew);
    ig_row_set(row, "bound_reward", bound->reward);
    ig_row_set(row, "bound_dynamics", bound->dynamics);
    ig_row_set(row, "bound", bound->total);
}

/** A part of the gap; where there is no gap there is nothing to share. */
static double share(double part, double whole)
{
    return whole != 0 ? part / whole : 0;
}

static void set_findings(const ig_row *row, const parameters *q, const findings *f, double bound)
{
    const ig_comparison *c = &f->pair;
    const double wide = gsl_cdf_ugaussian_Pinv((1 + q->confidence) / 2) * f->separate_error;
    ig_row_set(row, "J", c->J);
    ig_row_set(row, "J_hat", c->J_hat);
    ig_row_set(row, "gap", f->gap);
    ig_row_set(row, "R", f->gap / bound);
    ig_row_set(row, "gap_dynamics", c->gap_dynamics);
    ig_row_set(row, "gap_reward", c->gap_reward);
    ig_row_set(row, "share_dynamics", share(c->gap_dynamics, c->gap));
    ig_row_set(row, "share_reward", share(c->gap_reward, c->gap));
    ig_row_set(row, "share_both", share(c->gap - c->gap_dynamics - c->gap_reward, c->gap));
    ig_row_set(row, "steps", (double)c->steps);
    ig_row_set(row, "tail", c->tail / bound);
    ig_row_set(row, "reach", c->reach);
    ig_row_set(row, "seen_dyn", c->seen_dyn);
    ig_row_set(row, "seen_rew", c->seen_rew);
    ig_row_set(row, "unshared_R", fabs(f->separate) / bound);
    ig_row_set(row, "unshared_low", fmax(fabs(f->separate) - wide, 0) / bound);
    ig_row_set(row, "unshared_high", (fabs(f->separate) + wide) / bound);
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    parameters q = parameters_of(&task->point);
    AUTO(ig_system_destroy) ig_system *system = NULL;
    ig_bound bound = {0};
    findings f = {0};
    TRY(make_system(task, &q, &system, error));
    TRY(make_bound(&q, system, &bound, error));
    TRY(find(task, &q, system, &bound, &f, error));
    set_system(row, system, &bound);
    set_findings(row, &q, &f, bound.total);
    return IG_OK;
}

static void check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    ig_place kappa = {0, 0}, state = {0, 0}, action = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const arm_kind arm = (arm_kind)ig_point_choice(&p, "arm", NULL);
        const bool expansive = is_expansive(arm), aligned = is_aligned(arm);
        if ((ig_point_real(&p, "kappa") > 1) != expansive || ig_point_real(&p, "kappa") == 1) {
            ig_reject(&p, "kappa", "arm", &kappa,
                      expansive ? "kappa above 1" : "kappa below 1, as Lemma 1 demands",
                      diagnostics);
        }
        if (aligned && ig_point_integer(&p, "dims.state") != 1) {
            ig_reject(&p, "dims.state", "arm", &state, "1", diagnostics);
        }
        if (aligned && ig_point_integer(&p, "dims.action") != 1) {
            ig_reject(&p, "dims.action", "arm", &action, "1", diagnostics);
        }
    }
}

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
     .checked = "unshared_low",
     .slack = 1e-10,
     .by = by,
     .only = stochastic},
};
static const ig_analysis analyses[] = {
    IG_ANALYSE(RATIO, &ratios[0]),
    IG_ANALYSE(RATIO, &ratios[1]),
};

const ig_experiment ig_experiment_calibration = {
    .schema = {"calibration", keys, sizeof keys / sizeof *keys},
    .title = "Lemma 1: the gap between true and learned return against its bound",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = check,
    .cost = cost,
    .run = run,
    .results_version = 1,
    .summary = {summarised, analyses, sizeof analyses / sizeof *analyses},
};
