/* The kernels, compiled once per instruction set: IG_SIMD says which, IG_KERNELS names the table.
 */
#include "nn/kernels.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "nn/simd.h"

/* The matrix product that training spends its time in.
 *
 *  A tile of T rows and P vectors of C lives in registers while k runs: each step loads P vectors
 * of B and broadcasts T numbers of A for T * P multiply-adds. The largest tiles leave registers for
 *  both; the others serve the edges. */

#ifdef __clang__
#define IG_UNROLL _Pragma("clang loop unroll(full)")
#else
#define IG_UNROLL _Pragma("GCC unroll 16")
#endif

static inline __attribute__((always_inline)) void tile(const ig_product *p, size_t row, size_t col,
                                                       size_t t_rows, size_t t_vectors)
{
    enum { ROWS_MAX = 12, VECTORS_MAX = 4 };
    static const float zeros[VECTORS_MAX * IG_LANES];
    vec sum[ROWS_MAX][VECTORS_MAX];
    const float *start = p->start ? p->start + row * p->start_row + col : zeros;
    size_t start_row = p->start ? p->start_row : 0;
    IG_UNROLL
    for (size_t t = 0; t < t_rows; t++) {
        IG_UNROLL
        for (size_t v = 0; v < t_vectors; v++) {
            sum[t][v] = vec_load(start + t * start_row + v * IG_LANES);
        }
    }
    const float *a = p->a + row * p->a_row, *b = p->b + col;
    size_t a_row = p->a_row, a_depth = p->a_depth, width = p->width;
    for (size_t k = 0; k < p->depth; k++) {
        vec line[VECTORS_MAX];
        IG_UNROLL
        for (size_t v = 0; v < t_vectors; v++) {
            line[v] = vec_load(b + v * IG_LANES);
        }
        IG_UNROLL
        for (size_t t = 0; t < t_rows; t++) {
            vec factor = vec_set(a[t * a_row]);
            IG_UNROLL
            for (size_t v = 0; v < t_vectors; v++) {
                sum[t][v] = vec_fma(factor, line[v], sum[t][v]);
            }
        }
        a += a_depth;
        b += width;
    }
    float *c = p->c + row * width + col;
    ig_finish finish = p->finish;
    IG_UNROLL
    for (size_t t = 0; t < t_rows; t++) {
        IG_UNROLL
        for (size_t v = 0; v < t_vectors; v++) {
            float *at = c + t * width + v * IG_LANES;
            vec value = sum[t][v];
            if (finish == IG_FINISH_RELU) {
                /* In this order a NaN stays one and is seen. */
                value = vec_max(vec_set(0), value);
            } else if (finish == IG_FINISH_GATE) {
                value = vec_where_positive(vec_load(at), value);
            }
            vec_store(at, value);
        }
    }
}

typedef void tile_function(const ig_product *p, size_t row, size_t col);

#define IG_TILE(T, P)                                                                              \
    static void tile_##T##x##P(const ig_product *p, size_t row, size_t col)                        \
    {                                                                                              \
        tile(p, row, col, T, P);                                                                   \
    }
#define IG_TILES_6(P)                                                                              \
    IG_TILE(1, P) IG_TILE(2, P) IG_TILE(3, P) IG_TILE(4, P) IG_TILE(5, P) IG_TILE(6, P)
#define IG_TILES_12(P)                                                                             \
    IG_TILES_6(P)                                                                                  \
    IG_TILE(7, P) IG_TILE(8, P) IG_TILE(9, P) IG_TILE(10, P) IG_TILE(11, P) IG_TILE(12, P)
#define IG_NAMES_6(P) tile_1x##P, tile_2x##P, tile_3x##P, tile_4x##P, tile_5x##P, tile_6x##P
#define IG_NAMES_12(P)                                                                             \
    IG_NAMES_6(P), tile_7x##P, tile_8x##P, tile_9x##P, tile_10x##P, tile_11x##P, tile_12x##P

#if IG_REGISTERS == 32
IG_TILES_12(1)
IG_TILES_12(2)
IG_TILES_6(3)
IG_TILES_6(4)
enum { PANEL = 4 };
static tile_function *const tiles[PANEL][12] = {
    {IG_NAMES_12(1)}, {IG_NAMES_12(2)}, {IG_NAMES_6(3)}, {IG_NAMES_6(4)}};
