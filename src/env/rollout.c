#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "env/reference-policy.h"

/* Multiply-adds between two calls of the hook: some tens of microseconds. */
static const double yield_work = 2e6;

/** One block of episodes on its way through the teacher. */
typedef struct rollout {
    const ig_teacher *teacher;
    const ig_rollout_options *options;
    int inputs;
    ig_mlp *dynamics;
    ig_reference_policy_block policy;
    float *x;            /**< [s, a]: IG_BLOCK x inputs */
    float *next;         /**< s': IG_BLOCK x state */
    unsigned char *keep; /**< IG_BLOCK x episode_length: whether a step is kept */
    ig_rng rng[IG_BLOCK];
    size_t target[IG_BLOCK]; /**< row of the episode's next kept transition */
} rollout;

static void rollout_clear(rollout *r)
{
    ig_mlp_destroy(&r->dynamics);
    ig_reference_policy_block_clear(&r->policy);
    free(r->x);
    free(r->next);
    free(r->keep);
}

static ig_status rollout_init(const ig_teacher *teacher, const ig_rollout_options *options,
                              rollout *r, ig_error *error)
{
    *r = (rollout){
        .teacher = teacher, .options = options, .inputs = teacher->state + teacher->action};
    size_t inputs = (size_t)r->inputs, state = (size_t)teacher->state;
    r->x = malloc(inputs * IG_BLOCK * sizeof *r->x);
    r->next = malloc(state * IG_BLOCK * sizeof *r->next);
    r->keep = malloc((size_t)options->episode_length * IG_BLOCK);
    if (!r->x || !r->next || !r->keep) {
        rollout_clear(r);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for rollouts");
    }
    ig_status status = ig_reference_policy_block_init(options->policy, teacher->state,
                                                      teacher->action, &r->policy, error);
    if (!status) {
        ig_mlp_shape shape = {r->inputs, teacher->hidden, teacher->state};
        status = ig_mlp_create(options->isa, shape, teacher->dynamics, &r->dynamics, error);
    }
    if (status) {
        rollout_clear(r);
    }
    return status;
}

/** Draw what episodes first ... first + IG_BLOCK - 1 start from and which of their steps are kept,
 *  from row `filled` on; returns the number of episodes needed to fill `n` rows and moves `filled`.
 */
static int begin_block(rollout *r, ig_rng_key key, ig_stream stream, uint64_t first, size_t n,
                       size_t *filled)
{
    int length = r->options->episode_length, e = 0;
    for (; e < IG_BLOCK && *filled < n; e++) {
        uint64_t episode = first + (uint64_t)e;
        r->rng[e] = ig_rng_start(key, stream, 2 * episode);
        for (int i = 0; i < r->teacher->state; i++) {
            r->x[e * r->inputs + i] = (float)(2 * ig_rng_uniform(&r->rng[e]) - 1);
        }
        ig_reference_policy_begin(&r->policy, e, &r->rng[e]);
        ig_rng kept = ig_rng_start(key, stream, 2 * episode + 1);
        r->target[e] = *filled;
        for (int t = 0; t < length; t++) {
            bool keep = ig_rng_uniform(&kept) < r->options->keep_fraction && *filled < n;
            r->keep[(size_t)e * (size_t)length + (size_t)t] = keep;
            *filled += keep;
        }
    }
    return e;
}

/** Put the kept transitions of step t into their rows: [s, a, s']; the reward comes later. */
static void store_step(rollout *r, int n, int t, size_t stride, float *rows)
{
    size_t length = (size_t)r->options->episode_length;
    for (int e = 0; e < n; e++) {
        if (!r->keep[(size_t)e * length + (size_t)t]) {
            continue;
        }
        float *row = rows + r->target[e]++ * stride;
        size_t inputs = (size_t)r->inputs, state = (size_t)r->teacher->state;
        memcpy(row, r->x + (size_t)e * inputs, inputs * sizeof *row);
        memcpy(row + inputs, r->next + (size_t)e * state, state * sizeof *row);
    }
}

static ig_status roll_block(rollout *r, int n, size_t stride, float *rows, const ig_yield *yield)
{
    size_t state = (size_t)r->teacher->state, inputs = (size_t)r->inputs;
    double work = 0;
    for (int t = 0; t < r->options->episode_length; t++) {
        ig_reference_policy_act(&r->policy, n, t, r->rng, r->x);
        ig_mlp_forward(r->dynamics, r->x, (size_t)n, inputs, r->next, state);
        ig_tanh(r->options->isa, (size_t)n * state, r->next);
        store_step(r, n, t, stride, rows);
        for (size_t e = 0; e < (size_t)n; e++) {
            memcpy(r->x + e * inputs, r->next + e * state, state * sizeof *r->x);
        }
        work += (double)n * (double)(inputs + state) * r->teacher->hidden;
        ig_status status = IG_OK;
        if (work > yield_work) {
            status = ig_yield_now(yield);
            work = 0;
        }
        if (status) {
            return status;
        }
    }
    return IG_OK;
}

/** The rewards of rows 0 ... n-1, straight into their places. */
static ig_status reward_rows(const ig_teacher *teacher, ig_isa isa, size_t n, size_t stride,
                             float *rows, const ig_yield *yield, ig_error *error)
{
    int inputs = teacher->state + teacher->action;
    size_t place = (size_t)inputs + (size_t)teacher->state;
    ig_mlp *reward = NULL;
    ig_status status = ig_mlp_create(isa, (ig_mlp_shape){inputs, teacher->hidden, 1},
                                     teacher->reward, &reward, error);
    if (status) {
        return status;
    }
    float scale = 1 / sqrtf((float)teacher->hidden);
    size_t block = (size_t)(yield_work / ((double)(inputs + 1) * teacher->hidden)) + 1;
    for (size_t first = 0; first < n && !status; first += block) {
        size_t count = n - first < block ? n - first : block;
        float *row = rows + first * stride;
        ig_mlp_forward(reward, row, count, stride, row + place, stride);
        for (size_t i = 0; i < count; i++) {
            row[i * stride + place] *= scale;
        }
        status = ig_yield_now(yield);
    }
    ig_mlp_destroy(&reward);
    return status ? ig_error_set(error, status, "stopped while computing rewards") : IG_OK;
}

ig_status ig_rollout_transitions(const ig_teacher *teacher, const ig_rollout_options *options,
                                 ig_rng_key key, ig_stream stream, size_t n, size_t stride,
                                 float *rows, const ig_yield *yield, ig_error *error)
{
    rollout r;
    ig_status status = rollout_init(teacher, options, &r, error);
    if (status) {
        return status;
    }
    size_t filled = 0;
    for (uint64_t first = 0; filled < n && !status; first += IG_BLOCK) {
        int episodes = begin_block(&r, key, stream, first, n, &filled);
        status = roll_block(&r, episodes, stride, rows, yield);
        if (status) {
            ig_error_set(error, status, "stopped while rolling episodes");
        }
    }
    rollout_clear(&r);
    return status ? status : reward_rows(teacher, options->isa, n, stride, rows, yield, error);
}
