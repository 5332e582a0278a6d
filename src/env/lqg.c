/** Linear-quadratic systems on an operating ball. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/linear.h"
#include "env/system.h"

typedef struct lqg {
    ig_system system;
    double *a, *b, *k, *q, *r; /**< A, B, K, Q, R */
    double *errors;            /**< [dA dB], state x (state + action) */
    double *dq, *dr;           /**< symmetric */
} lqg;

static const lqg *of(const ig_system *system)
{
    return (const lqg *)system;
}

static void act(const ig_system *system, const double *s, double *a)
{
    memset(a, 0, system->action * sizeof *a);
    ig_add_product(of(system)->k, system->action, system->state, s, a);
    for (size_t i = 0; i < system->action; i++) {
        a[i] = -a[i];
    }
}

static void step(const ig_system *system, const double *s, const double *a, double *next)
{
    memset(next, 0, system->state * sizeof *next);
    ig_add_product(of(system)->a, system->state, system->state, s, next);
    ig_add_product(of(system)->b, system->state, system->action, a, next);
}

/** x'Mx of a square matrix. */
static double form(const double *matrix, const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * ig_dot(matrix + i * n, x, n);
    }
    return sum;
}

static double reward(const ig_system *system, const double *s, const double *a)
{
    return -(form(of(system)->q, s, system->state) + form(of(system)->r, a, system->action));
}

static double error_of(const ig_system *system, const double *s, const double *a, double *d_next)
{
    const lqg *l = of(system);
    const size_t n = system->state, width = n + system->action;
    for (size_t i = 0; i < n; i++) {
        d_next[i] = ig_dot(l->errors + i * width, s, n) +
                    ig_dot(l->errors + i * width + n, a, system->action);
    }
    return -(form(l->dq, s, n) + form(l->dr, a, system->action));
}

/** In the ball true rewards lie between -radius^2 max(||Q||, ||R||) = -L_r radius / 2 and 0. */
static double tail(const ig_system *system, double gamma, size_t steps)
{
    double range = system->lipschitz.reward * system->radius / 2 + system->eps_rew;
    return range * pow(gamma, (double)steps) / (1 - gamma);
}

static const ig_system_maps maps = {act, step, reward, error_of, tail};

/** Make a normal square matrix G into G'G (`squared`) or G + G'; `scratch` holds n * n numbers. */
static void symmetrise(double *matrix, size_t n, bool squared, double *scratch)
{
    memcpy(scratch, matrix, n * n * sizeof *matrix);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double product = 0;
            for (size_t k = 0; k < n; k++) {
                product += scratch[k * n + i] * scratch[k * n + j];
            }
            matrix[i * n + j] = squared ? product : scratch[i * n + j] + scratch[j * n + i];
        }
    }
}

/** Two symmetric matrices with the larger spectral norm as wanted. The sizes of the two relative to
 *  each other are as drawn. */
static ig_status draw_pair(ig_rng *rng, const ig_system *system, bool squared, double norm,
                           double *of_state, double *of_action, double *scratch, ig_error *error)
{
    const size_t n = system->state, m = system->action;
    double norm_state = 0, norm_action = 0;
    ig_draw_normal(rng, n * n, of_state);
    ig_draw_normal(rng, m * m, of_action);
    symmetrise(of_state, n, squared, scratch);
    symmetrise(of_action, m, squared, scratch);
    ig_status status = ig_spectral_norm(of_state, n, n, &norm_state, error);
    if (!status) {
        status = ig_spectral_norm(of_action, m, m, &norm_action, error);
    }
    double scale = norm / fmax(norm_state, norm_action);
    for (size_t i = 0; !status && i < n * n; i++) {
        of_state[i] *= scale;
    }
    for (size_t i = 0; !status && i < m * m; i++) {
        of_action[i] *= scale;
    }
    return status;
}

/** Give the pointers their places in the block of numbers; returns what is left of it. */
static double *place(lqg *l, double *numbers)
{
    const size_t n = l->system.state, m = l->system.action;
    const struct {
        double **pointer;
        size_t n;
    } places[] = {
        {&l->a, n * n},  {&l->b, n * m},  {&l->k, m * n},
        {&l->q, n * n},  {&l->r, m * m},  {&l->errors, n * (n + m)},
        {&l->dq, n * n}, {&l->dr, m * m},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        *places[i].pointer = numbers;
        numbers += places[i].n;
    }
    return numbers;
}

static ig_status draw(lqg *l, ig_draws *d, double *scratch, ig_error *error)
{
    ig_system *s = &l->system;
    const size_t n = s->state, m = s->action;
    const double radius = s->radius;
    ig_status status = ig_draw_matrix(&d->truth, n, n, s->lipschitz.dynamics, l->a, error);
    if (!status) {
        status = ig_draw_matrix(&d->truth, n, m, s->lipschitz.dynamics, l->b, error);
    }
    if (!status) {
        status = ig_draw_matrix(&d->truth, m, n, s->lipschitz.policy, l->k, error);
    }
    if (!status) {
        status = draw_pair(&d->truth, s, true, s->lipschitz.reward / (2 * radius), l->q, l->r,
                           scratch, error);
    }
    if (!status) {
        status = ig_draw_matrix(&d->model, n, n + m, s->eps_dyn / radius, l->errors, error);
    }
    if (!status) {
        status = draw_pair(&d->model, s, false, s->eps_rew / (radius * radius), l->dq, l->dr,
                           scratch, error);
    }
    if (!status) {
        status = ig_draw_matrix(&d->start, n, 1, 1, s->start, error);
    }
    return status;
}

ig_status ig_lqg_create(const ig_system_options *options, ig_rng_key key, ig_system **system,
                        ig_error *error)
{
    const size_t n = options->state, m = options->action, most = n > m ? n : m;
    double *numbers = NULL;
    ig_system *made = ig_system_alloc(&maps, options, sizeof(lqg),
                                      4 * n * n + 3 * n * m + 2 * m * m + most * most, &numbers);
    if (!made) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a system");
    }
    ig_draws draws = ig_system_draws(key);
    lqg *l = (lqg *)made;
    double *scratch = place(l, numbers);
    ig_system_draw_constants(options, &draws, made);
    made->radius = sqrt(1 + made->lipschitz.policy * made->lipschitz.policy);
    ig_status status = draw(l, &draws, scratch, error);
    if (status) {
        ig_system_destroy(&made);
        return status;
    }
    *system = made;
    return IG_OK;
}
