/** The true MDP of a task of `imagination`, and data from it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "env/gather.h"
#include "experiments/imagination.h"

ig_status ig_truth_init(const ig_task *task, const ig_imagination *q, ig_truth *truth,
                        ig_error *error)
{
    ig_status status = IG_OK;
    memset(truth, 0, sizeof *truth);
    switch (q->environment) {
    case IG_ENVIRONMENT_TEACHER:
        status = ig_teacher_init(q->state, q->action, q->hidden, task->key, &truth->teacher, error);
        if (!status) {
            ig_teacher_apply_gain(&truth->teacher, q->gain);
            status = ig_world_teacher(task->isa, &truth->teacher, q->squash, &truth->world, error);
        }
        break;
    case IG_ENVIRONMENT_LQG:
        status = ig_regulator_draw((size_t)q->state, (size_t)q->action, q->gamma, q->lqg_gain,
                                   task->key, &truth->regulator, error);
        if (!status) {
            ig_lqg_world_init(&truth->regulator, &truth->lqg, &truth->world);
        }
        break;
    case IG_ENVIRONMENT_KNOWN_VALUE:
        truth->known = q->known;
        ig_known_control_world(&truth->known, &truth->world);
        break;
    }
    return status;
}

void ig_truth_clear(ig_truth *truth)
{
    ig_world_clear(&truth->world);
    ig_teacher_clear(&truth->teacher);
}

ig_status ig_truth_gather(const ig_task *task, const ig_imagination *q, const ig_truth *truth,
                          ig_stream stream, size_t n, float **rows, ig_error *error)
{
    const size_t stride = ig_imagination_stride(q);
    ig_pool_rows pool = {n, stride, aligned_alloc(64, n * stride * sizeof(float))};
    ig_status status;
    if (!pool.rows) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu transitions", n);
    }
    if (q->environment == IG_ENVIRONMENT_TEACHER) {
        const ig_rollout_options options = {.policy = (ig_reference_policy)q->data,
                                            .episode_length = q->episode_length,
                                            .keep_fraction = q->keep_fraction,
                                            .isa = task->isa};
        status = ig_rollout_transitions(&truth->teacher, &options, task->key, stream, n, stride,
                                        pool.rows, task->yield, error);
    } else if (q->data == IG_GATHER_BALL) {
        status =
            ig_gather_ball(&truth->world, q->radius, task->key, stream, &pool, task->yield, error);
    } else {
        status = ig_gather_episodes(&truth->world, q->episode_length, q->keep_fraction, task->key,
                                    stream, &pool, task->yield, error);
    }
    if (status) {
        free(pool.rows);
        return status;
    }
    *rows = pool.rows;
    return IG_OK;
}

ig_status ig_truth_optimum(const ig_imagination *q, const ig_truth *truth,
                           const ig_trajectories *trajectories, bool *known, double *J,
                           ig_error *error)
{
    double p[IG_LQG_STATE * IG_LQG_STATE] = {0}, k[IG_LQG_ACTION * IG_LQG_STATE], sum = 0;
    const size_t n = (size_t)q->state;
    const bool lqg = q->environment == IG_ENVIRONMENT_LQG;
    *known = lqg || (q->environment == IG_ENVIRONMENT_KNOWN_VALUE &&
                     ig_known_control_is_solved(&truth->known));
    if (lqg) {
        ig_error trouble = {0};
        ig_status status = ig_riccati_finite(&truth->regulator, q->horizon, p, k, &trouble);
        if (status && status != IG_ERR_NUMERIC) {
            return ig_error_set(error, status, "%s", trouble.text);
        }
        /* Without a solution in doubles nothing is known. */
        *known = !status;
    }
    if (!*known) {
        return IG_OK;
    }
    for (size_t i = 0; i < trajectories->n; i++) {
        double s[IG_LQG_STATE] = {0};
        for (size_t j = 0; j < n; j++) {
            s[j] = (double)trajectories->states[i * n + j];
        }
        sum += lqg ? -ig_quadratic_form(p, s, n)
                   : ig_known_control_return(&truth->known, s[0], q->horizon);
    }
    *J = sum / (double)trajectories->n;
    return IG_OK;
}
