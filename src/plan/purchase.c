/** What to buy: the division that loses least on average over the laws that the data allow. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "plan/plan.h"

/* Stands for infinity among numbers between which percentiles are interpolated. */
static const double UNREACHED = 1e300;
/* Money beyond which nothing is looked for. */
static const double LOG_MONEY = 650;
/* Halvings of an interval to the last digit that matters to an optimum, or to a count. */
enum { NARROWINGS = 60, ROUNDS = 8 };
/* Laws that the best division is looked for with; its interval has all. */
enum { SEARCHED = 1000 };

ig_allocation_problem ig_purchase_drawn(const ig_learning_curve curves[IG_KINDS],
                                        const ig_order *order, size_t k)
{
    ig_allocation_problem p = {.labels_within = order->labels_within};
    ig_allocation_kind *const kinds[IG_KINDS] = {&p.dyn, &p.rew};
    for (int i = 0; i < IG_KINDS; i++) {
        const ig_learning_draws *d = &curves[i].draws;
        *kinds[i] = (ig_allocation_kind){.amplitude = exp(d->log_amplitude[k]),
                                         .exponent = d->exponent[k],
                                         .weight = order->weight[i],
                                         .cost = order->cost[i],
                                         .floor = d->floor[k],
                                         .owned = order->owned[i]};
    }
    return p;
}

size_t ig_purchase_n_draws(const ig_learning_curve curves[IG_KINDS])
{
    const size_t d = curves[IG_DYNAMICS].draws.n, r = curves[IG_REWARD].draws.n;
    return d < r ? d : r;
}

void ig_order_draw_weights(const ig_order *order, ig_rng *rng, ig_allocation_problem *problem)
{
    const double log_dyn = log(order->range[IG_DYNAMICS]), log_rew = log(order->range[IG_REWARD]);
    const double u = ig_rng_uniform(rng), v = ig_rng_uniform(rng);
    problem->dyn.weight *= exp(log_dyn * (2 * u - 1));
    problem->rew.weight *= exp(log_rew * (2 * v - 1));
}

/** The laws of all draws, and the best bound of some of them for the money looked at. */
typedef struct search {
    const ig_order *order;
    size_t n;
    ig_allocation_problem *laws; /**< n; owned */
    size_t n_some;               /**< the first so many are looked at */
    double *best;                /**< n_some: least bounds; owned */
    double money;
} search;

static void search_clear(search *s)
{
    free(s->laws);
    free(s->best);
}

static ig_status search_init(const ig_learning_curve curves[IG_KINDS], const ig_order *order,
                             search *s, ig_error *error)
{
    s->order = order;
    s->n = ig_purchase_n_draws(curves);
    s->n_some = s->n < SEARCHED ? s->n : SEARCHED;
    TRY(IG_ALLOC(s->laws, s->n, error));
    TRY(IG_ALLOC(s->best, s->n_some, error));
    for (size_t k = 0; k < s->n; k++) {
        s->laws[k] = ig_purchase_drawn(curves, order, k);
    }
    return IG_OK;
}

static bool is_free(const ig_order *order)
{
    return order->cost[IG_DYNAMICS] == 0 || order->cost[IG_REWARD] == 0;
}

/** a / b of two bounds; laws that leave the range of numbers make both of them 0. */
static double bound_ratio(double a, double b)
{
    if (a == b) {
        return 1;
    }
    return b == 0 ? (double)INFINITY : a / b;
}

/** What the counts lose on average against each law's own best. */
static double mean_loss(const search *s, double n_dyn, double n_rew)
{
    double sum = 0;
    for (size_t k = 0; k < s->n_some; k++) {
        const double bound = ig_allocation_of(&s->laws[k], n_dyn, n_rew).bound;
        sum += isnan(s->best[k]) ? 0 : bound_ratio(bound, s->best[k]) - 1;
    }
    return sum;
}

/** `u` is ln(money for transitions / money for labels). */
static ig_allocation at_odds(const search *s, double u)
{
    return ig_allocation_near(&s->laws[0], s->money, 1 / (1 + exp(-u)));
}

static double loss_at(const search *s, double u)
{
    const ig_allocation a = at_odds(s, u);
    return mean_loss(s, a.n_dyn, a.n_rew);
}

