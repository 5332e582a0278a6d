/** Linear-quadratic systems on an operating ball: drawn, known by their matrices, and identified
 * from samples. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/linear.h"
#include "base/try.h"
#include "env/lqg.h"

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

double ig_quadratic_form(const double *matrix, const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * ig_dot(matrix + i * n, x, n);
    }
    return sum;
}

static double reward(const ig_system *system, const double *s, const double *a)
{
    return -(ig_quadratic_form(of(system)->q, s, system->state) +
             ig_quadratic_form(of(system)->r, a, system->action));
}

static double error_of(const ig_system *system, const double *s, const double *a, double *d_next)
{
    const lqg *l = of(system);
    const size_t n = system->state, width = n + system->action;
    for (size_t i = 0; i < n; i++) {
        d_next[i] = ig_dot(l->errors + i * width, s, n) +
                    ig_dot(l->errors + i * width + n, a, system->action);
    }
    return -(ig_quadratic_form(l->dq, s, n) + ig_quadratic_form(l->dr, a, system->action));
}

/** In the ball true rewards lie between -radius^2 max(||Q||, ||R||) = -L_r radius / 2 and 0. */
static double tail(const ig_system *system, double gamma, size_t steps)
{
    double range = system->lipschitz.reward * system->radius / 2 + system->eps_rew;
    return range * pow(gamma, (double)steps) / (1 - gamma);
}

static const ig_system_maps lqg_maps = {act, step, reward, error_of, tail};

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
    TRY(ig_spectral_norm(of_state, n, n, &norm_state, error));
    TRY(ig_spectral_norm(of_action, m, m, &norm_action, error));
    double scale = norm / fmax(norm_state, norm_action);
    for (size_t i = 0; i < n * n; i++) {
        of_state[i] *= scale;
    }
    for (size_t i = 0; i < m * m; i++) {
        of_action[i] *= scale;
    }
    return IG_OK;
}

/** Give the pointers their places in the block of numbers; returns what is left of it. */
static double *place(lqg *l, double *numbers)
{
    const size_t n = l->system.state, m = l->system.action;
    l->a = ig_take_numbers(&numbers, n * n);
    l->b = ig_take_numbers(&numbers, n * m);
    l->k = ig_take_numbers(&numbers, m * n);
    l->q = ig_take_numbers(&numbers, n * n);
    l->r = ig_take_numbers(&numbers, m * m);
    l->errors = ig_take_numbers(&numbers, n * (n + m));
    l->dq = ig_take_numbers(&numbers, n * n);
    l->dr = ig_take_numbers(&numbers, m * m);
    return numbers;
}

static ig_status draw(lqg *l, ig_draws *d, double *scratch, ig_error *error)
{
    ig_system *s = &l->system;
    const size_t n = s->state, m = s->action;
    const double radius = s->radius;
    TRY(ig_draw_matrix(&d->truth, n, n, s->lipschitz.dynamics, l->a, error));
    TRY(ig_draw_matrix(&d->truth, n, m, s->lipschitz.dynamics, l->b, error));
    TRY(ig_draw_matrix(&d->truth, m, n, s->lipschitz.policy, l->k, error));
    TRY(draw_pair(&d->truth, s, true, s->lipschitz.reward / (2 * radius), l->q, l->r, scratch,
                  error));
    TRY(ig_draw_matrix(&d->model, n, n + m, s->eps_dyn / radius, l->errors, error));
    TRY(draw_pair(&d->model, s, false, s->eps_rew / (radius * radius), l->dq, l->dr, scratch,
                  error));
    TRY(ig_draw_matrix(&d->start, n, 1, 1, s->start, error));
    return IG_OK;
}

ig_status ig_lqg_create(const ig_system_options *options, ig_rng_key key, ig_system **system,
                        ig_error *error)
{
    const size_t n = options->state, m = options->action, larger = n > m ? n : m;
    AUTO(ig_system_destroy) ig_system *made = NULL;
    double *numbers = NULL;
    TRY(ig_system_alloc(&lqg_maps, options, sizeof(lqg),
                        4 * n * n + 3 * n * m + 2 * m * m + larger * larger, &made, &numbers,
                        error));
    ig_draws draws = ig_system_draws(key);
    lqg *l = (lqg *)made;
    double *scratch = place(l, numbers);
    ig_system_draw_constants(options, &draws, made);
    made->radius = sqrt(1 + made->lipschitz.policy * made->lipschitz.policy);
    TRY(draw(l, &draws, scratch, error));
    *system = ig_take(&made);
    return IG_OK;
}

/* Rewards summed at most: with gamma = 0.9999 the rest is below e^-10 of the sum. */
enum { STEPS = 100000, WIDTH = IG_LQG_STATE + IG_LQG_ACTION };

