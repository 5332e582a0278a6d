/** Laws with and without a floor: fits, posterior, verdict, hindcast. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/try.h"
#include "theory/laws.h"

enum { N = 7, SEEDS = 5, DRAWS = 1000 };

static const double counts[N] = {2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5};

/** Measurements of a law at the first n of the counts. */
typedef struct sample {
    double y[N * SEEDS];
    size_t first[N + 1], seed[N * SEEDS];
    ig_learning_data data;
} sample;

/** `level` is what seeds share, `scatter` what they do not. */
static void make(sample *s, ig_learning_law law, size_t n, size_t seeds, double level,
                 double scatter)
{
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-laws", 1), IG_STREAM_NOISE, 0);
    double luck[SEEDS];
    for (size_t k = 0; k < seeds; k++) {
        luck[k] = level * ig_rng_normal(&rng);
    }
    for (size_t i = 0; i < n; i++) {
        s->first[i] = i * seeds;
        for (size_t k = 0; k < seeds; k++) {
            s->seed[i * seeds + k] = k;
            s->y[i * seeds + k] =
                ig_learning_law_at(&law, counts[i]) * exp(luck[k] + scatter * ig_rng_normal(&rng));
        }
    }
    s->first[n] = n * seeds;
    s->data = (ig_learning_data){
        .n = n, .x = counts, .y = s->y, .first = s->first, .seed = s->seed, .shared = level > 0};
}

static ig_rng start(void)
{
    return ig_rng_start(ig_rng_key_make("test-laws", 2), IG_STREAM_BOOTSTRAP, 0);
}

static void draw(const ig_learning_data *data, ig_law_choice choice, ig_learning_draws *draws)
{
    ig_error error = {0};
    ig_rng rng = start();
    assert_int_equal(ig_learning_draw(data, choice, DRAWS, &rng, draws, &error), IG_OK);
    for (size_t k = 0; k < draws->n; k++) {
        assert_true(isfinite(draws->log_amplitude[k]) && draws->exponent[k] >= 0);
        assert_true(isfinite(draws->floor[k]) && draws->floor[k] >= 0);
        assert_true(isfinite(draws->scatter[k]) && draws->slope[k] >= 0);
    }
}

static void test_exact_laws_are_found(void **state)
{
    (void)state;
    static const ig_learning_law laws[] = {
        {2.09, 0.447, 0.0937}, {10, 0.9, 1e-5}, {500, 1.4, 0.01}, {3, 0.2, 0.7}};
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        ig_error error = {0};
        ig_law_fits fits;
        sample s;
        make(&s, laws[i], N, 1, 0, 0);
        assert_int_equal(ig_learning_fit(&s.data, &fits, &error), IG_OK);
        assert_true(fabs(fits.floor.law.exponent - laws[i].exponent) < 1e-5);
        assert_true(fabs(fits.floor.law.amplitude / laws[i].amplitude - 1) < 1e-4);
        assert_true(fabs(fits.floor.law.floor / laws[i].floor - 1) < 1e-4);
        assert_true(fits.floor.r2 > 1 - 1e-9 && fits.floor.aicc < fits.power.aicc);
    }
}

/** Nothing of this is a failure: a pure power law, errors that rise, a constant, few points. */
static void test_boundaries_have_answers(void **state)
{
    (void)state;
    ig_error error = {0};
    ig_law_fits fits;
    sample s;
    make(&s, (ig_learning_law){10, 0.5, 0}, N, 1, 0, 0);
    assert_int_equal(ig_learning_fit(&s.data, &fits, &error), IG_OK);
    assert_true(fits.floor.law.floor < 1e-3 * s.y[N - 1]);
    assert_true(fabs(fits.power.law.exponent - 0.5) < 1e-12);
    make(&s, (ig_learning_law){1, -0.3, 0}, N, SEEDS, 0, 0.01);
    assert_int_equal(ig_learning_fit(&s.data, &fits, &error), IG_OK);
    assert_true(fits.power.law.exponent < -0.2);
    assert_true(fits.floor.law.exponent == 0 && fits.floor.law.floor == 0);
    make(&s, (ig_learning_law){1, 0, 0}, N, SEEDS, 0, 0);
    assert_int_equal(ig_learning_fit(&s.data, &fits, &error), IG_OK);
    assert_true(fabs(fits.power.law.exponent) < 1e-12 && isnan(fits.power.lack));
    for (size_t n = 2; n <= 4; n++) {
        for (size_t seeds = 1; seeds <= 2; seeds++) {
            AUTO(ig_learning_draws_clear) ig_learning_draws draws = {0};
            make(&s, (ig_learning_law){10, 0.5, 0.1}, n, seeds, 0, 0.02);
            assert_int_equal(ig_learning_fit(&s.data, &fits, &error), IG_OK);
            draw(&s.data, IG_LAW_AUTO, &draws);
            assert_int_equal(draws.assumed, seeds == 1 && n <= 3);
        }
    }
}

