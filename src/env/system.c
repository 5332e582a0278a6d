/** What all systems share: memory, constants, random matrices. */
#include "env/system.h"

#include <math.h>
#include <stdlib.h>

#include "base/linear.h"

ig_system *ig_system_alloc(const ig_system_maps *maps, const ig_system_options *options,
                           size_t size, size_t n, double **numbers)
{
    /* Whole doubles, so that the numbers behind the struct are aligned. */
    size_t head = (size + sizeof(double) - 1) / sizeof(double);
    double *block = calloc(head + options->state + n, sizeof *block);
    ig_system *system = (ig_system *)block;
    if (system) {
        system->maps = maps;
        system->state = options->state;
        system->action = options->action;
        system->radius = (double)INFINITY;
        system->start = block + head;
        *numbers = system->start + options->state;
    }
    return system;
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
    ig_status status = ig_spectral_norm(matrix, rows, columns, &drawn, error);
    for (size_t i = 0; !status && i < rows * columns; i++) {
        matrix[i] *= norm / drawn;
    }
    return status;
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