static const size_t tile_rows[PANEL] = {12, 12, 6, 6};
#else
IG_TILES_12(1)
IG_TILES_6(2)
enum { PANEL = 2 };
static tile_function *const tiles[PANEL][12] = {{IG_NAMES_12(1)}, {IG_NAMES_6(2)}};
static const size_t tile_rows[PANEL] = {12, 6};
#endif

static void product(const ig_product *p)
{
    for (size_t col = 0; col < p->columns;) {
        size_t vectors = (p->columns - col) / IG_LANES;
        vectors = vectors < PANEL ? vectors : PANEL;
        for (size_t row = 0; row < p->rows;) {
            size_t rows = p->rows - row;
            rows = rows < tile_rows[vectors - 1] ? rows : tile_rows[vectors - 1];
            tiles[vectors - 1][rows - 1](p, row, col);
            row += rows;
        }
        col += vectors * IG_LANES;
    }
}

/* Box-Muller for many numbers.
 *
 *  Every number is computed by itself from IEEE operations that are never fused, so that the bytes
 *  are the same on every instruction set. ln(1 - u) is taken from u itself where 1 - u would round
 *  it away, and the angle is reduced while it is still an integer: the result has a relative error
 *  of a few units in the last place, also near zero. */

enum { NORMAL_BLOCK = 64, NORMAL_FEW = 16 /**< both whole vectors */ };

/** What float arithmetic needs of one block's words. */
typedef struct polar {
    float u[NORMAL_BLOCK], rest[NORMAL_BLOCK]; /**< u and 1 - u, both rounded from 53 bits */
    float angle[NORMAL_BLOCK];                 /**< v - quarter / 4, in [-1/8, 1/8] */
    uint32_t quarter[NORMAL_BLOCK];
    float radius[NORMAL_BLOCK];
} polar;

static inline uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/** a where the bits of `mask` are set, else b; without a branch, so that compilers vectorise it. */
static inline float choose(uint32_t mask, float a, float b)
{
    return float_of((bits_of(a) & mask) | (bits_of(b) & ~mask));
}

static inline __attribute__((always_inline)) void split(size_t n, const uint64_t *words, polar *p)
{
    for (size_t i = 0; i < n; i++) {
        int64_t u = (int64_t)(words[2 * i] >> 11), v = (int64_t)(words[2 * i + 1] >> 11);
        int64_t quarter = (v + (1LL << 50)) >> 51;
        p->u[i] = (float)u * 0x1p-53f;
        p->rest[i] = (float)((1LL << 53) - u) * 0x1p-53f;
        p->angle[i] = (float)(v - (quarter << 51)) * 0x1p-53f;
        p->quarter[i] = (uint32_t)quarter;
    }
}

/** -2 ln(1 - u): with 1 - u = 2^e (1 + f) and 1 + f in [sqrt(1/2), sqrt(2)), ln(1 + f) is a
 *  polynomial in f (Cephes' logf), and f is -u itself where e = 0. */
static inline __attribute__((always_inline)) void squared_radius(size_t n, polar *p)
{
    for (size_t i = 0; i < n; i++) {
        int32_t bits = (int32_t)bits_of(p->rest[i]), exponent = (bits - 0x3f3504f3) >> 23;
        float m = float_of((uint32_t)(bits - exponent * (1 << 23))), e = (float)exponent;
        float f = choose(exponent == 0 ? ~0u : 0u, -p->u[i], m - 1), z = f * f;
        float y = 7.0376836292e-2f;
        y = y * f - 1.1514610310e-1f;
        y = y * f + 1.1676998740e-1f;
        y = y * f - 1.2420140846e-1f;
        y = y * f + 1.4249322787e-1f;
        y = y * f - 1.6668057665e-1f;
        y = y * f + 2.0000714765e-1f;
        y = y * f - 2.4999993993e-1f;
        y = y * f + 3.3333331174e-1f;
        y = y * f * z;
        y = y - 2.12194440e-4f * e - 0.5f * z;
        p->radius[i] = -2 * (f + y + 0.693359375f * e);
    }
}

/** x = radius * cos(2 pi v): the sine or cosine (Cephes' sinf, cosf) of the reduced angle. */
static inline __attribute__((always_inline)) void turn(size_t n, const polar *p, float *x)
{
    for (size_t i = 0; i < n; i++) {
        float a = p->angle[i] * 6.28318530717958647692f, z = a * a;
        float s = -1.9515295891e-4f, c = 2.443315711809948e-5f;
        s = s * z + 8.3321608736e-3f;
        s = s * z - 1.6666654611e-1f;
        s = s * z * a + a;
        c = c * z - 1.388731625493765e-3f;
        c = c * z + 4.166664568298827e-2f;
        c = c * z * z - 0.5f * z + 1;
        /* cos of 0, 1, 2, 3 quarters further: c, -s, -c, s. */
        uint32_t quarter = p->quarter[i], sign = ((quarter + 1) & 2) << 30;
        float y = choose(0u - (quarter & 1), s, c);
        x[i] = p->radius[i] * float_of(bits_of(y) ^ sign);
    }
}

