/** One task of `allocation`: the ratio Theorem 1 predicts beside the one that really is the best.
 */
#include "experiments/allocation.h"

#include <math.h>

#include "env/known-value.h"

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

double ig_allocation_cost(const ig_point *point)
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
    const double step = ig_point_real(&task->point, "step"), most = 0.01;
    double check_f = 0, check_r = 0;
    ig_status status = ig_sensitivity(&c->dynamics, step, &f->s_f, &check_f, error);
    if (!status) {
        status = ig_sensitivity(&c->reward, step, &f->s_r, &check_r, error);
    }
    f->check = fmax(check_f, check_r);
    if (!status && f->check > most) {
        status =
            ig_error_set(error, IG_ERR_NUMERIC,
                         "half the step changes a sensitivity by %.2g of it: %g is no good step",
                         f->check, step);
    }
    return status;
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
    ig_status status = find_sensitivities(task, c, f, error);
    if (!status) {
        status = ig_contraction(c->gamma, &c->lipschitz, &f->kappa, error);
    }
    if (!status) {
        status = ig_lemma1(c->gamma, &c->lipschitz, &f->lemma1, error);
    }
    if (!status) {
        status = predict(task, c, f, error);
    }
    if (!status) {
        status = ig_realized_solve(&c->problem, ig_point_real(&task->point, "budget"), search[0],
                                   search[1], &c->dynamics, &c->reward, task->yield, &f->realized,
                                   error);
    }
    return status;
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

ig_status ig_allocation_run(const ig_task *task, const ig_row *row, ig_error *error)
{
    ig_known_value mdp;
    ig_allocation_lqg *lqg = NULL;
    ig_allocation_case c = {0};
    findings f = {0};
    ig_status status = IG_OK;
    if (group_of(&task->point) == IG_GROUP_LQG) {
        status = ig_allocation_lqg_create(task, &c, &lqg, error);
    } else {
        make_known(&task->point, &mdp, &c);
    }
    if (!status) {
        status = find(task, &c, &f, error);
    }
    if (!status) {
        set_case(row, &c);
        set_findings(row, &c, &f);
    }
    ig_allocation_lqg_destroy(&lqg);
    return status;
}