static void test_bad_data_are_refused(void **state)
{
    (void)state;
    ig_error error = {0};
    ig_law_fits fits;
    sample s;
    make(&s, (ig_learning_law){10, 0.5, 0}, N, SEEDS, 0, 0.1);
    s.y[3] = 0;
    assert_int_equal(ig_learning_fit(&s.data, &fits, &error), IG_ERR_NUMERIC);
    s.y[3] = (double)NAN;
    assert_int_equal(ig_learning_fit(&s.data, &fits, &error), IG_ERR_NUMERIC);
    make(&s, (ig_learning_law){10, 0.5, 0}, 1, SEEDS, 0, 0.1);
    assert_int_equal(ig_learning_fit(&s.data, &fits, &error), IG_ERR_USAGE);
    const double back[] = {5, 4};
    make(&s, (ig_learning_law){10, 0.5, 0}, 2, SEEDS, 0, 0.1);
    s.data.x = back;
    assert_int_equal(ig_learning_fit(&s.data, &fits, &error), IG_ERR_NUMERIC);
}

static ig_law_choice verdict_of(const sample *s)
{
    AUTO(ig_learning_draws_clear) ig_learning_draws draws = {0};
    char reason[IG_LAW_REASON_TEXT] = "";
    ig_error error = {0};
    ig_law_fits fits;
    draw(&s->data, IG_LAW_AUTO, &draws);
    assert_int_equal(ig_learning_fit(&s->data, &fits, &error), IG_OK);
    const ig_law_choice verdict = ig_learning_verdict(&fits, &draws, reason);
    assert_true(strlen(reason) > 20);
    return verdict;
}

static void test_verdicts(void **state)
{
    (void)state;
    sample s;
    make(&s, (ig_learning_law){2.09, 0.447, 0.0937}, N, SEEDS, 0, 0.03);
    assert_int_equal(verdict_of(&s), IG_LAW_FLOOR);
    make(&s, (ig_learning_law){10, 0.6, 0}, N, SEEDS, 0, 0.02);
    assert_int_equal(verdict_of(&s), IG_LAW_POWER);
    make(&s, (ig_learning_law){10, 0.6, 0.001}, 3, 2, 0, 0.2);
    assert_int_equal(verdict_of(&s), IG_LAW_AUTO);
}

/** Shared seeds make the exponent sure and leave the level unsure; ignoring that does the
 *  opposite. */
static void test_shared_seeds_are_wholes(void **state)
{
    (void)state;
    AUTO(ig_learning_draws_clear) ig_learning_draws whole = {0}, apart = {0};
    ig_law_interval a, b;
    ig_error error = {0};
    sample s;
    make(&s, (ig_learning_law){10, 0.5, 0}, N, SEEDS, 0.5, 0.01);
    draw(&s.data, IG_LAW_POWER, &whole);
    s.data.shared = false;
    draw(&s.data, IG_LAW_POWER, &apart);
    assert_int_equal(whole.n_whole, SEEDS);
    assert_int_equal(apart.n_whole, 0);
    assert_int_equal(ig_learning_interval(&whole, whole.exponent, &a, &error), IG_OK);
    assert_int_equal(ig_learning_interval(&apart, apart.exponent, &b, &error), IG_OK);
    assert_true(a.high - a.low < (b.high - b.low) / 5);
    assert_int_equal(ig_learning_error_at(&whole, counts[3], &a, &error), IG_OK);
    assert_int_equal(ig_learning_error_at(&apart, counts[3], &b, &error), IG_OK);
    assert_true(a.high / a.low > b.high / b.low);
}

/** A power law through a curve with a floor misses every point; few per mille of scatter must not
 *  make its intervals narrow. */
