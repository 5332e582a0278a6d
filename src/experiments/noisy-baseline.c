/** What is taken from the returns of the noisy policy gradient. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/linear.h"
#include "experiments/noisy-private.h"

/** The least-squares coefficients of [s, 1] for the returns of step t; `x` has room for the
 *  regressors by columns, `y` for the returns. */
static ig_status fit_step(ig_noisy *g, size_t t, double *x, double *y, ig_error *error)
{
    const size_t n = g->n, state = (size_t)g->options.state;
    const bool value = g->options.baseline == IG_NOISY_BASELINE_VALUE;
    const size_t width = value ? state + 1 : 1;
    double *to = g->baseline + t * (state + 1);
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; value && j < state; j++) {
            x[j * n + k] = (double)g->batch.states[(t * n + k) * state + j];
        }
        x[(width - 1) * n + k] = 1;
        y[k] = (double)g->weights[t * n + k];
    }
    ig_status status = ig_least_squares(x, n, width, y, 1, error);
    if (!status) {
        memset(to, 0, (state + 1) * sizeof *to);
        memcpy(to + state + 1 - width, y, width * sizeof *to);
    }
    return status;
}

ig_status ig_noisy_fit_baseline(ig_noisy *noisy, ig_error *error)
{
    const ig_noisy_options *o = &noisy->options;
    ig_status status = IG_OK;
    double *x = NULL, *y = NULL;
    if (o->baseline == IG_NOISY_BASELINE_NONE) {
        return IG_OK;
    }
    x = malloc(noisy->n * (size_t)(o->state + 1) * sizeof *x);
    y = malloc(noisy->n * sizeof *y);
    if (!x || !y) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for a baseline");
        goto done;
    }
    ig_reinforce_returns(noisy->n, o->steps, o->steps, o->gamma, IG_DISCOUNT_PAPER,
                         noisy->batch.rewards, noisy->weights);
    for (size_t t = 0; t < o->steps && !status; t++) {
        status = fit_step(noisy, t, x, y, error);
    }
done:
    free(x);
    free(y);
    return status;
}

void ig_noisy_take_baseline(const ig_noisy *noisy, ig_discount_state discount, float *weights)
{
    const size_t n = noisy->n, state = (size_t)noisy->options.state;
    double factor = 1;
    if (noisy->options.baseline == IG_NOISY_BASELINE_NONE) {
        return;
    }
    for (size_t t = 0; t < noisy->options.steps; t++) {
        const double *of = noisy->baseline + t * (state + 1);
        for (size_t k = 0; k < n; k++) {
            const float *s = noisy->batch.states + (t * n + k) * state;
            double sum = of[state];
            for (size_t j = 0; j < state; j++) {
                sum += of[j] * (double)s[j];
            }
            weights[t * n + k] -= (float)(factor * sum);
        }
        factor *= discount == IG_DISCOUNT_EXACT ? noisy->options.gamma : 1;
    }
}
