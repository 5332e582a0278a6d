/* Compiled once per instruction set: IG_SIMD says which, IG_KERNELS names the table. */
#include "nn/kernels.h"

#include <math.h>

#include "nn/normal.h"
#include "nn/product.h"
#include "nn/simd.h"

static void dot(size_t rows, size_t width, const float *a, const float *w, float bias, float *y)
{
    for (size_t r = 0; r < rows; r++) {
        vec sum = vec_set(0);
        for (size_t j = 0; j < width; j += IG_LANES) {
            sum = vec_fma(vec_load(a + r * width + j), vec_load(w + j), sum);
        }
        y[r] = vec_sum(sum) + bias;
    }
}

static void squares(size_t rows, size_t width, const float *a, size_t a_row, float *y)
{
    for (size_t r = 0; r < rows; r++) {
        const float *row = a + r * a_row;
        if (width == 1) {
            y[r] = row[0] * row[0];
            continue;
        }
        vec sum = vec_set(0);
        for (size_t j = 0; j < width; j += IG_LANES) {
            vec x = vec_load(row + j);
            sum = vec_fma(x, x, sum);
        }
        y[r] = vec_sum(sum);
    }
}

static inline __attribute__((always_inline)) void back_panel(size_t rows, size_t width,
                                                             const float *d, const float *w,
                                                             float *a, float *gradient,
                                                             size_t vectors)
{
    vec weight[4], sum[4];
    IG_UNROLL
    for (size_t v = 0; v < vectors; v++) {
        weight[v] = vec_load(w + v * IG_LANES);
        sum[v] = vec_load(gradient + v * IG_LANES);
    }
    for (size_t r = 0; r < rows; r++) {
        vec error = vec_set(d[r]);
        IG_UNROLL
        for (size_t v = 0; v < vectors; v++) {
            float *at = a + r * width + v * IG_LANES;
            vec active = vec_load(at);
            sum[v] = vec_fma(error, active, sum[v]);
            vec_store(at, vec_where_positive(active, error * weight[v]));
        }
    }
    IG_UNROLL
    for (size_t v = 0; v < vectors; v++) {
        vec_store(gradient + v * IG_LANES, sum[v]);
    }
}

static void back_single(size_t rows, size_t width, const float *d, const float *w, float *a,
                        float *gradient)
{
    const size_t panel = (size_t)4 * IG_LANES;
    size_t j = 0;
    for (; j + panel <= width; j += panel) {
        back_panel(rows, width, d, w + j, a + j, gradient + j, 4);
    }
    for (; j < width; j += IG_LANES) {
        back_panel(rows, width, d, w + j, a + j, gradient + j, 1);
    }
}

static double residual_single(size_t rows, const float *target, size_t target_row, float scale,
                              float *y)
{
    float sum = 0;
    for (size_t r = 0; r < rows; r++) {
        float difference = y[r] - target[r * target_row];
        sum += difference * difference;
        y[r] = difference * scale;
    }
    return (double)sum;
}

static double residual(size_t rows, size_t n, size_t width, const float *target, size_t target_row,
                       float scale, float *y)
{
    if (width == 1) {
        return residual_single(rows, target, target_row, scale, y);
    }
    vec sum = vec_set(0), factor = vec_set(scale);
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < width; j += IG_LANES) {
            const float *t = target + r * target_row + j;
            float *at = y + r * width + j;
            size_t left = n - j;
            vec wanted = left < IG_LANES ? vec_load_first(t, left) : vec_load(t);
            vec difference = vec_load(at) - wanted;
            sum = vec_fma(difference, difference, sum);
            vec_store(at, difference * factor);
        }
    }
    return (double)vec_sum(sum);
}

static void sum_rows(size_t rows, size_t width, const float *y, float *sum)
{
    for (size_t r = 0; width == 1 && r < rows; r++) {
        *sum += y[r];
    }
    for (size_t j = 0; width > 1 && j < width; j += IG_LANES) {
        vec total = vec_load(sum + j);
        for (size_t r = 0; r < rows; r++) {
            total += vec_load(y + r * width + j);
        }
        vec_store(sum + j, total);
    }
}

