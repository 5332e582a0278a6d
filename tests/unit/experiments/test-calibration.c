/** The check of `calibration` on the paper's own grid: it passes with the bound as it is, and fails
 *  with any bound that is a little wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/experiment.h"
#include "results/analyses.h"
#include "theory/theory.h"

/** What a row says of its configuration. */
typedef struct measured {
    const char *arm;
    bool finite; /**< summed over a horizon */
    double gamma, steps;
    ig_lipschitz l;
    double eps_dyn, eps_rew, gap, R;
} measured;

/** All configurations of the paper's grid without noise, measured once. */
static struct {
    const ig_experiment *experiment;
    ig_config *config;
    ig_grid *grid;
    measured *rows;
    size_t n;
} paper;

static double number_at(const ig_row *row, const char *column)
{
    const ig_layout *layout = row->layout;
    size_t c = ig_layout_column(layout, column);
    const unsigned char *from = row->bytes + layout->offsets[c];
    int64_t integer;
    double number;
    memcpy(&integer, from, sizeof integer);
    memcpy(&number, from, sizeof number);
    return layout->columns[c].type == IG_I64 ? (double)integer : number;
}

static void measure(const ig_layout *layout, size_t task)
{
    size_t n_seeds = ig_grid_n_seeds(paper.grid), point = task / n_seeds;
    const char *arm = ig_grid_value(paper.grid, point, ig_config_key(paper.config, "arm"))->text;
    if (strncmp(arm, "stochastic", 10) == 0) {
        return;
    }
    ig_row row = {layout, calloc(1, layout->row_size)};
    ig_error error = {0};
    const ig_task it = {.point = {paper.grid, point},
                        .seed = ig_config_seed(paper.config, task % n_seeds),
                        .key = ig_grid_rng_key(paper.grid, task),
                        .isa = IG_ISA_PORTABLE};
    assert_non_null(row.bytes);
    ig_row_clear(&row);
    if (paper.experiment->run(&it, &row, &error) || ig_row_check(&row, &error)) {
        fail_msg("task %zu: %s", task, error.text);
    }
    paper.rows[paper.n++] = (measured){
        .arm = arm,
        .finite = strncmp(arm, "expansive", 9) == 0,
        .gamma = ig_point_real(&it.point, "gamma"),
        .steps = number_at(&row, "steps"),
        .l = {number_at(&row, "L_f"), number_at(&row, "L_r"), number_at(&row, "L_pi")},
        .eps_dyn = number_at(&row, "eps_dyn"),
        .eps_rew = number_at(&row, "eps_rew"),
        .gap = number_at(&row, "gap"),
        .R = number_at(&row, "R"),
    };
    free(row.bytes);
}

static int setup(void **state)
{
    (void)state;
    char path[512], *bytes = NULL;
    size_t size = 0;
    ig_diagnostics *d = ig_diagnostics_create();
    ig_layout *layout = NULL;
    snprintf(path, sizeof path, "%s/calibration.yaml", getenv("IMAGRID_PAPER"));
    assert_int_equal(ig_config_read_file(path, &bytes, &size, d), IG_OK);
    assert_int_equal(ig_experiment_configure(ig_experiments(), bytes, size, path, &paper.config, d),
                     IG_OK);
    paper.experiment = ig_experiment_of(paper.config);
    assert_int_equal(ig_grid_create(paper.config, &paper.grid, NULL), IG_OK);
    assert_int_equal(ig_layout_create(paper.experiment->columns, paper.experiment->n_columns, NULL,
                                      0, paper.config, &layout, NULL),
                     IG_OK);
    paper.rows = calloc(ig_grid_n_tasks(paper.grid), sizeof *paper.rows);
    assert_non_null(paper.rows);
    for (size_t t = 0; t < ig_grid_n_tasks(paper.grid); t++) {
        measure(layout, t);
    }
    ig_layout_destroy(&layout);
    ig_diagnostics_destroy(&d);
    free(bytes);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(paper.rows);
    ig_grid_destroy(&paper.grid);
    ig_config_destroy(&paper.config);
    return 0;
}

/** A bound on the gap of a configuration. */
typedef double bound_function(const measured *m);

static double exact(const measured *m)
{
    ig_coefficients c;
    ig_bound b;
    ig_status status = m->finite ? ig_lemma1_finite(m->gamma, &m->l, (size_t)m->steps, &c, NULL)
                                 : ig_lemma1(m->gamma, &m->l, &c, NULL);
    assert_int_equal(status, IG_OK);
    assert_int_equal(ig_bound_of(&c, m->eps_rew, m->eps_dyn, &b, NULL), IG_OK);
    return b.total;
}

static double one_percent_less(const measured *m)
{
    return 0.99 * exact(m);
}

