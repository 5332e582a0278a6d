/* Every kernel of every instruction set this machine has against plain loops, over random shapes.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/rng.h"
#include "nn/mlp.h"

enum { ROUNDS = 300, WIDEST = 130 };

static ig_rng rng;

static size_t between(size_t low, size_t high)
{
    return low + (size_t)ig_rng_below(&rng, high - low + 1);
}

static float number(void)
{
    return (float)(2 * ig_rng_uniform(&rng) - 1);
}

static float *random_floats(size_t n)
{
    float *p = malloc(n * sizeof *p);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) {
        p[i] = number();
    }
    return p;
}

static void assert_close(float got, double wanted, double scale)
{
    if (!(fabs((double)got - wanted) <= 2e-6 * (scale + 1))) {
        fail_msg("%.9g, wanted %.9g", (double)got, wanted);
    }
}

typedef void kernel_test(const ig_kernels *k);

static void each_isa(kernel_test *test)
{
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        rng = ig_rng_start(ig_rng_key_make("test-kernels", 1), IG_STREAM_NOISE, 0);
        for (int round = 0; round < ROUNDS; round++) {
            test(ig_kernels_of(isa));
        }
    }
}

static void product_once(const ig_kernels *k)
{
    size_t rows = between(1, WIDEST), depth = between(1, WIDEST);
    size_t columns = k->lanes * between(1, 9), width = columns + k->lanes * between(0, 2);
    bool by_column = between(0, 1);
    size_t a_row = by_column ? 1 : depth + between(0, 5);
    size_t a_depth = by_column ? rows + between(0, 5) : 1;
    float *a = random_floats((rows + 6) * (depth + 6)), *b = random_floats(depth * width);
    float *c = random_floats(rows * width), *before = malloc(rows * width * sizeof *c);
    assert_non_null(before);
    memcpy(before, c, rows * width * sizeof *c);
    float *bias = random_floats(width);
    size_t start = between(0, 2);
    ig_finish finish = (ig_finish)between(0, 2);
    k->product(&(ig_product){.rows = rows,
                             .depth = depth,
                             .columns = columns,
                             .width = width,
                             .a = a,
                             .a_row = a_row,
                             .a_depth = a_depth,
                             .b = b,
                             .start = start == 0   ? NULL
                                      : start == 1 ? bias
                                                   : c,
                             .start_row = start == 2 ? width : 0,
                             .c = c,
                             .finish = finish});
    for (size_t m = 0; m < rows; m++) {
        for (size_t j = columns; j < width; j++) {
            assert_true(c[m * width + j] == before[m * width + j]);
        }
        for (size_t j = 0; j < columns; j++) {
            double old = (double)before[m * width + j];
            double sum = start == 0 ? 0 : start == 1 ? (double)bias[j] : old;
            for (size_t i = 0; i < depth; i++) {
                sum += (double)a[m * a_row + i * a_depth] * (double)b[i * width + j];
            }
            if ((finish == IG_FINISH_RELU && sum < 0) || (finish == IG_FINISH_GATE && old <= 0)) {
                sum = 0;
            }
            assert_close(c[m * width + j], sum, (double)depth);
        }
    }
    free(a);
    free(b);
    free(c);
    free(before);
    free(bias);
}

static void dot_once(const ig_kernels *k)
{
    size_t rows = between(1, WIDEST), width = k->lanes * between(1, 9);
    float *a = random_floats(rows * width), *w = random_floats(width), *y = random_floats(rows);
    float bias = number();
    k->dot(rows, width, a, w, bias, y);
    for (size_t r = 0; r < rows; r++) {
        double sum = (double)bias;
        for (size_t j = 0; j < width; j++) {
            sum += (double)a[r * width + j] * (double)w[j];
        }
        assert_close(y[r], sum, (double)width);
    }
    free(a);
    free(w);
    free(y);
}

static void back_single_once(const ig_kernels *k)
{
    size_t rows = between(1, WIDEST), width = k->lanes * between(1, 9);
    float *a = random_floats(rows * width), *w = random_floats(width), *d = random_floats(rows);
    float *gradient = random_floats(width), *active = malloc(rows * width * sizeof *a);
    assert_non_null(active);
    memcpy(active, a, rows * width * sizeof *a);
    double *sum = malloc(width * sizeof *sum);
    assert_non_null(sum);
    for (size_t j = 0; j < width; j++) {
        sum[j] = (double)gradient[j];
    }
    k->back_single(rows, width, d, w, a, gradient);
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < width; j++) {
            float was = active[r * width + j];
            sum[j] += (double)d[r] * (double)was;
            assert_close(a[r * width + j], was > 0 ? (double)(d[r] * w[j]) : 0, 0);
        }
    }
    for (size_t j = 0; j < width; j++) {
        assert_close(gradient[j], sum[j], (double)rows);
    }
    free(a);
    free(active);
    free(w);
    free(d);
    free(gradient);
    free(sum);
}

static void residual_and_sum_once(const ig_kernels *k)
{
    size_t rows = between(1, WIDEST), n = between(1, WIDEST);
    size_t width = n == 1 ? 1 : (n + k->lanes - 1) / k->lanes * k->lanes;
    size_t stride = n + between(0, 20);
    float *target = random_floats(rows * stride), *y = random_floats(rows * width);
    float scale = number(), *sum = random_floats(width), *old = malloc(width * sizeof *old);
    double total = 0, *wanted = calloc(rows * width, sizeof *wanted);
    assert_true(old && wanted);
    memcpy(old, sum, width * sizeof *old);
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < width; j++) {
            float *at = &y[r * width + j];
            *at = j < n ? *at : 0;
            double error = j < n ? (double)*at - (double)target[r * stride + j] : 0;
            total += error * error;
            wanted[r * width + j] = error * (double)scale;
        }
    }
    double got = k->residual(rows, n, width, target, stride, scale, y);
    assert_true(fabs(got - total) <= 1e-5 * total);
    k->sum_rows(rows, width, y, sum);
    for (size_t j = 0; j < width; j++) {
        double column = (double)old[j];
        for (size_t r = 0; r < rows; r++) {
            assert_close(y[r * width + j], wanted[r * width + j], 0);
            column += (double)y[r * width + j];
        }
        assert_close(sum[j], column, (double)rows);
    }
    free(target);
    free(y);
    free(sum);
    free(old);
    free(wanted);
}

static void adam_once(const ig_kernels *k)
{
    size_t n = k->lanes * between(1, 20);
    float *g = random_floats(n), *m = random_floats(n), *v = random_floats(n),
          *p = random_floats(n);
    ig_adam adam = {.step = 0.01f, .unbias = 1.5f};
    float *old = malloc(3 * n * sizeof *old);
    assert_non_null(old);
    for (size_t i = 0; i < n; i++) {
        v[i] = v[i] * v[i];
        old[3 * i] = m[i];
        old[3 * i + 1] = v[i];
        old[3 * i + 2] = p[i];
    }
    k->adam(n, adam, g, m, v, p);
    for (size_t i = 0; i < n; i++) {
        double gradient = (double)g[i];
        double first = 0.9 * (double)old[3 * i] + 0.1 * gradient;
        double second = 0.999 * (double)old[3 * i + 1] + 0.001 * gradient * gradient;
        assert_close(m[i], first, 0);
        assert_close(v[i], second, 0);
        double step = 0.01 * first / (1.5 * sqrt(second) + 1e-8);
        assert_close(p[i], (double)old[3 * i + 2] - step, fabs(step));
    }
    free(g);
    free(m);
    free(v);
    free(p);
    free(old);
}

static void transpose_once(const ig_kernels *k)
{
    size_t rows = between(1, WIDEST), columns = between(1, WIDEST);
    size_t in_row = columns + between(0, 5), out_row = rows + between(0, 5);
    float *in = random_floats(rows * in_row), *out = random_floats(columns * out_row);
    k->transpose(rows, columns, in, in_row, out, out_row);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            assert_true(out[j * out_row + i] == in[i * in_row + j]);
        }
    }
    free(in);
    free(out);
}

static void gather_once(const ig_kernels *k)
{
    size_t rows = between(1, IG_ROWS), inputs = between(1, WIDEST), targets = between(1, WIDEST);
    size_t target = inputs + between(0, 5), out_row = inputs + 1 + targets;
    size_t pool_row = target + targets + between(0, 5);
    size_t n = between(1, 50);
    /* Exactly as long as it must be, so that a sanitizer sees one number too many. */
    float *pool = random_floats((n - 1) * pool_row + target + targets);
    float *out = random_floats(rows * out_row);
    unsigned order[IG_ROWS];
    for (size_t r = 0; r < rows; r++) {
        order[r] = (unsigned)between(0, n - 1);
    }
    k->gather(rows, inputs, target, targets, pool, pool_row, order, between(0, 1) ? order : NULL,
              out, out_row);
    for (size_t r = 0; r < rows; r++) {
        const float *from = pool + order[r] * pool_row, *to = out + r * out_row;
        assert_memory_equal(to, from, inputs * sizeof *to);
        assert_true(to[inputs] == 1);
        assert_memory_equal(to + inputs + 1, from + target, targets * sizeof *to);
    }
    free(pool);
    free(out);
}

