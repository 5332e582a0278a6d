#include "imagrid/policy.h"

enum { BLOCK = 64 }; /* trajectories whose sums run side by side */

static void block_returns(size_t n, size_t steps, double gamma, const float *rewards,
                          float *weights, size_t count)
{
    double rest[BLOCK] = {0};
    for (size_t t = steps; t-- > 0;) {
        for (size_t k = 0; k < count; k++) {
            rest[k] = (double)rewards[t * n + k] + gamma * rest[k];
            weights[t * n + k] = (float)rest[k];
        }
    }
}

void ig_reinforce_returns(size_t n, size_t h, size_t steps, double gamma,
                          ig_discount_state discount, const float *rewards, float *weights)
{
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t count = n - first < BLOCK ? n - first : BLOCK;
        block_returns(n, steps, gamma, rewards + first, weights + first, count);
    }
    double factor = 1;
    for (size_t t = 0; discount == IG_DISCOUNT_EXACT && t < steps; t++) {
        for (size_t i = t * n; i < (t + 1) * n; i++) {
            weights[i] = (float)(factor * (double)weights[i]);
        }
        factor *= gamma;
    }
    for (size_t i = steps * n; i < h * n; i++) {
        weights[i] = 0;
    }
}
