/** Replicates of the policy gradient under noisy and biased rewards. */
#include "experiments/noisy-gradient.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/noisy-private.h"
#include "nn/kernels.h"

/* Trajectories rolled together, unless a replicate has more. */
enum { BATCH = 256 };

size_t ig_noisy_batch(size_t trajectories)
{
    return trajectories < BATCH ? BATCH / trajectories * trajectories : trajectories;
}

static ig_status allocate(ig_noisy *g, ig_error *error)
{
    const ig_noisy_options *o = &g->options;
    const size_t width = (size_t)o->state + 1, most = (size_t)IG_DISCOUNTS * IG_PARTS;
    g->direction = calloc(width + (size_t)o->action, sizeof *g->direction);
    g->drawn = malloc(o->steps * sizeof *g->drawn);
    g->noise = malloc(g->n_weights * sizeof *g->noise);
    g->bias = malloc(g->n_weights * sizeof *g->bias);
    g->weights = malloc(most * g->n_weights * sizeof *g->weights);
    if (o->policy_hidden == 0) {
        g->features = calloc(g->n * g->width, sizeof *g->features);
        g->sums = malloc(g->n / o->trajectories * most * g->width * sizeof *g->sums);
    }
    g->parameters = malloc(g->size * sizeof *g->parameters);
    g->gradient = malloc(g->size * sizeof *g->gradient);
    g->baseline = calloc(o->steps * width, sizeof *g->baseline);
    if (!g->direction || !g->drawn || !g->noise || !g->bias || !g->weights || !g->parameters ||
        !g->gradient || !g->baseline || (o->policy_hidden == 0 && (!g->features || !g->sums))) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu trajectories of %zu steps",
                            g->n, o->steps);
    }
    return ig_trajectories_init(g->n, o->steps, o->state, o->action, &g->batch, error);
}

static ig_status make_world(ig_noisy *g, ig_error *error)
{
    const ig_noisy_options *o = &g->options;
    ig_teacher teacher = {0};
    ig_status status = ig_teacher_init(o->state, o->action, o->hidden, g->key, &teacher, error);
    if (!status) {
        ig_teacher_apply_gain(&teacher, o->gain);
        status = ig_world_teacher(o->isa, &teacher, IG_SQUASH_NONE, &g->world, error);
    }
    ig_teacher_clear(&teacher);
    return status;
}

ig_status ig_noisy_create(const ig_noisy_options *options, ig_rng_key key, ig_noisy **noisy,
                          ig_error *error)
{
    ig_noisy *g = calloc(1, sizeof *g);
    if (!g) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for policy gradients");
    }
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
    ig_status status = allocate(g, error);
    if (!status) {
        ig_rng rng = ig_rng_start(key, IG_STREAM_INIT, 0);
        ig_mlp_init_linear(ig_gaussian_shape(&g->policy), &rng, g->parameters);
        rng = ig_rng_start(key, IG_STREAM_TEACHER, 2);
        ig_normals(options->isa, &rng, (size_t)options->state + (size_t)options->action + 1,
                   g->direction);
        g->policy.parameters = g->parameters;
        status = make_world(g, error);
    }
    if (!status) {
        status = ig_reinforce_create(options->isa, &g->policy, g->n, options->steps, &g->reinforce,
                                     error);
    }
    if (status) {
        ig_noisy_destroy(&g);
        return status;
    }
    *noisy = g;
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

ig_status ig_noisy_roll(ig_noisy *noisy, ig_stream stream, uint64_t first, const ig_yield *yield,
                        ig_error *error)
{
    ig_status status =
        ig_reinforce_rollout(noisy->reinforce, &noisy->policy, &noisy->world, noisy->key, stream,
                             first, false, &noisy->batch, yield, error);
    if (!status && noisy->options.bias != IG_REWARD_BIAS_NONE) {
        fill_bias(noisy);
    }
    return status;
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
                ig_noisy_take_baseline(g, (ig_discount_state)d, weights);
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
        ig_noisy_linear_sums(g, n, rows);
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
    const size_t k = noisy->options.trajectories, most = noisy->n / k;
    ig_status status = IG_OK;
    double *parts = malloc(most * IG_DISCOUNTS * IG_PARTS * noisy->size * sizeof *parts);
    if (!parts) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu gradients", most);
    }
    for (size_t done = 0; done < n && !status;) {
        const size_t now = n - done < most ? n - done : most;
        status = ig_noisy_roll(noisy, stream, first + done * k, yield, error);
        if (!status && noisy->options.noise) {
            draw_noise(noisy, first + done * k, now * k, replicates);
        }
        if (!status) {
            add_batch(noisy, now, parts, replicates);
            status = ig_yield_now(yield);
        }
        done += now;
    }
    free(parts);
    return status;
}
