#include "env/reference-policy.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Protocol 2.1: one cycle takes between 20 and 314 steps. */
static const double slowest = 0.02, fastest = 0.32;
/* Exploration of the feedback policy, small beside the saturated states. */
static const double feedback_noise = 0.3;

ig_status ig_reference_policy_block_init(ig_reference_policy policy, int state, int action,
                                         ig_reference_policy_block *block, ig_error *error)
{
    ig_reference_policy_block b = {.policy = policy, .state = state, .action = action};
    size_t actions = (size_t)action * IG_BLOCK;
    bool complete = true;
    if (policy == IG_REFERENCE_SINUSOID) {
        b.frequency = malloc(actions * sizeof *b.frequency);
        b.phase = malloc(actions * sizeof *b.phase);
        complete = b.frequency && b.phase;
    } else if (policy == IG_REFERENCE_TANH_FEEDBACK) {
        b.gain = malloc(actions * (size_t)state * sizeof *b.gain);
        complete = b.gain != NULL;
    }
    if (!complete) {
        ig_reference_policy_block_clear(&b);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a policy");
    }
    *block = b;
    return IG_OK;
}

void ig_reference_policy_block_clear(ig_reference_policy_block *block)
{
    free(block->frequency);
    free(block->phase);
    free(block->gain);
    memset(block, 0, sizeof *block);
}

void ig_reference_policy_begin(ig_reference_policy_block *block, int e, ig_rng *rng)
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

static float feedback(const float *gain, int state, const float *s, ig_rng *rng)
{
    float sum = 0;
    for (int i = 0; i < state; i++) {
        sum += gain[i] * s[i];
    }
    return tanhf(sum + (float)(feedback_noise * ig_rng_normal(rng)));
}

void ig_reference_policy_act(const ig_reference_policy_block *block, int n, int t, ig_rng *rng,
                             float *x)
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
    }
}
