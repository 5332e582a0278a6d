/** Theorem 1: the best division of a budget in real counts. */
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

static bool is_finite(double number, bool zero_too)
{
    return isfinite(number) && (number > 0 || (zero_too && number == 0));
}

static bool is_sound(const ig_allocation_kind *kind, const ig_allocation_kind *other)
{
    return is_finite(kind->amplitude, false) && is_finite(kind->exponent, false) &&
           is_finite(kind->weight, false) && is_finite(kind->cost, other->cost > 0) &&
           is_finite(kind->floor, true) && is_finite(kind->owned, true) &&
           kind->owned == floor(kind->owned);
}

static ig_status check(const ig_allocation_problem *p, double limit, ig_error *error)
{
    if (!is_sound(&p->dyn, &p->rew) || !is_sound(&p->rew, &p->dyn) || !is_finite(limit, false)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "amplitudes, exponents, weights, costs and the budget or target must "
                            "be positive and finite, but for the cost of one kind, which may be 0; "
                            "floors and what is owned at least 0, the latter whole numbers");
    }
    if (p->labels_within && p->rew.owned > p->dyn.owned) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "%.15g labels are owned, but only %.15g transitions that they could "
                            "belong to",
                            p->rew.owned, p->dyn.owned);
    }
    return IG_OK;
}

static double error_of(const ig_allocation_kind *kind, double n)
{
    return exp(log(kind->amplitude) - kind->exponent * log(kind->owned + n)) + kind->floor;
}

/* Without any of one kind the ratio is infinite or zero, as IEEE 754 has it. */
__attribute__((no_sanitize("float-divide-by-zero"))) static void
complete(const ig_allocation_problem *p, ig_allocation *a)
{
    a->ratio = a->n_dyn / a->n_rew;
    a->eps_dyn = error_of(&p->dyn, a->n_dyn);
    a->eps_rew = error_of(&p->rew, a->n_rew);
    a->bound = p->dyn.weight * a->eps_dyn + p->rew.weight * a->eps_rew;
}

ig_allocation ig_allocation_of(const ig_allocation_problem *problem, double n_dyn, double n_rew)
{
    /* Without end, but free. */
    double dyn = problem->dyn.cost > 0 ? problem->dyn.cost * n_dyn : 0;
    double rew = problem->rew.cost > 0 ? problem->rew.cost * n_rew : 0;
    ig_allocation a = {.n_dyn = n_dyn, .n_rew = n_rew, .cost = dyn + rew};
    a.share_dyn = a.cost > 0 ? dyn / a.cost : 0;
    a.share_rew = a.cost > 0 ? rew / a.cost : 0;
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

ig_allocation ig_allocation_near(const ig_allocation_problem *problem, double budget, double share)
{
    const ig_allocation_problem *p = problem;
    const double least = p->dyn.owned >= 1 ? 0 : 1, others = p->rew.owned >= 1 ? 0 : 1;
    const double most = (budget - others * p->rew.cost) / p->dyn.cost;
    double low = least, n_dyn = share * budget / p->dyn.cost;
    if (p->labels_within) {
        /* So many that the rest of the money buys no label without its transition. */
        const double surplus = budget - p->rew.cost * (p->dyn.owned - p->rew.owned);
        low = fmax(low, surplus / (p->dyn.cost + p->rew.cost));
    }
    n_dyn = fmin(fmax(n_dyn, low), most);
    ig_allocation a = ig_allocation_of(p, n_dyn, (budget - p->dyn.cost * n_dyn) / p->rew.cost);
    if (!(low <= most)) {
        a.bound = (double)NAN;
    }
    return a;
}

/** A kind of which nothing is owned must be bought, one that is free may be without end. */
static bool is_count(double n, const ig_allocation_kind *kind)
{
    return (n > 0 || (n == 0 && kind->owned > 0)) && (isfinite(n) || kind->cost == 0);
}

static ig_status check_result(const ig_allocation_problem *p, const ig_allocation *a,
                              ig_error *error)
{
    const bool ratio = p->dyn.owned + p->rew.owned > 0 || fmin(p->dyn.cost, p->rew.cost) == 0 ||
                       is_finite(a->ratio, false);
    if (!is_count(a->n_dyn, &p->dyn) || !is_count(a->n_rew, &p->rew) || !ratio ||
        !is_finite(a->bound, false) || !is_finite(a->cost, p->dyn.owned + p->rew.owned > 0)) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "the best division has no finite counts or bound");
    }
    return IG_OK;
}