static void adam(size_t n, ig_adam numbers, const float *gradient, float *m, float *v, float *p)
{
    /* The differences in double: in float 1 - 0.999 is off by 1.3e-5. */
    const vec beta1 = vec_set(0.9f), rest1 = vec_set((float)(1 - 0.9));
    const vec beta2 = vec_set(0.999f), rest2 = vec_set((float)(1 - 0.999));
    const vec unbias = vec_set(numbers.unbias), epsilon = vec_set(1e-8f);
    const vec step = vec_set(-numbers.step);
    for (size_t i = 0; i < n; i += IG_LANES) {
        vec g = vec_load(gradient + i);
        vec first = vec_fma(beta1, vec_load(m + i), rest1 * g);
        vec second = vec_fma(beta2, vec_load(v + i), rest2 * g * g);
        vec_store(m + i, first);
        vec_store(v + i, second);
        vec direction = first / vec_fma(vec_sqrt(second), unbias, epsilon);
        vec_store(p + i, vec_fma(step, direction, vec_load(p + i)));
    }
}

static void transpose(size_t rows, size_t columns, const float *in, size_t in_row, float *out,
                      size_t out_row)
{
    for (size_t j = 0; j < columns; j++) {
        for (size_t i = 0; i < rows; i++) {
            out[j * out_row + i] = in[i * in_row + j];
        }
    }
}

static inline void copy(size_t n, const float *from, float *to)
{
    size_t i = 0;
    for (; i + IG_LANES <= n; i += IG_LANES) {
        vec_store(to + i, vec_load(from + i));
    }
    if (i < n) {
        vec_store_first(to + i, n - i, vec_load_first(from + i, n - i));
    }
}

static void gather(size_t rows, size_t inputs, size_t targets, const float *pool, size_t pool_row,
                   const unsigned *order, const unsigned *ahead, float *out, size_t out_row)
{
    enum { LINE = 16 };
    for (size_t r = 0; r < rows; r++) {
        if (ahead) {
            const float *next = pool + ahead[r] * pool_row;
            for (size_t i = 0; i < inputs + targets; i += LINE) {
                __builtin_prefetch(next + i, 0, 2);
            }
        }
        const float *from = pool + (order ? order[r] : r) * pool_row;
        float *to = out + r * out_row;
        copy(inputs, from, to);
        to[inputs] = 1;
        copy(targets, from + inputs, to + inputs + 1);
    }
}

/** Rational approximation of odd degree 13 over even degree 6 (the coefficients of Eigen's
 *  ptanh), beyond the limit the nearest float to tanh is +-1. */
static inline vec tanh_of(vec x)
{
    static const float above[] = {2.00018790482477e-13f, -8.60467152213735e-11f,
                                  5.12229709037114e-08f, 1.48572235717979e-05f,
                                  6.37261928875436e-04f, 4.89352455891786e-03f};
    static const float below[] = {1.18534705686654e-04f, 2.26843463243900e-03f,
                                  4.89352518554385e-03f};
    const vec limit = vec_set(7.90531110763549805f);
    /* In this order a NaN stays one. */
    x = vec_max(vec_set(0) - limit, x);
    x = vec_set(0) - vec_max(vec_set(0) - limit, vec_set(0) - x);
    vec square = x * x;
    vec p = vec_set(-2.76076847742355e-16f), q = vec_set(1.19825839466702e-06f);
    IG_UNROLL
    for (size_t i = 0; i < sizeof above / sizeof *above; i++) {
        p = vec_fma(p, square, vec_set(above[i]));
    }
    IG_UNROLL
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        q = vec_fma(q, square, vec_set(below[i]));
    }
    return x * p / q;
}

static void tanh_all(size_t n, float *x)
{
    size_t i = 0;
    for (; i + IG_LANES <= n; i += IG_LANES) {
        vec_store(x + i, tanh_of(vec_load(x + i)));
    }
    if (i < n) {
        vec_store_first(x + i, n - i, tanh_of(vec_load_first(x + i, n - i)));
    }
}

const ig_kernels IG_KERNELS = {
    .lanes = IG_LANES,
    .product = product,
    .dot = dot,
    .squares = squares,
    .back_single = back_single,
    .residual = residual,
    .sum_rows = sum_rows,
    .adam = adam,
    .transpose = transpose,
    .gather = gather,
    .tanh = tanh_all,
    .normals = normals,
};