/** Against what each says, for numbers of all sizes that activations have. */
static void activations_once(const ig_kernels *k)
{
    size_t n = k->lanes * between(1, 9);
    float *x = random_floats(n), *by = random_floats(n), *slope = random_floats(n);
    float *y[3] = {random_floats(n), random_floats(n), random_floats(n)};
    for (size_t i = 0; i < n; i++) {
        x[i] = (float)pow(10, 2 * (double)x[i]) * (by[i] > 0 ? 1 : -1);
        y[0][i] = y[1][i] = y[2][i] = x[i];
    }
    k->tanh_slope(n, y[0], slope);
    for (size_t i = 0; i < n; i++) {
        double exact = tanh((double)x[i]);
        assert_close(y[0][i], exact, 0);
        assert_close(slope[i], 1 - exact * exact, 0);
    }
    k->silu_slope(n, y[1], slope);
    for (size_t i = 0; i < n; i++) {
        double sigmoid = 1 / (1 + exp(-(double)x[i])), exact = (double)x[i] * sigmoid;
        assert_close(y[1][i], exact, fabs((double)x[i]));
        assert_close(slope[i], sigmoid + exact * (1 - sigmoid), fabs((double)x[i]));
    }
    k->silu_slope(n, y[2], NULL);
    assert_memory_equal(y[1], y[2], n * sizeof *x);
    k->multiply(n, by, y[2]);
    for (size_t i = 0; i < n; i++) {
        assert_true(y[2][i] == y[1][i] * by[i]);
    }
    free(x);
    free(by);
    free(slope);
    free(y[0]);
    free(y[1]);
    free(y[2]);
}

