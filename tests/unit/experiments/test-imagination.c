/** Tasks of `imagination`: accounting, pools, exact models, divergence, stopping. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagination-sample.h"

static void test_purchases(void **state)
{
    (void)state;
    static const struct {
        double split, budget, cost, noise, half, power;
        size_t n_dyn, n_rew;
    } cases[] = {
        {0.1, 30000, 1, 0, 1, 1, 3000, 27000},
        /* (1 - 0.9) 30000 is a little below 3000 in double arithmetic. */
        {0.9, 30000, 1, 0, 1, 1, 27000, 3000},
        {0.7, 1000, 10, 0, 1, 1, 700, 30},
        {0.3, 10, 0.1, 0, 1, 1, 3, 70},
        {0.5, 3, 1, 0, 1, 1, 1, 1},
        {0.001, 10, 1000, 0, 1, 1, 1, 1}, /* at least one of each */
        {0.5, 100, 10, 1, 1, 1, 50, 10},  /* half the price */
        {0.5, 100, 10, 1, 1, 2, 50, 20},
        {0.5, 100, 10, 3, 1, 0, 50, 5},
        {0.5, 100, 10, 3, 1, 0.5, 50, 15},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ig_imagination q = {.split = cases[i].split,
                                  .budget = cases[i].budget,
                                  .cost_ratio = cases[i].cost,
                                  .label_noise = cases[i].noise,
                                  .half_price = cases[i].half,
                                  .price_power = cases[i].power};
        const ig_purchased b = ig_imagination_purchase(&q);
        assert_int_equal(b.n_dyn, cases[i].n_dyn);
        assert_int_equal(b.n_rew, cases[i].n_rew);
        assert_true(b.spent == (double)b.n_dyn + (double)b.n_rew * b.label_cost);
        assert_true(b.spent <= q.budget * (1 + 1e-9) || b.n_dyn == 1 || b.n_rew == 1);
    }
}

/** Every split of every budget sees the beginning of one pool, and the same truth. */
static void test_pools_are_prefixes(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "environment: teacher\ndata: [uniform, sinusoid, tanh_feedback]\n",
        "environment: lqg\ndata: [uniform, ball]\ndims: {state: 3, action: 2}\n",
        "environment: known_value\ndata: [uniform, ball]\ndims: {state: 1, action: 1}\n",
    };
    for (size_t i = 0; i < 3; i++) {
        sample_grid g = sample_make(kinds[i], sample_quick);
        for (size_t t = 0; t < ig_grid_n_tasks(g.grid); t++) {
            const ig_task it = sample_task(&g, t, NULL);
            ig_imagination q = ig_imagination_of(&it.point);
            q.task = &it;
            const size_t stride = ig_imagination_stride(&q);
            ig_truth truth;
            float *few = NULL, *many = NULL;
            assert_int_equal(ig_truth_init(&q, &truth, NULL), IG_OK);
            assert_int_equal(ig_truth_gather(&q, &truth, IG_STREAM_DATA, 137, &few, NULL), IG_OK);
            assert_int_equal(ig_truth_gather(&q, &truth, IG_STREAM_DATA, 700, &many, NULL), IG_OK);
            for (size_t r = 0; r < 137; r++) {
                assert_memory_equal(few + r * stride, many + r * stride,
                                    (size_t)(2 * q.state + q.action + 1) * sizeof *few);
            }
            free(few);
            free(many);
            ig_truth_clear(&truth);
        }
        sample_clear(&g);
    }
}