/** Reward of e_i + e_j among the states (or actions), minus the parts of each alone: -2 M_ij. */
static double mixed(const ig_system *system, bool action, size_t i, size_t j)
{
    double zero[WIDTH] = {0}, x[WIDTH] = {0};
    x[i] += 1;
    x[j] += 1;
    return action ? system->maps->reward(system, zero, x) : system->maps->reward(system, x, zero);
}

static void read_form(const ig_system *system, bool action, size_t n, double *matrix)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            /* (e_i + e_j)'M(e_i + e_j) = M_ii + M_jj + 2 M_ij, and (2 e_i)'M(2 e_i) = 4 M_ii. */
            double both = mixed(system, action, i, j);
            double own = (mixed(system, action, i, i) + mixed(system, action, j, j)) / 4;
            matrix[i * n + j] = i == j ? -both / 4 : -(both - own) / 2;
        }
    }
}

void ig_lqg_matrices(const ig_system *system, ig_lqg_model *model, double *k)
{
    const size_t n = system->state, m = system->action;
    for (size_t j = 0; j < n + m; j++) {
        double s[WIDTH] = {0}, a[WIDTH] = {0}, out[WIDTH];
        *(j < n ? &s[j] : &a[j - n]) = 1;
        system->maps->step(system, s, a, out);
        for (size_t i = 0; i < n; i++) {
            *(j < n ? &model->a[i * n + j] : &model->b[i * m + j - n]) = out[i];
        }
        if (j < n) {
            system->maps->act(system, s, out);
            for (size_t i = 0; i < m; i++) {
                k[i * n + j] = -out[i];
            }
        }
    }
    read_form(system, false, n, model->q);
    read_form(system, true, m, model->r);
}

/** [A B] as one matrix. */
static void join(const ig_lqg_model *model, size_t n, size_t m, double *joined)
{
    for (size_t i = 0; i < n; i++) {
        memcpy(joined + i * (n + m), model->a + i * n, n * sizeof *joined);
        memcpy(joined + i * (n + m) + n, model->b + i * m, m * sizeof *joined);
    }
}

ig_status ig_lqg_sup(const ig_lqg_model *difference, size_t state, size_t action, double radius,
                     double *eps_dyn, double *eps_rew, ig_error *error)
{
    double joined[IG_LQG_STATE * WIDTH], dyn = 0, q = 0, r = 0;
    join(difference, state, action, joined);
    TRY(ig_spectral_norm(joined, state, state + action, &dyn, error));
    TRY(ig_spectral_norm(difference->q, state, state, &q, error));
    TRY(ig_spectral_norm(difference->r, action, action, &r, error));
    *eps_dyn = dyn * radius;
    *eps_rew = fmax(q, r) * radius * radius;
    return IG_OK;
}

static void draw_symmetric(ig_rng *rng, size_t n, double *matrix)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            matrix[i * n + j] = matrix[j * n + i] = ig_rng_normal(rng);
        }
    }
}

static void scale(double *numbers, size_t n, double factor)
{
    for (size_t i = 0; i < n; i++) {
        numbers[i] *= factor;
    }
}

ig_status ig_lqg_draw_unit(size_t state, size_t action, double radius, ig_rng *rng,
                           ig_lqg_model *difference, ig_error *error)
{
    double eps_dyn = 0, eps_rew = 0;
    ig_draw_normal(rng, state * state, difference->a);
    ig_draw_normal(rng, state * action, difference->b);
    draw_symmetric(rng, state, difference->q);
    draw_symmetric(rng, action, difference->r);
    TRY(ig_lqg_sup(difference, state, action, radius, &eps_dyn, &eps_rew, error));
    scale(difference->a, state * state, 1 / eps_dyn);
    scale(difference->b, state * action, 1 / eps_dyn);
    scale(difference->q, state * state, 1 / eps_rew);
    scale(difference->r, action * action, 1 / eps_rew);
    return IG_OK;
}

/** Samples by columns: regressors of both problems and what they should explain. */
typedef struct samples {
    size_t n, linear, quadratic; /**< samples; columns of the two regressor matrices */
    double *x, *features, *next, *reward;
} samples;

void ig_lqg_features(const double *z, size_t n, size_t m, double *x, size_t stride)
{
    for (size_t j = 0; j < n + m; j++) {
        for (size_t k = j < n ? 0 : n; k <= j; k++, x += stride) {
            *x = -(j == k ? 1 : 2) * z[j] * z[k];
        }
    }
}

void ig_lqg_set_reward(const double *weights, size_t n, size_t m, ig_lqg_model *model)
{
    for (size_t j = 0; j < n + m; j++) {
        for (size_t k = j < n ? 0 : n; k <= j; k++, weights++) {
            size_t row = j < n ? j : j - n, column = j < n ? k : k - n, width = j < n ? n : m;
            double *matrix = j < n ? model->q : model->r;
            matrix[row * width + column] = matrix[column * width + row] = *weights;
        }
    }
}

