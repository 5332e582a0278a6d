/** Configurations of `imagination` whose keys do not fit together, and what a task costs. */
#include <math.h>
#include <stdint.h>

#include "base/process.h"
#include "env/world.h"
#include "experiments/imagination.h"
#include "experiments/refuse.h"

/** One message each, however often the grid repeats it. */
typedef struct places {
    ig_place data, students, state, action, budget, holdout, evaluations, trajectories;
} places;

static void check_environment(const ig_point *p, const ig_imagination *q, places *at,
                              ig_diagnostics *d)
{
    const bool teacher = q->environment == IG_ENVIRONMENT_TEACHER;
    const bool known = q->environment == IG_ENVIRONMENT_KNOWN_VALUE;
    const int most = known ? 1 : teacher ? IG_PERTURBED_STATE : IG_LQG_STATE;
    const int most_action = known ? 1 : teacher ? IG_PERTURBED_ACTION : IG_LQG_ACTION;
    const char *const allowed = known ? "1" : teacher ? "at most 48" : "at most 16";
    if (teacher && q->data == IG_GATHER_BALL) {
        ig_refuse(p, "data", "environment", &at->data, "sinusoid, uniform, tanh_feedback", d);
    }
    if (!teacher && q->data != IG_GATHER_BALL && q->data != IG_GATHER_UNIFORM) {
        ig_refuse(p, "data", "environment", &at->data, "uniform, ball", d);
    }
    if (q->students == IG_STUDENT_LEAST_SQUARES && q->environment != IG_ENVIRONMENT_LQG) {
        ig_refuse(p, "students", "environment", &at->students, "network", d);
    }
    if (q->state > most) {
        ig_refuse(p, "dims.state", "environment", &at->state, allowed, d);
    }
    if (q->action > most_action) {
        ig_refuse(p, "dims.action", "environment", &at->action, known ? "1" : "at most 16", d);
    }
}

/** Bytes that learning takes at once, for `n` samples of each kind. */
static double learning_memory(const ig_imagination *q, double n_dyn, double n_rew)
{
    const double n = q->state, m = q->action;
    const double pools = (n_dyn + n_rew) * (double)ig_imagination_stride(q) * sizeof(float);
    if (q->students != IG_STUDENT_LEAST_SQUARES) {
        return pools;
    }
    const double numbers_dyn = (n_dyn + n + m) * (2 * n + m);
    const double features = (n * (n + 1) + m * (m + 1)) / 2;
    const double numbers_rew = (n_rew + features) * (features + 1);
    /* LAPACK counts them in 32 bits. */
    return fmax(numbers_dyn, numbers_rew) > INT32_MAX
               ? (double)INFINITY
               : pools + fmax(numbers_dyn, numbers_rew) * sizeof(double);
}

/** Bytes of a batch of rollouts. */
static double rollout_memory(const ig_imagination *q, size_t trajectories)
{
    const double numbers = 2 * (double)q->state + 2 * (double)q->action + 2;
    return (double)trajectories * (double)(q->horizon + 1) * numbers * sizeof(float);
}

static void check_memory(const ig_point *p, const ig_imagination *q, double memory, places *at,
                         ig_diagnostics *d)
{
    const ig_purchased *b = &q->purchased;
    const double rows = (double)(b->n_dyn > b->n_rew ? b->n_dyn : b->n_rew);
    if (rows > 4e9 || learning_memory(q, (double)b->n_dyn, (double)b->n_rew) > memory) {
        ig_refuse(p, "budget", "split", &at->budget, "a budget whose data fit in memory", d);
    }
    if ((double)q->holdout * (double)ig_imagination_stride(q) * sizeof(float) > memory) {
        ig_refuse(p, "holdout", "environment", &at->holdout, "transitions that fit in memory", d);
    }
    if (rollout_memory(q, q->evaluations) > memory) {
        ig_refuse(p, "evaluation.trajectories", "horizon", &at->evaluations,
                  "rollouts that fit in memory", d);
    }
    if (rollout_memory(q, q->improve.trajectories) > memory) {
        ig_refuse(p, "policy.trajectories", "horizon", &at->trajectories,
                  "rollouts that fit in memory", d);
    }
}

void ig_imagination_check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    const double memory = ig_physical_memory();
    places at = {0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const ig_imagination q = ig_imagination_of(&p);
        check_environment(&p, &q, &at, diagnostics);
        check_memory(&p, &q, memory, &at, diagnostics);
    }
}

/** Multiply-adds of a forward pass. */
static double forward(double inputs, double hidden, double outputs)
{
    return hidden > 0 ? hidden * (inputs + outputs) : inputs * outputs;
}

/** Multiply-adds of one step in both worlds, mean of the true and the learned one. */
static double step_work(const ig_imagination *q)
{
    const double n = q->state, m = q->action, in = n + m;
    const double network = forward(in, q->hidden, n) + forward(in, q->hidden, 1);
    const double quadratic = 2 * n * in + m * m;
    const bool true_network = q->environment == IG_ENVIRONMENT_TEACHER;
    const bool learned_network = q->students == IG_STUDENT_NETWORK;
    return ((true_network ? network : quadratic) + (learned_network ? network : quadratic)) / 2;
}

/** Multiply-adds of learning from what is bought. */
static double learning_work(const ig_imagination *q)
{
    const double n_dyn = (double)q->purchased.n_dyn, n_rew = (double)q->purchased.n_rew;
    const double n = q->state, m = q->action, in = n + m, h = q->hidden;
    if (q->students == IG_STUDENT_LEAST_SQUARES) {
        const double features = (n * (n + 1) + m * (m + 1)) / 2;
        return 2 * (n_dyn * in * in + n_rew * features * features);
    }
    return n_dyn * ig_imagination_epochs(q, q->purchased.n_dyn) * (2 * in * h + 3 * h * n) +
           n_rew * ig_imagination_epochs(q, q->purchased.n_rew) * (2 * in * h + 3 * h);
}

double ig_imagination_cost(const ig_point *point)
{
    const ig_imagination q = ig_imagination_of(point);
    const double n = q.state, m = q.action, horizon = (double)q.horizon;
    const double act = forward(n, q.policy_hidden, m) + 30 * m, step = step_work(&q);
    const double value =
        q.improve.baseline == IG_BASELINE_VALUE
            ? (1 + 3 * q.improve.value.epochs) * forward(n + 1, q.improve.value.hidden, 1)
            : 0;
    const double trained = 2 * horizon * q.improve.iterations * (double)q.improve.trajectories;
    const double judged =
        5 * horizon * (double)q.evaluations + 4 * horizon * (double)q.directions * (double)q.probes;
    return 2 * (learning_work(&q) + trained * (4 * act + step + value) + judged * (act + step)) +
           1000;
}
