/** Theorem 1: the best division of a budget, first in real counts, then in whole ones. */
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>

#include "base/try.h"
#include "theory/theory.h"

/* Bisection alone would come to the last bit of a double in some 60 steps; Brent's method may need
 * a few for each. */
enum { ITERATIONS = 200 };

/** ln(1 + e^u) without overflow. */
static double softplus(double u)
{
    return u > 0 ? u + log1p(exp(-u)) : log1p(exp(u));
}

/** A problem and its budget in logarithms, so that no product of inputs leaves the doubles. */
typedef struct logs {
    double alpha, beta;
    double weight_dyn, weight_rew; /**< ln(C_d A_d), ln(C_r A_r) */
    double all_dyn, all_rew;       /**< ln of the counts that all of the money would buy */
} logs;

static logs logs_of(const ig_allocation_problem *p, double log_budget)
{
    return (logs){
        .alpha = p->dyn.exponent,
        .beta = p->rew.exponent,
        .weight_dyn = log(p->dyn.weight) + log(p->dyn.amplitude),
        .weight_rew = log(p->rew.weight) + log(p->rew.amplitude),
        .all_dyn = log_budget - log(p->dyn.cost),
        .all_rew = log_budget - log(p->rew.cost),
    };
}

/** ln of the loss that a transition's money removes over what a label's money removes; zero at the
 *  optimum, falling in u. */
static double excess(double u, void *context)
{
    const logs *l = context;
    double n_dyn = l->all_dyn - softplus(-u), n_rew = l->all_rew - softplus(u);
    /* Marginal gains per money; the two costs hide in all_dyn - all_rew. */
    return log(l->alpha) + l->weight_dyn - (l->alpha + 1) * n_dyn + l->all_dyn -
           (log(l->beta) + l->weight_rew - (l->beta + 1) * n_rew + l->all_rew);
}

/** -d excess / du. */
static double steepness(const logs *l, double u)
{
    return (l->alpha + 1) / (1 + exp(u)) + (l->beta + 1) / (1 + exp(-u));
}

/** Root of a continuous function that changes sign between low and high. */
static ig_status find_root(double (*f)(double, void *), void *context, double low, double high,
                           double *root, ig_error *error)
{
    gsl_function function = {f, context};
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    int failed = solver ? gsl_root_fsolver_set(solver, &function, low, high) : GSL_ENOMEM;
    int found = GSL_CONTINUE;
    for (int i = 0; !failed && found == GSL_CONTINUE && i < ITERATIONS; i++) {
        failed = gsl_root_fsolver_iterate(solver);
        *root = gsl_root_fsolver_root(solver);
        found = gsl_root_test_interval(gsl_root_fsolver_x_lower(solver),
                                       gsl_root_fsolver_x_upper(solver), 1e-14, 1e-14);
    }
    gsl_root_fsolver_free(solver);
    gsl_set_error_handler(handler);
    if (failed == GSL_ENOMEM) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    }
    if (failed || found != GSL_SUCCESS) {
        return ig_error_set(error, IG_ERR_NUMERIC, "no root between %g and %g%s%s", low, high,
                            failed ? ": " : "", failed ? gsl_strerror(failed) : "");
    }
    return IG_OK;
}

/** Root of a falling f, given its value at `at` and bounds of its slope, both > 0 downwards. */
static ig_status find_falling(double (*f)(double, void *), void *context, double at, double flat,
                              double steep, double *root, ig_error *error)
{
    double value = f(at, context);
    if (!isfinite(value)) {
        return ig_error_set(error, IG_ERR_NUMERIC, "the inputs overflow");
    }
    /* A hair wider than the slopes allow, so that rounding cannot lose the change of sign. */
    double near = at + value / steep, far = at + value / flat;
    double air = 1e-9 * (1 + fabs(far)) / fmin(1, flat);
    return find_root(f, context, fmin(near, far) - air, fmax(near, far) + air, root, error);
}

/** u of the optimum. */
static ig_status find_odds(logs *l, double *u, ig_error *error)
{
    double flat = 1 + fmin(l->alpha, l->beta), steep = 1 + fmax(l->alpha, l->beta);
    TRY(find_falling(excess, l, 0, flat, steep, u, error));
    *u += excess(*u, l) / steepness(l, *u);
    return IG_OK;
}

static bool is_positive(const ig_allocation_kind *kind)
{
    const double numbers[] = {kind->amplitude, kind->exponent, kind->weight, kind->cost};
    for (int i = 0; i < 4; i++) {
        if (!isfinite(numbers[i]) || numbers[i] <= 0) {
            return false;
        }
    }
    return true;
}

