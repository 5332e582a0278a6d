/** Systems: what all share (memory, constants, random matrices), the generic one of tanh maps, and
 * the one-dimensional chain on which Lemma 1 is an equality. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/linear.h"
#include "base/try.h"
#include "env/system.h"

ig_status ig_system_alloc(const ig_system_maps *maps, const ig_system_options *options, size_t size,
                          size_t n, ig_system **system, double **numbers, ig_error *error)
{
    /* Whole doubles, so that the numbers behind the struct are aligned. */
    size_t head = (size + sizeof(double) - 1) / sizeof(double);
    double *block;
    TRY(IG_ALLOC(block, head + options->state + n, error));
    *system = (ig_system *)block;
    (*system)->maps = maps;
    (*system)->state = options->state;
    (*system)->action = options->action;
    (*system)->radius = (double)INFINITY;
    (*system)->start = block + head;
    *numbers = (*system)->start + options->state;
    return IG_OK;
}

double *ig_take_numbers(double **numbers, size_t n)
{
    double *taken = *numbers;
    *numbers += n;
    return taken;
}

void ig_system_destroy(ig_system **system)
{
    free(*system);
    *system = NULL;
}

ig_draws ig_system_draws(ig_rng_key key)
{
    return (ig_draws){ig_rng_start(key, IG_STREAM_TEACHER, 0), ig_rng_start(key, IG_STREAM_INIT, 0),
                      ig_rng_start(key, IG_STREAM_DATA, 0)};
}

double ig_uniform_in(ig_rng *rng, double low, double high)
{
    return low + (high - low) * ig_rng_uniform(rng);
}

static double log_uniform(ig_rng *rng, const double interval[2])
{
    return interval[0] * pow(interval[1] / interval[0], ig_rng_uniform(rng));
}

void ig_system_draw_constants(const ig_system_options *options, ig_draws *draws, ig_system *system)
{
    double policy = ig_uniform_in(&draws->truth, options->policy[0], options->policy[1]);
    double reward = ig_uniform_in(&draws->truth, options->reward[0], options->reward[1]);
    system->lipschitz = (ig_lipschitz){
        .dynamics = options->kappa / (options->gamma * (1 + policy)),
        .reward = reward,
        .policy = policy,
    };
    system->eps_dyn = log_uniform(&draws->model, options->errors);
    system->eps_rew = log_uniform(&draws->model, options->errors);
}

void ig_draw_normal(ig_rng *rng, size_t n, double *numbers)
{
    for (size_t i = 0; i < n; i++) {
        numbers[i] = ig_rng_normal(rng);
    }
}

ig_status ig_draw_matrix(ig_rng *rng, size_t rows, size_t columns, double norm, double *matrix,
                         ig_error *error)
{
    double drawn = 0;
    ig_draw_normal(rng, rows * columns, matrix);
    TRY(ig_spectral_norm(matrix, rows, columns, &drawn, error));
    for (size_t i = 0; i < rows * columns; i++) {
        matrix[i] *= norm / drawn;
    }
    return IG_OK;
}

void ig_draw_in_ball(ig_rng *rng, size_t n, double radius, double *x)
{
    ig_draw_normal(rng, n, x);
    const double length = ig_norm(x, n);
    const double wanted = radius * pow(ig_rng_uniform(rng), 1 / (double)n);
    const double scale = length > 0 ? wanted / length : 0;
    for (size_t i = 0; i < n; i++) {
        x[i] *= scale;
    }
}

void ig_add_product(const double *matrix, size_t rows, size_t columns, const double *x, double *y)
{
    for (size_t i = 0; i < rows; i++) {
        y[i] += ig_dot(matrix + i * columns, x, columns);
    }
}

double ig_dot(const double *x, const double *y, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * y[i];
    }
    return sum;
}

double ig_norm(const double *x, size_t n)
{
    return sqrt(ig_dot(x, x, n));
}

typedef struct generic {
    ig_system system;
    double *from_state, *from_action;   /**< W_s, W_a */
    double *gain;                       /**< P */
    double *value_state, *value_action; /**< q_s, q_a */
    double *direction;                  /**< u, generic_of the state error */
    double *wave, *value_wave;          /**< w and w', over (s, a) */
    double phase, value_phase;
} generic;

static const generic *generic_of(const ig_system *system)
{
    return (const generic *)system;
}

static void generic_act(const ig_system *system, const double *s, double *a)
{
    memset(a, 0, system->action * sizeof *a);
    ig_add_product(generic_of(system)->gain, system->action, system->state, s, a);
    for (size_t i = 0; i < system->action; i++) {
        a[i] = tanh(a[i]);
    }
}

static void generic_step(const ig_system *system, const double *s, const double *a, double *next)
{
    memset(next, 0, system->state * sizeof *next);
    ig_add_product(generic_of(system)->from_state, system->state, system->state, s, next);
    ig_add_product(generic_of(system)->from_action, system->state, system->action, a, next);
    for (size_t i = 0; i < system->state; i++) {
        next[i] = tanh(next[i]);
    }
}

static double generic_reward(const ig_system *system, const double *s, const double *a)
{
    const generic *g = generic_of(system);
    return tanh(ig_dot(g->value_state, s, system->state) +
                ig_dot(g->value_action, a, system->action));
}

