#include "coverage.h"

#include <math.h>

#include "base/try.h"
#include "plan/plan.h"

const char *const plan_covered_names[PLAN_COVERED] = {"bound", "best share", "half and half",
                                                      "one training", "floor"};

static bool holds(const ig_estimate *e, double value)
{
    return e->low <= value && value <= e->high;
}

static void clear_curves(ig_learning_curve (*curves)[IG_KINDS])
{
    ig_learning_curve_clear(&(*curves)[0]);
    ig_learning_curve_clear(&(*curves)[1]);
}

/** Compare a purchase with what it would be and give under the true laws. */
static ig_status compare(const coverage_case *c, const ig_allocation_problem *real,
                         const ig_purchase *p, double money, ig_rng *rng, plan_coverage *r,
                         ig_error *error)
{
    ig_allocation best;
    TRY(ig_allocation_solve(real, money, &best, error));
    const ig_allocation here = ig_allocation_of(real, p->best.n_dyn, p->best.n_rew);
    const ig_allocation half = ig_allocation_split(real, p->best.cost, 1);
    /* One new training of each: luck of its own, of level and scatter. */
    const double sd = hypot(c->level, c->scatter);
    const double one_dyn = real->dyn.weight * here.eps_dyn * exp(sd * ig_rng_normal(rng));
    const double one_rew = real->rew.weight * here.eps_rew * exp(sd * ig_rng_normal(rng));
    const ig_estimate *loss = &p->rivals[IG_EVEN].loss;
    r->inside[PLAN_BOUND] += holds(&p->bound, here.bound);
    r->inside[PLAN_SHARE] += holds(&p->share[IG_DYNAMICS], best.share_dyn);
    r->inside[PLAN_EVEN] += holds(loss, half.bound / here.bound - 1);
    r->inside[PLAN_ONE] += holds(&p->one_bound, one_dyn + one_rew);
    r->inside[PLAN_FLOOR] += holds(&p->floor, ig_allocation_floor(real));
    r->width += p->share[IG_DYNAMICS].high - p->share[IG_DYNAMICS].low;
    r->ordered += loss->low > 0;
    r->wrong += loss->low > 0 && half.bound < here.bound;
    return IG_OK;
}

static ig_status one(const coverage_case *c, size_t n_draws, ig_rng *rng, plan_coverage *r,
                     ig_error *error)
{
    /* The money buys several times the largest N measured. */
    const ig_order order = {.cost = {1, 10},
                            .weight = {7, 3},
                            .range = {1, 1},
                            .limit = 10 * c->design->x[c->design->n - 1]};
    AUTO(clear_curves) ig_learning_curve curves[IG_KINDS] = {0};
    ig_allocation_kind kinds[IG_KINDS];
    ig_purchase p;
    for (int kind = 0; kind < IG_KINDS; kind++) {
        coverage_sample s;
        coverage_measure(c, rng, &s);
        const ig_learning_data data = coverage_data(c, &s);
        TRY(ig_learning_draw(&data, IG_LAW_AUTO, n_draws, rng, &curves[kind].draws, error));
        kinds[kind] = (ig_allocation_kind){.amplitude = s.law.amplitude,
                                           .exponent = s.law.exponent,
                                           .weight = order.weight[kind],
                                           .cost = order.cost[kind],
                                           .floor = s.law.floor};
    }
    TRY(ig_purchase_make(curves, &order, rng, &p, error));
    const ig_allocation_problem real = {kinds[IG_DYNAMICS], kinds[IG_REWARD], false};
    return compare(c, &real, &p, order.limit, rng, r, error);
}

ig_status plan_coverage_run(const coverage_case *c, size_t replicates, size_t n_draws,
                            plan_coverage *result, ig_error *error)
{
    plan_coverage r = {.replicates = replicates};
    for (size_t k = 0; k < replicates; k++) {
        ig_rng rng = ig_rng_start(ig_rng_key_make("simulate-plan", 0), IG_STREAM_DATA, k);
        TRY(one(c, n_draws, &rng, &r, error));
    }
    r.width /= (double)replicates;
    *result = r;
    return IG_OK;
}
