/** What to measure next: which new trainings would narrow the interval of the best share. */
#include <math.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_statistics_double.h>

#include "base/try.h"
#include "plan/plan.h"

/* Laws looked at. */
enum { LOOKED_AT = 2000 };
/* Less is not worth saying. */
static const double WORTH = 0.1;
/* Standard deviations in a 95 % interval. */
static const double WIDTH = 3.92;
/* Part of the money spent that measuring may cost. */
static const double PART = 0.1;

/** What the draws say: the best share, and of one kind and N the law's error and the variance of
 *  one training about it. */
typedef struct view {
    const ig_learning_curve *curves;
    const ig_order *order;
    size_t n;
    double *share, *log_error, *noise; /**< n; owned */
    double *room;                      /**< 2 n; owned */
    double money;
} view;

static void view_clear(view *v)
{
    free(v->share);
    free(v->log_error);
    free(v->noise);
    free(v->room);
}

static ig_status view_init(view *v, ig_error *error)
{
    const size_t n = ig_purchase_n_draws(v->curves), most = n < LOOKED_AT ? n : LOOKED_AT;
    TRY(IG_ALLOC(v->share, most, error));
    TRY(IG_ALLOC(v->log_error, most, error));
    TRY(IG_ALLOC(v->noise, most, error));
    TRY(IG_ALLOC(v->room, 2 * most, error));
    v->n = most;
    for (size_t k = 0; k < most; k++) {
        const ig_allocation_problem p = ig_purchase_drawn(v->curves, v->order, k);
        ig_allocation best;
        TRY(ig_allocation_solve(&p, v->money, &best, error));
        v->share[k] = best.share_dyn;
    }
    return IG_OK;
}

/** How much shorter the interval is expected to be after new trainings: the part of the variance
 *  of the share that goes with the error there, as far as the trainings' own scatter lets it be
 *  seen. Ranks and quantiles, as a few draws may lie far off. */
static void look(const view *v, ig_next *next)
{
    const ig_learning_draws *d = &v->curves[next->kind].draws;
    for (size_t k = 0; k < v->n; k++) {
        const ig_learning_law law = {exp(d->log_amplitude[k]), d->exponent[k], d->floor[k]};
        const double sd = hypot(d->scatter[k], d->slope[k] * (log(next->n) - d->log_center));
        v->log_error[k] = log(ig_learning_law_at(&law, next->n));
        v->noise[k] = sd * sd;
    }
    const double together = gsl_stats_spearman(v->share, 1, v->log_error, 1, v->n, v->room);
    const ig_estimate error = ig_plan_estimate(v->log_error, v->n);
    const double known = gsl_pow_2((error.high - error.low) / WIDTH);
    const double noise = ig_plan_estimate(v->noise, v->n).value / (double)next->trainings;
    const double seen = known > 0 ? together * together * known / (known + noise) : 0;
    const double samples = fmax(0, next->n - v->order->owned[next->kind]);
    next->narrower = 1 - sqrt(fmax(0, 1 - seen));
    next->price = v->order->cost[next->kind] * samples * (double)next->trainings;
}

/** Two digits, as people choose them. */
static double rounded(double n)
{
    const double unit = pow(10, floor(log10(n)) - 1);
    return fmax(1, round(n / unit) * unit);
}

/** Narrowing for the money; what costs less than a thousandth of it is as good as free. */
static double worth(const view *v, const ig_next *next)
{
    return next->narrower / (next->price + 1e-3 * v->money);
}

typedef struct found {
    ig_next *next, *dearer;
    size_t n;
} found;

/** Keep the trainings that are the best for their price, and after them what narrows more. */
static void keep(const view *v, const ig_next *all, size_t n, found *f)
{
    double narrowed = 0;
    while (f->n < IG_NEXT) {
        const ig_next *best = NULL;
        for (size_t i = 0; i < n; i++) {
            if (all[i].price <= PART * v->money &&
                all[i].narrower >= fmax(WORTH, narrowed + WORTH / 2) &&
                (!best || worth(v, &all[i]) > worth(v, best))) {
                best = &all[i];
            }
        }
        if (!best) {
            break;
        }
        narrowed = best->narrower;
        f->next[f->n++] = *best;
    }
    *f->dearer = (ig_next){.n = 0};
    for (size_t i = 0; i < n && f->n == 0; i++) {
        if (all[i].narrower >= WORTH &&
            (f->dearer->n == 0 || worth(v, &all[i]) > worth(v, f->dearer))) {
            *f->dearer = all[i];
        }
    }
}

ig_status ig_next_find(const ig_learning_curve curves[IG_KINDS], const ig_order *order,
                       const ig_purchase *purchase, ig_next next[IG_NEXT], size_t *n_next,
                       ig_next *at_price, ig_error *error)
{
    static const double beyond[] = {2, 5, 10};
    static const size_t trainings[] = {1, 3, 10, 30};
    enum { PLACES = 6, TIMES = 4 };
    ig_next all[IG_KINDS * PLACES * TIMES];
    AUTO(view_clear)
    view v = {.curves = curves, .order = order, .money = purchase->best.cost};
    found f = {next, at_price, 0};
    size_t n = 0;
    *n_next = 0;
    *at_price = (ig_next){.n = 0};
    if (!(v.money > 0) || order->cost[IG_DYNAMICS] == 0 || order->cost[IG_REWARD] == 0) {
        return IG_OK;
    }
    TRY(view_init(&v, error));
    for (int kind = 0; kind < IG_KINDS; kind++) {
        const double low = curves[kind].n_low, high = curves[kind].n_high;
        for (int i = 0; i < PLACES; i++) {
            for (int j = 0; j < TIMES; j++) {
                all[n] = (ig_next){.kind = kind,
                                   .n = i == 0   ? low
                                        : i == 2 ? high
                                        : i == 1 ? rounded(sqrt(low * high))
                                                 : rounded(high * beyond[i - 3]),
                                   .trainings = trainings[j]};
                look(&v, &all[n++]);
            }
        }
    }
    keep(&v, all, n, &f);
    *n_next = f.n;
    return IG_OK;
}
