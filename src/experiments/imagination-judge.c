/** Judging policies and worlds of `imagination`: returns, and errors where a policy goes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/imagination.h"

enum { BLOCK = 1024 }; /* samples between two calls of the hook */

/* Evaluation trajectories lie beyond every episode of held-out data in the same stream. */
static const uint64_t evaluation = UINT64_C(1) << 40;

/** Sums over samples on their way to means and roots. */
typedef struct sums {
    double dynamics, reward, bias;
    ig_world_errors errors;
} sums;

/** What is not a number stays. */
static double larger(double most, double number)
{
    return isnan(most) || most >= number ? most : number;
}

static void add_sample(const float *true_next, const float *next, size_t state, double d_reward,
                       sums *to)
{
    double squares = 0;
    for (size_t i = 0; i < state; i++) {
        const double d = (double)next[i] - (double)true_next[i];
        squares += d * d;
    }
    to->dynamics += squares;
    to->reward += d_reward * d_reward;
    to->bias += d_reward;
    to->errors.dynamics_most = larger(to->errors.dynamics_most, squares);
    to->errors.reward_most = larger(to->errors.reward_most, fabs(d_reward));
}

/** Add the errors at n <= BLOCK samples; `next` has room for both worlds' states and rewards. */
static void add_block(const ig_world *truth, const ig_world *learned, size_t n, const float *s,
                      const float *a, float *next, sums *to)
{
    const size_t state = (size_t)truth->state;
    float *true_reward = next + n * state, *guess = true_reward + n, *reward = guess + n * state;
    truth->step(truth->context, n, s, a, next, true_reward);
    learned->step(learned->context, n, s, a, guess, reward);
    for (size_t i = 0; i < n; i++) {
        add_sample(next + i * state, guess + i * state, state,
                   (double)reward[i] - (double)true_reward[i], to);
    }
}

ig_status ig_worlds_compare(const ig_world *truth, const ig_world *learned, size_t n,
                            const float *s, const float *a, const ig_yield *yield,
                            ig_world_errors *errors, ig_error *error)
{
    const size_t state = (size_t)truth->state, action = (size_t)truth->action;
    float *next = malloc((size_t)2 * BLOCK * (state + 1) * sizeof *next);
    sums to = {0};
    ig_status status =
        next ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "no memory to compare worlds");
    for (size_t i = 0; i < n && !status; i += BLOCK) {
        add_block(truth, learned, n - i < BLOCK ? n - i : BLOCK, s + i * state, a + i * action,
                  next, &to);
        status = ig_yield_now(yield);
        if (status) {
            ig_error_set(error, status, "stopped while comparing worlds");
        }
    }
    free(next);
    if (status) {
        return status;
    }
    *errors = to.errors;
    errors->dynamics_most = sqrt(to.errors.dynamics_most);
    errors->dynamics_rms = sqrt(to.dynamics / (double)n);
    errors->reward_rms = sqrt(to.reward / (double)n);
    errors->reward_bias = to.bias / (double)n;
    return IG_OK;
}

static double mean_return(const ig_trajectories *t, double gamma)
{
    double sum = 0, weight = 1;
    for (size_t step = 0; step < t->steps; step++) {
        for (size_t k = 0; k < t->n; k++) {
            sum += weight * (double)t->rewards[step * t->n + k];
        }
        weight *= gamma;
    }
    return sum / (double)t->n;
}

ig_status ig_imagination_judge(const ig_task *task, const ig_imagination *q,
                               const ig_gaussian *policy, const ig_world *world, const char *where,
                               ig_trajectories *trajectories, double *J, ig_error *error)
{
    ig_reinforce *reinforce = NULL;
    ig_status status = ig_reinforce_create(task->isa, policy, trajectories->n, trajectories->steps,
                                           &reinforce, error);
    if (!status) {
        status = ig_reinforce_rollout(reinforce, policy, world, task->key, IG_STREAM_HOLDOUT,
                                      evaluation, q->mean_action, trajectories, task->yield, error);
    }
    if (!status) {
        *J = mean_return(trajectories, q->gamma);
        if (!isfinite(*J)) {
            status = ig_error_set(error, IG_ERR_NUMERIC, "rollouts of %s diverge", where);
        }
    }
    ig_reinforce_destroy(&reinforce);
    return status;
}

static double squares_of(const float *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += (double)x[i] * (double)x[i];
    }
    return sum;
}

double ig_imagination_reach(const ig_trajectories *t)
{
    double most = 0;
    for (size_t i = 0; i < (t->steps + 1) * t->n; i++) {
        double squares = squares_of(t->states + i * (size_t)t->state, t->state);
        if (i < t->steps * t->n) {
            squares += squares_of(t->actions + i * (size_t)t->action, t->action);
        }
        most = fmax(most, squares);
    }
    return sqrt(most);
}
