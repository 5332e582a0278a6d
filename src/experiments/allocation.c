/** Experiment `allocation` (docs/protocol.md, the paper's Section 4.2 and Figures 2 and 4): does
 * Theorem 1 say how a budget is best divided? */
#include <math.h>
#include <stdint.h>

#include "base/try.h"
#include "env/known-value.h"
#include "experiments/allocation.h"
#include "experiments/table.h"

/* In the order of ig_allocation_group and ig_allocation_weights. */
static const char *const group_choices[] = {"linear", "tanh", "sin", "quadratic", "lqg", NULL};
static const char *const weight_choices[] = {"realized", "sup_norm", "lemma1", NULL};

/* path, column, default, range or choices, long name */
static const ig_key keys[] = {
    KEY_CHOICE("group", "group", "linear", group_choices,
               "known value function, or linear-quadratic systems identified from samples"),
    KEY_CHOICE("weights", "weights", "realized", weight_choices,
               "what Theorem 1 is given: realized sensitivities, sup norm of V', or Lemma 1"),
    KEY_REAL("gamma", "gamma", "0.9", 0.001, 0.9999, "discount gamma"),
    KEY_REAL("L_f", "L_f", "1", 0, 1000, "Lipschitz constant of the dynamics (value functions)"),
    KEY_REAL("sigma_ratio", "sigma_ratio", "1", 1e-6, 1e6,
             "amplitude of the dynamics error over that of the reward error (value functions)"),
    KEY_REAL("cost_ratio", "cost_ratio", "1", 1e-6, 1e6,
             "price of a transition over that of a reward label"),
    KEY_INTEGER("system", "system", "0", 0, 1e6, "number of the random system (lqg)"),
    KEY_REAL("budget", "budget", "1e5", 2, 1e15, "money to divide, in prices of a reward label"),
    KEY_REAL("scale", "scale", "1", 1e-6, 1e6,
             "lambda of V(s) = phi(lambda s); L_r of group linear"),
    KEY_REAL("theta_f0", NULL, "0.5", -1000, 1000,
             "fixed point of the dynamics where L_f is not 1, and where rollouts start"),
    KEY_REAL("domain", NULL, "1", 1e-6, 1e6,
             "the sup norm of V' is taken over |s - theta_f0| up to this"),
    KEY_INTERVAL("search", NULL, "[0.001, 1000]", 1e-12, 1e12,
                 "ratios N_dyn/N_rew among which the realized best is sought"),
    KEY_REAL("step", NULL, "1e-6", 1e-12, 1, "step h of the finite differences"),
    KEY_INTEGER("lqg.state", "lqg_state_dim", "4", 1, 16, "state dimension d_s"),
    KEY_INTEGER("lqg.action", "lqg_action_dim", "2", 1, 16, "action dimension d_a"),
    KEY_INTERVAL("lqg.kappa", NULL, "[0.224, 0.228]", 1e-3, 0.999, "contraction kappa, uniform"),
    KEY_INTERVAL("lqg.policy", NULL, "[0.2, 1]", 1e-3, 1e3,
                 "Lipschitz constant of the policy, uniform"),
    KEY_INTERVAL("lqg.reward", NULL, "[0.5, 2]", 1e-3, 1e3,
                 "Lipschitz constant of the reward, uniform"),
    KEY_REAL("lqg.noise", NULL, "0.1", 1e-9, 1e6,
             "standard deviation of the noise on next states and rewards"),
    KEY_INTERVAL("lqg.samples", NULL, "[100, 10000]", 2, 1e7,
                 "least and most samples an identification is made from"),
    KEY_INTEGER("lqg.anchors", NULL, "7", 3, 64,
                "numbers of samples, evenly spaced in the logarithm"),
    KEY_INTEGER("lqg.replicates", NULL, "32", 1, 1e5,
                "identifications averaged at each number of samples"),
    KEY_INTEGER("lqg.directions", NULL, "32", 1, 1024,
                "unit-scaled perturbations averaged in a response"),
    PUBLISHED_REAL("published.tanh_sin_median", "0.054", 0, 1e3,
                   "published median |l| of tanh and sin together"),
    PUBLISHED_REAL("published.quadratic_realized_median", "0.074", 0, 1e3,
                   "published median |l| of quadratic with realized sensitivities"),
    PUBLISHED_REAL("published.quadratic_sup_norm_median", "0.684", 0, 1e3,
                   "published median |l| of quadratic with the sup norm of V'"),
    PUBLISHED_REAL("published.lqg_median", "7.585", 0, 1e3, "published median l of lqg"),
    PUBLISHED_REAL("published.lqg_p", "9.313225746154785e-10", 0, 1e3,
                   "published one-sided p of the sign test of lqg, 0.5^30"),
};

