#include "naive.h"

#include <math.h>
#include <stdlib.h>

void naive_mean(const ig_gaussian *policy, const double *p, const float *s, double *mu)
{
    int state = policy->state, hidden = policy->hidden, action = policy->action;
    double a[4096];
    for (int j = 0; j < (hidden ? hidden : action); j++) {
        a[j] = p[(hidden ? hidden : action) * state + j];
        for (int i = 0; i < state; i++) {
            a[j] += p[j * state + i] * (double)s[i];
        }
        a[j] = hidden ? fmax(0, a[j]) : a[j];
    }
    const double *w2 = p + hidden * (state + 1), *b2 = w2 + action * hidden;
    for (int o = 0; o < action; o++) {
        mu[o] = hidden ? b2[o] : a[o];
        for (int j = 0; j < hidden; j++) {
            mu[o] += w2[o * hidden + j] * a[j];
        }
    }
}

double naive_log_density(const ig_gaussian *policy, const double *p, const ig_trajectories *t,
                         size_t begin, size_t end, size_t steps, const float *weights)
{
    double sum = 0, mu[4096];
    size_t state = (size_t)t->state, action = (size_t)t->action;
    for (size_t step = 0; step < steps; step++) {
        for (size_t k = begin; k < end; k++) {
            size_t at = step * t->n + k;
            naive_mean(policy, p, t->states + at * state, mu);
            for (size_t i = 0; i < action; i++) {
                double z = ((double)t->actions[at * action + i] - mu[i]) / (double)policy->std;
                sum -= (weights ? (double)weights[at] : 1) * z * z / 2;
            }
        }
    }
    return sum;
}

void naive_gradient(const ig_gaussian *policy, const ig_trajectories *t, size_t begin, size_t end,
                    size_t steps, const float *weights, double *gradient)
{
    size_t n = ig_gaussian_size(policy);
    double *p = malloc(n * sizeof *p);
    if (!p) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        p[i] = (double)policy->parameters[i];
    }
    for (size_t i = 0; i < n; i++) {
        double here = p[i], h = 1e-6;
        p[i] = here + h;
        double above = naive_log_density(policy, p, t, begin, end, steps, weights);
        p[i] = here - h;
        double below = naive_log_density(policy, p, t, begin, end, steps, weights);
        p[i] = here;
        gradient[i] = (above - below) / (2 * h);
    }
    free(p);
}

/** The dimensions are all a step needs; they live here because a world's context is one pointer. */
typedef struct dimensions {
    int state, action;
} dimensions;

static void start(void *context, ig_rng *rng, float *s)
{
    const dimensions *d = context;
    for (int i = 0; i < d->state; i++) {
        s[i] = (float)ig_rng_normal(rng);
    }
}

static void step(void *context, size_t batch, const float *s, const float *a, float *next,
                 float *reward)
{
    const dimensions *d = context;
    for (size_t b = 0; b < batch; b++) {
        reward[b] = 0;
        for (int i = 0; i < d->state; i++) {
            float here = s[b * (size_t)d->state + (size_t)i];
            float push = a[b * (size_t)d->action + (size_t)(i % d->action)];
            next[b * (size_t)d->state + (size_t)i] = 0.9f * here + 0.1f * push;
            reward[b] -= here * here;
        }
    }
}

ig_world naive_world(int state, int action)
{
    dimensions *d = malloc(sizeof *d);
    if (!d) {
        abort();
    }
    *d = (dimensions){state, action};
    return (ig_world){state, action, start, step, d, free};
}

ig_gaussian naive_policy(int state, int hidden, int action, float std)
{
    ig_gaussian policy = {state, hidden, action, std, NULL};
    policy.parameters = malloc(ig_gaussian_size(&policy) * sizeof(float));
    if (!policy.parameters) {
        abort();
    }
    ig_rng rng = ig_rng_start(ig_rng_key_make("policy", 7), IG_STREAM_INIT, 0);
    ig_mlp_init_linear(ig_gaussian_shape(&policy), &rng, policy.parameters);
    return policy;
}

double naive_difference(size_t n, const float *x, const double *y)
{
    double most = 0, scale = 0;
    for (size_t i = 0; i < n; i++) {
        scale = fmax(scale, fabs(y[i]));
        double difference = fabs((double)x[i] - y[i]);
        most = difference > most || isnan(difference) ? difference : most;
    }
    return scale > 0 ? most / scale : most;
}
