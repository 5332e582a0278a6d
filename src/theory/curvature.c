#include "theory/theory.h"

#include <math.h>

#include "base/try.h"

static ig_status check(double eps, ig_error *error)
{
    if (eps > 0 && eps < 1) {
        return IG_OK;
    }
    return ig_error_set(error, IG_ERR_USAGE, "eps = %.17g, Proposition 1 needs 0 < eps < 1", eps);
}

static double norm(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * x[i];
    }
    return sqrt(sum);
}

double ig_curvature_loss(const double *u, const double *w, size_t n)
{
    const double length_u = norm(u, n), length_w = norm(w, n);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = u[i] / length_u - w[i] / length_w;
        sum += difference * difference;
    }
    return sum / 2;
}

ig_status ig_curvature_bound(double eps, double *bound, ig_error *error)
{
    TRY(check(eps, error));
    *bound = eps * eps / (2 * (1 - eps));
    return IG_OK;
}

ig_status ig_curvature_supremum(double eps, double *supremum, ig_error *error)
{
    TRY(check(eps, error));
    /* 1 - sqrt(1 - eps^2) without cancellation. */
    *supremum = eps * eps / (1 + sqrt((1 - eps) * (1 + eps)));
    return IG_OK;
}
