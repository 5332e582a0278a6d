/** The gradients that replicates are compared with, and what theory needs to know of the scores. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/noisy-private.h"
#include "theory/reinforce.h"

/** Buffers of one reference. */
typedef struct scratch {
    double *score2;  /**< squared scores of one trajectory: H */
    double *mean[3]; /**< a batch's gradients of rewards, of bias, of both: P each */
    double *all;     /**< gradients of bias of every batch: batches x P */
    float *norms;    /**< H x n */
} scratch;

static void scratch_clear(scratch *s)
{
    free(s->score2);
    free(s->mean[0]);
    free(s->all);
    free(s->norms);
    memset(s, 0, sizeof *s);
}

static ig_status scratch_init(const ig_noisy *g, size_t batches, scratch *s, ig_error *error)
{
    *s = (scratch){
        .score2 = malloc(g->options.steps * sizeof *s->score2),
        .mean = {calloc(3 * g->size, sizeof(double))},
        .all = malloc(batches * g->size * sizeof *s->all),
        .norms = malloc(g->n_weights * sizeof *s->norms),
    };
    if (!s->score2 || !s->mean[0] || !s->all || !s->norms) {
        scratch_clear(s);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the reference gradient");
    }
    s->mean[1] = s->mean[0] + g->size;
    s->mean[2] = s->mean[1] + g->size;
    return IG_OK;
}

/** Weights less the mean of the other trajectories' at the same step. */
static void leave_one_out(ig_noisy *g)
{
    const double n = (double)g->n;
    for (size_t t = 0; t < g->options.steps; t++) {
        float *w = g->weights + t * g->n;
        double mean = 0;
        for (size_t k = 0; k < g->n; k++) {
            mean += (double)w[k] / n;
        }
        for (size_t k = 0; k < g->n; k++) {
            w[k] = (float)(n / (n - 1) * ((double)w[k] - mean));
        }
    }
}

static void batch_gradient(ig_noisy *g, const float *rewards, double *mean)
{
    const size_t steps = g->options.steps;
    ig_reinforce_returns(g->n, steps, steps, g->options.gamma, IG_DISCOUNT_EXACT, rewards,
                         g->weights);
    leave_one_out(g);
    ig_reinforce_gradient(g->reinforce, &g->policy, &g->batch, 0, g->n, steps, g->weights,
                          g->gradient);
    for (size_t p = 0; p < g->size; p++) {
        mean[p] = (double)g->gradient[p] / (double)g->n;
    }
}

static ig_status add_scores(ig_noisy *g, scratch *s, ig_reference *r, ig_error *error)
{
    const size_t steps = g->options.steps;
    ig_status status = IG_OK;
    ig_reinforce_score_norms(g->reinforce, &g->policy, &g->batch, s->norms);
    for (size_t k = 0; k < g->n && !status; k++) {
        double largest = 0, added = 0;
        for (size_t t = 0; t < steps; t++) {
            s->score2[t] = (double)s->norms[t * g->n + k];
            largest = fmax(largest, s->score2[t]);
        }
        ig_moment_add(&r->largest, largest);
        for (int d = 0; d < IG_DISCOUNTS && !status; d++) {
            status = ig_theorem2_added(1, steps, s->score2, 1, g->options.gamma,
                                       (ig_discount_state)d, &added, error);
            ig_moment_add(&r->added[d], added);
        }
    }
    return status;
}

/** ||grad B_H||^2 and its standard error: that of the projection on the mean, and no less than what
 *  the noise of the mean's own square allows. */
static void find_bias_norm2(const ig_noisy *g, const double *all, ig_reference *r)
{
    const double *mean = r->bias.mean, noise = ig_moments_variance(&r->bias) / r->bias.n;
    ig_moment projection = {0};
    for (size_t b = 0; b < (size_t)r->bias.n; b++) {
        double sum = 0;
        for (size_t p = 0; p < g->size; p++) {
            sum += all[b * g->size + p] * mean[p];
        }
        ig_moment_add(&projection, sum);
    }
    r->bias_norm2 = ig_moments_norm2_unbiased(&r->bias);
    r->bias_norm2_error = hypot(2 * ig_moment_error(&projection), M_SQRT2 * noise);
}

static ig_status refer_batch(ig_noisy *g, size_t b, scratch *s, ig_reference *r,
                             const ig_yield *yield, ig_error *error)
{
    ig_status status = ig_noisy_roll(g, IG_STREAM_HOLDOUT, b * g->n, yield, error);
    if (!status && b == 0) {
        status = ig_noisy_fit_baseline(g, error);
    }
    if (status) {
        return status;
    }
    batch_gradient(g, g->batch.rewards, s->mean[0]);
    if (g->options.bias != IG_REWARD_BIAS_NONE) {
        batch_gradient(g, g->bias, s->mean[1]);
    }
    for (size_t p = 0; p < g->size; p++) {
        s->mean[2][p] = s->mean[0][p] + s->mean[1][p];
    }
    ig_moments_add(&r->reward, s->mean[0]);
    ig_moments_add(&r->bias, s->mean[1]);
    ig_moments_add(&r->both, s->mean[2]);
    memcpy(s->all + b * g->size, s->mean[1], g->size * sizeof *s->all);
    memcpy(r->rewards + b * g->size, s->mean[0], g->size * sizeof *r->rewards);
    return add_scores(g, s, r, error);
}

ig_status ig_noisy_refer(ig_noisy *noisy, size_t trajectories, ig_reference *reference,
                         const ig_yield *yield, ig_error *error)
{
    const size_t needed = (trajectories + noisy->n - 1) / noisy->n;
    const size_t batches = needed < 2 ? 2 : needed;
    ig_reference r = {0};
    scratch s = {0};
    ig_status status = scratch_init(noisy, batches, &s, error);
    if (!status) {
        status = ig_moments_init(noisy->size, &r.reward, error);
    }
    if (!status) {
        status = ig_moments_init(noisy->size, &r.bias, error);
    }
    if (!status) {
        status = ig_moments_init(noisy->size, &r.both, error);
    }
    r.rewards = status ? NULL : malloc(batches * noisy->size * sizeof *r.rewards);
    if (!status && !r.rewards) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for the reference gradient");
    }
    for (size_t b = 0; b < batches && !status; b++) {
        status = refer_batch(noisy, b, &s, &r, yield, error);
    }
    if (status) {
        ig_reference_clear(&r);
    } else {
        find_bias_norm2(noisy, s.all, &r);
        *reference = r;
    }
    scratch_clear(&s);
    return status;
}

void ig_reference_clear(ig_reference *reference)
{
    ig_moments_clear(&reference->reward);
    ig_moments_clear(&reference->bias);
    ig_moments_clear(&reference->both);
    free(reference->rewards);
    memset(reference, 0, sizeof *reference);
}
