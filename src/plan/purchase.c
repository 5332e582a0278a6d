/** How errors fall with data, and what to buy. */
#include "plan/plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "results/statistics.h"

static ig_redraws choose_redraws(const ig_anchors *a)
{
    bool repeated = a->y != NULL, errors = true;
    for (size_t i = 0; i < a->n; i++) {
        repeated = repeated && a->first[i + 1] - a->first[i] >= 2;
        errors = errors && isfinite(a->sem[i]);
    }
    if (repeated) {
        return IG_REDRAW_SEEDS;
    }
    if (errors && !a->y) {
        return IG_REDRAW_MEANS;
    }
    return a->n > 2 ? IG_REDRAW_RESIDUALS : IG_REDRAW_NONE;
}

ig_status ig_learning_curve_fit(const ig_anchors *anchors, const char *name, size_t draws,
                                ig_rng *rng, ig_learning_curve *curve, ig_error *error)
{
    const ig_bootstrap how = {draws, IG_INTERVAL_PERCENTILE};
    if (anchors->n < 2) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "%s: a power law needs measurements at two different N, not %zu", name,
                            anchors->n);
    }
    ig_learning_curve c = {.n_low = anchors->x[0],
                           .n_high = anchors->x[anchors->n - 1],
                           .method = choose_redraws(anchors)};
    if (ig_power_law_fit(anchors, c.method, &how, rng, &c.law, &c.draws, error)) {
        return ig_error_context(error, "%s", name);
    }
    if (c.law.amplitude.value <= 0) {
        ig_law_draws_clear(&c.draws);
        return ig_error_set(error, IG_ERR_NUMERIC, "%s: the fit overflows (exponent %g)", name,
                            c.law.exponent.value);
    }
    snprintf(c.name, sizeof c.name, "%s", name);
    c.tail = ig_anchors_tail(anchors);
    *curve = c;
    return IG_OK;
}

void ig_learning_curve_clear(ig_learning_curve *curve)
{
    ig_law_draws_clear(&curve->draws);
    *curve = (ig_learning_curve){0};
}

void ig_learning_curve_take_root(ig_learning_curve *curve)
{
    ig_estimate *amplitude = &curve->law.amplitude, *exponent = &curve->law.exponent;
    *amplitude = (ig_estimate){sqrt(amplitude->value), (double)NAN, sqrt(amplitude->low),
                               sqrt(amplitude->high)};
    *exponent =
        (ig_estimate){exponent->value / 2, exponent->se / 2, exponent->low / 2, exponent->high / 2};
    curve->tail /= 2;
    for (size_t i = 0; i < curve->draws.n; i++) {
        curve->draws.exponent[i] /= 2;
        curve->draws.log_amplitude[i] /= 2;
    }
}

/* The proposal. */

/* Stands for infinity among numbers between which percentiles are interpolated. */
static const double UNREACHED = 1e300;

ig_allocation_problem ig_purchase_problem(const ig_learning_curve curves[IG_KINDS],
                                          const ig_order *order)
{
    const ig_learning_curve *d = &curves[IG_DYNAMICS], *r = &curves[IG_REWARD];
    return (ig_allocation_problem){
        .dyn = {d->law.amplitude.value, d->law.exponent.value, order->weight[IG_DYNAMICS],
                order->cost[IG_DYNAMICS]},
        .rew = {r->law.amplitude.value, r->law.exponent.value, order->weight[IG_REWARD],
                order->cost[IG_REWARD]},
    };
}

ig_allocation_problem ig_purchase_redrawn(const ig_learning_curve curves[IG_KINDS],
                                          const ig_order *order, size_t k)
{
    ig_allocation_problem p = ig_purchase_problem(curves, order);
    const ig_learning_curve *d = &curves[IG_DYNAMICS], *r = &curves[IG_REWARD];
    p.dyn.amplitude = exp(d->draws.log_amplitude[k]);
    p.dyn.exponent = d->draws.exponent[k];
    p.rew.amplitude = exp(r->draws.log_amplitude[k]);
    p.rew.exponent = r->draws.exponent[k];
    return p;
}

