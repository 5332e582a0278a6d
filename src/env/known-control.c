#include "env/known-control.h"

#include <math.h>

static double value(const ig_known_control *p, double s)
{
    const double x = (double)p->scale * s;
    switch (p->shape) {
    case IG_VALUE_TANH:
        return tanh(x);
    case IG_VALUE_SIN:
        return sin(x);
    case IG_VALUE_QUADRATIC:
        return x * x;
    case IG_VALUE_LINEAR:
        break;
    }
    return x;
}

static void start(void *context, ig_rng *rng, float *s)
{
    (void)context;
    *s = (float)(2 * ig_rng_uniform(rng) - 1);
}

static void step(void *context, size_t batch, const float *s, const float *a, float *next,
                 float *reward)
{
    const ig_known_control *p = context;
    for (size_t k = 0; k < batch; k++) {
        const double off = (double)(a[k] + p->gain * s[k]);
        next[k] = p->slope * s[k] + a[k];
        reward[k] = (float)(value(p, (double)s[k]) - (double)p->gamma * value(p, (double)next[k]) -
                            (double)p->weight / 2 * off * off);
    }
}

void ig_known_control_world(ig_known_control *memory, ig_world *world)
{
    *world = (ig_world){.state = 1, .action = 1, .start = start, .step = step, .context = memory};
}

bool ig_known_control_is_solved(const ig_known_control *problem)
{
    const double closed = (double)problem->slope - (double)problem->gain;
    return problem->shape == IG_VALUE_QUADRATIC && (double)problem->gamma * closed * closed < 1;
}

double ig_known_control_return(const ig_known_control *problem, double s, size_t steps)
{
    const double closed = (double)problem->slope - (double)problem->gain;
    const double last = s * pow(closed, (double)steps);
    return value(problem, s) - pow((double)problem->gamma, (double)steps) * value(problem, last);
}
