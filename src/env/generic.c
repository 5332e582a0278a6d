/** Systems of tanh maps with sine perturbations. */
#include <math.h>
#include <string.h>

#include "env/system.h"

typedef struct generic {
    ig_system system;
    double *from_state, *from_action;   /**< W_s, W_a */
    double *gain;                       /**< P */
    double *value_state, *value_action; /**< q_s, q_a */
    double *direction;                  /**< u, of the state error */
    double *wave, *value_wave;          /**< w and w', over (s, a) */
    double phase, value_phase;
} generic;

static const generic *of(const ig_system *system)
{
    return (const generic *)system;
}

static void act(const ig_system *system, const double *s, double *a)
{
    memset(a, 0, system->action * sizeof *a);
    ig_add_product(of(system)->gain, system->action, system->state, s, a);
    for (size_t i = 0; i < system->action; i++) {
        a[i] = tanh(a[i]);
    }
}

static void step(const ig_system *system, const double *s, const double *a, double *next)
{
    memset(next, 0, system->state * sizeof *next);
    ig_add_product(of(system)->from_state, system->state, system->state, s, next);
    ig_add_product(of(system)->from_action, system->state, system->action, a, next);
    for (size_t i = 0; i < system->state; i++) {
        next[i] = tanh(next[i]);
    }
}

static double reward(const ig_system *system, const double *s, const double *a)
{
    const generic *g = of(system);
    return tanh(ig_dot(g->value_state, s, system->state) +
                ig_dot(g->value_action, a, system->action));
}

/** w (s, a) + phase. */
static double angle(const ig_system *system, const double *wave, double phase, const double *s,
                    const double *a)
{
    return ig_dot(wave, s, system->state) + ig_dot(wave + system->state, a, system->action) + phase;
}

static double error_of(const ig_system *system, const double *s, const double *a, double *d_next)
{
    const generic *g = of(system);
    double amplitude = system->eps_dyn * sin(angle(system, g->wave, g->phase, s, a));
    for (size_t i = 0; i < system->state; i++) {
        d_next[i] = amplitude * g->direction[i];
    }
    return system->eps_rew * sin(angle(system, g->value_wave, g->value_phase, s, a));
}

/** Rewards lie in (-1, 1), so two of them differ by less than 2. */
static double tail(const ig_system *system, double gamma, size_t steps)
{
    return (2 + system->eps_rew) * pow(gamma, (double)steps) / (1 - gamma);
}

static const ig_system_maps maps = {act, step, reward, error_of, tail};

/** Give the pointers their places in the block of numbers. */
static void place(generic *g, double *numbers)
{
    const size_t n = g->system.state, m = g->system.action;
    const struct {
        double **pointer;
        size_t n;
    } places[] = {
        {&g->from_state, n * n}, {&g->from_action, n * m}, {&g->gain, m * n},
        {&g->value_state, n},    {&g->value_action, m},    {&g->direction, n},
        {&g->wave, n + m},       {&g->value_wave, n + m},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        *places[i].pointer = numbers;
        numbers += places[i].n;
    }
}

static ig_status draw(generic *g, ig_draws *d, ig_error *error)
{
    const size_t n = g->system.state, m = g->system.action;
    const ig_lipschitz *l = &g->system.lipschitz;
    const struct {
        double *matrix;
        size_t rows, columns;
        double norm;
        ig_rng *rng;
    } matrices[] = {
        {g->from_state, n, n, l->dynamics, &d->truth},
        {g->from_action, n, m, l->dynamics, &d->truth},
        {g->gain, m, n, l->policy, &d->truth},
        {g->value_state, 1, n, l->reward, &d->truth},
        {g->value_action, 1, m, l->reward, &d->truth},
        {g->direction, 1, n, 1, &d->model},
    };
    ig_status status = IG_OK;
    for (size_t i = 0; !status && i < sizeof matrices / sizeof *matrices; i++) {
        status = ig_draw_matrix(matrices[i].rng, matrices[i].rows, matrices[i].columns,
                                matrices[i].norm, matrices[i].matrix, error);
    }
    ig_draw_normal(&d->model, n + m, g->wave);
    ig_draw_normal(&d->model, n + m, g->value_wave);
    g->phase = ig_uniform_in(&d->model, 0, 2 * M_PI);
    g->value_phase = ig_uniform_in(&d->model, 0, 2 * M_PI);
    for (size_t i = 0; i < n; i++) {
        g->system.start[i] = ig_uniform_in(&d->start, -1, 1);
    }
    return status;
}

ig_status ig_generic_create(const ig_system_options *options, ig_rng_key key, ig_system **system,
                            ig_error *error)
{
    const size_t n = options->state, m = options->action;
    double *numbers = NULL;
    ig_system *made = ig_system_alloc(&maps, options, sizeof(generic),
                                      n * n + 2 * n * m + 4 * n + 3 * m, &numbers);
    if (!made) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a system");
    }
    ig_draws draws = ig_system_draws(key);
    generic *g = (generic *)made;
    place(g, numbers);
    ig_system_draw_constants(options, &draws, made);
    ig_status status = draw(g, &draws, error);
    if (status) {
        ig_system_destroy(&made);
        return status;
    }
    *system = made;
    return IG_OK;
}
