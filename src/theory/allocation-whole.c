/** Theorem 1: the best division of a budget in whole counts.
 *
 *  For every count of the more expensive kind the budget (or the target) leaves one best count of
 *  the cheaper kind, and with real counts of the cheaper kind the value is convex in the other
 *  count: walking outwards from the optimum may stop where that lower bound exceeds the best found.
 */
#include <math.h>
#include <stdbool.h>

#include "base/try.h"
#include "theory/theory.h"

/* Counts of the more expensive kind tried to either side; some milliseconds. */
enum { WALK_MAX = 1 << 14 };

/** What is sought: the least bound for a budget, or the least cost for a bound. */
typedef struct whole_search {
    const ig_allocation_problem *problem;
    /** Where one kind is free it counts as the expensive one, of which there are as many as may be
     *  beside the other. */
    const ig_allocation_kind *expensive, *cheap;
    bool free;
    bool for_target;
    double limit; /**< budget or target */
} whole_search;

static double term(const ig_allocation_kind *kind, double n)
{
    const double error = exp(log(kind->amplitude) - kind->exponent * log(kind->owned + n));
    return kind->weight * (error + kind->floor);
}

static ig_allocation arrange(const whole_search *s, double expensive, double cheap)
{
    if (s->free) {
        expensive = ig_allocation_free(s->problem, cheap);
    }
    return s->expensive == &s->problem->dyn ? ig_allocation_of(s->problem, expensive, cheap)
                                            : ig_allocation_of(s->problem, cheap, expensive);
}

/** What is minimised, and whether the counts keep within the limit. */
static double value(const whole_search *s, const ig_allocation *a)
{
    return s->for_target ? a->cost : a->bound;
}

static bool allowed(const whole_search *s, double expensive, double cheap)
{
    ig_allocation a = arrange(s, expensive, cheap);
    return (s->for_target ? a.bound : a.cost) <= s->limit;
}

/** A kind of which nothing is owned must be bought. */
static double least(const ig_allocation_kind *kind)
{
    return kind->owned >= 1 ? 0 : 1;
}

/** Counts of the cheaper kind that `expensive` allows, whatever they cost. */
static void range(const whole_search *s, double expensive, double *low, double *high)
{
    const double owned = s->expensive->owned + expensive - s->cheap->owned;
    *low = least(s->cheap);
    *high = (double)INFINITY;
    if (s->problem->labels_within && !s->free) {
        if (s->cheap == &s->problem->rew) {
            *high = owned;
        } else {
            *low = fmax(*low, owned);
        }
    }
}

/** The real count of the cheaper kind that meets the limit exactly; not above 0 or infinite where
 *  none does. */
static double meet(const whole_search *s, double expensive)
{
    if (!s->for_target) {
        return (s->limit - s->expensive->cost * expensive) / s->cheap->cost;
    }
    double left = s->limit - term(s->expensive, expensive) - s->cheap->weight * s->cheap->floor;
    double log_n = log(s->cheap->weight) + log(s->cheap->amplitude) - log(left);
    return left > 0 ? exp(log_n / s->cheap->exponent) - s->cheap->owned : (double)INFINITY;
}

/** One sample, or the least that changes a count above 2^53. */
static double step(double n)
{
    return fmax(1, nextafter(n, (double)INFINITY) - n);
}

/** Whether `n` of the cheaper kind is more than the budget buys, or enough for the target. */
static bool is_above(const whole_search *s, double expensive, double n)
{
    return allowed(s, expensive, n) == s->for_target;
}

/** The best whole count of the cheaper kind beside `expensive`; 0 where there is none. `real` may
 * be off by rounding, so neighbours are tried at growing distance, then the whole number between.
 */
