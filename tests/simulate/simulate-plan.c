/** usage: simulate-plan [REPLICATES [apart|shared]]
 *
 *  The table of docs/plan.md: how often the 95 % intervals of a plan hold the truth, on made data
 *  of two laws of the same kind with exponents of their own. The money buys several times the
 *  largest N measured. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "coverage.h"
#include "plan/plan.h"

enum { DRAWS = 1000 };
enum { PLAN_BOUND, PLAN_SHARE, PLAN_EVEN, PLAN_ONE, PLAN_FLOOR, WATCHED };
static const char *const names[WATCHED] = {"bound", "best share", "half and half", "one training",
                                           "floor"};

typedef struct tally {
    int inside[WATCHED], wrong, ordered;
    double width;
} tally;

/** Measure a true law, and draw from what that allows. */
static ig_status measure(const coverage_case *c, ig_rng *rng, ig_learning_law *law,
                         ig_learning_draws *draws, ig_error *error)
{
    const design *d = c->design;
    double y[DESIGN_MAX * SEEDS_MAX], level[SEEDS_MAX];
    size_t seed[DESIGN_MAX * SEEDS_MAX], first[DESIGN_MAX + 1] = {0};
    *law = (ig_learning_law){.amplitude = 10, .exponent = 0.2 + 0.7 * ig_rng_uniform(rng)};
    law->floor = c->truth->floor * ig_learning_law_at(law, d->x[d->n - 1]);
    for (size_t k = 0; k < d->seeds; k++) {
        level[k] = c->level * ig_rng_normal(rng);
    }
    for (size_t i = 0, at = 0; i < d->n; i++) {
        for (size_t k = 0; k < d->seeds; k++, at++) {
            const double luck = level[k] + c->scatter * ig_rng_normal(rng);
            y[at] = ig_learning_law_at(law, d->x[i]) * exp(luck);
            seed[at] = k;
        }
        first[i + 1] = at;
    }
    const ig_learning_data data = {
        .n = d->n, .x = d->x, .y = y, .first = first, .seed = seed, .shared = c->shared};
    return ig_learning_draw(&data, IG_LAW_AUTO, DRAWS, rng, draws, error);
}

static bool holds(const ig_estimate *e, double value)
{
    return e->low <= value && value <= e->high;
}

static void clear_curves(ig_learning_curve (*curves)[IG_KINDS])
{
    ig_learning_curve_clear(&(*curves)[0]);
    ig_learning_curve_clear(&(*curves)[1]);
}

static ig_status replicate(const coverage_case *c, size_t number, tally *t, ig_error *error)
{
    ig_rng rng = ig_rng_start(ig_rng_key_make("simulate-plan", 0), IG_STREAM_DATA, number);
    const ig_order order = {.cost = {1, 10},
                            .weight = {7, 3},
                            .range = {1, 1},
                            .limit = 10 * c->design->x[c->design->n - 1]};
    AUTO(clear_curves) ig_learning_curve curves[IG_KINDS] = {0};
    ig_learning_law laws[IG_KINDS];
    ig_purchase p;
    ig_allocation best;
    for (int kind = 0; kind < IG_KINDS; kind++) {
        TRY(measure(c, &rng, &laws[kind], &curves[kind].draws, error));
    }
    const ig_allocation_problem real = {
        {laws[0].amplitude, laws[0].exponent, 7, 1, laws[0].floor, 0},
        {laws[1].amplitude, laws[1].exponent, 3, 10, laws[1].floor, 0},
        false};
    TRY(ig_purchase_make(curves, &order, &rng, &p, error));
    TRY(ig_allocation_solve(&real, order.limit, &best, error));
    const ig_allocation here = ig_allocation_of(&real, p.best.n_dyn, p.best.n_rew);
    const ig_allocation half = ig_allocation_split(&real, p.best.cost, 1);
    /* One new training of each: luck of its own, of level and scatter. */
    const double sd = hypot(c->level, c->scatter);
    const double one = 7 * here.eps_dyn * exp(sd * ig_rng_normal(&rng)) +
                       3 * here.eps_rew * exp(sd * ig_rng_normal(&rng));
    t->inside[PLAN_BOUND] += holds(&p.bound, here.bound);
    t->inside[PLAN_SHARE] += holds(&p.share[IG_DYNAMICS], best.share_dyn);
    t->inside[PLAN_EVEN] += holds(&p.rivals[IG_EVEN].loss, half.bound / here.bound - 1);
    t->inside[PLAN_ONE] += holds(&p.one_bound, one);
    t->inside[PLAN_FLOOR] += holds(&p.floor, ig_allocation_floor(&real));
    t->width += p.share[IG_DYNAMICS].high - p.share[IG_DYNAMICS].low;
    /* "Beats half and half" where half and half is better is the worst that can be said. */
    t->ordered += p.rivals[IG_EVEN].loss.low > 0;
    t->wrong += p.rivals[IG_EVEN].loss.low > 0 && half.bound < here.bound;
    return IG_OK;
}

static ig_status print_cell(const coverage_case *c, size_t replicates)
{
    const double n = (double)replicates;
    ig_error error = {0};
    tally t = {0};
    for (size_t i = 0; i < replicates; i++) {
        if (replicate(c, i, &t, &error)) {
            fprintf(stderr, "simulate-plan: %s\n", error.text);
            return error.status;
        }
    }
    printf("| %s | %s | %s | %.0f %% |", c->truth->name, c->design->name,
           c->shared ? "shared" : "apart", 100 * c->scatter);
    for (int i = 0; i < WATCHED; i++) {
        printf(" %.3f |", t.inside[i] / n);
    }
    printf(" %.2f | %.2f | %.3f |\n", t.width / n, t.ordered / n, t.wrong / n);
    fflush(stdout);
    return IG_OK;
}

int main(int argc, char **argv)
{
    const size_t replicates = argc > 1 ? strtoul(argv[1], NULL, 10) : 300;
    const char *only = argc > 2 ? argv[2] : "";
    if (replicates == 0) {
        fprintf(stderr, "usage: simulate-plan [REPLICATES [apart|shared]]\n");
        return 2;
    }
    printf("| truth | N x seeds | seeds | scatter |");
    for (int i = 0; i < WATCHED; i++) {
        printf(" %s |", names[i]);
    }
    printf(" width | beats half | wrongly |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (int shared = 0; shared < 2; shared++) {
        if (only[0] && strcmp(only, shared ? "shared" : "apart") != 0) {
            continue;
        }
        for (int i = 0; i < TRUTHS * 2 * DESIGNS; i++) {
            const coverage_case c = {&designs[i / 2 % DESIGNS], &truths[i / (2 * DESIGNS)],
                                     i % 2 ? 0.2 : 0.03,        shared,
                                     shared ? 0.3 : 0,          0};
            if (print_cell(&c, replicates)) {
                return 1;
            }
        }
    }
    return 0;
}
