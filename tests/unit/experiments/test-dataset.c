/* Splits by episodes and draws from what is left, over tables of episodes; which keys are equal;
 * how good a fit is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "experiments/dataset.h"

enum { N = 7, ROWS = 22 };

/* Lengths 1 to 6, some of which give a transition less than rows. */
static const ig_data_episode episodes[N] = {
    {.first = 0, .length = 1, .whole = 0},  {.first = 1, .length = 1, .whole = 1},
    {.first = 2, .length = 4, .whole = 0},  {.first = 6, .length = 3, .whole = 1},
    {.first = 9, .length = 6, .whole = 0},  {.first = 15, .length = 5, .whole = 1},
    {.first = 20, .length = 2, .whole = 0},
};

static ig_rng stream(uint64_t seed)
{
    return ig_rng_start(ig_rng_key_make("test", seed), IG_STREAM_HOLDOUT, 0);
}

static ig_split split_of(double share, const uint32_t *same, uint64_t seed)
{
    ig_split s = {0};
    ig_error error = {0};
    ig_rng rng = stream(seed);
    assert_int_equal(ig_split_make(episodes, N, same, share, &rng, &s, &error), IG_OK);
    return s;
}

static size_t episode_of(uint32_t row)
{
    size_t e = 0;
    while (e + 1 < N && episodes[e + 1].first <= row) {
        e++;
    }
    return e;
}

/** Mutation: a row of a held-out episode that is drawn, a last row without next state that is a
 *  transition, a row twice. */
static void check_rows(const ig_split *s, bool held_out, ig_sample_kind kind, const uint32_t *rows,
                       size_t n)
{
    bool seen[ROWS] = {false};
    for (size_t i = 0; i < n; i++) {
        const size_t e = episode_of(rows[i]);
        const bool last = rows[i] == episodes[e].first + episodes[e].length - 1;
        assert_true(rows[i] < ROWS);
        assert_true(s->held_out[e] == held_out);
        assert_false(kind == IG_SAMPLE_TRANSITION && last && !episodes[e].whole);
        assert_false(seen[rows[i]]);
        seen[rows[i]] = true;
    }
}

static void both_sides_are_all(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        ig_split s = split_of(0.3, NULL, seed);
        assert_int_equal(s.n_held_out, 2);
        assert_int_equal(s.held[IG_SAMPLE_LABEL] + s.rest[IG_SAMPLE_LABEL], ROWS);
        assert_int_equal(s.held[IG_SAMPLE_TRANSITION] + s.rest[IG_SAMPLE_TRANSITION], ROWS - 4);
        for (int side = 0; side < 2; side++) {
            for (int kind = 0; kind < IG_SAMPLE_KINDS; kind++) {
                uint32_t *rows = NULL;
                const size_t n = side ? s.held[kind] : s.rest[kind];
                assert_int_equal(ig_split_rows(&s, side != 0, (ig_sample_kind)kind, &rows, NULL),
                                 IG_OK);
                check_rows(&s, side != 0, (ig_sample_kind)kind, rows, n);
                free(rows);
            }
        }
        ig_split_clear(&s);
    }
}

static void at_least_one_and_not_all(void **state)
{
    (void)state;
    ig_split few = split_of(0.001, NULL, 1), many = split_of(0.9, NULL, 1);
    assert_int_equal(few.n_held_out, 1);
    assert_int_equal(many.n_held_out, 6);
    ig_split_clear(&few);
    ig_split_clear(&many);
}

/** Mutation: `same` is not read, so that a copy of a held-out episode is trained on. */
static void copies_stay_together(void **state)
{
    (void)state;
    static const uint32_t same[N] = {0, 1, 2, 3, 2, 3, 2};
    for (uint64_t seed = 0; seed < 50; seed++) {
        ig_split s = split_of(0.25, same, seed);
        size_t contents = 0;
        for (size_t e = 0; e < N; e++) {
            assert_true(s.held_out[e] == s.held_out[same[e]]);
            contents += s.held_out[e] && same[e] == e;
        }
        assert_int_equal(contents, 1);
        ig_split_clear(&s);
    }
}

static void one_content_cannot_be_split(void **state)
{
    (void)state;
    static const uint32_t same[N] = {0};
    ig_split s = {0};
    ig_error error = {0};
    ig_rng rng = stream(0);
    assert_int_equal(ig_split_make(episodes, N, same, 0.5, &rng, &s, &error), IG_ERR_CONFIG);
    assert_non_null(strstr(error.text, "copies"));
    assert_int_equal(ig_split_make(episodes, 1, NULL, 0.5, &rng, &s, &error), IG_ERR_CONFIG);
    assert_non_null(strstr(error.text, "one only"));
    assert_null(s.held_out);
}

/** Mutation: a shuffle from the end, which draws other samples for another N. */
static void fewer_are_the_beginning_of_more(void **state)
{
    (void)state;
    ig_split s = split_of(0.3, NULL, 3);
    for (int draw = IG_DRAW_ROWS; draw <= IG_DRAW_EPISODES; draw++) {
        const size_t all = s.rest[IG_SAMPLE_TRANSITION];
        uint32_t *whole = NULL;
        assert_int_equal(
            ig_split_draw(&s, IG_SAMPLE_TRANSITION, (ig_draw)draw, all, stream(9), &whole, NULL),
            IG_OK);
        check_rows(&s, false, IG_SAMPLE_TRANSITION, whole, all);
        for (size_t n = 1; n < all; n++) {
            uint32_t *rows = NULL;
            assert_int_equal(
                ig_split_draw(&s, IG_SAMPLE_TRANSITION, (ig_draw)draw, n, stream(9), &rows, NULL),
                IG_OK);
            assert_memory_equal(rows, whole, n * sizeof *rows);
            free(rows);
        }
        free(whole);
    }
    ig_split_clear(&s);
}