static const ig_column columns[] = {
    COLUMN("predicted_ratio", "predicted N_dyn/N_rew", "Theorem 1, Eq. 4"),
    COLUMN("realized_ratio", "N_dyn/N_rew that is the best in rollouts",
           "argmin |J(f^, r) - J| + |J(f, r^) - J|, Section 4.2"),
    COLUMN("l", "log-ratio residual", "l = ln(predicted_ratio / realized_ratio)"),
    COLUMN("abs_l", "size of the log-ratio residual", "|l|"),
    COLUMN("multiplier_ratio", "how much more the bound weighs dynamics", "(C_d/C_r) / (S_f/S_r)"),
    COLUMN("S_f", "realized sensitivity to dynamics errors", "|J(f + h Df, r) - J(f, r)| / h"),
    COLUMN("S_r", "realized sensitivity to reward errors", "|J(f, r + h Dr) - J(f, r)| / h"),
    COLUMN("step_check", "what half the step changes, as a part", "max |S(h/2) / S(h) - 1|"),
    COLUMN("kappa", "contraction", "gamma L_f (1 + L_pi)"),
    COLUMN("K", "C_d of Lemma 1", "gamma L_r (1 + L_pi) / ((1 - gamma)(1 - kappa)), Eq. 1"),
    COLUMN("K_prime", "C_d with S_f for L_f in kappa; negative where that is above 1",
           "gamma L_r (1 + L_pi) / ((1 - gamma)(1 - gamma S_f (1 + L_pi)))"),
    COLUMN("C_r", "C_r of Lemma 1", "1 / (1 - gamma), Eq. 1"),
    COLUMN("lipschitz_f", "Lipschitz constant of the dynamics", "L_f"),
    COLUMN("lipschitz_r", "Lipschitz constant of the reward", "L_r"),
    COLUMN("lipschitz_pi", "Lipschitz constant of the policy", "L_pi"),
    COLUMN("A_d", "amplitude of the dynamics error", "eps_dyn(N) = A_d N^-alpha, Eq. 3"),
    COLUMN("alpha_d", "exponent of the dynamics error", "alpha, Eq. 3"),
    COLUMN("R2_d", "share of variance that the fit of the dynamics error explains", "Eq. 3"),
    COLUMN("A_r", "amplitude of the reward error", "eps_rew(N) = A_r N^-beta, Eq. 3"),
    COLUMN("alpha_r", "exponent of the reward error", "beta, Eq. 3"),
    COLUMN("R2_r", "share of variance that the fit of the reward error explains", "Eq. 3"),
    COLUMN_I32("minima", "local minima of the realized error along the budget line",
               "docs/protocol.md, allocation"),
    COLUMN_I32("boundary_excluded",
               "1 where the best lies at the end of the budget line, so that l says nothing",
               "docs/protocol.md, allocation"),
};

static double known_dynamics(double size, void *context)
{
    return ig_known_value_gap_dynamics(context, size);
}

static double known_reward(double size, void *context)
{
    return ig_known_value_gap_reward(context, size);
}

static ig_allocation_group group_of(const ig_point *p)
{
    return (ig_allocation_group)ig_point_choice(p, "group", NULL);
}