size_t ig_purchase_n_draws(const ig_learning_curve curves[IG_KINDS])
{
    size_t d = curves[IG_DYNAMICS].draws.n, r = curves[IG_REWARD].draws.n;
    return d < r ? d : r;
}

/** The best real counts for `budget` where an error may not fall: nothing beyond one sample is
 * worth buying of such a kind. */
static ig_status solve_any(const ig_allocation_problem *p, double budget, ig_allocation *best)
{
    bool dyn = p->dyn.exponent > 0, rew = p->rew.exponent > 0;
    if (dyn && rew) {
        return ig_allocation_solve(p, budget, best, NULL);
    }
    double n_dyn = dyn ? (budget - p->rew.cost) / p->dyn.cost : 1;
    double n_rew = rew ? (budget - p->dyn.cost) / p->rew.cost : 1;
    *best = ig_allocation_of(p, fmax(n_dyn, 1), fmax(n_rew, 1));
    return IG_OK;
}

/** Real count of a kind whose term is to be `left`. */
static double invert(const ig_allocation_kind *kind, double left)
{
    return left > 0 ? exp(log(kind->weight * kind->amplitude / left) / kind->exponent)
                    : (double)INFINITY;
}

static ig_status reach_any(const ig_allocation_problem *p, double target, ig_allocation *best)
{
    bool dyn = p->dyn.exponent > 0, rew = p->rew.exponent > 0;
    if (dyn && rew) {
        return ig_allocation_reach(p, target, best, NULL);
    }
    ig_allocation one = ig_allocation_of(p, 1, 1);
    double n_dyn = dyn ? invert(&p->dyn, target - p->rew.weight * one.eps_rew) : 1;
    double n_rew = rew ? invert(&p->rew, target - p->dyn.weight * one.eps_dyn) : 1;
    *best = ig_allocation_of(p, fmax(n_dyn, 1), fmax(n_rew, 1));
    return isfinite(best->cost) && best->bound <= target * (1 + 1e-9) ? IG_OK : IG_ERR_NUMERIC;
}

/** The numbers of which intervals are made, a row of n_draws each. */
enum {
    COUNT_D,
    COUNT_R,
    SHARE_D,
    SHARE_R,
    SPENT,
    ERROR_D,
    ERROR_R,
    BOUND,
    EVEN,
    REGRET,
    N_NUMBERS
};

typedef struct tally {
    const ig_learning_curve *curves;
    const ig_order *order;
    size_t n;
    double *numbers; /**< [N_NUMBERS * n] */
} tally;

static void put(const tally *t, int what, size_t k, double number)
{
    t->numbers[(size_t)what * t->n + k] = isfinite(number) ? fmin(number, UNREACHED) : UNREACHED;
}

/** a / b of two bounds; laws that leave the range of numbers make both of them 0. */
static double bound_ratio(double a, double b)
{
    if (a == b) {
        return 1;
    }
    return b == 0 ? (double)INFINITY : a / b;
}

/** What redraw k says. */
static void tally_one(const tally *t, size_t k, ig_purchase *purchase)
{
    ig_allocation_problem p = ig_purchase_redrawn(t->curves, t->order, k);
    const ig_allocation *plan = &purchase->best;
    ig_allocation best, optimum;
    ig_allocation here = ig_allocation_of(&p, plan->n_dyn, plan->n_rew);
    ig_allocation even = ig_allocation_of(&p, purchase->even.n_dyn, purchase->even.n_rew);
    purchase->flat[IG_DYNAMICS] += p.dyn.exponent <= 0;
    purchase->flat[IG_REWARD] += p.rew.exponent <= 0;
    ig_status status = t->order->for_target ? reach_any(&p, t->order->limit, &best)
                                            : solve_any(&p, t->order->limit, &best);
    if (status) {
        const double never = (double)INFINITY;
        purchase->unreached++;
        best = (ig_allocation){never, never, 1, 1, 1, 0, 0, 0, never};
    }
    const double numbers[] = {best.n_dyn,     best.n_rew, best.share_dyn,
                              best.share_rew, best.cost,  here.eps_dyn,
                              here.eps_rew,   here.bound, bound_ratio(even.bound, here.bound) - 1};
    for (int what = COUNT_D; what <= EVEN; what++) {
        put(t, what, k, numbers[what]);
    }
    if (solve_any(&p, plan->cost, &optimum) != IG_OK) {
        optimum = here;
    }
    put(t, REGRET, k, fmax(0, 1 - bound_ratio(optimum.bound, here.bound)));
}