/** w (s, a) + phase. */
static double angle(const ig_system *system, const double *wave, double phase, const double *s,
                    const double *a)
{
    return ig_dot(wave, s, system->state) + ig_dot(wave + system->state, a, system->action) + phase;
}

static double generic_error_of(const ig_system *system, const double *s, const double *a,
                               double *d_next)
{
    const generic *g = generic_of(system);
    double amplitude = system->eps_dyn * sin(angle(system, g->wave, g->phase, s, a));
    for (size_t i = 0; i < system->state; i++) {
        d_next[i] = amplitude * g->direction[i];
    }
    return system->eps_rew * sin(angle(system, g->value_wave, g->value_phase, s, a));
}

/** Rewards lie in (-1, 1), so two generic_of them differ by less than 2. */
static double generic_tail(const ig_system *system, double gamma, size_t steps)
{
    return (2 + system->eps_rew) * pow(gamma, (double)steps) / (1 - gamma);
}

static const ig_system_maps generic_maps = {generic_act, generic_step, generic_reward,
                                            generic_error_of, generic_tail};

/** Give the pointers their places in the block of numbers. */
static void generic_place(generic *g, double *numbers)
{
    const size_t n = g->system.state, m = g->system.action;
    g->from_state = ig_take_numbers(&numbers, n * n);
    g->from_action = ig_take_numbers(&numbers, n * m);
    g->gain = ig_take_numbers(&numbers, m * n);
    g->value_state = ig_take_numbers(&numbers, n);
    g->value_action = ig_take_numbers(&numbers, m);
    g->direction = ig_take_numbers(&numbers, n);
    g->wave = ig_take_numbers(&numbers, n + m);
    g->value_wave = ig_take_numbers(&numbers, n + m);
}

static ig_status generic_draw(generic *g, ig_draws *d, ig_error *error)
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
    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++) {
        TRY(ig_draw_matrix(matrices[i].rng, matrices[i].rows, matrices[i].columns, matrices[i].norm,
                           matrices[i].matrix, error));
    }
    ig_draw_normal(&d->model, n + m, g->wave);
    ig_draw_normal(&d->model, n + m, g->value_wave);
    g->phase = ig_uniform_in(&d->model, 0, 2 * M_PI);
    g->value_phase = ig_uniform_in(&d->model, 0, 2 * M_PI);
    for (size_t i = 0; i < n; i++) {
        g->system.start[i] = ig_uniform_in(&d->start, -1, 1);
    }
    return IG_OK;
}

ig_status ig_generic_create(const ig_system_options *options, ig_rng_key key, ig_system **system,
                            ig_error *error)
{
    const size_t n = options->state, m = options->action;
    AUTO(ig_system_destroy) ig_system *made = NULL;
    double *numbers = NULL;
    TRY(ig_system_alloc(&generic_maps, options, sizeof(generic), n * n + 2 * n * m + 4 * n + 3 * m,
                        &made, &numbers, error));
    ig_draws draws = ig_system_draws(key);
    generic *g = (generic *)made;
    generic_place(g, numbers);
    ig_system_draw_constants(options, &draws, made);
    TRY(generic_draw(g, &draws, error));
    *system = ig_take(&made);
    return IG_OK;
}

typedef struct chain {
    ig_system system;
    double sign; /**< of both errors: opposite ones would cancel */
} chain;

static double sign_of(const ig_system *system)
{
    return ((const chain *)system)->sign;
}

static void chain_act(const ig_system *system, const double *s, double *a)
{
    a[0] = system->lipschitz.policy * s[0];
}

static void chain_step(const ig_system *system, const double *s, const double *a, double *next)
{
    next[0] = system->lipschitz.dynamics * (s[0] + a[0]);
}

static double chain_reward(const ig_system *system, const double *s, const double *a)
{
    return system->lipschitz.reward * (s[0] + a[0]);
}

static double chain_error_of(const ig_system *system, const double *s, const double *a,
                             double *d_next)
{
    (void)s;
    (void)a;
    d_next[0] = sign_of(system) * system->eps_dyn;
    return sign_of(system) * system->eps_rew;
}

/** Linear chain_maps and constant errors: the sum can be written down. It happens to be the lemma's
 * own chain_tail, for every inequality of it is an equality here. */
static double chain_tail(const ig_system *system, double gamma, size_t steps)
{
    ig_coefficients c = {0, 0};
    if (ig_lemma1_tail(gamma, &system->lipschitz, steps, &c, NULL)) {
        return (double)INFINITY;
    }
    return c.reward * system->eps_rew + c.dynamics * system->eps_dyn;
}

static const ig_system_maps chain_maps = {chain_act, chain_step, chain_reward, chain_error_of,
                                          chain_tail};

ig_status ig_chain_create(const ig_system_options *options, ig_rng_key key, ig_system **system,
                          ig_error *error)
{
    double *numbers = NULL;
    if (options->state != 1 || options->action != 1) {
        return ig_error_set(error, IG_ERR_USAGE, "the aligned chain has one state and one action");
    }
    ig_system *made = NULL;
    TRY(ig_system_alloc(&chain_maps, options, sizeof(chain), 0, &made, &numbers, error));
    ig_draws draws = ig_system_draws(key);
    ig_system_draw_constants(options, &draws, made);
    ((chain *)made)->sign = ig_rng_uniform(&draws.model) < 0.5 ? -1 : 1;
    made->start[0] = ig_uniform_in(&draws.start, -1, 1);
    *system = made;
    return IG_OK;
}