/** Golden section: every law's loss is convex in the share, and so is their mean. */
static double narrow(const search *s, double low, double high)
{
    const double golden = (sqrt(5) - 1) / 2;
    double a = high - golden * (high - low), b = low + golden * (high - low);
    double at_a = loss_at(s, a), at_b = loss_at(s, b);
    for (int i = 0; i < NARROWINGS; i++) {
        if (at_a <= at_b) {
            high = b;
            b = a;
            at_b = at_a;
            a = high - golden * (high - low);
            at_a = loss_at(s, a);
        } else {
            low = a;
            a = b;
            at_a = at_b;
            b = low + golden * (high - low);
            at_b = loss_at(s, b);
        }
    }
    return (low + high) / 2;
}

/** ln odds of the money of a division, kept finite. */
static double odds_of(const ig_allocation *a)
{
    return log(fmax(a->share_dyn, 1e-300)) - log(fmax(a->share_rew, 1e-300));
}

/** The odds that lose least for this much money. Laws that leave the range of numbers have no say.
 */
static ig_status find_odds(search *s, double money, double *u, ig_error *error)
{
    double low = (double)INFINITY, high = -(double)INFINITY;
    s->money = money;
    for (size_t k = 0; k < s->n_some; k++) {
        ig_allocation a;
        s->best[k] = (double)NAN;
        const ig_status status = ig_allocation_solve(&s->laws[k], money, &a, error);
        if (status == IG_ERR_MEMORY) {
            return status;
        }
        if (status) {
            continue;
        }
        const double odds = odds_of(&a);
        s->best[k] = a.bound;
        low = fmin(low, odds);
        high = fmax(high, odds);
    }
    if (!(low <= high)) {
        return ig_error_set(error, IG_ERR_NUMERIC, "the laws leave the range of numbers");
    }
    /* Beyond half a sample, and beyond what is possible, nothing changes any more. */
    const ig_allocation least = at_odds(s, -LOG_MONEY), most = at_odds(s, LOG_MONEY);
    low = fmax(low, fmax(odds_of(&least), log(s->order->cost[IG_DYNAMICS] / 2 / money)));
    high = fmin(high, fmin(odds_of(&most), -log(s->order->cost[IG_REWARD] / 2 / money)));
    *u = low < high ? narrow(s, low, high) : low;
    /* None of a kind, or as little as may be. */
    const double ends[] = {-LOG_MONEY, LOG_MONEY};
    for (int i = 0; i < 2; i++) {
        *u = loss_at(s, ends[i]) < loss_at(s, *u) ? ends[i] : *u;
    }
    return IG_OK;
}

/** The most of a kind that leaves the other count and keeps within the budget. */
static double afford(const search *s, bool dyn, double other, double start)
{
    const ig_allocation_problem *p = &s->laws[0];
    double n = floor(start);
    for (int i = 0; i < 2; i++) {
        const ig_allocation more = ig_allocation_of(p, dyn ? n + 1 : other, dyn ? other : n + 1);
        n += more.cost <= s->order->limit ? 1 : 0;
    }
    while (n > 0 && ig_allocation_of(p, dyn ? n : other, dyn ? other : n).cost > s->order->limit) {
        n = fmin(n - 1, nextafter(n, 0));
    }
    return n;
}

/** Whether labels have their transitions and a kind of which nothing is owned is bought. */
static bool is_possible(const ig_allocation_problem *p, double n_dyn, double n_rew)
{
    return n_dyn >= (p->dyn.owned > 0 ? 0 : 1) && n_rew >= (p->rew.owned > 0 ? 0 : 1) &&
           (!p->labels_within || p->rew.owned + n_rew <= p->dyn.owned + n_dyn);
}

