/* From timed classes to durations, and from durations to numbers of ranks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/estimate.h"

static void near(double is, double wanted)
{
    if (!(fabs(is - wanted) <= 1e-9 * (1 + fabs(wanted)))) {
        fail_msg("%.12g instead of %.12g", is, wanted);
    }
}

/** n tasks whose costs halve every `half` positions. */
static ig_schedule schedule_of(size_t n, size_t half)
{
    ig_schedule s = {.n = n, .cost = malloc(n * sizeof(double))};
    assert_non_null(s.cost);
    for (size_t i = 0; i < n; i++) {
        s.cost[i] = ldexp(1e12, -(int)(i / half));
        s.left += s.cost[i];
    }
    s.total = s.left;
    return s;
}

static void few_classes_are_all_taken(void **state)
{
    (void)state;
    ig_schedule s = schedule_of(120, 10);
    ig_timing t;
    ig_timing_start(&s, &t);
    assert_int_equal(t.n_all, 12);
    assert_int_equal(t.n_classes, 12);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(t.classes[i].first, 10 * i);
        assert_int_equal(t.classes[i].count, 10);
    }
    free(s.cost);
    s = schedule_of(5, 10);
    ig_timing_start(&s, &t);
    assert_int_equal(t.n_classes, 1);
    assert_int_equal(t.classes[0].count, 5);
    free(s.cost);
}

static void many_classes_are_thinned(void **state)
{
    (void)state;
    for (size_t n = 13; n < 900; n += 17) {
        ig_schedule s = schedule_of(n, 1);
        ig_timing t;
        ig_timing_start(&s, &t);
        assert_int_equal(t.n_all, n);
        assert_true(t.n_classes >= 6 && t.n_classes <= IG_TIMED_CLASSES);
        assert_int_equal(t.classes[0].first, 0);
        assert_int_equal(t.classes[t.n_classes - 1].first, n - 1);
        for (size_t i = 1; i < t.n_classes; i++) {
            assert_true(t.classes[i].first > t.classes[i - 1].first);
            assert_true(t.classes[i].first - t.classes[i - 1].first <= n / 8 + 2);
        }
        free(s.cost);
    }
}

static void interpolation(void **state)
{
    (void)state;
    ig_timing t = {.n_classes = 4,
                   .classes = {{.cost = 1e12, .count = 1},
                               {.cost = 1e11, .count = 1, .n = 2, .sample = {19, 21}},
                               {.cost = 1e10, .count = 1},
                               {.cost = 1e9, .count = 1, .n = 1, .sample = {0.1}}}};
    near(ig_timing_seconds(&t, 1e11), 20);
    near(ig_timing_seconds(&t, 1e9), 0.1);
    /* Halfway in the logarithm: the mean of 2e-10 and 1e-10 seconds an operation. */
    near(ig_timing_seconds(&t, 1e10), 1.5);
    /* Beyond the timed classes: as the nearest. */
    near(ig_timing_seconds(&t, 1e12), 200);
    near(ig_timing_seconds(&t, 1e6), 1e-4);
    double middle = (log(19) + log(21)) / 2;
    near(ig_timing_spread(&t), sqrt(pow(log(19) - middle, 2) + pow(log(21) - middle, 2)));
    t.classes[1].n = 1;
    near(ig_timing_spread(&t), 0);
}

/** A grid of real tasks of a millisecond or less. */
static void real_tasks(void **state)
{
    (void)state;
    static const char yaml[] = "experiment: scaling\nseeds: 3\nanchors: [20, 4000]\n"
                               "dims: {state: 2, action: 1, hidden: 4}\nholdout: 5\n"
                               "train: {epochs: 2}\n";
    ig_error error = {0};
    ig_config *config = NULL;
    ig_grid *grid = NULL;
    ig_layout *layout = NULL;
    ig_schedule *schedule = NULL;
    int8_t empty[6] = {0};
    ig_timing t;
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    assert_int_equal(ig_experiment_configure(ig_experiments(), yaml, strlen(yaml), "test.yaml",
                                             &config, diagnostics),
                     IG_OK);
    ig_diagnostics_destroy(&diagnostics);
    const ig_experiment *e = ig_experiment_of(config);
    assert_int_equal(ig_grid_create(config, &grid, &error), IG_OK);
    assert_int_equal(ig_layout_create(e->columns, e->n_columns, e->dimensions, e->n_dimensions,
                                      config, &layout, &error),
                     IG_OK);
    assert_int_equal(ig_schedule_create(e, grid, empty, (ig_shard){0, 1}, &schedule, &error),
                     IG_OK);
    const ig_memory none = IG_NO_MEMORY;
    const ig_computing with = {
        .experiment = e, .grid = grid, .isa = ig_isa_detect(), .memory = &none};
    assert_int_equal(ig_timing_measure(&with, layout, schedule, 5, &t, &error), IG_OK);
    assert_int_equal(t.n_classes, 2);
    assert_true(t.spent > 0 && t.spent < 7.5);
    assert_int_equal(t.failed, 0);
    for (size_t i = 0; i < 2; i++) {
        assert_true(t.classes[i].n >= 5 && t.classes[i].n <= IG_TIMED_SAMPLES);
        assert_true(ig_timed_mean(&t.classes[i]) > 0);
    }
    /* No task ends in no time. */
    assert_int_equal(ig_timing_measure(&with, layout, schedule, 1e-12, &t, &error), IG_ERR_USAGE);
    ig_schedule_destroy(&schedule);
    ig_layout_destroy(&layout);
    ig_grid_destroy(&grid);
    ig_config_destroy(&config);
}