static double one_percent_more(const measured *m)
{
    return 1.01 * exact(m);
}

/** Lemma 1, and its finite form as a plain double sum, with the places where L_pi and gamma stand
 *  open to mistakes: gamma^power and (1 + L_pi) outside, (1 + L_pi) in Lambda. */
static double mistaken(const measured *m, double power, double outside, double inside)
{
    const double gamma = m->gamma, lambda = m->l.dynamics * inside;
    const double first = pow(gamma, power - 1) * m->l.reward * outside * m->eps_dyn;
    if (!m->finite) {
        return m->eps_rew / (1 - gamma) + gamma * first / ((1 - gamma) * (1 - gamma * lambda));
    }
    double total = 0;
    for (double t = 0; t < m->steps; t++) {
        double growth = lambda == 1 ? t : (pow(lambda, t) - 1) / (lambda - 1);
        total += pow(gamma, t) * (m->eps_rew + first * growth);
    }
    return total;
}

static double policy_forgotten(const measured *m)
{
    return mistaken(m, 1, 1, 1);
}

static double policy_forgotten_outside(const measured *m)
{
    return mistaken(m, 1, 1, 1 + m->l.policy);
}

static double policy_forgotten_in_kappa(const measured *m)
{
    return mistaken(m, 1, 1 + m->l.policy, 1);
}

static double gamma_once_more(const measured *m)
{
    return mistaken(m, 2, 1 + m->l.policy, 1 + m->l.policy);
}

static double gamma_once_less(const measured *m)
{
    return mistaken(m, 0, 1 + m->l.policy, 1 + m->l.policy);
}

static double dynamics_forgotten(const measured *m)
{
    return m->eps_rew / (1 - m->gamma);
}

/** Judge every row as merge does; counts of rows above 1, and of rows that miss 1. */
static void judge(const char *name, bound_function *bound, size_t *above, size_t *missed)
{
    const ig_ratio *ratio = ig_summary_analysis(&paper.experiment->summary, IG_ANALYSIS_RATIO, 0);
    double largest = 0;
    *above = *missed = 0;
    for (size_t i = 0; i < paper.n; i++) {
        const measured *m = &paper.rows[i];
        double R = m->gap / bound(m);
        *above += !ig_ratio_holds(ratio, R);
        *missed += ig_ratio_must_attain(ratio, m->arm) && !ig_ratio_attains(ratio, R);
        largest = fmax(largest, R);
    }
    printf("%-40s %4zu of %zu above 1 (largest %.6g), %4zu aligned ones miss 1\n", name, *above,
           paper.n, largest, *missed);
}

static void test_the_grid(void **state)
{
    (void)state;
    size_t synthetic = 0, lqg = 0;
    for (size_t i = 0; i < paper.n; i++) {
        synthetic += strncmp(paper.rows[i].arm, "synthetic", 9) == 0;
        lqg += strcmp(paper.rows[i].arm, "lqg") == 0;
        assert_true(fabs(paper.rows[i].gap / exact(&paper.rows[i]) - paper.rows[i].R) < 1e-12);
        /* Of the published arms not even the slack is needed. */
        assert_true(paper.rows[i].finite || paper.rows[i].R <= 1);
    }
    assert_int_equal(synthetic, 150);
    assert_int_equal(lqg, 375);
}

static void test_the_bound_passes(void **state)
{
    (void)state;
    size_t above, missed;
    judge("as it is", exact, &above, &missed);
    assert_true(above == 0 && missed == 0);
}

static void test_mutations_are_caught(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bound_function *bound;
        bool too_small;
    } mutations[] = {
        {"1 % too small", one_percent_less, true},
        {"1 % too large", one_percent_more, false},
        {"L_pi forgotten", policy_forgotten, true},
        {"L_pi forgotten outside kappa", policy_forgotten_outside, true},
        {"L_pi forgotten in kappa", policy_forgotten_in_kappa, true},
        {"gamma one power too many", gamma_once_more, true},
        {"gamma one power too few", gamma_once_less, false},
        {"dynamics error forgotten", dynamics_forgotten, true},
    };
    for (size_t i = 0; i < sizeof mutations / sizeof *mutations; i++) {
        size_t above, missed;
        judge(mutations[i].name, mutations[i].bound, &above, &missed);
        /* A bound that is too large breaks no R <= 1; the aligned chains catch it all the same. */
        assert_true(mutations[i].too_small ? above > 0 : above == 0 && missed > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_grid),
        cmocka_unit_test(test_the_bound_passes),
        cmocka_unit_test(test_mutations_are_caught),
    };
    return cmocka_run_group_tests_name("calibration", tests, setup, teardown);
}