static bool is_free(const ig_allocation_problem *p)
{
    return p->dyn.cost == 0 || p->rew.cost == 0;
}

double ig_allocation_floor(const ig_allocation_problem *problem)
{
    return problem->dyn.weight * problem->dyn.floor + problem->rew.weight * problem->rew.floor;
}

double ig_allocation_free(const ig_allocation_problem *problem, double n)
{
    return problem->dyn.cost == 0 || !problem->labels_within
               ? (double)INFINITY
               : problem->dyn.owned + n - problem->rew.owned;
}

/** `n` of the kind that has a price beside all that the other, free one may have. */
static ig_allocation beside_free(const ig_allocation_problem *p, double n)
{
    const double others = ig_allocation_free(p, n);
    return p->dyn.cost == 0 ? ig_allocation_of(p, others, n) : ig_allocation_of(p, n, others);
}

/** ln of the best odds u, and the logarithms it was found with. */
static ig_status find_best_odds(const ig_allocation_problem *problem, double budget, logs *l,
                                double *u, ig_error *error)
{
    TRY(check(problem, budget, error));
    *l = logs_of(problem, log(budget));
    return find_odds(l, u, error);
}

/** What is bought lies on the budget line where what is owned is not sold and labels have their
 *  transitions: of a convex bound the nearest such point is the best. */
static ig_allocation keep_within(const ig_allocation_problem *p, double budget,
                                 const ig_allocation *all)
{
    double n_dyn = all->n_dyn - p->dyn.owned, n_rew = all->n_rew - p->rew.owned;
    if (n_dyn <= 0) {
        n_dyn = 0;
        n_rew = budget / p->rew.cost;
    } else if (n_rew <= 0) {
        n_dyn = budget / p->dyn.cost;
        n_rew = 0;
    }
    if (p->labels_within && p->rew.owned + n_rew > p->dyn.owned + n_dyn) {
        const double unlabelled = p->dyn.owned - p->rew.owned;
        n_dyn = fmax(0, (budget - p->rew.cost * unlabelled) / (p->dyn.cost + p->rew.cost));
        n_rew = n_dyn > 0 ? n_dyn + unlabelled : budget / p->rew.cost;
    }
    return ig_allocation_of(p, n_dyn, n_rew);
}