/** n equal tasks of one second. */
static ig_forecast seconds_plan(ig_schedule *s, double **seconds, double startup)
{
    *seconds = malloc(s->n * sizeof **seconds);
    assert_non_null(*seconds);
    for (size_t i = 0; i < s->n; i++) {
        (*seconds)[i] = s->cost[i] / 1e12;
    }
    return (ig_forecast){s, *seconds, {0, 0, 0}, startup};
}

static ig_advice advise(const ig_forecast *forecast, double walltime)
{
    ig_advice advice;
    ig_error error = {0};
    assert_int_equal(ig_advice_find(forecast, walltime, &advice, &error), IG_OK);
    return advice;
}

static void advice_for_equal_tasks(void **state)
{
    (void)state;
    double *seconds;
    ig_schedule s = schedule_of(3600, 3600);
    ig_forecast plan = seconds_plan(&s, &seconds, 0);
    /* As many ranks as tasks: all are busy for the one second, and fewer take at least two. */
    ig_advice a = advise(&plan, (double)INFINITY);
    assert_int_equal(a.efficient.ranks, 3600);
    assert_int_equal(a.useful.ranks, 3600);
    near(a.useful.makespan, 1);
    /* A request of two minutes leaves 48 s of tasks: 75 ranks take 48 s. */
    a = advise(&plan, 120);
    assert_true(a.fits);
    assert_true(a.walltime.ranks >= 75 && a.walltime.ranks <= 77);
    near(ig_advice_request(&plan, a.walltime.makespan), 120);
    a = advise(&plan, 119);
    assert_false(a.fits);
    free(seconds);
    free(s.cost);
}

static void advice_for_one_long_task(void **state)
{
    (void)state;
    double *seconds;
    ig_schedule s = schedule_of(1001, 1001);
    s.cost[0] *= 100;
    s.left = s.total = s.total + 99e12;
    ig_forecast plan = seconds_plan(&s, &seconds, 0);
    /* 100 s beside 1000 s of short tasks: 11 ranks end with the long one, 12 are 92 % busy. */
    ig_advice a = advise(&plan, (double)INFINITY);
    assert_int_equal(a.useful.ranks, 11);
    near(a.useful.makespan, 100);
    assert_int_equal(a.efficient.ranks, 12);
    plan.startup = 1e6;
    assert_int_equal(advise(&plan, (double)INFINITY).efficient.ranks, 1);
    free(seconds);
    free(s.cost);
}

static void advice_for_a_single_task(void **state)
{
    (void)state;
    double *seconds;
    ig_schedule s = schedule_of(1, 1);
    ig_forecast plan = seconds_plan(&s, &seconds, 0.1);
    ig_advice a = advise(&plan, 3600);
    assert_int_equal(a.efficient.ranks, 1);
    assert_int_equal(a.useful.ranks, 1);
    assert_int_equal(a.walltime.ranks, 1);
    assert_true(a.fits);
    free(seconds);
    free(s.cost);
}

/** Several jobs, where each has room for its longest task and for its own start. */
static void advice_for_several_jobs(void **state)
{
    (void)state;
    double *seconds;
    ig_schedule s = schedule_of(1001, 1001);
    s.cost[0] *= 100;
    s.left = s.total = s.total + 99e12;
    ig_forecast plan = seconds_plan(&s, &seconds, 0);
    ig_advice a = advise(&plan, 180);
    assert_false(a.fits);
    /* The long one takes 125 s with what is added, and a minute goes to start and end. */
    assert_true(ig_advice_jobs(&plan, &a.useful, 180) == (double)INFINITY);
    assert_int_equal(ig_advice_too_long(&plan, 180), 1);
    near(ig_advice_request(&plan, a.useful.longest), 240);
    near(ig_advice_jobs(&plan, &a.useful, 240), 1);
    assert_int_equal(ig_advice_too_long(&plan, 240), 0);
    assert_int_equal(ig_advice_too_long(&plan, 60), 1001);
    /* Every job starts (mutation: one start for all of them). */
    plan.startup = 80;
    a = advise(&plan, 300);
    near(ig_advice_jobs(&plan, &(ig_simulation){.makespan = 1000, .longest = 100}, 300),
         (double)INFINITY);
    near(ig_advice_jobs(&plan, &(ig_simulation){.makespan = 1000, .longest = 100}, 360), 7);
    free(seconds);
    free(s.cost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_classes_are_all_taken),
        cmocka_unit_test(many_classes_are_thinned),
        cmocka_unit_test(interpolation),
        cmocka_unit_test(real_tasks),
        cmocka_unit_test(advice_for_equal_tasks),
        cmocka_unit_test(advice_for_one_long_task),
        cmocka_unit_test(advice_for_a_single_task),
        cmocka_unit_test(advice_for_several_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
