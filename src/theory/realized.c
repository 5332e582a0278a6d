#include "theory/theory.h"

#include <math.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>

#include "base/try.h"

/* Divisions tried: over the widest search, ratios from 10^-12 to 10^12, neighbours differ by 15 %,
 * far less than the width of a minimum between two power laws. Bisection
 * would come to the last bit in some 60 steps; Brent's method may need a few for each. */
enum { GRID = 401, ITERATIONS = 200 };

ig_status ig_sensitivity(const ig_response *response, double step, double *sensitivity,
                         double *check, ig_error *error)
{
    if (!isfinite(step) || step <= 0) {
        return ig_error_set(error, IG_ERR_USAGE, "a step of %g is not positive", step);
    }
    double whole = response->gap(step, response->context) / step;
    double half = response->gap(step / 2, response->context) / (step / 2);
    if (!isfinite(whole) || !isfinite(half) || whole <= 0) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "the return does not respond to a perturbation of %g (sensitivity %g)",
                            step, whole);
    }
    *sensitivity = whole;
    *check = fabs(half / whole - 1);
    return IG_OK;
}

/** The sum of both gaps as a function of ln(odds). */
typedef struct landscape {
    const ig_allocation_problem *problem;
    double budget;
    const ig_response *dynamics, *reward;
} landscape;

static ig_allocation at(const landscape *l, double log_odds)
{
    ig_allocation a = ig_allocation_split(l->problem, l->budget, exp(log_odds));
    a.bound = l->dynamics->gap(a.eps_dyn, l->dynamics->context) +
              l->reward->gap(a.eps_rew, l->reward->context);
    return a;
}

static double height(double log_odds, void *context)
{
    return at(context, log_odds).bound;
}

/** The minimum between left and right, of which `middle` is lower than both. */
static ig_status refine(const landscape *l, double left, double middle, double right, double *found,
                        ig_error *error)
{
    landscape copy = *l;
    gsl_function function = {height, &copy};
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    gsl_min_fminimizer *minimizer = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    *found = middle;
    /* A bottom so flat that rounding denies it its bracket, or one beside a divergence, stays where
     * the grid met it. */
    if (minimizer &&
        gsl_min_fminimizer_set(minimizer, &function, middle, left, right) == GSL_SUCCESS) {
        int state = GSL_CONTINUE;
        for (int i = 0; state == GSL_CONTINUE && i < ITERATIONS; i++) {
            state = gsl_min_fminimizer_iterate(minimizer);
            if (state == GSL_SUCCESS) {
                state = gsl_min_test_interval(gsl_min_fminimizer_x_lower(minimizer),
                                              gsl_min_fminimizer_x_upper(minimizer), 1e-9, 0);
            }
        }
        *found = gsl_min_fminimizer_x_minimum(minimizer);
    }
    const ig_status status =
        minimizer ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    if (minimizer) {
        gsl_min_fminimizer_free(minimizer);
    }
    gsl_set_error_handler(handler);
    return status;
}

static ig_status search(const landscape *l, double low, double high, const ig_yield *yield,
                        ig_realized *out, ig_error *error)
{
    double heights[GRID], step = (high - low) / (GRID - 1);
    out->best.bound = (double)INFINITY;
    for (int i = 0; i < GRID; i++) {
        heights[i] = at(l, low + step * i).bound;
        TRY(ig_yield_or_stop(yield, error));
    }
    for (int i = 0; i < GRID; i++) {
        bool edge = i == 0 || i == GRID - 1;
        double here = low + step * i, left = i ? heights[i - 1] : (double)INFINITY;
        double right = i < GRID - 1 ? heights[i + 1] : (double)INFINITY;
        if (!(heights[i] < left && heights[i] <= right)) {
            continue;
        }
        out->minima++;
        if (!edge) {
            TRY(refine(l, here - step, here, here + step, &here, error));
        }
        ig_allocation a = at(l, here);
        if (a.bound < out->best.bound) {
            out->best = a;
            out->at_edge = edge;
        }
    }
    return IG_OK;
}

ig_status ig_realized_solve(const ig_allocation_problem *problem, double budget, double low,
                            double high, const ig_response *dynamics, const ig_response *reward,
                            const ig_yield *yield, ig_realized *realized, ig_error *error)
{
    ig_allocation checked;
    ig_realized out = {.minima = 0};
    landscape l = {problem, budget, dynamics, reward};
    if (problem->dyn.cost == 0 || problem->rew.cost == 0) {
        return ig_error_set(error, IG_ERR_USAGE, "what is free has no best ratio");
    }
    TRY(ig_allocation_solve_whole(problem, budget, &checked, error));
    /* At least one sample of each kind; odds are the ratio times the ratio of prices. */
    double dyn = problem->dyn.cost / budget, rew = problem->rew.cost / budget;
    double price = problem->dyn.cost / problem->rew.cost;
    double first = log(fmax(low * price, dyn / (1 - dyn)));
    double last = log(fmin(high * price, (1 - rew) / rew));
    if (!(first < last)) {
        return ig_error_set(error, IG_ERR_USAGE, "no ratio between %g and %g to be bought", low,
                            high);
    }
    TRY(search(&l, first, last, yield, &out, error));
    if (out.minima == 0) {
        return ig_error_set(error, IG_ERR_NUMERIC, "the return error is finite nowhere");
    }
    *realized = out;
    return IG_OK;
}
