#include "theory/theory.h"

#include <math.h>
#include <stdbool.h>

#include "base/try.h"

static ig_status not_below_zero(const char *name, double value, ig_error *error)
{
    if (isfinite(value) && value >= 0) {
        return IG_OK;
    }
    return ig_error_set(error, IG_ERR_USAGE, "%s = %g, allowed: finite, at least 0", name, value);
}

static ig_status check_counts(size_t steps, size_t trajectories, ig_error *error)
{
    if (steps >= 1 && trajectories >= 1) {
        return IG_OK;
    }
    return ig_error_set(error, IG_ERR_USAGE,
                        "%zu trajectories of %zu steps, allowed: at least 1 of each", trajectories,
                        steps);
}

ig_status ig_theorem2_bound(double sigma, size_t steps, double w2, size_t trajectories,
                            double gamma, double *bound, ig_error *error)
{
    TRY(check_counts(steps, trajectories, error));
    TRY(not_below_zero("sigma", sigma, error));
    TRY(not_below_zero("W_H^2", w2, error));
    if (!(gamma >= 0 && gamma < 1)) {
        return ig_error_set(error, IG_ERR_USAGE, "gamma = %g, allowed: 0 <= gamma < 1", gamma);
    }
    *bound =
        sigma * sigma * (double)steps * w2 / ((double)trajectories * (1 - gamma) * (1 - gamma));
    return IG_OK;
}

ig_status ig_theorem2_added(double sigma, size_t steps, const double *score2, size_t trajectories,
                            double gamma, ig_discount_state discount, double *added,
                            ig_error *error)
{
    TRY(check_counts(steps, trajectories, error));
    const bool exact = discount == IG_DISCOUNT_EXACT;
    const double square = gamma * gamma;
    /* Of reward u: what it weighs, and the squared scores it is multiplied with. */
    double sum = 0, factor = 1, scores = 0;
    TRY(not_below_zero("sigma", sigma, error));
    if (!(gamma >= 0 && gamma <= 1)) {
        return ig_error_set(error, IG_ERR_USAGE, "gamma = %g, allowed: 0 <= gamma <= 1", gamma);
    }
    for (size_t u = 0; u < steps; u++) {
        TRY(not_below_zero("a squared score", score2[u], error));
        scores = (exact ? 1 : square) * scores + score2[u];
        sum += factor * scores;
        factor *= exact ? square : 1;
    }
    *added = sigma * sigma * sum / (double)trajectories;
    return IG_OK;
}

ig_status ig_proposition2_mse(double single, size_t trajectories, double floor, double *mse,
                              ig_error *error)
{
    TRY(check_counts(1, trajectories, error));
    TRY(not_below_zero("the variance of one trajectory", single, error));
    TRY(not_below_zero("||grad B_H||^2", floor, error));
    *mse = single / (double)trajectories + floor;
    return IG_OK;
}