/** Errors fall as sigma_ratio N^-1/2 and N^-1/2 by definition. */
static void make_known(const ig_point *p, ig_known_value *mdp, ig_allocation_case *c)
{
    const double gamma = ig_point_real(p, "gamma"), slope = ig_point_real(p, "L_f");
    *mdp = (ig_known_value){
        .shape = (ig_value_shape)group_of(p),
        .gamma = gamma,
        .slope = slope,
        .scale = ig_point_real(p, "scale"),
        .centre = ig_point_real(p, "theta_f0"),
    };
    *c = (ig_allocation_case){
        .gamma = gamma,
        .lipschitz = {slope, mdp->scale, 0},
        .problem = {.dyn = {.amplitude = ig_point_real(p, "sigma_ratio"), .exponent = 0.5},
                    .rew = {.amplitude = 1, .exponent = 0.5}},
        .r2_dyn = 1,
        .r2_rew = 1,
        .steepest = ig_known_value_steepest(mdp, ig_point_real(p, "domain")),
        .dynamics = {known_dynamics, mdp},
        .reward = {known_reward, mdp},
    };
}

static double cost(const ig_point *point)
{
    if (group_of(point) != IG_GROUP_LQG) {
        /* Rollouts of some 50 / (1 - gamma) steps at 600 divisions of the budget. */
        double rate = -log(ig_point_real(point, "gamma") * fmax(1, ig_point_real(point, "L_f")));
        return 600 * 2 * 100 * (45 + 10) / rate;
    }
    double anchors[2];
    ig_point_interval(point, "lqg.samples", anchors);
    double n = (double)ig_point_integer(point, "lqg.state");
    double m = (double)ig_point_integer(point, "lqg.action");
    double samples = anchors[1] * (double)ig_point_integer(point, "lqg.replicates") *
                     (1 + (double)ig_point_integer(point, "lqg.anchors") / 7);
    double features = (n * (n + 1) + m * (m + 1)) / 2;
    double identify = samples * (2 * features * features + 200 * (n + m));
    return identify +
           600 * 2 * 60 * (double)ig_point_integer(point, "lqg.directions") * n * (n + m);
}

/** Numbers of the row beside those of the case. */
typedef struct findings {
    double s_f, s_r, check; /**< sensitivities, and the worse of their step-size checks */
    ig_coefficients lemma1;
    double kappa;
    ig_allocation predicted;
    ig_realized realized;
} findings;

static ig_status find_sensitivities(const ig_task *task, const ig_allocation_case *c, findings *f,
                                    ig_error *error)
{
    const double step = ig_point_real(&task->point, "step");
    /* Half a step changes a smooth response by less; more is curvature, or rounding. */
    const double tolerance = 0.01;
    double check_f = 0, check_r = 0;
    TRY(ig_sensitivity(&c->dynamics, step, &f->s_f, &check_f, error));
    TRY(ig_sensitivity(&c->reward, step, &f->s_r, &check_r, error));
    f->check = fmax(check_f, check_r);
    if (f->check > tolerance) {
        return ig_error_set(
            error, IG_ERR_NUMERIC,
            "half the step changes a sensitivity by %.2g of it: %g is not a good step", f->check,
            step);
    }
    return IG_OK;
}

static ig_status predict(const ig_task *task, ig_allocation_case *c, findings *f, ig_error *error)
{
    const ig_allocation_weights weights =
        (ig_allocation_weights)ig_point_choice(&task->point, "weights", NULL);
    const double horizon = 1 / (1 - c->gamma), budget = ig_point_real(&task->point, "budget");
    ig_allocation_problem *p = &c->problem;
    p->dyn.weight = weights == IG_WEIGHTS_REALIZED   ? f->s_f
                    : weights == IG_WEIGHTS_SUP_NORM ? c->gamma * horizon * c->steepest
                                                     : f->lemma1.dynamics;
    p->rew.weight = weights == IG_WEIGHTS_REALIZED ? f->s_r : horizon;
    return ig_allocation_solve(p, budget, &f->predicted, error);
}

