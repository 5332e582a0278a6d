#include "env/riccati.h"

#include <math.h>
#include <string.h>

#include "base/linear.h"

enum { LONGEST = 1000000, MOST = IG_LQG_STATE * IG_LQG_STATE };

double ig_quadratic_form(const double *matrix, const double *s, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += s[i] * ig_dot(matrix + i * n, s, n);
    }
    return sum;
}

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
    double pa[MOST], pb[MOST], left[MOST], closed[MOST];
    multiply(p, model->a, n, n, n, pa);
    multiply(p, model->b, n, n, m, pb);
    memcpy(left, model->r, m * m * sizeof *left);
    add_transposed(model->b, pb, n, m, m, r->gamma, left);
    memset(k, 0, m * n * sizeof *k);
    add_transposed(model->b, pa, n, m, n, r->gamma, k);
    ig_status status = ig_solve_spd(left, m, k, n, error);
    if (status) {
        return status;
    }
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
    ig_status status = IG_OK;
    memset(p, 0, regulator->state * regulator->state * sizeof *p);
    for (size_t t = 0; t < steps && !status; t++) {
        status = step_back(regulator, p, k, error);
    }
    return status;
}

ig_status ig_riccati_infinite(const ig_regulator *regulator, double *p, double *k, ig_error *error)
{
    const size_t n = regulator->state * regulator->state;
    double before[MOST];
    memset(p, 0, n * sizeof *p);
    for (size_t t = 0; t < LONGEST; t++) {
        double change = 0, size = 0, sum = 0;
        memcpy(before, p, n * sizeof *p);
        ig_status status = step_back(regulator, p, k, error);
        if (status) {
            return status;
        }
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
