/** Decision problems whose value function is known: without an action, and with one. */
#include <math.h>
#include <stdbool.h>

#include "env/known-value.h"

/** phi(x + d) - phi(x), to rounding of the result. */
static double rise(ig_value_shape shape, double x, double d)
{
    switch (shape) {
    case IG_VALUE_TANH:
        /* Divided by cosh x before it can overflow. */
        return sinh(d) / cosh(x) / cosh(x + d);
    case IG_VALUE_SIN:
        return 2 * cos(x + d / 2) * sin(d / 2);
    case IG_VALUE_QUADRATIC:
        return d * (2 * x + d);
    case IG_VALUE_LINEAR:
        break;
    }
    return d;
}

static double step(const ig_known_value *m, double s)
{
    return m->shape == IG_VALUE_LINEAR ? m->slope * s + m->centre
                                       : m->centre + m->slope * (s - m->centre);
}

/** r(s + d) - r(s). */
static double reward_rise(const ig_known_value *m, double s, double d)
{
    double here = rise(m->shape, m->scale * s, m->scale * d);
    if (m->shape == IG_VALUE_LINEAR) {
        return here;
    }
    return here - m->gamma * rise(m->shape, m->scale * step(m, s), m->scale * m->slope * d);
}

/** Steps after which neither gamma^t nor the growth of a difference leaves anything. */
static long steps(const ig_known_value *m)
{
    double rate = -log(m->gamma * fmax(1, m->slope));
    return (long)ceil((45 - 2 * log(rate)) / rate);
}

double ig_known_value_gap_dynamics(const ig_known_value *mdp, double e)
{
    double s = mdp->slope == 1 ? mdp->centre : mdp->centre + 0.5;
    double difference = 0, weight = 1, sum = 0;
    for (long t = steps(mdp); t > 0; t--) {
        sum += weight * reward_rise(mdp, s, difference);
        s = step(mdp, s);
        difference = mdp->slope * difference + e;
        weight *= mdp->gamma;
    }
    return isfinite(sum) ? fabs(sum) : (double)INFINITY;
}

double ig_known_value_gap_reward(const ig_known_value *mdp, double e)
{
    double weight = 1, sum = 0;
    for (long t = steps(mdp); t > 0; t--) {
        sum += weight * e;
        weight *= mdp->gamma;
    }
    return fabs(sum);
}

double ig_known_value_steepest(const ig_known_value *mdp, double radius)
{
    const double scale = mdp->scale, centre = fabs(mdp->centre);
    /* By symmetry the interval may lie to the right of the origin or around it. */
    const double near = scale * fmax(0, centre - radius), far = scale * (centre + radius);
    switch (mdp->shape) {
    case IG_VALUE_LINEAR:
        return scale / (1 - mdp->gamma * mdp->slope);
    case IG_VALUE_QUADRATIC:
        return 2 * scale * far;
    case IG_VALUE_TANH:
        return scale / (cosh(near) * cosh(near));
    case IG_VALUE_SIN:
        break;
    }
    /* The cosine is 1 in size at every multiple of pi. */
    bool whole = near == 0 || floor(near / M_PI) < floor(far / M_PI);
    return whole ? scale : scale * fmax(fabs(cos(near)), fabs(cos(far)));
}

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

static void control_start(void *context, ig_rng *rng, float *s)
{
    (void)context;
    *s = (float)(2 * ig_rng_uniform(rng) - 1);
}

static void control_step(void *context, size_t batch, const float *s, const float *a, float *next,
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
    *world = (ig_world){
        .state = 1, .action = 1, .start = control_start, .step = control_step, .context = memory};
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