static ig_status find(const ig_task *task, ig_allocation_case *c, findings *f, ig_error *error)
{
    double search[2];
    ig_point_interval(&task->point, "search", search);
    c->problem.dyn.cost = ig_point_real(&task->point, "cost_ratio");
    c->problem.rew.cost = 1;
    TRY(find_sensitivities(task, c, f, error));
    TRY(ig_contraction(c->gamma, &c->lipschitz, &f->kappa, error));
    TRY(ig_lemma1(c->gamma, &c->lipschitz, &f->lemma1, error));
    TRY(predict(task, c, f, error));
    return ig_realized_solve(&c->problem, ig_point_real(&task->point, "budget"), search[0],
                             search[1], &c->dynamics, &c->reward, task->yield, &f->realized, error);
}

static void set_case(const ig_row *row, const ig_allocation_case *c)
{
    ig_row_set(row, "A_d", c->problem.dyn.amplitude);
    ig_row_set(row, "alpha_d", c->problem.dyn.exponent);
    ig_row_set(row, "R2_d", c->r2_dyn);
    ig_row_set(row, "A_r", c->problem.rew.amplitude);
    ig_row_set(row, "alpha_r", c->problem.rew.exponent);
    ig_row_set(row, "R2_r", c->r2_rew);
    ig_row_set(row, "lipschitz_f", c->lipschitz.dynamics);
    ig_row_set(row, "lipschitz_r", c->lipschitz.reward);
    ig_row_set(row, "lipschitz_pi", c->lipschitz.policy);
}

static void set_findings(const ig_row *row, const ig_allocation_case *c, const findings *f)
{
    const double factor = c->gamma * c->lipschitz.reward * (1 + c->lipschitz.policy);
    const double l = log(f->predicted.ratio / f->realized.best.ratio);
    ig_row_set(row, "kappa", f->kappa);
    ig_row_set(row, "K", f->lemma1.dynamics);
    ig_row_set(row, "K_prime",
               factor / ((1 - c->gamma) * (1 - c->gamma * f->s_f * (1 + c->lipschitz.policy))));
    ig_row_set(row, "C_r", f->lemma1.reward);
    ig_row_set(row, "S_f", f->s_f);
    ig_row_set(row, "S_r", f->s_r);
    ig_row_set(row, "step_check", f->check);
    ig_row_set(row, "multiplier_ratio", f->lemma1.dynamics / f->lemma1.reward * f->s_r / f->s_f);
    ig_row_set(row, "predicted_ratio", f->predicted.ratio);
    ig_row_set(row, "realized_ratio", f->realized.best.ratio);
    ig_row_set(row, "l", l);
    ig_row_set(row, "abs_l", fabs(l));
    ig_row_set(row, "minima", f->realized.minima);
    ig_row_set(row, "boundary_excluded", f->realized.at_edge);
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    ig_known_value mdp;
    AUTO(ig_allocation_lqg_destroy) ig_allocation_lqg *lqg = NULL;
    ig_allocation_case c = {0};
    findings f = {0};
    if (group_of(&task->point) == IG_GROUP_LQG) {
        TRY(ig_allocation_lqg_create(task, &c, &lqg, error));
    } else {
        make_known(&task->point, &mdp, &c);
    }
    TRY(find(task, &c, &f, error));
    set_case(row, &c);
    set_findings(row, &c, &f);
    return IG_OK;
}

static void check_samples(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    const ig_config *config = ig_grid_config(grid);
    const size_t key = ig_config_key(config, "lqg.samples");
    const ig_value *samples = ig_config_value(config, key, 0);
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        double n = (double)ig_point_integer(&p, "lqg.state");
        double m = (double)ig_point_integer(&p, "lqg.action");
        double unknowns = fmax(n + m, (n * (n + 1) + m * (m + 1)) / 2);
        /* BLAS counts the numbers of a matrix in 32 bits. */
        double samples_max = floor(INT32_MAX / (unknowns + fmax(n, 1)));
        if (ig_point_choice(&p, "group", NULL) == IG_GROUP_LQG &&
            (samples->interval[0] < unknowns + 1 || samples->interval[1] > samples_max ||
             samples->interval[1] < 2 * samples->interval[0])) {
            size_t line, column;
            ig_config_position(config, key, 0, &line, &column);
            ig_diagnostics_add(diagnostics, ig_config_file(config), line, column, "lqg.samples",
                               "%s, allowed: more than the %g unknowns, at most %.0f, and the "
                               "most at least twice the least",
                               samples->text, unknowns, samples_max);
            return;
        }
    }
}

