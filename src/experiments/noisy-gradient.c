/** Replicates of the policy gradient under noisy and biased rewards, and the reference they are
 * compared with. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/linear.h"
#include "base/try.h"
#include "experiments/noise.h"
#include "nn/kernels.h"
#include "theory/theory.h"

/** Letters: n trajectories of a batch, H steps, P parameters, S and A dimensions. Arrays over steps
 *  are time-major, as in imagrid/policy.h. */
struct ig_noisy {
    ig_noisy_options options;
    ig_rng_key key;
    size_t n;         /**< a multiple of K */
    size_t n_weights; /**< n H */
    size_t size;      /**< P */
    ig_world world;
    ig_gaussian policy;
    ig_reinforce *reinforce;
    ig_trajectories batch;
    float *parameters;
    float *direction; /**< of the state bias: S + A + 1 */
    float *drawn;     /**< noise of one trajectory: H */
    float *noise;     /**< H x n */
    float *bias;      /**< H x n */
    float *weights;   /**< H x n; as many of them as there are parts */
    float *gradient;  /**< P */
    float *features;  /**< linear policies: scores of one step, n x width */
    float *sums;      /**< linear policies: replicates x parts x width */
    size_t width;     /**< P, rounded up to whole vectors */
    double *baseline; /**< coefficients of [s, 1]: H x (S + 1); zero unless fitted */
};

/* Trajectories rolled together, unless a replicate has more: two of the blocks that a rollout takes
 * side by side, so that what is done once for a batch costs little. */
enum { BATCH = 256 };

size_t ig_noisy_batch(size_t trajectories)
{
    return trajectories < BATCH ? BATCH / trajectories * trajectories : trajectories;
}

static ig_status allocate(ig_noisy *g, ig_error *error)
{
    const ig_noisy_options *o = &g->options;
    const size_t width = (size_t)o->state + 1, parts = (size_t)IG_DISCOUNTS * IG_PARTS;
    TRY(IG_ALLOC(g->direction, width + (size_t)o->action, error));
    TRY(IG_ALLOC(g->drawn, o->steps, error));
    TRY(IG_ALLOC(g->noise, g->n_weights, error));
    TRY(IG_ALLOC(g->bias, g->n_weights, error));
    TRY(IG_ALLOC(g->weights, parts * g->n_weights, error));
    if (o->policy_hidden == 0) {
        TRY(IG_ALLOC(g->features, g->n * g->width, error));
        TRY(IG_ALLOC(g->sums, g->n / o->trajectories * parts * g->width, error));
    }
    TRY(IG_ALLOC(g->parameters, g->size, error));
    TRY(IG_ALLOC(g->gradient, g->size, error));
    TRY(IG_ALLOC(g->baseline, o->steps * width, error));
    return ig_trajectories_init(g->n, o->steps, o->state, o->action, &g->batch, error);
}

static ig_status make_world(ig_noisy *g, ig_error *error)
{
    const ig_noisy_options *o = &g->options;
    AUTO(ig_teacher_clear) ig_teacher teacher = {0};
    TRY(ig_teacher_init(o->state, o->action, o->hidden, g->key, &teacher, error));
    ig_teacher_apply_gain(&teacher, o->gain);
    return ig_world_teacher(o->isa, &teacher, IG_SQUASH_NONE, &g->world, error);
}

ig_status ig_noisy_create(const ig_noisy_options *options, ig_rng_key key, ig_noisy **noisy,
                          ig_error *error)
{
    AUTO(ig_noisy_destroy) ig_noisy *g = NULL;
    TRY(IG_ALLOC(g, 1, error));
    g->options = *options;
    g->key = key;
    g->policy = (ig_gaussian){.state = options->state,
                              .hidden = options->policy_hidden,
                              .action = options->action,
                              .std = (float)options->std};
    g->n = ig_noisy_batch(options->trajectories);
    g->n_weights = g->n * options->steps;
    g->size = ig_gaussian_size(&g->policy);
    const size_t lanes = ig_kernels_of(options->isa)->lanes;
    g->width = (g->size + lanes - 1) / lanes * lanes;
    TRY(allocate(g, error));
    ig_rng rng = ig_rng_start(key, IG_STREAM_INIT, 0);
    ig_mlp_init_linear(ig_gaussian_shape(&g->policy), &rng, g->parameters);
    rng = ig_rng_start(key, IG_STREAM_TEACHER, 2);
    ig_normals(options->isa, &rng, (size_t)options->state + (size_t)options->action + 1,
               g->direction);
    g->policy.parameters = g->parameters;
    TRY(make_world(g, error));
    TRY(ig_reinforce_create(options->isa, &g->policy, g->n, options->steps, &g->reinforce, error));
    *noisy = ig_take(&g);
    return IG_OK;
}

