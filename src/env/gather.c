/** Pools of transitions: episodes of a teacher under a reference policy, and points or episodes of
 * any world. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "env/system.h"
#include "env/world.h"
#include "imagrid/env.h"

/* Protocol 2.1: one cycle takes between 20 and 314 steps. */
static const double slowest = 0.02, fastest = 0.32;
/* Exploration of the feedback policy, small beside the saturated states. */
static const double feedback_noise = 0.3;

enum { EPISODES = 64 }; /* rolled side by side: their states and actions stay in L1 */

/** The policy's parameters of one block of episodes. Owned by whoever began it. */
typedef struct policy_block {
    ig_reference_policy policy;
    int state, action;
    double *frequency, *phase; /**< sinusoid: EPISODES x action each */
    float *gain;               /**< tanh_feedback: EPISODES x action x state */
} policy_block;

static void policy_clear(policy_block *block)
{
    free(block->frequency);
    free(block->phase);
    free(block->gain);
    memset(block, 0, sizeof *block);
}

static ig_status policy_init(ig_reference_policy policy, int state, int action, policy_block *block,
                             ig_error *error)
{
    const size_t actions = (size_t)action * EPISODES;
    *block = (policy_block){.policy = policy, .state = state, .action = action};
    if (policy == IG_REFERENCE_SINUSOID) {
        TRY(IG_ALLOC(block->frequency, actions, error));
        TRY(IG_ALLOC(block->phase, actions, error));
    } else if (policy == IG_REFERENCE_TANH_FEEDBACK) {
        TRY(IG_ALLOC(block->gain, actions * (size_t)state, error));
    }
    return IG_OK;
}

/** Draw the parameters of episode `e` of the block from its stream. */
static void policy_begin(policy_block *block, int e, ig_rng *rng)
{
    int first = e * block->action;
    if (block->policy == IG_REFERENCE_SINUSOID) {
        for (int k = first; k < first + block->action; k++) {
            block->frequency[k] = slowest + (fastest - slowest) * ig_rng_uniform(rng);
            block->phase[k] = 2 * M_PI * ig_rng_uniform(rng);
        }
    } else if (block->policy == IG_REFERENCE_TANH_FEEDBACK) {
        double scale = 1 / sqrt(block->state);
        float *gain = block->gain + (ptrdiff_t)first * block->state;
        for (int i = 0; i < block->action * block->state; i++) {
            gain[i] = (float)(scale * ig_rng_normal(rng));
        }
    }
}

/** K s + 0.3 n, one number of it, before its tanh. */
static float feedback(const float *gain, int state, const float *s, ig_rng *rng)
{
    float sum = 0;
    for (int i = 0; i < state; i++) {
        sum += gain[i] * s[i];
    }
    return sum + (float)(feedback_noise * ig_rng_normal(rng));
}

/** Actions of step t for the first `n` episodes: row e of `x`, [s, a], holds episode e's state and
 *  receives its action; rng[e] is its stream. The tanh is the kernels', as C libraries differ in
 *  theirs. */
static void policy_act(const policy_block *block, ig_isa isa, int n, int t, ig_rng *rng, float *x)
{
    int state = block->state, action = block->action;
    for (int e = 0; e < n; e++) {
        const float *s = x + (ptrdiff_t)e * (state + action);
        float *a = x + (ptrdiff_t)e * (state + action) + state;
        for (int k = 0; k < action; k++) {
            int i = e * action + k;
            switch (block->policy) {
            case IG_REFERENCE_SINUSOID:
                a[k] = (float)sin(block->frequency[i] * t + block->phase[i]);
                break;
            case IG_REFERENCE_UNIFORM:
                a[k] = (float)(2 * ig_rng_uniform(&rng[e]) - 1);
                break;
            case IG_REFERENCE_TANH_FEEDBACK:
                a[k] = feedback(block->gain + (ptrdiff_t)i * state, state, s, &rng[e]);
                break;
            }
        }
        if (block->policy == IG_REFERENCE_TANH_FEEDBACK) {
            ig_tanh(isa, (size_t)action, a);
        }
    }
}

/* Multiply-adds between two calls of the hook: some tens of microseconds. */
static const double yield_work = 2e6;