static void test_lack_of_fit_widens(void **state)
{
    (void)state;
    AUTO(ig_learning_draws_clear) ig_learning_draws draws = {0};
    ig_law_interval i;
    ig_law_fits fits;
    ig_error error = {0};
    sample s;
    make(&s, (ig_learning_law){10, 0.5, 0.1}, N, SEEDS, 0, 0.005);
    assert_int_equal(ig_learning_fit(&s.data, &fits, &error), IG_OK);
    assert_true(fits.power.lack < 1e-6 && fits.floor.lack > 0.01);
    draw(&s.data, IG_LAW_POWER, &draws);
    assert_int_equal(ig_learning_interval(&draws, draws.exponent, &i, &error), IG_OK);
    assert_true(i.high - i.low > 0.05);
}

static void test_hindcasts(void **state)
{
    (void)state;
    ig_error error = {0};
    ig_hindcast h;
    sample s;
    make(&s, (ig_learning_law){10, 0.5, 0.1}, N, SEEDS, 0.3, 0.01);
    for (size_t leave = 1; leave <= 2; leave++) {
        ig_rng rng = start();
        assert_int_equal(ig_learning_hindcast(&s.data, IG_LAW_AUTO, leave, DRAWS, &rng, &h, &error),
                         IG_OK);
        assert_true(h.inside && fabs(h.off) < 0.1 && h.x == counts[N - 1]);
        assert_true(h.predicted.low < h.predicted.median && h.predicted.median < h.predicted.high);
    }
    make(&s, (ig_learning_law){10, 0.5, 0.1}, 3, SEEDS, 0, 0.01);
    ig_rng rng = start();
    assert_int_equal(ig_learning_hindcast(&s.data, IG_LAW_AUTO, 2, DRAWS, &rng, &h, &error),
                     IG_ERR_USAGE);
}

/** Means with their standard errors say nearly what single measurements say. */
static void test_means_are_enough(void **state)
{
    (void)state;
    AUTO(ig_learning_draws_clear) ig_learning_draws single = {0}, means = {0};
    double mean[N], sem[N];
    size_t count[N];
    ig_law_interval a, b;
    ig_error error = {0};
    sample s;
    make(&s, (ig_learning_law){10, 0.5, 0.05}, N, SEEDS, 0, 0.03);
    for (size_t i = 0; i < N; i++) {
        double squares = 0;
        mean[i] = 0;
        for (size_t k = 0; k < SEEDS; k++) {
            mean[i] += s.y[i * SEEDS + k] / SEEDS;
        }
        for (size_t k = 0; k < SEEDS; k++) {
            squares += pow(s.y[i * SEEDS + k] - mean[i], 2);
        }
        count[i] = SEEDS;
        sem[i] = sqrt(squares / (SEEDS - 1) / SEEDS);
    }
    const ig_learning_data summary = {
        .n = N, .x = counts, .mean = mean, .sem = sem, .count = count};
    draw(&s.data, IG_LAW_FLOOR, &single);
    draw(&summary, IG_LAW_FLOOR, &means);
    assert_int_equal(ig_learning_interval(&single, single.exponent, &a, &error), IG_OK);
    assert_int_equal(ig_learning_interval(&means, means.exponent, &b, &error), IG_OK);
    const double width = a.high - a.low;
    assert_true(fabs(a.low - b.low) < 0.1 * width && fabs(a.high - b.high) < 0.1 * width);
}

/** The same stream gives the same draws. */
static void test_draws_repeat(void **state)
{
    (void)state;
    AUTO(ig_learning_draws_clear) ig_learning_draws a = {0}, b = {0};
    sample s;
    make(&s, (ig_learning_law){10, 0.5, 0.05}, 5, 3, 0.2, 0.03);
    draw(&s.data, IG_LAW_AUTO, &a);
    draw(&s.data, IG_LAW_AUTO, &b);
    assert_memory_equal(a.exponent, b.exponent, DRAWS * sizeof *a.exponent);
    assert_memory_equal(a.floor, b.floor, DRAWS * sizeof *a.floor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_laws_are_found),
        cmocka_unit_test(test_boundaries_have_answers),
        cmocka_unit_test(test_bad_data_are_refused),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_shared_seeds_are_wholes),
        cmocka_unit_test(test_lack_of_fit_widens),
        cmocka_unit_test(test_hindcasts),
        cmocka_unit_test(test_means_are_enough),
        cmocka_unit_test(test_draws_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
