/** Whole counts. For every count of the dearer kind the budget (or the target) leaves one best
 * count of the cheaper kind, and with real counts of the cheaper kind the value is convex in the
 * dearer count: walking outwards from the optimum may stop where that lower bound exceeds the best
 * found. */
#include <math.h>
#include <stdbool.h>

#include "theory/allocation.h"

enum { WALK = 1 << 14 };

/** What is sought: the least bound for a budget, or the least cost for a bound. */
typedef struct search {
    const ig_allocation_problem *problem;
    const ig_allocation_kind *dear, *cheap;
    bool for_target;
    double limit; /**< budget or target */
} search;

static double term(const ig_allocation_kind *kind, double n)
{
    return kind->weight * exp(log(kind->amplitude) - kind->exponent * log(n));
}

static ig_allocation arrange(const search *s, double dear, double cheap)
{
    return s->dear == &s->problem->dyn ? ig_allocation_of(s->problem, dear, cheap)
                                       : ig_allocation_of(s->problem, cheap, dear);
}

/** What is minimised, and whether the counts keep within the limit. */
static double value(const search *s, const ig_allocation *a)
{
    return s->for_target ? a->cost : a->bound;
}

static bool allowed(const search *s, double dear, double cheap)
{
    ig_allocation a = arrange(s, dear, cheap);
    return (s->for_target ? a.bound : a.cost) <= s->limit;
}

/** The real count of the cheaper kind that meets the limit exactly; not above 0 or infinite where
 *  none does. */
static double meet(const search *s, double dear)
{
    if (!s->for_target) {
        return (s->limit - s->dear->cost * dear) / s->cheap->cost;
    }
    double left = s->limit - term(s->dear, dear);
    double log_n = log(s->cheap->weight) + log(s->cheap->amplitude) - log(left);
    return left > 0 ? exp(log_n / s->cheap->exponent) : (double)INFINITY;
}

/** One sample, or the least that changes a count above 2^53. */
static double step(double n)
{
    return fmax(1, nextafter(n, (double)INFINITY) - n);
}

/** Whether `n` of the cheaper kind is more than the budget buys, or enough for the target. */
static bool is_above(const search *s, double dear, double n)
{
    return allowed(s, dear, n) == s->for_target;
}

/** The best whole count of the cheaper kind beside `dear`; 0 where there is none. `real` may be off
 *  by rounding, so neighbours are tried at growing distance, then the whole number between. */
static double whole(const search *s, double dear, double real)
{
    double low = floor(real), high = low, distance = step(low);
    if (is_above(s, dear, low)) {
        do {
            high = low;
            low = fmax(0, high - distance);
            distance *= 2;
        } while (low > 0 && is_above(s, dear, low));
    } else {
        do {
            low = high;
            high = low + distance;
            distance *= 2;
        } while (isfinite(high) && !is_above(s, dear, high));
    }
    for (;;) {
        double middle = low + floor((high - low) / 2);
        if (middle <= low || middle >= high) {
            break;
        }
        if (is_above(s, dear, middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return s->for_target ? high : low;
}

/** Walk from `dear` in direction `sign`, improving `best` (n_dyn 0: nothing found yet). */
static void walk(const search *s, double dear, double sign, ig_allocation *best)
{
    for (int i = 0; i < WALK && dear >= 1; i++) {
        double real = meet(s, dear);
        if (!(real >= 0) || !isfinite(real)) {
            /* Beyond the limit: the other way there may be room. */
            return;
        }
        ig_allocation relaxed = arrange(s, dear, real);
        if (best->n_dyn > 0 && value(s, &relaxed) > value(s, best) * (1 + 1e-12)) {
            return;
        }
        double cheap = whole(s, dear, real);
        if (cheap > 0) {
            ig_allocation a = arrange(s, dear, cheap);
            if (best->n_dyn <= 0 || value(s, &a) < value(s, best)) {
                *best = a;
            }
        }
        dear += sign * step(dear);
    }
}

static ig_status search_from(const search *s, const ig_allocation *real, ig_allocation *best,
                             ig_error *error)
{
    double start = floor(s->dear == &s->problem->dyn ? real->n_dyn : real->n_rew);
    ig_allocation found = {0};
    if (!s->for_target) {
        /* The cheaper kind needs one sample, too. */
        start = fmin(start, floor((s->limit - s->cheap->cost) / s->dear->cost));
    }
    start = fmax(1, start);
    walk(s, start, -1, &found);
    walk(s, start + step(start), 1, &found);
    if (found.n_dyn <= 0) {
        return ig_error_set(error, IG_ERR_NUMERIC, "no whole counts were found");
    }
    *best = found;
    return IG_OK;
}

static search search_for(const ig_allocation_problem *p, bool for_target, double limit)
{
    bool dyn = p->dyn.cost >= p->rew.cost;
    return (search){p, dyn ? &p->dyn : &p->rew, dyn ? &p->rew : &p->dyn, for_target, limit};
}

ig_status ig_allocation_solve_whole(const ig_allocation_problem *problem, double budget,
                                    ig_allocation *best, ig_error *error)
{
    ig_allocation real;
    ig_status status = ig_allocation_solve(problem, budget, &real, error);
    if (status) {
        return status;
    }
    if (problem->dyn.cost + problem->rew.cost > budget) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "a budget of %g does not buy one transition and one label, which cost "
                            "%g",
                            budget, problem->dyn.cost + problem->rew.cost);
    }
    search s = search_for(problem, false, budget);
    return search_from(&s, &real, best, error);
}

ig_status ig_allocation_reach_whole(const ig_allocation_problem *problem, double target,
                                    ig_allocation *best, ig_error *error)
{
    ig_allocation real;
    ig_status status = ig_allocation_reach(problem, target, &real, error);
    if (status) {
        return status;
    }
    search s = search_for(problem, true, target);
    return search_from(&s, &real, best, error);
}