/** One block of episodes on its way through the teacher. */
typedef struct rollout {
    const ig_teacher *teacher;
    const ig_rollout_options *options;
    int inputs;
    ig_mlp *dynamics;
    policy_block policy;
    float *x;            /**< [s, a]: EPISODES x inputs */
    float *next;         /**< s': EPISODES x state */
    unsigned char *keep; /**< EPISODES x episode_length: whether a step is kept */
    ig_rng rng[EPISODES];
    size_t target[EPISODES]; /**< row of the episode's next kept transition */
} rollout;

static void rollout_clear(rollout *r)
{
    ig_mlp_destroy(&r->dynamics);
    policy_clear(&r->policy);
    free(r->x);
    free(r->next);
    free(r->keep);
}

/** To be cleared whatever is returned. */
static ig_status rollout_init(const ig_teacher *teacher, const ig_rollout_options *options,
                              rollout *r, ig_error *error)
{
    r->teacher = teacher;
    r->options = options;
    r->inputs = teacher->state + teacher->action;
    TRY(IG_ALLOC(r->x, (size_t)r->inputs * EPISODES, error));
    TRY(IG_ALLOC(r->next, (size_t)teacher->state * EPISODES, error));
    TRY(IG_ALLOC(r->keep, (size_t)options->episode_length * EPISODES, error));
    TRY(policy_init(options->policy, teacher->state, teacher->action, &r->policy, error));
    ig_mlp_shape shape = {r->inputs, teacher->hidden, teacher->state};
    return ig_mlp_create(options->isa, shape, teacher->dynamics, &r->dynamics, error);
}

/** Draw what episodes first ... first + EPISODES - 1 start from and which of their steps are kept,
 *  from row `filled` on; returns the number of episodes needed to fill `n` rows and moves `filled`.
 */
