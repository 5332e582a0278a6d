#include "env/policy.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Protocol 2.1: one cycle takes between 20 and 314 steps. */
static const double slowest = 0.02, fastest = 0.32;
/* Exploration of the feedback policy, small beside the saturated states. */
static const double feedback_noise = 0.3;

ig_status ig_policy_block_init(ig_policy policy, int state, int action, ig_policy_block *block,
                               ig_error *error)
{
    ig_policy_block b = {.policy = policy, .state = state, .action = action};
    size_t actions = (size_t)action * IG_BLOCK;
    bool complete = true;
    if (policy == IG_POLICY_SINUSOID) {
        b.frequency = malloc(actions * sizeof *b.frequency);
        b.phase = malloc(actions * sizeof *b.phase);
        complete = b.frequency && b.phase;
    } else if (policy == IG_POLICY_TANH_FEEDBACK) {
        b.gain = malloc(actions * (size_t)state * sizeof *b.gain);
        complete = b.gain != NULL;
    }
    if (!complete) {
        ig_policy_block_clear(&b);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a policy");
    }
    *block = b;
    return IG_OK;
}

void ig_policy_block_clear(ig_policy_block *block)
{
    free(block->frequency);
    free(block->phase);
    free(block->gain);
    memset(block, 0, sizeof *block);
}

void ig_policy_begin(ig_policy_block *block, int e, ig_rng *rng)
{
    if (block->policy == IG_POLICY_SINUSOID) {
        for (int k = 0; k < block->action; k++) {
            block->frequency[k * IG_BLOCK + e] =
                slowest + (fastest - slowest) * ig_rng_uniform(rng);
            block->phase[k * IG_BLOCK + e] = 2 * M_PI * ig_rng_uniform(rng);
        }
    } else if (block->policy == IG_POLICY_TANH_FEEDBACK) {
        double scale = 1 / sqrt(block->state);
        for (int i = 0; i < block->action * block->state; i++) {
            block->gain[i * IG_BLOCK + e] = (float)(scale * ig_rng_normal(rng));
        }
    }
}

/** Action k of episode e: the sum of K s in the order of the state's features. */
static float feedback(const ig_policy_block *block, int k, int e, const float *s, ig_rng *rng)
{
    const float *gain = block->gain + k * block->state * IG_BLOCK + e;
    float sum = 0;
    for (int i = 0; i < block->state; i++) {
        sum += gain[i * IG_BLOCK] * s[i * IG_BLOCK + e];
    }
    return tanhf(sum + (float)(feedback_noise * ig_rng_normal(rng)));
}

void ig_policy_act(const ig_policy_block *block, int n, int t, const float *s, ig_rng *rng,
                   float *a)
{
    for (int k = 0; k < block->action; k++) {
        for (int e = 0; e < n; e++) {
            int i = k * IG_BLOCK + e;
            switch (block->policy) {
            case IG_POLICY_SINUSOID:
                a[i] = (float)sin(block->frequency[i] * t + block->phase[i]);
                break;
            case IG_POLICY_UNIFORM:
                a[i] = (float)(2 * ig_rng_uniform(&rng[e]) - 1);
                break;
            case IG_POLICY_TANH_FEEDBACK:
                a[i] = feedback(block, k, e, s, &rng[e]);
                break;
            }
        }
    }
}