void ig_noisy_destroy(ig_noisy **noisy)
{
    ig_noisy *g = *noisy;
    if (g) {
        ig_world_clear(&g->world);
        ig_reinforce_destroy(&g->reinforce);
        ig_trajectories_clear(&g->batch);
        free(g->direction);
        free(g->drawn);
        free(g->noise);
        free(g->bias);
        free(g->weights);
        free(g->features);
        free(g->sums);
        free(g->parameters);
        free(g->gradient);
        free(g->baseline);
        free(g);
        *noisy = NULL;
    }
}

size_t ig_noisy_size(const ig_noisy *noisy)
{
    return noisy->size;
}

static void fill_bias(ig_noisy *g)
{
    const size_t state = (size_t)g->options.state, action = (size_t)g->options.action;
    const float size = (float)g->options.bias_size, *u = g->direction;
    if (g->options.bias == IG_REWARD_BIAS_CONSTANT) {
        for (size_t i = 0; i < g->n_weights; i++) {
            g->bias[i] = size;
        }
        return;
    }
    for (size_t i = 0; i < g->n_weights; i++) {
        const float *s = g->batch.states + i * state, *a = g->batch.actions + i * action;
        float sum = u[state + action];
        for (size_t j = 0; j < state; j++) {
            sum += u[j] * s[j];
        }
        for (size_t j = 0; j < action; j++) {
            sum += u[state + j] * a[j];
        }
        g->bias[i] = sum;
    }
    ig_tanh(g->options.isa, g->n_weights, g->bias);
    for (size_t i = 0; i < g->n_weights; i++) {
        g->bias[i] *= size;
    }
}

/** Roll the batch whose first trajectory is `first`, and fill in its bias where there is one. */
static ig_status roll(ig_noisy *noisy, ig_stream stream, uint64_t first, const ig_yield *yield,
                      ig_error *error)
{
    TRY(ig_reinforce_rollout(noisy->reinforce, &noisy->policy, &noisy->world, noisy->key, stream,
                             first, false, &noisy->batch, yield, error));
    if (noisy->options.bias != IG_REWARD_BIAS_NONE) {
        fill_bias(noisy);
    }
    return IG_OK;
}

/** Unit noise of the batch, and its moments over the first `n` trajectories. */
static void draw_noise(ig_noisy *g, uint64_t first, size_t n, ig_replicates *replicates)
{
    const size_t steps = g->options.steps;
    for (size_t k = 0; k < g->n; k++) {
        ig_rng rng = ig_rng_start(g->key, IG_STREAM_NOISE, first + k);
        double sum = 0, squares = 0;
        ig_normals(g->options.isa, &rng, steps, g->drawn);
        for (size_t t = 0; t < steps; t++) {
            double eta = (double)g->drawn[t];
            g->noise[t * g->n + k] = g->drawn[t];
            sum += eta;
            squares += eta * eta;
        }
        if (k < n) {
            ig_moment_add(&replicates->noise_mean, sum / (double)steps);
            ig_moment_add(&replicates->noise_square, squares / (double)steps);
        }
    }
}

/** Scores of step t: with x = (a - mu) / std^2 = noise / std, the derivative by W is x [s]' and
 * that by b is x, in the parameters' order. The padding of a row stays zero. */
static void fill_scores(ig_noisy *g, size_t t)
{
    const size_t state = (size_t)g->options.state, action = (size_t)g->options.action;
    const float inverse = 1 / g->policy.std;
    for (size_t k = 0; k < g->n; k++) {
        const float *s = g->batch.states + (t * g->n + k) * state;
        const float *noise = g->batch.noise + (t * g->n + k) * action;
        float *to = g->features + k * g->width;
        for (size_t j = 0; j < action; j++) {
            const float x = inverse * noise[j];
            for (size_t i = 0; i < state; i++) {
                to[j * state + i] = x * s[i];
            }
            to[action * state + j] = x;
        }
    }
}