ig_status ig_allocation_solve(const ig_allocation_problem *problem, double budget,
                              ig_allocation *best, ig_error *error)
{
    const ig_allocation_problem *p = problem;
    ig_allocation a;
    TRY(check(p, budget, error));
    if (is_free(p)) {
        a = beside_free(p, budget / fmax(p->dyn.cost, p->rew.cost));
    } else {
        /* The owned samples count as bought with money that there is for nothing else. */
        const double all = budget + p->dyn.cost * p->dyn.owned + p->rew.cost * p->rew.owned;
        ig_allocation_problem anew = *p;
        double u = 0;
        logs l;
        TRY(find_best_odds(p, all, &l, &u, error));
        anew.dyn.owned = anew.rew.owned = 0;
        a = ig_allocation_split(&anew, all, exp(u));
        if (p->dyn.owned + p->rew.owned > 0 || (p->labels_within && a.n_rew > a.n_dyn)) {
            a = keep_within(p, budget, &a);
        }
    }
    TRY(check_result(p, &a, error));
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

/** ln of the bound without the floors over the target, N samples of each kind, by ln N. */
static double miss_together(double log_n, void *context)
{
    const goal *g = context;
    const logs l = logs_of(g->problem, 0);
    double dyn = l.weight_dyn - l.alpha * log_n, rew = l.weight_rew - l.beta * log_n;
    return rew + softplus(dyn - rew) - g->log_target;
}

/** Samples in all that bring a kind's part of the bound down to its floor's and `left`. */
static double invert(const ig_allocation_kind *kind, double left)
{
    return left > 0 ? exp((log(kind->weight) + log(kind->amplitude) - log(left)) / kind->exponent)
                    : (double)INFINITY;
}

static double term(const ig_allocation_kind *kind, double all)
{
    return kind->weight * exp(log(kind->amplitude) - kind->exponent * log(all));
}

/** N of both kinds together that reach what the target leaves above the floors. */
static ig_status find_together(goal *g, double *n, ig_error *error)
{
    const double alpha = g->problem->dyn.exponent, beta = g->problem->rew.exponent;
    double log_n = 0;
    TRY(find_falling(miss_together, g, 0, fmin(alpha, beta), fmax(alpha, beta), &log_n, error));
    *n = exp(log_n);
    return IG_OK;
}

/** From the cheapest counts of all samples to the cheapest that keep what is owned, and labels
 *  within transitions: along the counts that reach the target the price is convex, too. */
static ig_status reach_within(goal *g, ig_allocation *all, ig_error *error)
{
    const ig_allocation_problem *p = g->problem;
    const double target = exp(g->log_target);
    double least = p->dyn.owned;
    if (p->labels_within && all->n_rew > all->n_dyn) {
        double together = 0;
        TRY(find_together(g, &together, error));
        least = fmax(least, together);
    }
    if (all->n_dyn < least) {
        all->n_dyn = least;
        all->n_rew = invert(&p->rew, target - term(&p->dyn, least));
    }
    if (all->n_rew < p->rew.owned) {
        all->n_rew = p->rew.owned;
        all->n_dyn = invert(&p->dyn, target - term(&p->rew, p->rew.owned));
    }
    *all =
        ig_allocation_of(p, fmax(0, all->n_dyn - p->dyn.owned), fmax(0, all->n_rew - p->rew.owned));
    return IG_OK;
}

/** The least of the kind that has a price. */
static ig_status reach_free(goal *g, ig_allocation *best, ig_error *error)
{
    const ig_allocation_problem *p = g->problem;
    const bool together = p->labels_within && p->rew.cost == 0;
    const ig_allocation_kind *priced = p->dyn.cost == 0 ? &p->rew : &p->dyn;
    double n = invert(priced, exp(g->log_target));
    if (together) {
        TRY(find_together(g, &n, error));
    }
    *best = beside_free(p, fmax(0, n - priced->owned));
    return IG_OK;
}

static ig_status reach_priced(goal *g, ig_allocation *best, ig_error *error)
{
    const ig_allocation_problem *p = g->problem;
    double alpha = p->dyn.exponent, beta = p->rew.exponent, log_budget = 0;
    /* By the envelope theorem d ln(bound) / d ln(budget) is an average of -alpha and -beta. */
    ig_status status =
        find_falling(miss, g, 0, fmin(alpha, beta), fmax(alpha, beta), &log_budget, error);
    if (g->status) {
        return ig_error_set(error, g->status, "%s", g->error.text);
    }
    TRY(status);
    double budget = exp(log_budget);
    if (!isfinite(budget) || budget <= 0) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "a bound of %g needs a budget of 10^%.0f, which is out of range",
                            exp(g->log_target), log_budget / log(10));
    }
    ig_allocation_problem anew = *p;
    anew.dyn.owned = anew.rew.owned = 0;
    anew.labels_within = false;
    TRY(ig_allocation_solve(&anew, budget, best, error));
    return p->labels_within || p->dyn.owned + p->rew.owned > 0 ? reach_within(g, best, error)
                                                               : IG_OK;
}

ig_status ig_allocation_reach(const ig_allocation_problem *problem, double target,
                              ig_allocation *best, ig_error *error)
{
    const ig_allocation_problem *p = problem;
    goal g = {.problem = p};
    TRY(check(p, target, error));
    const double floors = ig_allocation_floor(p);
    if (target <= floors) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "a bound of %g is unreachable at any price: the floors alone give %g",
                            target, floors);
    }
    ig_allocation a = ig_allocation_of(p, 0, 0);
    if (!(p->dyn.owned > 0 && p->rew.owned > 0 && a.bound <= target)) {
        g.log_target = log(target - floors);
        TRY(is_free(p) ? reach_free(&g, &a, error) : reach_priced(&g, &a, error));
    }
    TRY(check_result(p, &a, error));
    *best = a;
    return IG_OK;
}

ig_status ig_allocation_differentiate(const ig_allocation_problem *problem, double budget,
                                      ig_allocation_slopes *slopes, ig_error *error)
{
    double u = 0;
    logs l;
    if (is_free(problem)) {
        return ig_error_set(error, IG_ERR_USAGE, "what is free has no best ratio");
    }
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
