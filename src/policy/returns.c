#include "imagrid/policy.h"

void ig_reinforce_returns(size_t n, size_t h, size_t steps, double gamma,
                          ig_discount_state discount, const float *rewards, float *weights)
{
    for (size_t k = 0; k < n; k++) {
        for (size_t t = steps; t < h; t++) {
            weights[t * n + k] = 0;
        }
        double rest = 0;
        for (size_t t = steps; t-- > 0;) {
            rest = (double)rewards[t * n + k] + gamma * rest;
            weights[t * n + k] = (float)rest;
        }
        double factor = 1;
        for (size_t t = 0; discount == IG_DISCOUNT_EXACT && t < steps; t++) {
            weights[t * n + k] = (float)(factor * (double)weights[t * n + k]);
            factor *= gamma;
        }
    }
}