static ig_status check(const ig_allocation_problem *p, double budget, ig_error *error)
{
    if (!is_positive(&p->dyn) || !is_positive(&p->rew) || !isfinite(budget) || budget <= 0) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "amplitudes, exponents, weights, costs and the budget or target must "
                            "be positive and finite");
    }
    return IG_OK;
}

/* Without any of one kind the ratio is infinite or zero, as IEEE 754 has it. */
__attribute__((no_sanitize("float-divide-by-zero"))) static void
complete(const ig_allocation_problem *p, ig_allocation *a)
{
    a->ratio = a->n_dyn / a->n_rew;
    a->eps_dyn = exp(log(p->dyn.amplitude) - p->dyn.exponent * log(a->n_dyn));
    a->eps_rew = exp(log(p->rew.amplitude) - p->rew.exponent * log(a->n_rew));
    a->bound = p->dyn.weight * a->eps_dyn + p->rew.weight * a->eps_rew;
}

ig_allocation ig_allocation_of(const ig_allocation_problem *problem, double n_dyn, double n_rew)
{
    double dyn = problem->dyn.cost * n_dyn, rew = problem->rew.cost * n_rew;
    ig_allocation a = {.n_dyn = n_dyn, .n_rew = n_rew, .cost = dyn + rew};
    a.share_dyn = dyn / a.cost;
    a.share_rew = rew / a.cost;
    complete(problem, &a);
    return a;
}

ig_allocation ig_allocation_split(const ig_allocation_problem *problem, double budget, double odds)
{
    /* The odds may be too small for a double. */
    ig_allocation a = {.share_dyn = odds > 0 ? 1 / (1 + 1 / odds) : 0, .share_rew = 1 / (1 + odds)};
    a.n_dyn = a.share_dyn * (budget / problem->dyn.cost);
    a.n_rew = a.share_rew * (budget / problem->rew.cost);
    a.cost = budget;
    complete(problem, &a);
    return a;
}

static ig_status check_result(const ig_allocation *a, ig_error *error)
{
    const double numbers[] = {a->n_dyn, a->n_rew, a->ratio, a->bound, a->cost};
    for (int i = 0; i < 5; i++) {
        if (!isfinite(numbers[i]) || numbers[i] <= 0) {
            return ig_error_set(error, IG_ERR_NUMERIC,
                                "the best division has no finite counts or bound");
        }
    }
    return IG_OK;
}

/** ln of the best odds u, and the logarithms it was found with. */
static ig_status find_best_odds(const ig_allocation_problem *problem, double budget, logs *l,
                                double *u, ig_error *error)
{
    TRY(check(problem, budget, error));
    *l = logs_of(problem, log(budget));
    return find_odds(l, u, error);
}

ig_status ig_allocation_solve(const ig_allocation_problem *problem, double budget,
                              ig_allocation *best, ig_error *error)
{
    double u = 0;
    logs l;
    TRY(find_best_odds(problem, budget, &l, &u, error));
    ig_allocation a = ig_allocation_split(problem, budget, exp(u));
    TRY(check_result(&a, error));
    *best = a;
    return IG_OK;
}

/** ln of the best bound over the target, as a function of ln(budget). */
typedef struct goal {
    const ig_allocation_problem *problem;
    double log_target;
    ig_status status; /**< of the inner root finder, with `error` */
    ig_error error;
} goal;

static double miss(double log_budget, void *context)
{
    goal *g = context;
    logs l = logs_of(g->problem, log_budget);
    double u = 0;
    ig_status status = find_odds(&l, &u, &g->error);
    if (status) {
        g->status = status;
        return (double)NAN;
    }
    double dyn = l.weight_dyn - l.alpha * (l.all_dyn - softplus(-u));
    double rew = l.weight_rew - l.beta * (l.all_rew - softplus(u));
    /* ln(e^dyn + e^rew) */
    return rew + softplus(dyn - rew) - g->log_target;
}

ig_status ig_allocation_reach(const ig_allocation_problem *problem, double target,
                              ig_allocation *best, ig_error *error)
{
    double alpha = problem->dyn.exponent, beta = problem->rew.exponent, log_budget = 0;
    goal g = {.problem = problem};
    TRY(check(problem, target, error));
    g.log_target = log(target);
    /* By the envelope theorem d ln(bound) / d ln(budget) is an average of -alpha and -beta. */
    ig_status status =
        find_falling(miss, &g, 0, fmin(alpha, beta), fmax(alpha, beta), &log_budget, error);
    if (g.status) {
        return ig_error_set(error, g.status, "%s", g.error.text);
    }
    TRY(status);
    double budget = exp(log_budget);
    if (!isfinite(budget) || budget <= 0) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "a bound of %g needs a budget of 10^%.0f, which is out of range",
                            target, log_budget / log(10));
    }
    return ig_allocation_solve(problem, budget, best, error);
}

