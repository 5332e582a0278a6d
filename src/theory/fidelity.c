#include "theory/theory.h"

#include <math.h>
#include <stddef.h>

#include "base/try.h"

static const double rounding = 1e-12;

static bool positive(double x)
{
    return isfinite(x) && x > 0;
}

static ig_status check(const ig_fidelity *f, double cost, ig_error *error)
{
    const char *fault = NULL;
    if (!positive(f->scale)) {
        fault = "its scale is not positive";
    } else if (f->family == IG_FIDELITY_POWER && !positive(f->exponent)) {
        fault = "its exponent is not positive";
    } else if (f->family == IG_FIDELITY_BOUNDED && !positive(f->clean)) {
        fault = "its price without noise is not positive";
    } else if (f->family == IG_FIDELITY_FLOOR && !(isfinite(f->floor) && f->floor >= 0)) {
        fault = "its floor is negative";
    } else if (!positive(cost)) {
        fault = "the price is not positive";
    } else if (f->family == IG_FIDELITY_BOUNDED && cost > f->clean) {
        fault = "the price is above the one without noise";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "no noise at price %g: %s", cost, fault)
                 : IG_OK;
}

static double variance_at(const ig_fidelity *f, double c)
{
    switch (f->family) {
    case IG_FIDELITY_POWER:
        return f->scale * pow(c, -f->exponent);
    case IG_FIDELITY_BOUNDED:
        return f->scale * (1 - c / f->clean);
    case IG_FIDELITY_FLOOR:
        break;
    }
    return f->floor + f->scale / c;
}

ig_status ig_fidelity_variance(const ig_fidelity *curve, double cost, double *variance,
                               ig_error *error)
{
    TRY(check(curve, cost, error));
    *variance = variance_at(curve, cost);
    return IG_OK;
}

ig_status ig_fidelity_phi(const ig_fidelity *curve, double cost, double *phi, ig_error *error)
{
    TRY(check(curve, cost, error));
    *phi = cost * variance_at(curve, cost);
    return IG_OK;
}

/** Where the objective is level: its only stationary point, or NaN. Power: c v + h A c^(1-p) is
 *  convex for p > 1 and rises for p < 1. Bounded: c v + h s (c - c^2 / clean) is concave, so that
 *  this is its maximum. Floor: c (v + h floor) + h A rises. */
static double level(const ig_fidelity *f, double v, double h)
{
    switch (f->family) {
    case IG_FIDELITY_POWER:
        return f->exponent > 1 && v > 0 ? pow((f->exponent - 1) * h * f->scale / v, 1 / f->exponent)
                                        : (double)NAN;
    case IG_FIDELITY_BOUNDED:
        return f->clean * (1 + v / (h * f->scale)) / 2;
    case IG_FIDELITY_FLOOR:
        break;
    }
    return (double)NAN;
}

static double objective(const ig_fidelity *f, double v, double h, double c)
{
    return c * (v + h * variance_at(f, c));
}

static void compare(const ig_fidelity *f, const double *costs, int n, double v, double h,
                    ig_best_cost *best)
{
    double least = objective(f, v, h, costs[0]), greatest = least;
    best->cost = best->worst = costs[0];
    for (int i = 1; i < n; i++) {
        double value = objective(f, v, h, costs[i]);
        if (value < least - rounding * fabs(least)) {
            least = value;
            best->cost = costs[i];
        }
        if (value > greatest + rounding * fabs(greatest)) {
            greatest = value;
            best->worst = costs[i];
        }
    }
    best->objective = least;
}

ig_status ig_fidelity_best(const ig_fidelity *curve, double low, double high, double noise_free,
                           double added, ig_best_cost *best, ig_error *error)
{
    TRY(check(curve, low, error));
    TRY(check(curve, high, error));
    if (!(low < high && isfinite(noise_free) && noise_free >= 0 && positive(added))) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "prices from %g to %g with variances %g and %g, allowed: a lower and "
                            "a higher price, at least 0, above 0",
                            low, high, noise_free, added);
    }
    const double between = level(curve, noise_free, added);
    const bool inside = between > low && between < high;
    const double costs[] = {low, inside ? between : high, high};
    ig_best_cost b = {0};
    compare(curve, costs, 3, noise_free, added, &b);
    const double first = objective(curve, noise_free, added, low);
    const double last = objective(curve, noise_free, added, high);
    const bool tie = fabs(first - last) <= rounding * fabs(first);
    /* Level at both ends and without a stationary point between them: level everywhere. */
    b.indifferent = tie && !inside;
    b.both_ends = tie && inside && b.cost == low;
    *best = b;
    return IG_OK;
}