static void check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    ig_place slope = {0, 0}, weights = {0, 0}, budget = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const bool lqg = ig_point_choice(&p, "group", NULL) == IG_GROUP_LQG;
        if (!lqg && ig_point_real(&p, "gamma") * ig_point_real(&p, "L_f") >= 1) {
            ig_reject(&p, "L_f", "gamma", &slope, "gamma L_f below 1, as Lemma 1 demands",
                      diagnostics);
        }
        if (lqg && ig_point_choice(&p, "weights", NULL) == IG_WEIGHTS_SUP_NORM) {
            ig_reject(&p, "weights", "group", &weights, "realized or lemma1", diagnostics);
        }
        if (ig_point_real(&p, "budget") < 10 * (1 + ig_point_real(&p, "cost_ratio"))) {
            ig_reject(&p, "budget", "cost_ratio", &budget, "at least ten of each kind",
                      diagnostics);
        }
    }
    check_samples(grid, diagnostics);
}

static const char *const summarised[] = {"predicted_ratio",
                                         "realized_ratio",
                                         "l",
                                         "abs_l",
                                         "S_f",
                                         "S_r",
                                         "K",
                                         "K_prime",
                                         "kappa",
                                         "multiplier_ratio",
                                         "A_d",
                                         "alpha_d",
                                         "A_r",
                                         "alpha_r",
                                         "boundary_excluded",
                                         NULL};

static const char *const linear[] = {"linear", NULL};
static const char *const tanh_only[] = {"tanh", NULL};
static const char *const sin_only[] = {"sin", NULL};
static const char *const tanh_sin[] = {"tanh", "sin", NULL};
static const char *const quadratic[] = {"quadratic", NULL};
static const char *const lqg[] = {"lqg", NULL};
static const ig_agreement_group agreement_groups[] = {
    {"linear", linear, "realized", "figure2", NULL, NULL},
    {"tanh", tanh_only, "realized", "figure2", NULL, NULL},
    {"sin", sin_only, "realized", "figure2", NULL, NULL},
    {"tanh and sin", tanh_sin, "realized", NULL, "published.tanh_sin_median", NULL},
    {"quadratic", quadratic, "realized", "figure2", "published.quadratic_realized_median", NULL},
    {"quadratic (sup norm)", quadratic, "sup_norm", "figure2",
     "published.quadratic_sup_norm_median", NULL},
    {"lqg (Lemma 1)", lqg, "lemma1", "figure4", "published.lqg_median", "published.lqg_p"},
    {"lqg (realized)", lqg, "realized", "figure4", NULL, NULL},
};
static const ig_agreement agreement = {
    .predicted = "predicted_ratio",
    .realized = "realized_ratio",
    .residual = "l",
    .excluded = "boundary_excluded",
    .by = {"group", "weights"},
    .groups = agreement_groups,
    .n_groups = sizeof agreement_groups / sizeof *agreement_groups,
    .figure_title = "Transitions for each reward label: Theorem 1 and rollouts",
    .x_label = "realized best N_dyn / N_rew",
    .y_label = "predicted N_dyn / N_rew",
};
static const ig_analysis analyses[] = {
    IG_ANALYSE(AGREEMENT, &agreement),
};

const ig_experiment ig_experiment_allocation = {
    .schema = {"allocation", keys, sizeof keys / sizeof *keys},
    .title = "Best division of a budget: Theorem 1 against what rollouts show",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = check,
    .cost = cost,
    .run = run,
    .results_version = 1,
    .summary = {summarised, analyses, sizeof analyses / sizeof *analyses},
};