/** In two worlds that are the same world a training gives the same policy, bit by bit. */
static void test_exact_models_train_the_same_policy(void **state)
{
    (void)state;
    sample_grid g = sample_make(sample_regulators, sample_quick);
    const ig_task it = sample_task(&g, 1, NULL);
    ig_imagination q = ig_imagination_of(&it.point);
    q.task = &it;
    ig_truth truth;
    ig_lqg_world memory;
    ig_world copy;
    float parameters[2][10] = {{0}};
    assert_int_equal(ig_truth_init(&q, &truth, NULL), IG_OK);
    ig_lqg_world_init(&truth.regulator, &memory, &copy);
    for (int i = 0; i < 2; i++) {
        ig_policy_train_options options = q.improve;
        ig_gaussian policy = {4, 0, 2, 0.3F, parameters[i]};
        options.isa = it.isa;
        assert_int_equal(ig_policy_train(&options, i == 0 ? &truth.world : &copy, it.key, &policy,
                                         NULL, NULL, NULL),
                         IG_OK);
    }
    assert_memory_equal(parameters[0], parameters[1], sizeof parameters[0]);
    assert_true(parameters[0][0] != 0);
    ig_truth_clear(&truth);
    sample_clear(&g);
}

/** With data enough for an exact model the imagined policy is worth what the true one is. */
static void test_good_models(void **state)
{
    (void)state;
    sample_grid g = sample_make(
        sample_regulators, "policy: {hidden: 0, start: 0.1, learning_rate: 0.02, iterations: 200,"
                           " trajectories: 32}\n"
                           "budget: [100, 2000]\nhorizon: 6\nholdout: 100\nseeds: 2\n");
    for (size_t t = 0; t < ig_grid_n_tasks(g.grid); t++) {
        ig_error error = {0};
        ig_row row = sample_run(&g, t, NULL, IG_OK, &error);
        assert_true(sample_number(&row, "dynamics_error") < 1e-4);
        assert_true(fabs(sample_number(&row, "regret_relative")) < 1e-3);
        assert_true(sample_number(&row, "gap_size") <
                    1e-3 * fabs(sample_number(&row, "true_return")));
        assert_true(sample_number(&row, "regret_optimum") > 0);
        assert_true(sample_number(&row, "regret_optimum") <
                    0.03 * fabs(sample_number(&row, "optimum_return")));
        assert_true(sample_number(&row, "trained_return") > sample_number(&row, "random_return"));
        free(row.bytes);
    }
    sample_clear(&g);
}

/** Errors of least squares fall as the laws say, sqrt(coefficients / N) times the noise. */
static void test_laws_of_least_squares(void **state)
{
    (void)state;
    sample_grid g = sample_make(sample_regulators,
                                "policy: {hidden: 0, start: 0.1, iterations: 2}\nhorizon: 6\n"
                                "budget: [400, 4000]\nseeds: 2\n"
                                "transition_noise: 0.1\nlabel_noise: 0.3\nholdout: 2000\n"
                                "label_price.power: 0\n");
    for (size_t t = 0; t < ig_grid_n_tasks(g.grid); t++) {
        ig_error error = {0};
        const ig_task it = sample_task(&g, t, NULL);
        ig_imagination q = ig_imagination_of(&it.point);
        q.task = &it;
        const ig_allocation_problem laws = ig_imagination_laws(&q);
        ig_row row = sample_run(&g, t, NULL, IG_OK, &error);
        const double dyn = laws.dyn.amplitude / sqrt((double)q.purchased.n_dyn);
        const double rew = laws.rew.amplitude / sqrt((double)q.purchased.n_rew);
        assert_true(fabs(log(sample_number(&row, "dynamics_error") / dyn)) < 0.5);
        assert_true(fabs(log(sample_number(&row, "reward_error") / rew)) < 0.6);
        free(row.bytes);
    }
    sample_clear(&g);
}

