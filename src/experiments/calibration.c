/** One task of `calibration`: a system, its bound, and its rollouts. */
#include "experiments/calibration.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "base/moments.h"
#include "env/compare.h"

enum { LONGEST = 100000000 };

/** The parameters of one task, read from the grid point once. */
typedef struct parameters {
    ig_arm arm;
    ig_system_options system;
    size_t horizon, paths;
    double noise, confidence;
} parameters;

static parameters parameters_of(const ig_point *p)
{
    parameters q = {
        .arm = (ig_arm)ig_point_choice(p, "arm", NULL),
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
    q.horizon = ig_arm_is_expansive(q.arm) ? (size_t)ig_point_integer(p, "horizon") : 0;
    q.noise = ig_arm_is_stochastic(q.arm) ? ig_point_real(p, "noise") : 0;
    return q;
}

double ig_calibration_cost(const ig_point *point)
{
    parameters q = parameters_of(point);
    double n = (double)q.system.state, m = (double)q.system.action;
    /* Both rates of decay count; the sum ends when the slower one has fallen far enough. */
    double rate = -log(ig_arm_is_aligned(q.arm) ? fmax(q.system.gamma, fmin(q.system.kappa, 0.9999))
                                                : q.system.gamma);
    double steps = q.horizon ? (double)q.horizon : (35 - 2 * log(rate)) / rate;
    double rollouts = ig_arm_is_stochastic(q.arm) ? 4 * (double)q.paths : 2;
    return steps * rollouts * (4 * n * (n + m) + 4 * n * m + 40 * (n + m));
}

static ig_status make_system(const ig_task *task, const parameters *q, ig_system **system,
                             ig_error *error)
{
    if (ig_arm_is_aligned(q->arm)) {
        return ig_chain_create(&q->system, task->key, system, error);
    }
    return q->arm == IG_ARM_LQG ? ig_lqg_create(&q->system, task->key, system, error)
                                : ig_generic_create(&q->system, task->key, system, error);
}

/** The bound with the system's own constants and errors. */
static ig_status make_bound(const parameters *q, const ig_system *system, ig_bound *bound,
                            ig_error *error)
{
    const double gamma = q->system.gamma;
    ig_coefficients c;
    ig_status status = q->horizon
                           ? ig_lemma1_finite(gamma, &system->lipschitz, q->horizon, &c, error)
                           : ig_lemma1(gamma, &system->lipschitz, &c, error);
    return status ? status : ig_bound_of(&c, system->eps_rew, system->eps_dyn, bound, error);
}

/** What one task finds. With noise: means over the paths, `gap` of the path with the largest. */
typedef struct findings {
    ig_comparison pair;
    double gap;                /**< |J^ - J| */
    double apart, apart_error; /**< mean of J^ - J with noise of its own, and its standard error */
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
                          ig_comparison *apart, ig_error *error)
{
    ig_comparison_options o = *options;
    ig_rng truth = ig_rng_start(task->key, IG_STREAM_NOISE, 2 * p), again = truth;
    ig_rng model = ig_rng_start(task->key, IG_STREAM_NOISE, 2 * p + 1);
    o.truth = &truth;
    ig_status status = ig_compare(system, &o, task->yield, shared, error);
    o.truth = &again;
    o.model = &model;
    return status ? status : ig_compare(system, &o, task->yield, apart, error);
}

static ig_status run_paths(const ig_task *task, const parameters *q, const ig_system *system,
                           const ig_comparison_options *options, findings *f, ig_error *error)
{
    ig_moment apart_gap = {0};
    ig_status status = IG_OK;
    for (size_t p = 0; p < q->paths && !status; p++) {
        ig_comparison shared, apart;
        status = run_path(task, system, options, p, &shared, &apart, error);
        if (!status) {
            ig_moment_add(&apart_gap, apart.gap);
            note_shared(&shared, 1 / (double)q->paths, f);
        }
    }
    f->apart = apart_gap.mean;
    f->apart_error = ig_moment_error(&apart_gap);
    return status;
}

static ig_status find(const ig_task *task, const parameters *q, const ig_system *system,
                      const ig_bound *bound, findings *f, ig_error *error)
{
    ig_comparison_options options = {
        .gamma = q->system.gamma,
        .horizon = q->horizon,
        .limit = IG_CALIBRATION_TAIL * bound->total,
        .longest = LONGEST,
        .noise = q->noise,
    };
    if (ig_arm_is_stochastic(q->arm)) {
        return run_paths(task, q, system, &options, f, error);
    }
    ig_status status = ig_compare(system, &options, task->yield, &f->pair, error);
    f->gap = fabs(f->pair.gap);
    f->apart = f->pair.gap;
    return status;
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
    const double wide = gsl_cdf_ugaussian_Pinv((1 + q->confidence) / 2) * f->apart_error;
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
    ig_row_set(row, "unshared_R", fabs(f->apart) / bound);
    ig_row_set(row, "unshared_low", fmax(fabs(f->apart) - wide, 0) / bound);
    ig_row_set(row, "unshared_high", (fabs(f->apart) + wide) / bound);
}

ig_status ig_calibration_run(const ig_task *task, const ig_row *row, ig_error *error)
{
    parameters q = parameters_of(&task->point);
    ig_system *system = NULL;
    ig_bound bound = {0};
    findings f = {0};
    ig_status status = make_system(task, &q, &system, error);
    if (!status) {
        status = make_bound(&q, system, &bound, error);
    }
    if (!status) {
        status = find(task, &q, system, &bound, &f, error);
    }
    if (!status) {
        set_system(row, system, &bound);
        set_findings(row, &q, &f, bound.total);
    }
    ig_system_destroy(&system);
    return status;
}
