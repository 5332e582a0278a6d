/** The discounted linear-quadratic regulator: its Riccati equation, and the world to act in and to
 * learn. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/linear.h"
#include "base/try.h"
#include "env/lqg.h"

/* Steps back in time after which a Riccati iteration is given up: one that contracts by a factor
 * of 1 - 4e-5 a step still falls to rounding within them. */
enum { STEPS_MAX = 1000000, SIZE = IG_LQG_STATE * IG_LQG_STATE };

/** out = scale X'Y + out for X (rows x width) and Y (rows x n). */
static void add_transposed(const double *x, const double *y, size_t rows, size_t width, size_t n,
                           double scale, double *out)
{
    for (size_t k = 0; k < rows; k++) {
        for (size_t i = 0; i < width; i++) {
            for (size_t j = 0; j < n; j++) {
                out[i * n + j] += scale * x[k * width + i] * y[k * n + j];
            }
        }
    }
}

/** out = X Y for X (rows x width) and Y (width x n). */
static void multiply(const double *x, const double *y, size_t rows, size_t width, size_t n,
                     double *out)
{
    memset(out, 0, rows * n * sizeof *out);
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < width; k++) {
            for (size_t j = 0; j < n; j++) {
                out[i * n + j] += x[i * width + k] * y[k * n + j];
            }
        }
    }
}

/** One step back in time: P of the next step becomes P of this one, K is this step's. */
static ig_status step_back(const ig_regulator *r, double *p, double *k, ig_error *error)
{
    const size_t n = r->state, m = r->action;
    const ig_lqg_model *model = &r->model;
    double pa[SIZE], pb[SIZE], left[SIZE], closed[SIZE];
    multiply(p, model->a, n, n, n, pa);
    multiply(p, model->b, n, n, m, pb);
    memcpy(left, model->r, m * m * sizeof *left);
    add_transposed(model->b, pb, n, m, m, r->gamma, left);
    memset(k, 0, m * n * sizeof *k);
    add_transposed(model->b, pa, n, m, n, r->gamma, k);
    TRY(ig_solve_spd(left, m, k, n, error));
    multiply(model->b, k, n, m, n, closed);
    for (size_t i = 0; i < n * n; i++) {
        closed[i] = model->a[i] - closed[i];
    }
    memcpy(p, model->q, n * n * sizeof *p);
    /* P is symmetric: A'P is (PA)'. */
    add_transposed(pa, closed, n, n, n, r->gamma, p);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            p[i * n + j] = p[j * n + i] = (p[i * n + j] + p[j * n + i]) / 2;
        }
    }
    return IG_OK;
}

ig_status ig_riccati_finite(const ig_regulator *regulator, size_t steps, double *p, double *k,
                            ig_error *error)
{
    memset(p, 0, regulator->state * regulator->state * sizeof *p);
    for (size_t t = 0; t < steps; t++) {
        TRY(step_back(regulator, p, k, error));
    }
    return IG_OK;
}

ig_status ig_riccati_infinite(const ig_regulator *regulator, double *p, double *k, ig_error *error)
{
    const size_t n = regulator->state * regulator->state;
    double before[SIZE];
    memset(p, 0, n * sizeof *p);
    for (size_t t = 0; t < STEPS_MAX; t++) {
        double change = 0, size = 0, sum = 0;
        memcpy(before, p, n * sizeof *p);
        TRY(step_back(regulator, p, k, error));
        for (size_t i = 0; i < n; i++) {
            change = fmax(change, fabs(p[i] - before[i]));
            size = fmax(size, fabs(p[i]));
            sum += p[i];
        }
        if (!isfinite(sum)) {
            return ig_error_set(error, IG_ERR_NUMERIC, "no policy keeps the cost finite");
        }
        if (change <= 1e-15 * size) {
            return IG_OK;
        }
    }
    return ig_error_set(error, IG_ERR_NUMERIC, "the Riccati equation does not settle");
}

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
    AUTO(ig_system_destroy) ig_system *system = NULL;
    TRY(ig_lqg_create(&options, key, &system, error));
    *regulator = (ig_regulator){.state = state, .action = action, .gamma = gamma};
    ig_lqg_matrices(system, &regulator->model, k);
    return IG_OK;
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
    AUTO_FREE double *x = NULL;
    TRY(IG_ALLOC(x, (count + width) * (width + n), error));
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
    TRY(ig_least_squares(x, count + width, width, y, n, error));
    for (size_t i = 0; i < n; i++) {
        const double *weights = column_of(y, count, width, i);
        memcpy(learned->model.a + i * n, weights, n * sizeof *weights);
        memcpy(learned->model.b + i * m, weights + n, m * sizeof *weights);
    }
    return IG_OK;
}

/** Quadratic features of a row. */
static ig_status learn_reward(const float *rows, size_t stride, size_t count, double ridge,
                              ig_regulator *learned, ig_error *error)
{
    const size_t n = learned->state, m = learned->action;
    const size_t width = (n * (n + 1) + m * (m + 1)) / 2, length = count + width;
    AUTO_FREE double *x = NULL;
    TRY(IG_ALLOC(x, length * (width + 1), error));
    double *y = x + length * width, z[IG_LQG_STATE + IG_LQG_ACTION];
    for (size_t i = 0; i < count; i++) {
        const float *row = rows + i * stride;
        for (size_t j = 0; j < n + m; j++) {
            z[j] = (double)row[j];
        }
        ig_lqg_features(z, n, m, x + i, length);
        y[i] = (double)row[2 * n + m];
    }
    for (size_t j = 0; j < width; j++) {
        x[j * length + count + j] = sqrt(ridge);
    }
    TRY(ig_least_squares(x, length, width, y, 1, error));
    ig_lqg_set_reward(y, n, m, &learned->model);
    return IG_OK;
}

ig_status ig_lqg_learn(const float *rows, size_t stride, size_t n_dyn, size_t n_rew, double ridge,
                       ig_regulator *learned, ig_error *error)
{
    TRY(learn_dynamics(rows, stride, n_dyn, ridge, learned, error));
    return learn_reward(rows, stride, n_rew, ridge, learned, error);
}