static inline __attribute__((always_inline)) void normal_block(size_t n, const uint64_t *words,
                                                               float *x)
{
    polar p;
    split(n, words, &p);
    squared_radius(n, &p);
    for (size_t i = 0; i < n; i += IG_LANES) {
        vec_store(p.radius + i, vec_sqrt(vec_load(p.radius + i)));
    }
    turn(n, &p, x);
}

static void normals(size_t n, const uint64_t *words, float *x)
{
    size_t i = 0;
    for (; i + NORMAL_BLOCK <= n; i += NORMAL_BLOCK) {
        normal_block(NORMAL_BLOCK, words + 2 * i, x + i);
    }
    for (; i + NORMAL_FEW <= n; i += NORMAL_FEW) {
        normal_block(NORMAL_FEW, words + 2 * i, x + i);
    }
    if (i < n) {
        uint64_t last[2 * NORMAL_FEW] = {0};
        float full[NORMAL_FEW];
        memcpy(last, words + 2 * i, 2 * (n - i) * sizeof *last);
        normal_block(NORMAL_FEW, last, full);
        memcpy(x + i, full, (n - i) * sizeof *x);
    }
}

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

static void tanh_slope(size_t n, float *x, float *slope)
{
    const vec one = vec_set(1);
    for (size_t i = 0; i < n; i += IG_LANES) {
        vec y = tanh_of(vec_load(x + i));
        vec_store(x + i, y);
        if (slope) {
            vec_store(slope + i, one - y * y);
        }
    }
}

/** 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2, which neither overflows nor has a branch. */
static void silu_slope(size_t n, float *x, float *slope)
{
    const vec one = vec_set(1), half = vec_set(0.5f);
    for (size_t i = 0; i < n; i += IG_LANES) {
        vec z = vec_load(x + i);
        vec sigmoid = half * (one + tanh_of(half * z));
        vec y = z * sigmoid;
        vec_store(x + i, y);
        if (slope) {
            vec_store(slope + i, sigmoid + y * (one - sigmoid));
        }
    }
}

static void multiply(size_t n, const float *by, float *x)
{
    for (size_t i = 0; i < n; i += IG_LANES) {
        vec_store(x + i, vec_load(x + i) * vec_load(by + i));
    }
}

/* The two residuals are one text, compiled with and without tanh. */

static inline __attribute__((always_inline)) double residual_single(size_t rows,
                                                                    const float *target,
                                                                    size_t target_row, float scale,
                                                                    float *y, bool squashed)
{
    if (squashed) {
        tanh_all(rows, y);
    }
    float sum = 0;
    for (size_t r = 0; r < rows; r++) {
        float difference = y[r] - target[r * target_row];
        sum += difference * difference;
        y[r] = squashed ? difference * scale * (1 - y[r] * y[r]) : difference * scale;
    }
    return (double)sum;
}

static inline __attribute__((always_inline)) double residual_of(size_t rows, size_t n, size_t width,
                                                                const float *target,
                                                                size_t target_row, float scale,
                                                                float *y, bool squashed)
{
    if (width == 1) {
        return residual_single(rows, target, target_row, scale, y, squashed);
    }
    vec sum = vec_set(0), factor = vec_set(scale), one = vec_set(1);
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < width; j += IG_LANES) {
            const float *t = target + r * target_row + j;
            float *at = y + r * width + j;
            size_t left = n - j;
            vec wanted = left < IG_LANES ? vec_load_first(t, left) : vec_load(t);
            vec value = squashed ? tanh_of(vec_load(at)) : vec_load(at);
            vec difference = value - wanted;
            sum = vec_fma(difference, difference, sum);
            vec_store(at,
                      squashed ? difference * factor * (one - value * value) : difference * factor);
        }
    }
    return (double)vec_sum(sum);
}

static double residual(size_t rows, size_t n, size_t width, const float *target, size_t target_row,
                       float scale, float *y)
{
    return residual_of(rows, n, width, target, target_row, scale, y, false);
}

