#include "env/lqg-world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/linear.h"

ig_status ig_regulator_draw(size_t state, size_t action, double gamma, double gain, ig_rng_key key,
                            ig_regulator *regulator, ig_error *error)
{
    /* With gamma = 1/2 and L_pi = 1 the gain L_f is kappa. */
    const ig_system_options options = {.state = state,
                                       .action = action,
                                       .gamma = 0.5,
                                       .kappa = gain,
                                       .policy = {1, 1},
                                       .reward = {1, 1},
                                       .errors = {1, 1}};
    double k[IG_LQG_ACTION * IG_LQG_STATE];
    ig_system *system = NULL;
    ig_status status = ig_lqg_create(&options, key, &system, error);
    if (!status) {
        *regulator = (ig_regulator){.state = state, .action = action, .gamma = gamma};
        ig_lqg_matrices(system, &regulator->model, k);
    }
    ig_system_destroy(&system);
    return status;
}

static void start(void *context, ig_rng *rng, float *s)
{
    const ig_lqg_world *w = context;
    for (int i = 0; i < w->state; i++) {
        s[i] = (float)(2 * ig_rng_uniform(rng) - 1);
    }
}

static float dot(const float *x, const float *y, int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++) {
        sum += x[i] * y[i];
    }
    return sum;
}

static float form(const float *matrix, const float *x, int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++) {
        sum += x[i] * dot(matrix + (size_t)i * (size_t)n, x, n);
    }
    return sum;
}

static void step(void *context, size_t batch, const float *s, const float *a, float *next,
                 float *reward)
{
    const ig_lqg_world *w = context;
    const int n = w->state, m = w->action;
    for (size_t k = 0; k < batch; k++, s += n, a += m, next += n) {
        for (int i = 0; i < n; i++) {
            next[i] =
                dot(w->a + (size_t)i * (size_t)n, s, n) + dot(w->b + (size_t)i * (size_t)m, a, m);
        }
        reward[k] = -(form(w->q, s, n) + form(w->r, a, m));
    }
}

static void narrow(const double *from, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = (float)from[i];
    }
}

void ig_lqg_world_init(const ig_regulator *regulator, ig_lqg_world *memory, ig_world *world)
{
    const size_t n = regulator->state, m = regulator->action;
    memory->state = (int)n;
    memory->action = (int)m;
    narrow(regulator->model.a, n * n, memory->a);
    narrow(regulator->model.b, n * m, memory->b);
    narrow(regulator->model.q, n * n, memory->q);
    narrow(regulator->model.r, m * m, memory->r);
    *world = (ig_world){
        .state = (int)n, .action = (int)m, .start = start, .step = step, .context = memory};
}

/** Column j of a least-squares matrix of `rows` samples and `width` coefficients, below which the
 *  penalty's rows stand. */
static double *column_of(double *x, size_t rows, size_t width, size_t j)
{
    return x + j * (rows + width);
}

/** Linear features of a row: [s, a]. */
static ig_status learn_dynamics(const float *rows, size_t stride, size_t count, double ridge,
                                ig_regulator *learned, ig_error *error)
{
    const size_t n = learned->state, m = learned->action, width = n + m;
    double *x = calloc((count + width) * (width + n), sizeof *x);
    if (!x) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu samples", count);
    }
    double *y = x + (count + width) * width;
    for (size_t j = 0; j < width; j++) {
        double *column = column_of(x, count, width, j);
        for (size_t i = 0; i < count; i++) {
            column[i] = (double)rows[i * stride + j];
        }
        column[count + j] = sqrt(ridge);
    }
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < count; i++) {
            column_of(y, count, width, j)[i] = (double)rows[i * stride + width + j];
        }
    }
    ig_status status = ig_least_squares(x, count + width, width, y, n, error);
    for (size_t i = 0; !status && i < n; i++) {
        const double *weights = column_of(y, count, width, i);
        memcpy(learned->model.a + i * n, weights, n * sizeof *weights);
        memcpy(learned->model.b + i * m, weights + n, m * sizeof *weights);
    }
    free(x);
    return status;
}

/** Quadratic features of a row, -z_j z_k for k <= j among the states and among the actions, twice
 *  where they differ: their coefficients are the entries of Q and R. */
static void write_features(const float *z, size_t n, size_t m, double *x, size_t apart)
{
    for (size_t j = 0; j < n + m; j++) {
        for (size_t k = j < n ? 0 : n; k <= j; k++, x += apart) {
            *x = -(j == k ? 1.0 : 2.0) * (double)z[j] * (double)z[k];
        }
    }
}

static void read_coefficients(const double *weight, ig_regulator *learned)
{
    const size_t n = learned->state, m = learned->action;
    for (size_t j = 0; j < n + m; j++) {
        for (size_t k = j < n ? 0 : n; k <= j; k++, weight++) {
            size_t row = j < n ? j : j - n, column = j < n ? k : k - n, width = j < n ? n : m;
            double *matrix = j < n ? learned->model.q : learned->model.r;
            matrix[row * width + column] = matrix[column * width + row] = *weight;
        }
    }
}

static ig_status learn_reward(const float *rows, size_t stride, size_t count, double ridge,
                              ig_regulator *learned, ig_error *error)
{
    const size_t n = learned->state, m = learned->action, place = 2 * n + m;
    const size_t width = (n * (n + 1) + m * (m + 1)) / 2, apart = count + width;
    double *x = calloc(apart * (width + 1), sizeof *x);
    if (!x) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu samples", count);
    }
    double *y = x + apart * width;
    for (size_t i = 0; i < count; i++) {
        write_features(rows + i * stride, n, m, x + i, apart);
        y[i] = (double)rows[i * stride + place];
    }
    for (size_t j = 0; j < width; j++) {
        x[j * apart + count + j] = sqrt(ridge);
    }
    ig_status status = ig_least_squares(x, apart, width, y, 1, error);
    if (!status) {
        read_coefficients(y, learned);
    }
    free(x);
    return status;
}

ig_status ig_lqg_learn(const float *rows, size_t stride, size_t n_dyn, size_t n_rew, double ridge,
                       ig_regulator *learned, ig_error *error)
{
    ig_status status = learn_dynamics(rows, stride, n_dyn, ridge, learned, error);
    return status ? status : learn_reward(rows, stride, n_rew, ridge, learned, error);
}