/** Whole counts next to the best real ones. */
static ig_status round_budget(const search *s, double u, ig_allocation *best, ig_error *error)
{
    const ig_allocation_problem *p = &s->laws[0];
    const ig_allocation real = at_odds(s, u);
    const bool dyn = p->dyn.cost >= p->rew.cost;
    const double start = floor(dyn ? real.n_dyn : real.n_rew);
    double least = (double)INFINITY;
    for (int i = -1; i <= 2; i++) {
        const double dear = start + i;
        const double left = s->money - (dyn ? p->dyn.cost : p->rew.cost) * dear;
        double cheap = afford(s, !dyn, dear, fmax(0, left / (dyn ? p->rew.cost : p->dyn.cost)));
        if (dyn && p->labels_within) {
            cheap = fmin(cheap, p->dyn.owned + dear - p->rew.owned);
        }
        const double n_dyn = dyn ? dear : cheap, n_rew = dyn ? cheap : dear;
        const ig_allocation a = ig_allocation_of(p, n_dyn, n_rew);
        if (dear >= 0 && is_possible(p, n_dyn, n_rew) && a.cost <= s->order->limit) {
            const double loss = mean_loss(s, n_dyn, n_rew);
            if (loss < least) {
                least = loss;
                *best = a;
            }
        }
    }
    /* Few samples, all counts of which an exact search can try. */
    return isfinite(least) ? IG_OK : ig_allocation_solve_whole(p, s->order->limit, best, error);
}

static ig_status choose_for_budget(search *s, ig_allocation *best, ig_error *error)
{
    double u = 0;
    if (is_free(s->order)) {
        return ig_allocation_solve_whole(&s->laws[0], s->order->limit, best, error);
    }
    const double dyn = s->order->cost[IG_DYNAMICS], rew = s->order->cost[IG_REWARD];
    const double least =
        (s->order->owned[IG_DYNAMICS] > 0 ? 0 : dyn) + (s->order->owned[IG_REWARD] > 0 ? 0 : rew);
    if (s->order->limit < fmax(least, fmin(dyn, rew))) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "a budget of %g does not buy one transition and one label, which cost "
                            "%g, or one more of what is owned",
                            s->order->limit, dyn + rew);
    }
    TRY(find_odds(s, s->order->limit, &u, error));
    return round_budget(s, u, best, error);
}

/** Whether the median bound of these counts keeps the target. */
static bool is_enough(const search *s, size_t n, double n_dyn, double n_rew)
{
    size_t kept = 0;
    for (size_t k = 0; k < n; k++) {
        kept += ig_allocation_of(&s->laws[k], n_dyn, n_rew).bound <= s->order->limit;
    }
    return 2 * kept > n;
}