static ig_estimate estimate(const tally *t, int what, double value)
{
    ig_estimate e = ig_no_estimate;
    e.value = value;
    if (t->n > 0 && !isnan(value)) {
        ig_interval_95(t->numbers + (size_t)what * t->n, t->n, &e.low, &e.high);
        e.low = e.low < UNREACHED / 1e10 ? e.low : (double)INFINITY;
        e.high = e.high < UNREACHED / 1e10 ? e.high : (double)INFINITY;
    }
    return e;
}

static void estimate_all(const tally *t, ig_purchase *p)
{
    p->count[IG_DYNAMICS] = estimate(t, COUNT_D, p->best.n_dyn);
    p->count[IG_REWARD] = estimate(t, COUNT_R, p->best.n_rew);
    p->share[IG_DYNAMICS] = estimate(t, SHARE_D, p->best.share_dyn);
    p->share[IG_REWARD] = estimate(t, SHARE_R, p->best.share_rew);
    p->error[IG_DYNAMICS] = estimate(t, ERROR_D, p->best.eps_dyn);
    p->error[IG_REWARD] = estimate(t, ERROR_R, p->best.eps_rew);
    p->bound = estimate(t, BOUND, p->best.bound);
    p->spent = estimate(t, SPENT, p->best.cost);
    p->even_loss = estimate(t, EVEN, bound_ratio(p->even.bound, p->best.bound) - 1);
    p->regret = estimate(t, REGRET, 0).high;
}

static ig_status check_falls(const ig_learning_curve curves[IG_KINDS], ig_error *error)
{
    for (int kind = 0; kind < IG_KINDS; kind++) {
        if (curves[kind].law.exponent.value <= 0) {
            return ig_error_set(error, IG_ERR_NUMERIC,
                                "the %s error does not fall with N (exponent %.3g), so no budget "
                                "helps: measure it at more and larger N",
                                ig_kind_names[kind], curves[kind].law.exponent.value);
        }
    }
    return IG_OK;
}

ig_status ig_purchase_make(const ig_learning_curve curves[IG_KINDS], const ig_order *order,
                           ig_purchase *purchase, ig_error *error)
{
    ig_purchase p = {.n_draws = ig_purchase_n_draws(curves)};
    const ig_allocation_problem problem = ig_purchase_problem(curves, order);
    AUTO_FREE double *numbers = NULL;
    TRY(check_falls(curves, error));
    TRY(order->for_target ? ig_allocation_reach_whole(&problem, order->limit, &p.best, error)
                          : ig_allocation_solve_whole(&problem, order->limit, &p.best, error));
    p.even = ig_allocation_split(&problem, p.best.cost, 1);
    if (p.even.n_dyn < 1 || p.even.n_rew < 1) {
        p.even.bound = (double)NAN;
    }
    TRY(IG_ALLOC(numbers, N_NUMBERS * p.n_draws, error));
    const tally t = {.curves = curves, .order = order, .n = p.n_draws, .numbers = numbers};
    for (size_t k = 0; k < t.n; k++) {
        tally_one(&t, k, &p);
    }
    estimate_all(&t, &p);
    *purchase = p;
    return IG_OK;
}