static int begin_block(rollout *r, ig_rng_key key, ig_stream stream, uint64_t first, size_t n,
                       size_t *filled)
{
    int length = r->options->episode_length, e = 0;
    for (; e < EPISODES && *filled < n; e++) {
        uint64_t episode = first + (uint64_t)e;
        r->rng[e] = ig_rng_start(key, stream, 2 * episode);
        for (int i = 0; i < r->teacher->state; i++) {
            r->x[e * r->inputs + i] = (float)(2 * ig_rng_uniform(&r->rng[e]) - 1);
        }
        policy_begin(&r->policy, e, &r->rng[e]);
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

static ig_status roll_block(rollout *r, int n, size_t stride, float *rows, const ig_yield *yield,
                            ig_error *error)
{
    size_t state = (size_t)r->teacher->state, inputs = (size_t)r->inputs;
    double work = 0;
    for (int t = 0; t < r->options->episode_length; t++) {
        policy_act(&r->policy, r->options->isa, n, t, r->rng, r->x);
        ig_mlp_forward(r->dynamics, r->x, (size_t)n, inputs, r->next, state);
        ig_tanh(r->options->isa, (size_t)n * state, r->next);
        store_step(r, n, t, stride, rows);
        for (size_t e = 0; e < (size_t)n; e++) {
            memcpy(r->x + e * inputs, r->next + e * state, state * sizeof *r->x);
        }
        work += (double)n * (double)(inputs + state) * r->teacher->hidden;
        if (work > yield_work) {
            TRY(ig_yield_or_stop(yield, error));
            work = 0;
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
    AUTO(ig_mlp_destroy) ig_mlp *reward = NULL;
    TRY(ig_mlp_create(isa, (ig_mlp_shape){inputs, teacher->hidden, 1}, teacher->reward, &reward,
                      error));
    float scale = 1 / sqrtf((float)teacher->hidden);
    size_t block = (size_t)(yield_work / ((double)(inputs + 1) * teacher->hidden)) + 1;
    for (size_t first = 0; first < n; first += block) {
        size_t count = n - first < block ? n - first : block;
        float *row = rows + first * stride;
        ig_mlp_forward(reward, row, count, stride, row + place, stride);
        for (size_t i = 0; i < count; i++) {
            row[i * stride + place] *= scale;
        }
        TRY(ig_yield_or_stop(yield, error));
    }
    return IG_OK;
}

ig_status ig_rollout_transitions(const ig_teacher *teacher, const ig_rollout_options *options,
                                 ig_rng_key key, ig_stream stream, size_t n, size_t stride,
                                 float *rows, const ig_yield *yield, ig_error *error)
{
    AUTO(rollout_clear) rollout r = {0};
    TRY(rollout_init(teacher, options, &r, error));
    size_t filled = 0;
    for (uint64_t first = 0; filled < n; first += EPISODES) {
        int episodes = begin_block(&r, key, stream, first, n, &filled);
        TRY(roll_block(&r, episodes, stride, rows, yield, error));
    }
    return reward_rows(teacher, options->isa, n, stride, rows, yield, error);
}

enum { SAMPLES = 256 }; /* between two calls of the hook */

/** One block of samples on its way through the world; one allocation behind `s`. */
typedef struct block {
    size_t state, action;
    float *s, *a, *next, *reward;
} block;

static ig_status block_init(const ig_world *world, block *b, ig_error *error)
{
    const size_t state = (size_t)world->state, action = (size_t)world->action;
    *b = (block){.state = state, .action = action};
    TRY(IG_ALLOC(b->s, SAMPLES * (2 * state + action + 1), error));
    b->a = b->s + SAMPLES * state;
    b->next = b->a + SAMPLES * action;
    b->reward = b->next + SAMPLES * state;
    return IG_OK;
}

static void block_clear(block *b)
{
    free(b->s);
}

static void store(const block *b, size_t i, float *row)
{
    memcpy(row, b->s + i * b->state, b->state * sizeof *row);
    memcpy(row + b->state, b->a + i * b->action, b->action * sizeof *row);
    memcpy(row + b->state + b->action, b->next + i * b->state, b->state * sizeof *row);
    row[2 * b->state + b->action] = b->reward[i];
}

static void draw_sample(double radius, ig_rng *rng, size_t i, const block *b)
{
    double z[IG_SYSTEM_DIMENSION];
    ig_draw_in_ball(rng, b->state + b->action, radius, z);
    for (size_t j = 0; j < b->state; j++) {
        b->s[i * b->state + j] = (float)z[j];
    }
    for (size_t j = 0; j < b->action; j++) {
        b->a[i * b->action + j] = (float)z[b->state + j];
    }
}

ig_status ig_gather_ball(const ig_world *world, double radius, ig_rng_key key, ig_stream stream,
                         const ig_pool_rows *pool, const ig_yield *yield, ig_error *error)
{
    AUTO(block_clear) block b = {0};
    ig_rng rng = ig_rng_start(key, stream, 0);
    if (world->state + world->action > IG_SYSTEM_DIMENSION) {
        return ig_error_set(error, IG_ERR_USAGE, "a ball of more than %d dimensions",
                            IG_SYSTEM_DIMENSION);
    }
    TRY(block_init(world, &b, error));
    for (size_t first = 0; first < pool->n; first += SAMPLES) {
        const size_t n = pool->n - first < SAMPLES ? pool->n - first : SAMPLES;
        for (size_t i = 0; i < n; i++) {
            draw_sample(radius, &rng, i, &b);
        }
        world->step(world->context, n, b.s, b.a, b.next, b.reward);
        for (size_t i = 0; i < n; i++) {
            store(&b, i, pool->rows + (first + i) * pool->stride);
        }
        TRY(ig_yield_or_stop(yield, error));
    }
    return IG_OK;
}

ig_status ig_gather_episodes(const ig_world *world, int length, double keep_fraction,
                             ig_rng_key key, ig_stream stream, const ig_pool_rows *pool,
                             const ig_yield *yield, ig_error *error)
{
    AUTO(block_clear) block b = {0};
    size_t filled = 0;
    TRY(block_init(world, &b, error));
    for (uint64_t episode = 0; filled < pool->n; episode++) {
        ig_rng rng = ig_rng_start(key, stream, 2 * episode);
        ig_rng kept = ig_rng_start(key, stream, 2 * episode + 1);
        world->start(world->context, &rng, b.s);
        for (int t = 0; t < length && filled < pool->n; t++) {
            for (size_t j = 0; j < b.action; j++) {
                b.a[j] = (float)(2 * ig_rng_uniform(&rng) - 1);
            }
            world->step(world->context, 1, b.s, b.a, b.next, b.reward);
            if (ig_rng_uniform(&kept) < keep_fraction) {
                store(&b, 0, pool->rows + filled++ * pool->stride);
            }
            memcpy(b.s, b.next, b.state * sizeof *b.s);
        }
        TRY(ig_yield_or_stop(yield, error));
    }
    return IG_OK;
}

void ig_gather_noise(const ig_pool_rows *pool, size_t first, size_t count, double std, ig_rng *rng)
{
    for (size_t i = 0; i < pool->n && std > 0; i++) {
        for (size_t j = first; j < first + count; j++) {
            pool->rows[i * pool->stride + j] += (float)(std * ig_rng_normal(rng));
        }
    }
}
