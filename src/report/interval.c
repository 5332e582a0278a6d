#include "report/interval.h"

#include <math.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

/** GSL's interpolation between equal neighbours may round off them; the clamp keeps the interval of
 *  equal values at exactly that value. */
static double quantile(const double *sorted, size_t n, double f)
{
    double q = gsl_stats_quantile_from_sorted_data(sorted, 1, n, f);
    return fmin(fmax(q, sorted[0]), sorted[n - 1]);
}

void ig_interval_95(double *values, size_t n, double *low, double *high)
{
    gsl_sort(values, 1, n);
    *low = quantile(values, n, 0.025);
    *high = quantile(values, n, 0.975);
}
