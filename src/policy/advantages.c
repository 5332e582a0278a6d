#include "imagrid/policy-train.h"

void ig_policy_baseline_mean(size_t n, size_t steps, const float *returns, float *baseline)
{
    for (size_t t = 0; t < steps; t++) {
        const float *g = returns + t * n;
        double sum = 0;
        for (size_t k = 0; k < n; k++) {
            sum += (double)g[k];
        }
        for (size_t k = 0; k < n; k++) {
            baseline[t * n + k] = n > 1 ? (float)((sum - (double)g[k]) / (double)(n - 1)) : 0;
        }
    }
}

void ig_policy_advantages(size_t n, size_t steps, double gamma, ig_discount_state discount,
                          const float *returns, const float *baseline, float *advantages)
{
    double factor = 1;
    for (size_t t = 0; t < steps; t++) {
        for (size_t i = t * n; i < (t + 1) * n; i++) {
            double base = baseline ? (double)baseline[i] : 0;
            advantages[i] = (float)(factor * ((double)returns[i] - base));
        }
        factor *= discount == IG_DISCOUNT_EXACT ? gamma : 1;
    }
}
