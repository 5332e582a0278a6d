#include "env/lqg-identify.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/linear.h"

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
    ig_status status = ig_spectral_norm(joined, state, state + action, &dyn, error);
    if (!status) {
        status = ig_spectral_norm(difference->q, state, state, &q, error);
    }
    if (!status) {
        status = ig_spectral_norm(difference->r, action, action, &r, error);
    }
    if (!status) {
        *eps_dyn = dyn * radius;
        *eps_rew = fmax(q, r) * radius * radius;
    }
    return status;
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
    ig_status status = ig_lqg_sup(difference, state, action, radius, &eps_dyn, &eps_rew, error);
    scale(difference->a, state * state, 1 / eps_dyn);
    scale(difference->b, state * action, 1 / eps_dyn);
    scale(difference->q, state * state, 1 / eps_rew);
    scale(difference->r, action * action, 1 / eps_rew);
    return status;
}

/** Uniform in the ball of dimension n: a direction, and a radius whose n-th power is uniform. */
static void draw_in_ball(ig_rng *rng, size_t n, double radius, double *x)
{
    ig_draw_normal(rng, n, x);
    double length = ig_norm(x, n);
    double wanted = radius * pow(ig_rng_uniform(rng), 1 / (double)n);
    scale(x, n, length > 0 ? wanted / length : 0);
}

/** Samples by columns: regressors of both problems and what they should explain. */
typedef struct samples {
    size_t n, linear, quadratic; /**< samples; columns of the two regressor matrices */
    double *x, *features, *next, *reward;
} samples;

/** Write sample i. */
static void draw_sample(const ig_system *system, double noise, ig_rng *rng, samples *d, size_t i)
{
    const size_t n = system->state, m = system->action;
    double point[WIDTH], next[WIDTH];
    const double *s = point, *a = point + n;
    draw_in_ball(rng, n + m, system->radius, point);
    system->maps->step(system, s, a, next);
    for (size_t j = 0; j < n + m; j++) {
        d->x[j * d->n + i] = point[j];
    }
    for (size_t j = 0; j < n; j++) {
        d->next[j * d->n + i] = next[j] + noise * ig_rng_normal(rng);
    }
    d->reward[i] = system->maps->reward(system, s, a) + noise * ig_rng_normal(rng);
    double *feature = d->features + i;
    for (size_t j = 0; j < n + m; j++) {
        for (size_t k = j < n ? 0 : n; k <= j; k++, feature += d->n) {
            *feature = -(j == k ? 1 : 2) * point[j] * point[k];
        }
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
    const double *weight = d->reward;
    for (size_t j = 0; j < n + m; j++) {
        for (size_t k = j < n ? 0 : n; k <= j; k++, weight++) {
            size_t row = j < n ? j : j - n, column = j < n ? k : k - n, width = j < n ? n : m;
            double *matrix = j < n ? difference->q : difference->r;
            const double *known = j < n ? truth->q : truth->r;
            matrix[row * width + column] = matrix[column * width + row] =
                *weight - known[row * width + column];
        }
    }
}

ig_status ig_lqg_identify(const ig_system *system, size_t n, double noise, ig_rng *rng,
                          const ig_lqg_model *truth, ig_lqg_model *difference, ig_error *error)
{
    const size_t s = system->state, a = system->action;
    samples d = {.n = n, .linear = s + a, .quadratic = (s * (s + 1) + a * (a + 1)) / 2};
    if (n < d.quadratic || n < d.linear) {
        return ig_error_set(error, IG_ERR_USAGE, "%zu samples for %zu unknowns", n, d.quadratic);
    }
    double *block = calloc(n, (d.linear + d.quadratic + s + 1) * sizeof *block);
    if (!block) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu samples", n);
    }
    d.x = block;
    d.features = d.x + n * d.linear;
    d.next = d.features + n * d.quadratic;
    d.reward = d.next + n * s;
    for (size_t i = 0; i < n; i++) {
        draw_sample(system, noise, rng, &d, i);
    }
    ig_status status = ig_least_squares(d.x, n, d.linear, d.next, s, error);
    if (!status) {
        status = ig_least_squares(d.features, n, d.quadratic, d.reward, 1, error);
    }
    if (!status) {
        read_solution(system, &d, truth, difference);
    }
    free(block);
    return status;
}

static void add(double *sum, const double *numbers, size_t n, double factor)
{
    for (size_t i = 0; i < n; i++) {
        sum[i] += factor * numbers[i];
    }
}

static double form(const double *matrix, const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * ig_dot(matrix + i * n, x, n);
    }
    return sum;
}

double ig_lqg_return(const ig_system *system, const ig_lqg_model *truth, const double *k,
                     double gamma, const ig_lqg_model *of_dynamics, double dyn,
                     const ig_lqg_model *of_reward, double rew)
{
    const size_t n = system->state, m = system->action;
    ig_lqg_model model = *truth;
    double s[WIDTH], a[WIDTH], next[WIDTH], sum = 0, weight = 1;
    if (of_dynamics) {
        add(model.a, of_dynamics->a, n * n, dyn);
        add(model.b, of_dynamics->b, n * m, dyn);
    }
    if (of_reward) {
        add(model.q, of_reward->q, n * n, rew);
        add(model.r, of_reward->r, m * m, rew);
    }
    memcpy(s, system->start, n * sizeof *s);
    for (int t = 0; t < STEPS; t++) {
        memset(a, 0, sizeof a);
        ig_add_product(k, m, n, s, a);
        scale(a, m, -1);
        double reward = -weight * (form(model.q, s, n) + form(model.r, a, m));
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