/** Sums over K trajectories of several weights times the scores of a linear policy, for the first
 *  `replicates` replicates of the batch: row i * `rows` + m of g->sums, g->width apart, is that of
 *  replicate i and the weights at g->weights + m * H n. One pass over the scores serves them all.
 */
static void linear_sums(ig_noisy *noisy, size_t replicates, size_t rows)
{
    const ig_kernels *kernels = ig_kernels_of(noisy->options.isa);
    const size_t k = noisy->options.trajectories;
    memset(noisy->sums, 0, replicates * rows * noisy->width * sizeof *noisy->sums);
    for (size_t t = 0; t < noisy->options.steps; t++) {
        fill_scores(noisy, t);
        for (size_t i = 0; i < replicates; i++) {
            float *c = noisy->sums + i * rows * noisy->width;
            kernels->product(&(ig_product){.rows = rows,
                                           .depth = k,
                                           .columns = noisy->width,
                                           .width = noisy->width,
                                           .a = noisy->weights + t * noisy->n + i * k,
                                           .a_row = noisy->n_weights,
                                           .a_depth = 1,
                                           .b = noisy->features + i * k * noisy->width,
                                           .start = c,
                                           .start_row = noisy->width,
                                           .c = c,
                                           .finish = IG_FINISH_NONE});
        }
    }
}

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
    TRY(ig_least_squares(x, n, width, y, 1, error));
    memset(to, 0, (state + 1) * sizeof *to);
    memcpy(to + state + 1 - width, y, width * sizeof *to);
    return IG_OK;
}

/** Fit the baseline to the batch that was rolled last. */
static ig_status fit_baseline(ig_noisy *noisy, ig_error *error)
{
    const ig_noisy_options *o = &noisy->options;
    AUTO_FREE double *x = NULL, *y = NULL;
    if (o->baseline == IG_NOISY_BASELINE_NONE) {
        return IG_OK;
    }
    TRY(IG_ALLOC(x, noisy->n * (size_t)(o->state + 1), error));
    TRY(IG_ALLOC(y, noisy->n, error));
    ig_reinforce_returns(noisy->n, o->steps, o->steps, o->gamma, IG_DISCOUNT_PAPER,
                         noisy->batch.rewards, noisy->weights);
    for (size_t t = 0; t < o->steps; t++) {
        TRY(fit_step(noisy, t, x, y, error));
    }
    return IG_OK;
}

/** Take the baseline from weights (H x n) of the rewards. */
static void take_baseline(const ig_noisy *noisy, ig_discount_state discount, float *weights)
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

static bool has_part(const ig_noisy *g, int discount, int part)
{
    return g->options.wanted[discount] && (part != IG_PART_NOISE || g->options.noise) &&
           (part != IG_PART_BIAS || g->options.bias != IG_REWARD_BIAS_NONE);
}

/** A part of every replicate of a batch: which, and its number among those there are. */
typedef struct present {
    int discount[IG_DISCOUNTS * IG_PARTS], part[IG_DISCOUNTS * IG_PARTS];
    size_t n;
} present;

/** Weights of every part there is, one after the other. */
static present fill_weights(ig_noisy *g)
{
    const float *const rewards[IG_PARTS] = {g->batch.rewards, g->noise, g->bias};
    const size_t steps = g->options.steps;
    present there = {.n = 0};
    for (int j = 0; j < IG_DISCOUNTS * IG_PARTS; j++) {
        const int d = j / IG_PARTS, part = j % IG_PARTS;
        if (has_part(g, d, part)) {
            float *weights = g->weights + there.n * g->n_weights;
            ig_reinforce_returns(g->n, steps, steps, g->options.gamma, (ig_discount_state)d,
                                 rewards[part], weights);
            if (part == IG_PART_REWARD) {
                take_baseline(g, (ig_discount_state)d, weights);
            }
            there.discount[there.n] = d;
            there.part[there.n++] = part;
        }
    }
    return there;
}

/** The parts of `n` replicates, means over K trajectories: part m of replicate i at
 *  parts[(i * rows + m) * P]. */
static void find_parts(ig_noisy *g, size_t n, size_t rows, double *parts)
{
    const size_t k = g->options.trajectories;
    const bool linear = g->policy.hidden == 0;
    if (linear) {
        linear_sums(g, n, rows);
    }
    for (size_t i = 0; i < n * rows; i++) {
        const size_t first = i / rows * k;
        const float *sums = linear ? g->sums + i * g->width : g->gradient;
        if (!linear) {
            ig_reinforce_gradient(g->reinforce, &g->policy, &g->batch, first, first + k,
                                  g->options.steps, g->weights + i % rows * g->n_weights,
                                  g->gradient);
        }
        for (size_t p = 0; p < g->size; p++) {
            parts[i * g->size + p] = (double)sums[p] / (double)k;
        }
    }
}