/** Write sample i. */
static void draw_sample(const ig_system *system, double noise, ig_rng *rng, samples *d, size_t i)
{
    const size_t n = system->state, m = system->action;
    double point[WIDTH], next[WIDTH];
    const double *s = point, *a = point + n;
    ig_draw_in_ball(rng, n + m, system->radius, point);
    system->maps->step(system, s, a, next);
    for (size_t j = 0; j < n + m; j++) {
        d->x[j * d->n + i] = point[j];
    }
    for (size_t j = 0; j < n; j++) {
        d->next[j * d->n + i] = next[j] + noise * ig_rng_normal(rng);
    }
    d->reward[i] = system->maps->reward(system, s, a) + noise * ig_rng_normal(rng);
    ig_lqg_features(point, n, m, d->features + i, d->n);
}

static void add_scaled(double *sum, const double *numbers, size_t n, double factor)
{
    for (size_t i = 0; i < n; i++) {
        sum[i] += factor * numbers[i];
    }
}

void ig_lqg_add(ig_lqg_model *model, size_t n, size_t m, const ig_lqg_model *of_dynamics,
                double dyn, const ig_lqg_model *of_reward, double rew)
{
    if (of_dynamics) {
        add_scaled(model->a, of_dynamics->a, n * n, dyn);
        add_scaled(model->b, of_dynamics->b, n * m, dyn);
    }
    if (of_reward) {
        add_scaled(model->q, of_reward->q, n * n, rew);
        add_scaled(model->r, of_reward->r, m * m, rew);
    }
}

/** Differences from the truth out of the two solutions. */
static void read_solution(const ig_system *system, const samples *d, const ig_lqg_model *truth,
                          ig_lqg_model *difference)
{
    const size_t n = system->state, m = system->action;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            difference->a[i * n + j] = d->next[i * d->n + j] - truth->a[i * n + j];
        }
        for (size_t j = 0; j < m; j++) {
            difference->b[i * m + j] = d->next[i * d->n + n + j] - truth->b[i * m + j];
        }
    }
    ig_lqg_set_reward(d->reward, n, m, difference);
    add_scaled(difference->q, truth->q, n * n, -1);
    add_scaled(difference->r, truth->r, m * m, -1);
}

ig_status ig_lqg_identify(const ig_system *system, size_t n, double noise, ig_rng *rng,
                          const ig_lqg_model *truth, ig_lqg_model *difference, ig_error *error)
{
    const size_t s = system->state, a = system->action;
    samples d = {.n = n, .linear = s + a, .quadratic = (s * (s + 1) + a * (a + 1)) / 2};
    if (n < d.quadratic || n < d.linear) {
        return ig_error_set(error, IG_ERR_USAGE, "%zu samples for %zu unknowns", n, d.quadratic);
    }
    AUTO_FREE double *block = NULL;
    TRY(IG_ALLOC(block, n * (d.linear + d.quadratic + s + 1), error));
    double *numbers = block;
    d.x = ig_take_numbers(&numbers, n * d.linear);
    d.features = ig_take_numbers(&numbers, n * d.quadratic);
    d.next = ig_take_numbers(&numbers, n * s);
    d.reward = numbers;
    for (size_t i = 0; i < n; i++) {
        draw_sample(system, noise, rng, &d, i);
    }
    TRY(ig_least_squares(d.x, n, d.linear, d.next, s, error));
    TRY(ig_least_squares(d.features, n, d.quadratic, d.reward, 1, error));
    read_solution(system, &d, truth, difference);
    return IG_OK;
}

double ig_lqg_return(const ig_system *system, const ig_lqg_model *truth, const double *k,
                     double gamma, const ig_lqg_model *of_dynamics, double dyn,
                     const ig_lqg_model *of_reward, double rew)
{
    const size_t n = system->state, m = system->action;
    ig_lqg_model model = *truth;
    double s[WIDTH], a[WIDTH], next[WIDTH], sum = 0, weight = 1;
    ig_lqg_add(&model, n, m, of_dynamics, dyn, of_reward, rew);
    memcpy(s, system->start, n * sizeof *s);
    for (int t = 0; t < STEPS; t++) {
        memset(a, 0, sizeof a);
        ig_add_product(k, m, n, s, a);
        scale(a, m, -1);
        double reward =
            -weight * (ig_quadratic_form(model.q, s, n) + ig_quadratic_form(model.r, a, m));
        sum += reward;
        /* The state decays, and gamma^t with it: what is left is of the order of the last. */
        if (!isfinite(sum) || (fabs(reward) < 1e-18 * (1 + fabs(sum)) && t > 10)) {
            break;
        }
        memset(next, 0, sizeof next);
        ig_add_product(model.a, n, n, s, next);
        ig_add_product(model.b, n, m, a, next);
        memcpy(s, next, n * sizeof *s);
        weight *= gamma;
    }
    return isfinite(sum) ? sum : (double)INFINITY;
}