static void episodes_are_drawn_whole(void **state)
{
    (void)state;
    ig_split s = split_of(0.2, NULL, 5);
    uint32_t *rows = NULL;
    const size_t n = s.rest[IG_SAMPLE_LABEL];
    assert_int_equal(
        ig_split_draw(&s, IG_SAMPLE_LABEL, IG_DRAW_EPISODES, n, stream(1), &rows, NULL), IG_OK);
    for (size_t i = 1; i < n; i++) {
        const size_t e = episode_of(rows[i]);
        assert_true(rows[i] == rows[i - 1] + 1 || rows[i] == episodes[e].first);
    }
    free(rows);
    ig_split_clear(&s);
}

static void every_row_is_as_likely(void **state)
{
    (void)state;
    ig_split s = split_of(0.2, NULL, 5);
    size_t counts[ROWS] = {0};
    for (uint64_t seed = 0; seed < 3000; seed++) {
        uint32_t *rows = NULL;
        assert_int_equal(
            ig_split_draw(&s, IG_SAMPLE_LABEL, IG_DRAW_ROWS, 2, stream(seed), &rows, NULL), IG_OK);
        counts[rows[0]]++;
        counts[rows[1]]++;
        free(rows);
    }
    for (size_t row = 0; row < ROWS; row++) {
        const double wanted = 6000.0 / (double)s.rest[IG_SAMPLE_LABEL];
        const bool held = s.held_out[episode_of((uint32_t)row)];
        assert_true(held ? counts[row] == 0
                         : (double)counts[row] > 0.75 * wanted &&
                               (double)counts[row] < 1.25 * wanted);
    }
    ig_split_clear(&s);
}

static void more_than_there_are(void **state)
{
    (void)state;
    ig_split s = split_of(0.3, NULL, 3);
    ig_error error = {0};
    uint32_t *rows = NULL;
    assert_int_equal(ig_split_draw(&s, IG_SAMPLE_LABEL, IG_DRAW_ROWS, s.rest[IG_SAMPLE_LABEL] + 1,
                                   stream(0), &rows, &error),
                     IG_ERR_USAGE);
    assert_null(rows);
    ig_split_clear(&s);
}

static void equal_keys_have_one_first(void **state)
{
    (void)state;
    static const uint64_t keys[] = {7, 3, 7, UINT64_MAX, 3, 0, 7};
    static const uint32_t wanted[] = {0, 1, 0, 3, 1, 5, 0};
    uint32_t first[7];
    assert_int_equal(ig_dataset_equals(keys, 7, first, NULL), IG_OK);
    assert_memory_equal(first, wanted, sizeof first);
}

/** Held-out rewards that are all equal have no variance, though their mean is not the file's.
 * Mutation: a variance from sums of squares, whose rounding makes something of nothing: explained
 * is -1e16, the correlation 1. */
static void equal_truths_have_no_variance(void **state)
{
    (void)state;
    const ig_dataset_column column = {.sd = 0.3};
    for (size_t n = 1; n < 200; n++) {
        ig_fit_moments m = {0};
        for (size_t i = 0; i < n; i++) {
            ig_fit_moments_add(&m, 0.1, 0.2 + 0.001 * (double)(i % 3));
        }
        const ig_fit_quality q = ig_fit_quality_of(&m, &column, 1);
        assert_true(q.explained == 0 && q.correlation == 0);
        assert_true(q.rmse > 0.33 && q.rmse < 0.35);
    }
}

/** Two outputs in units of their own, and one that never varies, against the definitions. */
static void quality_is_as_defined(void **state)
{
    (void)state;
    static const double truth[] = {1, 2, 4, 9}, guess[] = {1.5, 2, 3, 8};
    const ig_dataset_column columns[] = {{.sd = 2}, {.sd = 200}, {.sd = 0}};
    ig_fit_moments m[3] = {0};
    for (size_t i = 0; i < 4; i++) {
        ig_fit_moments_add(&m[0], truth[i], guess[i]);
        ig_fit_moments_add(&m[1], 1e6 + 100 * truth[i], 1e6 + 100 * guess[3 - i]);
        ig_fit_moments_add(&m[2], 5, 5);
    }
    /* Sums of squares 2.25 and 110.25, of truths off their mean 38. */
    const ig_fit_quality q = ig_fit_quality_of(m, columns, 3);
    assert_int_equal(q.vary, 2);
    assert_true(fabs(q.rmse - sqrt((2.25 / 4 / 4 + 110.25 / 4 / 4) / 2)) < 1e-12);
    assert_true(fabs(q.explained - (1 - (2.25 + 110.25) / 76)) < 1e-9);
    assert_true(fabs(q.correlation - 31.5 / sqrt(38 * 26.6875)) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_are_all),
        cmocka_unit_test(at_least_one_and_not_all),
        cmocka_unit_test(copies_stay_together),
        cmocka_unit_test(one_content_cannot_be_split),
        cmocka_unit_test(fewer_are_the_beginning_of_more),
        cmocka_unit_test(episodes_are_drawn_whole),
        cmocka_unit_test(every_row_is_as_likely),
        cmocka_unit_test(more_than_there_are),
        cmocka_unit_test(equal_keys_have_one_first),
        cmocka_unit_test(equal_truths_have_no_variance),
        cmocka_unit_test(quality_is_as_defined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