/** Columns that follow from others. */
static void check_relations(const ig_row *row, const ig_point *point)
{
    const ig_lipschitz l = {sample_number(row, "L_f"), sample_number(row, "L_r"),
                            sample_number(row, "L_pi")};
    const double in_truth = sample_number(row, "true_return");
    const double trained = sample_number(row, "trained_return");
    const double gained = trained - sample_number(row, "random_return");
    const double regret = trained - in_truth;
    const double gap = sample_number(row, "imagined_return") - in_truth;
    ig_coefficients c;
    assert_int_equal(
        ig_lemma1_finite(0.9, &l, (size_t)ig_point_integer(point, "horizon"), &c, NULL), IG_OK);
    const double bound = c.reward * sample_number(row, "reward_error_most") +
                         c.dynamics * sample_number(row, "dynamics_error_most");
    assert_true(fabs(sample_number(row, "bound_log10") - log10(fmax(bound, 1e-300))) < 1e-9);
    assert_true(fabs(sample_number(row, "weight_ratio_log10") - log10(c.dynamics / c.reward)) <
                1e-9);
    assert_true(sample_number(row, "gap") == gap);
    assert_true(sample_number(row, "gap_size") == fabs(gap));
    assert_true(sample_number(row, "regret") == regret);
    assert_true(sample_number(row, "regret_normalised") == regret / gained);
    assert_true(sample_number(row, "regret_relative") == regret / fabs(trained));
    assert_true(sample_number(row, "regret_optimum") ==
                sample_number(row, "optimum_return") - in_truth);
}

/** Every environment fills its row; the bound holds; truths do not depend on what is bought; a task
 *  done twice gives the same bytes. */
static void test_rows(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "environment: teacher\nteacher_gain: [paper, scaled]\nhorizon: 6\n",
        "environment: lqg\ndata: ball\nstudents: [network, least_squares]\n"
        "dims: {state: 2, action: 1}\nhorizon: 6\n",
        "environment: known_value\nknown.shape: [tanh, sin, quadratic, linear]\n"
        "dims: {state: 1, action: 1}\nhorizon: 6\n",
        "environment: teacher\nsquash: none\nhorizon: 2\n",
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        sample_grid g =
            sample_make(kinds[i], "split: [0.3, 0.6]\nbudget: 200\nseeds: 2\nholdout: 100\n"
                                  "policy: {iterations: 4, trajectories: 8, start: 0.1}\n"
                                  "train.epochs: 3\n");
        for (size_t t = 0; t < ig_grid_n_tasks(g.grid); t++) {
            ig_error error = {0};
            const ig_point point = {g.grid, t / 2};
            ig_row row = sample_run(&g, t, NULL, IG_OK, &error),
                   again = sample_run(&g, t, NULL, IG_OK, &error);
            assert_memory_equal(row.bytes, again.bytes, g.layout->row_size);
            assert_true(log10(sample_number(&row, "gap_size")) <=
                        sample_number(&row, "bound_log10"));
            check_relations(&row, &point);
            assert_true(sample_number(&row, "split_realized") > 0 &&
                        sample_number(&row, "split_realized") < 1);
            assert_true(g.experiment->cost(&point) > 0);
            assert_true(sample_number(&row, "n_dyn") ==
                        (double)(int)(0.5 + 200 * ig_point_real(&point, "split")));
            free(row.bytes);
            free(again.bytes);
        }
        sample_clear(&g);
    }
}

static void test_truth_does_not_depend_on_the_purchase(void **state)
{
    (void)state;
    sample_grid g =
        sample_make("environment: teacher\nsplit: [0.2, 0.8]\nhorizon: 6\nseeds: 1\n",
                    "budget: [100, 300]\npolicy: {iterations: 5, trajectories: 8}\nholdout: 100\n");
    static const char *const same[] = {"trained_return", "random_return", "zero_return", "S_f",
                                       "S_r"};
    ig_error error = {0};
    ig_row first = sample_run(&g, 0, NULL, IG_OK, &error);
    for (size_t t = 1; t < ig_grid_n_tasks(g.grid); t++) {
        ig_row row = sample_run(&g, t, NULL, IG_OK, &error);
        for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
            assert_true(sample_number(&row, same[i]) == sample_number(&first, same[i]));
        }
        assert_true(sample_number(&row, "true_return") != sample_number(&first, "true_return"));
        free(row.bytes);
    }
    free(first.bytes);
    sample_clear(&g);
}