/** The least money with these odds whose median bound keeps the target. */
static ig_status find_money(search *s, size_t n, double u, ig_error *error)
{
    double low = -LOG_MONEY, high = LOG_MONEY;
    for (int i = 0; i < NARROWINGS; i++) {
        const double middle = (low + high) / 2;
        s->money = exp(middle);
        const ig_allocation a = at_odds(s, u);
        if (!isnan(a.bound) && is_enough(s, n, a.n_dyn, a.n_rew)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    s->money = exp(high);
    return high < LOG_MONEY
               ? IG_OK
               : ig_error_set(error, IG_ERR_NUMERIC,
                              "a bound of %g needs more money than there are numbers for",
                              s->order->limit);
}

/** The least whole count from `least` on that is enough beside `other`; infinite where none is. */
static double need(const search *s, bool dyn, double other, double least)
{
    double low = least, step = 1, high = least;
    while (high < 1e300 && !is_enough(s, s->n, dyn ? high : other, dyn ? other : high)) {
        low = high;
        high = floor(least + step);
        step *= 2;
    }
    while (high - low > fmax(1, 1e-15 * high)) {
        const double middle = floor(low + (high - low) / 2);
        if (is_enough(s, s->n, dyn ? middle : other, dyn ? other : middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high < 1e300 ? high : (double)INFINITY;
}

/** Whole counts next to the best real ones that keep the target. */
static ig_status round_target(const search *s, double u, ig_allocation *best, ig_error *error)
{
    const ig_allocation_problem *p = &s->laws[0];
    const ig_allocation real = at_odds(s, u);
    const bool dyn = p->dyn.cost >= p->rew.cost;
    const double least = (dyn ? p->dyn.owned : p->rew.owned) > 0 ? 0 : 1;
    const double other = (dyn ? p->rew.owned : p->dyn.owned) > 0 ? 0 : 1;
    const double start = floor(dyn ? real.n_dyn : real.n_rew);
    double cheapest = (double)INFINITY;
    for (int i = 0; i <= 2; i++) {
        const double dear = fmax(least, start + i);
        double from = other;
        if (!dyn && p->labels_within) {
            from = fmax(from, p->rew.owned + dear - p->dyn.owned);
        }
        const double cheap = need(s, !dyn, dear, from);
        const double n_dyn = dyn ? dear : cheap, n_rew = dyn ? cheap : dear;
        const ig_allocation a = ig_allocation_of(p, n_dyn, n_rew);
        if (isfinite(cheap) && is_possible(p, n_dyn, n_rew) && a.cost < cheapest) {
            cheapest = a.cost;
            *best = a;
        }
    }
    return isfinite(cheapest) ? IG_OK
                              : ig_error_set(error, IG_ERR_NUMERIC,
                                             "no whole counts give a bound of %g", s->order->limit);
}

/** The least of the kind that has a price. */
static ig_status choose_beside_free(const search *s, ig_allocation *best, ig_error *error)
{
    const ig_allocation_problem *p = &s->laws[0];
    const bool dyn = p->rew.cost == 0;
    double low = -1, high = 1;
    if ((dyn ? p->dyn.owned : p->rew.owned) <= 0) {
        low = 0;
    }
    for (;;) {
        const double others = ig_allocation_free(p, high);
        if (is_enough(s, s->n, dyn ? high : others, dyn ? others : high)) {
            break;
        }
        low = high;
        high *= 2;
        if (high > 1e300) {
            return ig_error_set(error, IG_ERR_NUMERIC,
                                "a bound of %g needs more samples than there are numbers for",
                                s->order->limit);
        }
    }
    while (high - low > fmax(1, 1e-15 * high)) {
        const double middle = floor(low + (high - low) / 2);
        const double others = ig_allocation_free(p, middle);
        if (is_enough(s, s->n, dyn ? middle : others, dyn ? others : middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    const double others = ig_allocation_free(p, high);
    *best = ig_allocation_of(p, dyn ? high : others, dyn ? others : high);
    return IG_OK;
}

static ig_status choose_for_target(search *s, ig_allocation *best, ig_error *error)
{
    const ig_order *o = s->order;
    double u = 0, before;
    if (o->owned[IG_DYNAMICS] > 0 && o->owned[IG_REWARD] > 0 && is_enough(s, s->n, 0, 0)) {
        *best = ig_allocation_of(&s->laws[0], 0, 0);
        return IG_OK;
    }
    if (is_free(o)) {
        return choose_beside_free(s, best, error);
    }
    TRY(find_money(s, s->n_some, u, error));
    for (int i = 0; i < ROUNDS; i++) {
        before = s->money;
        TRY(find_odds(s, s->money, &u, error));
        TRY(find_money(s, s->n_some, u, error));
        if (fabs(s->money / before - 1) < 1e-9) {
            break;
        }
    }
    TRY(find_money(s, s->n, u, error));
    return round_target(s, u, best, error);
}

/** The numbers of which intervals are made, a row of n draws each. */
enum {
    COUNT_D,
    COUNT_R,
    SHARE_D,
    SHARE_R,
    SPENT,
    ERROR_D,
    ERROR_R,
    BOUND,
    ONE_D,
    ONE_R,
    ONE_BOUND,
    FLOOR,
    RIVAL,
    LOSS = RIVAL + IG_RIVALS,
    REGRET = LOSS + IG_RIVALS,
    OWNED,
    /* With weights in the middle of their ranges: */
    MIDDLE_BOUND,
    MIDDLE_FLOOR,
    MIDDLE_RIVAL,
    MIDDLE_LOSS = MIDDLE_RIVAL + IG_RIVALS,
    N_NUMBERS = MIDDLE_LOSS + IG_RIVALS
};

typedef struct tally {
    const ig_learning_curve *curves;
    const search *search;
    double *numbers; /**< [N_NUMBERS * n] */
} tally;

static void tally_clear(tally *t)
{
    free(t->numbers);
}

static void put(const tally *t, int what, size_t k, double number)
{
    t->numbers[(size_t)what * t->search->n + k] =
        isfinite(number) ? fmin(number, UNREACHED) : UNREACHED;
}

/** What draw k says with the weights that the plan is made with. */
static void tally_middle(const tally *t, size_t k, const ig_purchase *purchase)
{
    const ig_allocation_problem *p = &t->search->laws[k];
    const double here = ig_allocation_of(p, purchase->best.n_dyn, purchase->best.n_rew).bound;
    put(t, MIDDLE_BOUND, k, here);
    put(t, MIDDLE_FLOOR, k, ig_allocation_floor(p));
    put(t, OWNED, k, ig_allocation_of(p, 0, 0).bound);
    for (int i = 0; i < IG_RIVALS; i++) {
        const ig_allocation *other = &purchase->rivals[i].split;
        const double bound = ig_allocation_of(p, other->n_dyn, other->n_rew).bound;
        put(t, MIDDLE_RIVAL + i, k, bound);
        put(t, MIDDLE_LOSS + i, k, bound_ratio(bound, here) - 1);
    }
}

/** What draw k says of the purchase and of its rivals. A law that no money brings to the target is
 *  an answer; want of memory is none. */
static ig_status tally_one(const tally *t, size_t k, ig_rng *rng, ig_purchase *purchase,
                           ig_error *error)
{
    const ig_order *order = t->search->order;
    ig_allocation_problem p = t->search->laws[k];
    const ig_allocation *plan = &purchase->best;
    tally_middle(t, k, purchase);
    ig_order_draw_weights(order, rng, &p);
    const ig_allocation here = ig_allocation_of(&p, plan->n_dyn, plan->n_rew);
    const double one_d = ig_learning_one_training(&t->curves[IG_DYNAMICS].draws, k,
                                                  p.dyn.owned + plan->n_dyn, here.eps_dyn, rng);
    const double one_r = ig_learning_one_training(&t->curves[IG_REWARD].draws, k,
                                                  p.rew.owned + plan->n_rew, here.eps_rew, rng);
    ig_allocation best, optimum = here;
    ig_status status = order->for_target ? ig_allocation_reach(&p, order->limit, &best, error)
                                         : ig_allocation_solve(&p, order->limit, &best, error);
    if (status == IG_ERR_MEMORY) {
        return status;
    }
    if (status) {
        const double never = (double)INFINITY;
        purchase->unreached++;
        best = (ig_allocation){never, never, 1, 1, 1, 0, 0, 0, never};
    }
    const double numbers[] = {best.n_dyn,
                              best.n_rew,
                              best.share_dyn,
                              best.share_rew,
                              best.cost,
                              here.eps_dyn,
                              here.eps_rew,
                              here.bound,
                              one_d,
                              one_r,
                              p.dyn.weight * one_d + p.rew.weight * one_r,
                              ig_allocation_floor(&p)};
    for (int what = COUNT_D; what <= FLOOR; what++) {
        put(t, what, k, numbers[what]);
    }
    for (int i = 0; i < IG_RIVALS; i++) {
        const ig_allocation *other = &purchase->rivals[i].split;
        const double bound = ig_allocation_of(&p, other->n_dyn, other->n_rew).bound;
        put(t, RIVAL + i, k, bound);
        put(t, LOSS + i, k, bound_ratio(bound, here.bound) - 1);
    }
    status = plan->cost > 0 ? ig_allocation_solve(&p, plan->cost, &optimum, error) : IG_OK;
    put(t, REGRET, k, fmax(0, 1 - bound_ratio(optimum.bound, here.bound)));
    return status == IG_ERR_MEMORY ? status : IG_OK;
}

static ig_estimate estimate(const tally *t, int what)
{
    return ig_plan_estimate(t->numbers + (size_t)what * t->search->n, t->search->n);
}

/** The interval with another value than the median, which it holds. */
static ig_estimate around(const tally *t, int what, double value)
{
    ig_estimate e = estimate(t, what);
    e.value = value;
    e.low = fmin(e.low, value);
    e.high = fmax(e.high, value);
    return e;
}

/** Where the data allow each curve to have no floor, the interval of their sum begins at 0: that
 *  both have none at once may be too improbable for a percentile of the draws to say so. */
static ig_estimate floors_estimate(const ig_learning_curve curves[IG_KINDS], ig_estimate e)
{
    if (fmin(curves[IG_DYNAMICS].draws.p_no_floor, curves[IG_REWARD].draws.p_no_floor) >= 0.025) {
        e.low = 0;
    }
    return e;
}

static void estimate_all(const tally *t, ig_purchase *p)
{
    p->count[IG_DYNAMICS] = around(t, COUNT_D, p->best.n_dyn);
    p->count[IG_REWARD] = around(t, COUNT_R, p->best.n_rew);
    p->share[IG_DYNAMICS] = around(t, SHARE_D, p->best.share_dyn);
    p->share[IG_REWARD] = around(t, SHARE_R, p->best.share_rew);
    p->spent = around(t, SPENT, p->best.cost);
    p->error[IG_DYNAMICS] = estimate(t, ERROR_D);
    p->error[IG_REWARD] = estimate(t, ERROR_R);
    p->bound = around(t, BOUND, estimate(t, MIDDLE_BOUND).value);
    p->one_error[IG_DYNAMICS] = estimate(t, ONE_D);
    p->one_error[IG_REWARD] = estimate(t, ONE_R);
    p->one_bound = estimate(t, ONE_BOUND);
    p->floor = floors_estimate(t->curves, around(t, FLOOR, estimate(t, MIDDLE_FLOOR).value));
    p->owned_bound = estimate(t, OWNED).value;
    for (int i = 0; i < IG_RIVALS; i++) {
        ig_comparison *c = &p->rivals[i];
        const bool there = !isnan(c->split.bound);
        const double bound = estimate(t, MIDDLE_RIVAL + i).value;
        const double loss = estimate(t, MIDDLE_LOSS + i).value;
        c->bound = there ? around(t, RIVAL + i, bound) : ig_no_estimate;
        c->loss = there ? around(t, LOSS + i, loss) : ig_no_estimate;
        c->split.bound = c->bound.value;
    }
    p->regret = estimate(t, REGRET).high;
    p->best.eps_dyn = p->error[IG_DYNAMICS].value;
    p->best.eps_rew = p->error[IG_REWARD].value;
    p->best.bound = p->bound.value;
}

/** Half of the money each, and all of it for one kind. */
static void find_rivals(const ig_allocation_problem *law, ig_purchase *p)
{
    static const double shares[IG_RIVALS] = {0.5, 1, 0};
    ig_allocation_problem apart = *law;
    apart.labels_within = false;
    for (int i = 0; i < IG_RIVALS; i++) {
        ig_comparison *c = &p->rivals[i];
        const double money = p->best.cost;
        c->split = (ig_allocation){.bound = (double)NAN};
        if (!(money > 0) || law->dyn.cost == 0 || law->rew.cost == 0) {
            continue;
        }
        c->split = ig_allocation_near(law, money, shares[i]);
        c->moved = c->split.n_dyn > ig_allocation_near(&apart, money, shares[i]).n_dyn;
        if (i == IG_EVEN && ((law->dyn.owned <= 0 && money / 2 < law->dyn.cost) ||
                             (law->rew.owned <= 0 && money / 2 < law->rew.cost))) {
            c->split.bound = (double)NAN;
        }
    }
}

/** A target at or below the floors of half of the laws. */
static ig_status check_target(const search *s, const ig_learning_curve curves[IG_KINDS],
                              ig_error *error)
{
    AUTO_FREE double *floors = NULL;
    size_t below = 0;
    TRY(IG_ALLOC(floors, s->n, error));
    for (size_t k = 0; k < s->n; k++) {
        floors[k] = ig_allocation_floor(&s->laws[k]);
        below += floors[k] < s->order->limit;
    }
    if (2 * below > s->n) {
        return IG_OK;
    }
    const ig_estimate e = floors_estimate(curves, ig_plan_estimate(floors, s->n));
    return ig_error_set(error, IG_ERR_NUMERIC,
                        "a bound of %.6g is unreachable at any price: the floors alone give %.4g "
                        "[%.4g, %.4g]",
                        s->order->limit, e.value, e.low, e.high);
}

ig_status ig_purchase_make(const ig_learning_curve curves[IG_KINDS], const ig_order *order,
                           ig_rng *rng, ig_purchase *purchase, ig_error *error)
{
    AUTO(search_clear) search s = {0};
    AUTO(tally_clear) tally t = {.curves = curves, .search = &s};
    TRY(search_init(curves, order, &s, error));
    ig_purchase p = {.n_draws = s.n};
    if (order->for_target) {
        TRY(check_target(&s, curves, error));
        TRY(choose_for_target(&s, &p.best, error));
    } else {
        TRY(choose_for_budget(&s, &p.best, error));
    }
    find_rivals(&s.laws[0], &p);
    TRY(IG_ALLOC(t.numbers, N_NUMBERS * s.n, error));
    for (size_t k = 0; k < s.n; k++) {
        TRY(tally_one(&t, k, rng, &p, error));
    }
    estimate_all(&t, &p);
    *purchase = p;
    return IG_OK;
}