static double tanh_residual(size_t rows, size_t n, size_t width, const float *target,
                            size_t target_row, float scale, float *y)
{
    return residual_of(rows, n, width, target, target_row, scale, y, true);
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

typedef float four __attribute__((vector_size(16)));
#ifdef __clang__
#define IG_FOUR_OF(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int32_t four_places __attribute__((vector_size(16)));
#define IG_FOUR_OF(a, b, ...) __builtin_shuffle(a, b, (four_places){__VA_ARGS__})
#endif

static inline void transpose_4x4(const float *in, size_t in_row, float *out, size_t out_row)
{
    four row[4];
    for (size_t i = 0; i < 4; i++) {
        memcpy(&row[i], in + i * in_row, sizeof row[i]);
    }
    four low[] = {IG_FOUR_OF(row[0], row[1], 0, 4, 1, 5), IG_FOUR_OF(row[2], row[3], 0, 4, 1, 5)};
    four high[] = {IG_FOUR_OF(row[0], row[1], 2, 6, 3, 7), IG_FOUR_OF(row[2], row[3], 2, 6, 3, 7)};
    row[0] = IG_FOUR_OF(low[0], low[1], 0, 1, 4, 5);
    row[1] = IG_FOUR_OF(low[0], low[1], 2, 3, 6, 7);
    row[2] = IG_FOUR_OF(high[0], high[1], 0, 1, 4, 5);
    row[3] = IG_FOUR_OF(high[0], high[1], 2, 3, 6, 7);
    for (size_t i = 0; i < 4; i++) {
        memcpy(out + i * out_row, &row[i], sizeof row[i]);
    }
}

static void transpose_some(size_t rows, size_t columns, const float *in, size_t in_row, float *out,
                           size_t out_row)
{
    for (size_t j = 0; j < columns; j++) {
        for (size_t i = 0; i < rows; i++) {
            out[j * out_row + i] = in[i * in_row + j];
        }
    }
}

/** In strips of a cache line: a line of `in` is read once, those of `out` are filled one after the
 *  other. */
static void transpose(size_t rows, size_t columns, const float *in, size_t in_row, float *out,
                      size_t out_row)
{
    enum { STRIP = 16 };
    const size_t whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
    for (size_t first = 0; first < whole_columns; first += STRIP) {
        size_t end = whole_columns - first < STRIP ? whole_columns : first + STRIP;
        for (size_t i = 0; i < whole_rows; i += 4) {
            for (size_t j = first; j < end; j += 4) {
                transpose_4x4(in + i * in_row + j, in_row, out + j * out_row + i, out_row);
            }
        }
    }
    transpose_some(rows - whole_rows, columns, in + whole_rows * in_row, in_row, out + whole_rows,
                   out_row);
    transpose_some(whole_rows, columns - whole_columns, in + whole_columns, in_row,
                   out + whole_columns * out_row, out_row);
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

static void gather(size_t rows, size_t inputs, size_t target, size_t targets, const float *pool,
                   size_t pool_row, const unsigned *order, const unsigned *ahead, float *out,
                   size_t out_row)
{
    enum { LINE = 16 };
    for (size_t r = 0; r < rows; r++) {
        if (ahead) {
            const float *next = pool + ahead[r] * pool_row;
            for (size_t i = 0; i < target + targets; i += LINE) {
                __builtin_prefetch(next + i, 0, 2);
            }
        }
        const float *from = pool + (order ? order[r] : r) * pool_row;
        float *to = out + r * out_row;
        copy(inputs, from, to);
        to[inputs] = 1;
        copy(targets, from + target, to + inputs + 1);
    }
}

static void standardise(size_t rows, size_t width, const float *mean, const float *scale, float *x)
{
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < width; j += IG_LANES) {
            float *at = x + r * width + j;
            vec_store(at, (vec_load(at) - vec_load(mean + j)) * vec_load(scale + j));
        }
    }
}

const ig_kernels IG_KERNELS = {
    .lanes = IG_LANES,
    .product = product,
    .dot = dot,
    .squares = squares,
    .back_single = back_single,
    .residual = residual,
    .tanh_residual = tanh_residual,
    .sum_rows = sum_rows,
    .adam = adam,
    .transpose = transpose,
    .gather = gather,
    .standardise = standardise,
    .tanh = tanh_all,
    .tanh_slope = tanh_slope,
    .silu_slope = silu_slope,
    .multiply = multiply,
    .normals = normals,
};