ig_status ig_allocation_differentiate(const ig_allocation_problem *problem, double budget,
                                      ig_allocation_slopes *slopes, ig_error *error)
{
    double u = 0;
    logs l;
    TRY(find_best_odds(problem, budget, &l, &u, error));
    /* d u / d p = (d excess / d p) / steepness, and ln(ratio) = u + ln(c_rew) - ln(c_dyn). */
    double one = 1 / steepness(&l, u);
    *slopes = (ig_allocation_slopes){
        .a_d = one,
        .alpha = one * (1 / l.alpha - (l.all_dyn - softplus(-u))),
        .a_r = -one,
        .beta = one * (l.all_rew - softplus(u) - 1 / l.beta),
        .c_d = one,
        .c_r = -one,
        .cost_dyn = one * l.alpha - 1,
        .cost_rew = 1 - one * l.beta,
        .budget = one * (l.beta - l.alpha),
    };
    return IG_OK;
}

/* Whole counts. For every count of the more expensive kind the budget (or the target) leaves one
 * best count of the cheaper kind, and with real counts of the cheaper kind the value is convex in
 * the other count: walking outwards from the optimum may stop where that lower bound exceeds the
 * best found. */

/* Counts of the more expensive kind tried to either side; some milliseconds. */
enum { WALK_MAX = 1 << 14 };

/** What is sought: the least bound for a budget, or the least cost for a bound. */
typedef struct whole_search {
    const ig_allocation_problem *problem;
    const ig_allocation_kind *expensive, *cheap;
    bool for_target;
    double limit; /**< budget or target */
} whole_search;

static double term(const ig_allocation_kind *kind, double n)
{
    return kind->weight * exp(log(kind->amplitude) - kind->exponent * log(n));
}

static ig_allocation arrange(const whole_search *s, double expensive, double cheap)
{
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

/** The real count of the cheaper kind that meets the limit exactly; not above 0 or infinite where
 *  none does. */
static double meet(const whole_search *s, double expensive)
{
    if (!s->for_target) {
        return (s->limit - s->expensive->cost * expensive) / s->cheap->cost;
    }
    double left = s->limit - term(s->expensive, expensive);
    double log_n = log(s->cheap->weight) + log(s->cheap->amplitude) - log(left);
    return left > 0 ? exp(log_n / s->cheap->exponent) : (double)INFINITY;
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

/** Walk from `expensive` in direction `sign`, improving `best` (n_dyn 0: nothing found yet). */
static void walk(const whole_search *s, double expensive, double sign, ig_allocation *best)
{
    for (int i = 0; i < WALK_MAX && expensive >= 1; i++) {
        double real = meet(s, expensive);
        if (!(real >= 0) || !isfinite(real)) {
            /* Beyond the limit: the other way there may be room. */
            return;
        }
        ig_allocation relaxed = arrange(s, expensive, real);
        if (best->n_dyn > 0 && value(s, &relaxed) > value(s, best) * (1 + 1e-12)) {
            return;
        }
        double cheap = whole(s, expensive, real);
        if (cheap > 0) {
            ig_allocation a = arrange(s, expensive, cheap);
            if (best->n_dyn <= 0 || value(s, &a) < value(s, best)) {
                *best = a;
            }
        }
        expensive += sign * step(expensive);
    }
}

static ig_status search_from(const whole_search *s, const ig_allocation *real, ig_allocation *best,
                             ig_error *error)
{
    double start = floor(s->expensive == &s->problem->dyn ? real->n_dyn : real->n_rew);
    ig_allocation found = {0};
    if (!s->for_target) {
        /* The cheaper kind needs one sample, too. */
        start = fmin(start, floor((s->limit - s->cheap->cost) / s->expensive->cost));
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

static whole_search search_for(const ig_allocation_problem *p, bool for_target, double limit)
{
    bool dyn = p->dyn.cost >= p->rew.cost;
    return (whole_search){p, dyn ? &p->dyn : &p->rew, dyn ? &p->rew : &p->dyn, for_target, limit};
}

ig_status ig_allocation_solve_whole(const ig_allocation_problem *problem, double budget,
                                    ig_allocation *best, ig_error *error)
{
    ig_allocation real;
    TRY(ig_allocation_solve(problem, budget, &real, error));
    if (problem->dyn.cost + problem->rew.cost > budget) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "a budget of %g does not buy one transition and one label, which cost "
                            "%g",
                            budget, problem->dyn.cost + problem->rew.cost);
    }
    whole_search s = search_for(problem, false, budget);
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