static void test_divergence_fails_the_row(void **state)
{
    (void)state;
    sample_grid g =
        sample_make("train: {learning_rate: 1e12, epochs: 3}\n", "budget: 1000\nseeds: 1\n");
    ig_error error = {0};
    ig_row row = sample_run(&g, 0, NULL, IG_ERR_NUMERIC, &error);
    assert_non_null(strstr(error.text, "student diverged"));
    free(row.bytes);
    sample_clear(&g);
    /* A regulator that explodes within the horizon. */
    g = sample_make("environment: lqg\ndata: ball\ndims: {state: 2, action: 1}\nlqg.gain: 10\n",
                    "horizon: 200\npolicy.hidden: 0\nseeds: 1\ntrain.epochs: 3\n");
    row = sample_run(&g, 0, NULL, IG_ERR_NUMERIC, &error);
    assert_non_null(strstr(error.text, "policy training in"));
    free(row.bytes);
    sample_clear(&g);
}

typedef struct counter {
    long calls, last;
} counter;

static ig_status count(void *context)
{
    counter *c = context;
    return ++c->calls == c->last ? IG_ERR_STOPPED : IG_OK;
}

/** Wherever the hook stops a task, it ends at once with that status and leaves nothing behind. */
static void test_stopping(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "environment: teacher\ntrain.epochs: 30\n",
        "environment: lqg\ndata: ball\nstudents: least_squares\ndims: {state: 2, action: 1}\n"
        "train.epochs: 1\n",
    };
    for (size_t i = 0; i < 2; i++) {
        sample_grid g = sample_make(kinds[i], "budget: 2000\nhorizon: 9\nseeds: 1\n"
                                              "policy: {iterations: 20, trajectories: 64}\n");
        counter all = {0, 0};
        const ig_yield yield = {count, &all};
        ig_error error = {0};
        ig_row row = sample_run(&g, 0, &yield, IG_OK, &error);
        free(row.bytes);
        assert_true(all.calls > 20);
        for (long last = 1; last <= all.calls; last += 1 + all.calls / 25) {
            counter some = {0, last};
            const ig_yield until = {count, &some};
            row = sample_run(&g, 0, &until, IG_ERR_STOPPED, &error);
            assert_true(some.calls == last);
            free(row.bytes);
        }
        sample_clear(&g);
    }
}

static void test_configurations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *key;
    } cases[] = {
        {"environment: teacher\ndata: ball\n", "data"},
        {"environment: lqg\ndata: sinusoid\ndims: {state: 2, action: 2}\n", "data"},
        {"environment: teacher\nstudents: least_squares\n", "students"},
        {"environment: lqg\ndims: {state: 17, action: 2}\n", "dims.state"},
        {"environment: known_value\ndims: {state: 1, action: 2}\n", "dims.action"},
        {"budget: 1e9\ncost_ratio: 1e-6\n", "budget"},
        /* A label costs 0 in a double. */
        {"label_noise: 0.1\nlabel_price: {half: 1e-6, power: 100}\n", "budget"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sample_grid g;
        ig_diagnostics *d = ig_diagnostics_create();
        assert_int_equal(sample_parse(cases[i].text, "seeds: 1\n", &g, d), IG_ERR_CONFIG);
        assert_int_equal(ig_diagnostics_count(d), 1);
        if (!strstr(ig_diagnostics_text(d, 0), cases[i].key)) {
            fail_msg("%s", ig_diagnostics_text(d, 0));
        }
        ig_diagnostics_destroy(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_purchases),
        cmocka_unit_test(test_pools_are_prefixes),
        cmocka_unit_test(test_exact_models_train_the_same_policy),
        cmocka_unit_test(test_good_models),
        cmocka_unit_test(test_laws_of_least_squares),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_truth_does_not_depend_on_the_purchase),
        cmocka_unit_test(test_divergence_fails_the_row),
        cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_configurations_are_refused),
    };
    return cmocka_run_group_tests_name("imagination", tests, NULL, NULL);
}
