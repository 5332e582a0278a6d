/* Vectors of standard normals against ig_rng_normal and its formula. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/nn.h"
#include "nn/kernels.h"

enum { N = 200000 };

/** Error in units of the last place of a float. */
static double places(float x, double exact)
{
    float there = fabsf((float)exact);
    double unit = (double)(nextafterf(there, INFINITY) - there);
    return fabs((double)x - exact) / unit;
}

static void as_one_by_one(void **state)
{
    (void)state;
    ig_rng start = ig_rng_start(ig_rng_key_make("normals", 3), IG_STREAM_NOISE, 5);
    float *x = malloc(N * sizeof *x);
    assert_non_null(x);
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        ig_rng rng = start, one = start;
        double worst = 0;
        for (size_t at = 0, n = 0; at < N; at += n, n = (n + 7) % 300) {
            n = n < N - at ? n : N - at;
            ig_normals(isa, &rng, n, x + at);
        }
        for (size_t i = 0; i < N; i++) {
            worst = fmax(worst, places(x[i], ig_rng_normal(&one)));
        }
        print_message("%s: at most %.1f units in the last place\n", ig_isa_name(isa), worst);
        assert_true(worst < 6);
        assert_true(ig_rng_u64(&rng) == ig_rng_u64(&one));
    }
    free(x);
}

static void same_bytes_everywhere(void **state)
{
    (void)state;
    float *x[2] = {malloc(N * sizeof(float)), malloc(N * sizeof(float))};
    assert_true(x[0] && x[1]);
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        ig_rng rng = ig_rng_start(ig_rng_key_make("normals", 4), IG_STREAM_NOISE, 0);
        ig_normals(isa, &rng, N, x[isa != IG_ISA_PORTABLE]);
        assert_true(isa == IG_ISA_PORTABLE || memcmp(x[0], x[1], N * sizeof(float)) == 0);
    }
    free(x[0]);
    free(x[1]);
}

/** The ends of both words' ranges, and the borders between quarters and between exponents. */
static void borders(void **state)
{
    (void)state;
    const uint64_t last = UINT64_MAX, one = 1ull << 11;
    const uint64_t u[] = {0,
                          2047,
                          one,
                          1ull << 40,
                          1ull << 62,
                          0x4afb0ccc06219b7b,
                          0x4afb0ccc06219800,
                          1ull << 63,
                          0xc000000000000000,
                          last - one,
                          last};
    const uint64_t v[] = {0,          one,        (1ull << 61) - one, 1ull << 61,
                          3ull << 61, 5ull << 61, 1ull << 62,         (1ull << 62) + one,
                          1ull << 63, 3ull << 62, 7ull << 61,         last};
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        for (size_t i = 0; i < sizeof u / sizeof *u; i++) {
            for (size_t j = 0; j < sizeof v / sizeof *v; j++) {
                uint64_t words[] = {u[i], v[j]};
                float x;
                ig_kernels_of(isa)->normals(1, words, &x);
                double a = (double)(u[i] >> 11) * 0x1p-53, b = (double)(v[j] >> 11) * 0x1p-53;
                double angle = (double)cosl(2 * M_PIl * (long double)b);
                double exact = sqrt(-2 * log1p(-a)) * angle;
                assert_true(fabs((double)x - exact) <= 1e-17 || places(x, exact) < 6);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_one_by_one),
                                       cmocka_unit_test(same_bytes_everywhere),
                                       cmocka_unit_test(borders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