static double whole(const whole_search *s, double expensive, double real)
{
    double low = floor(real), high = low, distance = step(low);
    if (is_above(s, expensive, low)) {
        do {
            high = low;
            low = fmax(0, high - distance);
            distance *= 2;
        } while (low > 0 && is_above(s, expensive, low));
    } else {
        do {
            low = high;
            high = low + distance;
            distance *= 2;
        } while (isfinite(high) && !is_above(s, expensive, high));
    }
    for (;;) {
        double middle = low + floor((high - low) / 2);
        if (middle <= low || middle >= high) {
            break;
        }
        if (is_above(s, expensive, middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return s->for_target ? high : low;
}

/** The best whole count of the cheaper kind from `low` to `high`; NaN where there is none. */
static double companion(const whole_search *s, double expensive, double real, double low,
                        double high)
{
    if (allowed(s, expensive, low) == s->for_target) {
        return s->for_target ? low : (double)NAN;
    }
    if (isfinite(high) && !s->for_target && allowed(s, expensive, high)) {
        return high;
    }
    const double n = whole(s, expensive, real);
    return n >= low && n <= high ? n : (double)NAN;
}

/** Walk from `expensive` in direction `sign`, improving `best` (infinite: nothing found yet). */
static void walk(const whole_search *s, double expensive, double sign, ig_allocation *best)
{
    double next = expensive;
    for (int i = 0; i < WALK_MAX && next >= least(s->expensive); i++) {
        expensive = next;
        next += sign * step(next);
        double low, high, real = meet(s, expensive);
        range(s, expensive, &low, &high);
        real = s->for_target ? fmax(real, low) : fmin(real, high);
        if (!(real >= 0) || !isfinite(real) || low > high || (s->for_target && real > high)) {
            /* Beyond the limit: the other way there may be room. */
            if ((sign > 0) != s->for_target) {
                return;
            }
            continue;
        }
        ig_allocation relaxed = arrange(s, expensive, real);
        if (value(s, &relaxed) > value(s, best) * (1 + 1e-12)) {
            return;
        }
        double cheap = companion(s, expensive, real, low, high);
        if (!isnan(cheap)) {
            ig_allocation a = arrange(s, expensive, cheap);
            if (value(s, &a) < value(s, best)) {
                *best = a;
            }
        }
    }
}

static ig_status search_from(const whole_search *s, const ig_allocation *real, ig_allocation *best,
                             ig_error *error)
{
    double start = floor(s->expensive == &s->problem->dyn ? real->n_dyn : real->n_rew);
    ig_allocation found = {.bound = (double)INFINITY, .cost = (double)INFINITY};
    if (s->free) {
        const double n = s->cheap == &s->problem->dyn ? real->n_dyn : real->n_rew;
        found = arrange(s, 0, companion(s, 0, n, least(s->cheap), (double)INFINITY));
    } else {
        if (!s->for_target) {
            /* The cheaper kind needs one sample, too. */
            start = fmin(start,
                         floor((s->limit - s->cheap->cost * least(s->cheap)) / s->expensive->cost));
        }
        start = fmax(least(s->expensive), start);
        walk(s, start, -1, &found);
        walk(s, start + step(start), 1, &found);
    }
    if (!isfinite(value(s, &found))) {
        return ig_error_set(error, IG_ERR_NUMERIC, "no whole counts were found");
    }
    *best = found;
    return IG_OK;
}

static whole_search search_for(const ig_allocation_problem *p, bool for_target, double limit)
{
    const bool free = p->dyn.cost == 0 || p->rew.cost == 0;
    const bool dyn = (p->dyn.cost >= p->rew.cost) != free;
    return (whole_search){p,    dyn ? &p->dyn : &p->rew, dyn ? &p->rew : &p->dyn, free, for_target,
                          limit};
}

ig_status ig_allocation_solve_whole(const ig_allocation_problem *problem, double budget,
                                    ig_allocation *best, ig_error *error)
{
    const ig_allocation_problem *p = problem;
    const double dyn = least(&p->dyn) * p->dyn.cost, rew = least(&p->rew) * p->rew.cost;
    ig_allocation real;
    TRY(ig_allocation_solve(p, budget, &real, error));
    if (dyn + rew > budget) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "a budget of %g does not buy one transition and one label, which cost "
                            "%g",
                            budget, dyn + rew);
    }
    whole_search s = search_for(p, false, budget);
    return search_from(&s, &real, best, error);
}

ig_status ig_allocation_reach_whole(const ig_allocation_problem *problem, double target,
                                    ig_allocation *best, ig_error *error)
{
    ig_allocation real;
    TRY(ig_allocation_reach(problem, target, &real, error));
    whole_search s = search_for(problem, true, target);
    return search_from(&s, &real, best, error);
}
