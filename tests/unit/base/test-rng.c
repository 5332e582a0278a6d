#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "imagrid/rng.h"

/* Random123's kat_vectors, "philox4x64 10". The first block of a stream follows a counter raised by
 * one, so the counter is set to one less. */
static void known_answers(void **state)
{
    (void)state;
    static const uint64_t zeros[4] = {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b,
                                      0x7e68b68aec7ba23b};
    static const uint64_t ones[4] = {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6,
                                     0xa09caebf594f0ba0};
    ig_rng zero = {.counter = {UINT64_MAX, 0, 0, 0}, .used = IG_RNG_WORDS};
    ig_rng one = {.key = {UINT64_MAX, UINT64_MAX},
                  .counter = {UINT64_MAX - 1, UINT64_MAX, UINT64_MAX, UINT64_MAX},
                  .used = IG_RNG_WORDS};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(ig_rng_u64(&zero), zeros[i]);
        assert_int_equal(ig_rng_u64(&one), ones[i]);
    }
}

static void key_is_hash_and_seed(void **state)
{
    (void)state;
    ig_rng_key key = ig_rng_key_make("scaling", 42);
    assert_int_equal(key.word[0], XXH3_64bits("scaling", 7));
    assert_int_equal(key.word[1], 42);
}

static void streams_differ(void **state)
{
    (void)state;
    ig_rng_key key = ig_rng_key_make("x", 1);
    ig_rng rng = ig_rng_start(key, IG_STREAM_DATA, 5);
    assert_int_equal(rng.counter[0], 0);
    assert_int_equal(rng.counter[1], 0);
    assert_int_equal(rng.counter[2], 5);
    assert_int_equal(rng.counter[3], IG_STREAM_DATA);
    ig_rng other = ig_rng_start(key, IG_STREAM_DATA, 6),
           third = ig_rng_start(key, IG_STREAM_INIT, 5);
    uint64_t word = ig_rng_u64(&rng);
    assert_int_not_equal(word, ig_rng_u64(&other));
    assert_int_not_equal(word, ig_rng_u64(&third));
}

static void copies_fork(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("x", 1), IG_STREAM_DATA, 0);
    for (int i = 0; i < IG_RNG_WORDS + 3; i++) {
        (void)ig_rng_u64(&rng);
    }
    ig_rng copy = rng;
    for (int i = 0; i < 2 * IG_RNG_WORDS; i++) {
        assert_int_equal(ig_rng_u64(&rng), ig_rng_u64(&copy));
    }
}

/** Words in calls of any length are the words one by one. */
static void many_words(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("x", 5), IG_STREAM_DATA, 0), one = rng;
    uint64_t words[50];
    for (size_t n = 0; n <= 50; n++) {
        ig_rng_words(&rng, n, words);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(words[i], ig_rng_u64(&one));
        }
    }
    assert_int_equal(ig_rng_u64(&rng), ig_rng_u64(&one));
}

static void uniform_has_53_bits(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("x", 2), IG_STREAM_DATA, 0), words = rng;
    double sum = 0, squares = 0;
    enum { N = 100000 };
    for (int i = 0; i < N; i++) {
        double u = ig_rng_uniform(&rng);
        assert_true(u >= 0 && u < 1);
        assert_true(ldexp(u, 53) == (double)(ig_rng_u64(&words) >> 11));
        sum += u;
        squares += u * u;
    }
    /* Five standard errors. */
    assert_true(fabs(sum / N - 0.5) < 5 * sqrt(1.0 / 12 / N));
    assert_true(fabs(squares / N - 1.0 / 3) < 5 * sqrt(4.0 / 45 / N));
}

static void normal_has_its_moments(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("x", 3), IG_STREAM_NOISE, 0);
    enum { N = 100000 };
    double sum[5] = {0};
    for (int i = 0; i < N; i++) {
        double z = ig_rng_normal(&rng);
        assert_true(isfinite(z));
        for (int p = 1; p <= 4; p++) {
            sum[p] += pow(z, p) / N;
        }
    }
    assert_true(fabs(sum[1]) < 5 * sqrt(1.0 / N));
    assert_true(fabs(sum[2] - 1) < 5 * sqrt(2.0 / N));
    assert_true(fabs(sum[3]) < 5 * sqrt(15.0 / N));
    assert_true(fabs(sum[4] - 3) < 5 * sqrt(96.0 / N));
    assert_int_equal(rng.counter[0], 2 * N / 4);
}

static void below_is_even(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("x", 4), IG_STREAM_DATA, 0);
    enum { SIDES = 7, N = 70000 };
    size_t counts[SIDES] = {0};
    for (int i = 0; i < N; i++) {
        uint64_t k = ig_rng_below(&rng, SIDES);
        assert_true(k < SIDES);
        counts[k]++;
    }
    double chi2 = 0;
    for (int k = 0; k < SIDES; k++) {
        chi2 += pow((double)counts[k] - N / SIDES, 2) / (N / SIDES);
    }
    /* The 0.9999 quantile of chi square with 6 degrees of freedom. */
    assert_true(chi2 < 27.9);
}

/* With n = 3/4 2^64 a quarter of all words must be rejected; without that every third result would
 * come twice as often. */
static void below_rejects(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("x", 5), IG_STREAM_DATA, 0);
    uint64_t n = ((uint64_t)3 << 62) + 1;
    size_t low = 0, words;
    enum { N = 30000 };
    for (int i = 0; i < N; i++) {
        uint64_t k = ig_rng_below(&rng, n);
        assert_true(k < n);
        low += k < n / 3;
    }
    assert_true(fabs((double)low - N / 3.0) < 5 * sqrt(N * 2.0 / 9));
    words = 4 * rng.counter[0] - IG_RNG_WORDS + rng.used;
    assert_true(fabs((double)words / N - 4.0 / 3) < 0.05);
    assert_int_equal(ig_rng_below(&rng, 1), 0);
}

static void permutations(void **state)
{
    (void)state;
    ig_rng rng = ig_rng_start(ig_rng_key_make("x", 6), IG_STREAM_SHUFFLE, 0);
    uint32_t order[1000], untouched = 77;
    bool seen[1000] = {false};
    ig_rng_permutation(&rng, 0, &untouched);
    assert_int_equal(untouched, 77);
    ig_rng_permutation(&rng, 1, order);
    assert_int_equal(order[0], 0);
    ig_rng_permutation(&rng, 1000, order);
    for (size_t i = 0; i < 1000; i++) {
        assert_true(order[i] < 1000 && !seen[order[i]]);
        seen[order[i]] = true;
    }
    size_t counts[6] = {0};
    for (int i = 0; i < 60000; i++) {
        ig_rng_permutation(&rng, 3, order);
        counts[2 * order[0] + (order[1] > order[2])]++;
    }
    for (int i = 0; i < 6; i++) {
        assert_true(fabs((double)counts[i] - 10000) < 5 * sqrt(60000 * 5.0 / 36));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(key_is_hash_and_seed),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(copies_fork),
        cmocka_unit_test(many_words),
        cmocka_unit_test(uniform_has_53_bits),
        cmocka_unit_test(normal_has_its_moments),
        cmocka_unit_test(below_is_even),
        cmocka_unit_test(below_rejects),
        cmocka_unit_test(permutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