static void standardise_once(const ig_kernels *k)
{
    size_t rows = between(1, WIDEST), width = k->lanes * between(1, 4);
    float *x = random_floats(rows * width), *y = malloc(rows * width * sizeof *y);
    float *mean = random_floats(width), *scale = random_floats(width);
    assert_non_null(y);
    memcpy(y, x, rows * width * sizeof *y);
    k->standardise(rows, width, mean, scale, y);
    for (size_t r = 0; r < rows; r++) {
        float wanted[4 * 16];
        ig_standardise(width, x + r * width, mean, scale, wanted);
        assert_memory_equal(y + r * width, wanted, width * sizeof *y);
    }
    free(x);
    free(y);
    free(mean);
    free(scale);
}

static void test_activations(void **state)
{
    (void)state;
    each_isa(activations_once);
}

static void test_standardise(void **state)
{
    (void)state;
    each_isa(standardise_once);
}

static void test_product(void **state)
{
    (void)state;
    each_isa(product_once);
}

static void test_dot(void **state)
{
    (void)state;
    each_isa(dot_once);
}

static void test_back_single(void **state)
{
    (void)state;
    each_isa(back_single_once);
}

static void test_residual_and_sum(void **state)
{
    (void)state;
    each_isa(residual_and_sum_once);
}

static void test_adam(void **state)
{
    (void)state;
    each_isa(adam_once);
}

static void test_transpose(void **state)
{
    (void)state;
    each_isa(transpose_once);
}

static void test_gather(void **state)
{
    (void)state;
    each_isa(gather_once);
}

/** Over all magnitudes, densely where the curve bends. */
static void test_tanh(void **state)
{
    (void)state;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        double worst = 0;
        for (double x = 1e-35; x < 1e30; x *= x < 1e-4 || x > 10 ? 1.0007 : 1.000003) {
            float y[3] = {(float)x, (float)-x, 0};
            double exact = tanh((double)y[0]);
            double unit = (double)(nextafterf((float)exact, 2) - (float)exact);
            ig_tanh(isa, 3, y);
            assert_true(y[0] <= 1 && y[1] == -y[0] && y[2] == 0);
            worst = fmax(worst, fabs((double)y[0] - exact) / unit);
        }
        print_message("%s: tanh within %.2f units in the last place\n", ig_isa_name(isa), worst);
        assert_true(worst <= 7);
        float odd[2] = {NAN, INFINITY};
        ig_tanh(isa, 2, odd);
        assert_true(isnan(odd[0]) && odd[1] <= 1 && odd[1] > 0.999999f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_product),     cmocka_unit_test(test_dot),
        cmocka_unit_test(test_back_single), cmocka_unit_test(test_residual_and_sum),
        cmocka_unit_test(test_adam),        cmocka_unit_test(test_transpose),
        cmocka_unit_test(test_gather),      cmocka_unit_test(test_tanh),
        cmocka_unit_test(test_activations), cmocka_unit_test(test_standardise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