/** Hand over the `n` replicates of a batch; `parts` has room for every part of each. */
static void add_batch(ig_noisy *g, size_t n, double *parts, const ig_replicates *replicates)
{
    const present there = fill_weights(g);
    find_parts(g, n, there.n, parts);
    for (size_t i = 0; i < n; i++) {
        ig_replicate replicate = {0};
        for (size_t m = 0; m < there.n; m++) {
            replicate.part[there.discount[m]][there.part[m]] = parts + (i * there.n + m) * g->size;
        }
        replicates->add(replicates->context, &replicate);
    }
}

ig_status ig_noisy_sample(ig_noisy *noisy, ig_stream stream, uint64_t first, size_t n,
                          ig_replicates *replicates, const ig_yield *yield, ig_error *error)
{
    const size_t k = noisy->options.trajectories, batch = noisy->n / k;
    AUTO_FREE double *parts = NULL;
    TRY(IG_ALLOC(parts, batch * IG_DISCOUNTS * IG_PARTS * noisy->size, error));
    for (size_t done = 0; done < n; done += batch) {
        const size_t now = n - done < batch ? n - done : batch;
        TRY(roll(noisy, stream, first + done * k, yield, error));
        if (noisy->options.noise) {
            draw_noise(noisy, first + done * k, now * k, replicates);
        }
        add_batch(noisy, now, parts, replicates);
        TRY(ig_yield_or_stop(yield, error));
    }
    return IG_OK;
}

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

/** To be cleared whatever is returned. */
static ig_status scratch_init(const ig_noisy *g, size_t batches, scratch *s, ig_error *error)
{
    TRY(IG_ALLOC(s->score2, g->options.steps, error));
    TRY(IG_ALLOC(s->mean[0], 3 * g->size, error));
    TRY(IG_ALLOC(s->all, batches * g->size, error));
    s->mean[1] = s->mean[0] + g->size;
    s->mean[2] = s->mean[1] + g->size;
    return IG_ALLOC(s->norms, g->n_weights, error);
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
    ig_reinforce_score_norms(g->reinforce, &g->policy, &g->batch, s->norms);
    for (size_t k = 0; k < g->n; k++) {
        double largest = 0, added = 0;
        for (size_t t = 0; t < steps; t++) {
            s->score2[t] = (double)s->norms[t * g->n + k];
            /* A comparison, as gcc 12 for ARM aborts in vectorising the reduction by fmax. */
            largest = s->score2[t] > largest ? s->score2[t] : largest;
        }
        ig_moment_add(&r->largest, largest);
        for (int d = 0; d < IG_DISCOUNTS; d++) {
            TRY(ig_theorem2_added(1, steps, s->score2, 1, g->options.gamma, (ig_discount_state)d,
                                  &added, error));
            ig_moment_add(&r->added[d], added);
        }
    }
    return IG_OK;
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
    TRY(roll(g, IG_STREAM_HOLDOUT, b * g->n, yield, error));
    if (b == 0) {
        TRY(fit_baseline(g, error));
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
    AUTO(ig_reference_clear) ig_reference r = {0};
    AUTO(scratch_clear) scratch s = {0};
    TRY(scratch_init(noisy, batches, &s, error));
    TRY(ig_moments_init(noisy->size, &r.reward, error));
    TRY(ig_moments_init(noisy->size, &r.bias, error));
    TRY(ig_moments_init(noisy->size, &r.both, error));
    TRY(IG_ALLOC(r.rewards, batches * noisy->size, error));
    for (size_t b = 0; b < batches; b++) {
        TRY(refer_batch(noisy, b, &s, &r, yield, error));
    }
    find_bias_norm2(noisy, s.all, &r);
    *reference = r;
    r = (ig_reference){0};
    return IG_OK;
}

void ig_reference_clear(ig_reference *reference)
{
    ig_moments_clear(&reference->reward);
    ig_moments_clear(&reference->bias);
    ig_moments_clear(&reference->both);
    free(reference->rewards);
    memset(reference, 0, sizeof *reference);
}
