#include "results/interval.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
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

/** z0: how far the estimate lies off the middle of its resamples. An estimate outside of all of
 *  them counts as half a resample inside, so that z0 stays finite. */
static double bias_correction(const double *sorted, size_t n, double estimate)
{
    size_t below = 0, not_above;
    while (below < n && sorted[below] < estimate) {
        below++;
    }
    for (not_above = below; not_above < n && sorted[not_above] <= estimate;) {
        not_above++;
    }
    double share = ((double)below + (double)not_above) / 2 / (double)n;
    double least = 0.5 / (double)n;
    return gsl_cdf_ugaussian_Pinv(fmin(fmax(share, least), 1 - least));
}

/** The share of resamples that stands in for the nominal one. */
static double adjusted(double nominal, double z0, double acceleration)
{
    double z = z0 + gsl_cdf_ugaussian_Pinv(nominal);
    double denominator = 1 - acceleration * z;
    /* Past its pole the formula would turn round: the end of the resamples is meant. */
    if (denominator <= 0) {
        return z > 0 ? 1 : 0;
    }
    return gsl_cdf_ugaussian_P(z0 + z / denominator);
}

void ig_interval_bca(double *values, size_t n, double estimate, double acceleration, double *low,
                     double *high)
{
    gsl_sort(values, 1, n);
    double z0 = bias_correction(values, n, estimate);
    *low = quantile(values, n, adjusted(0.025, z0, acceleration));
    *high = quantile(values, n, adjusted(0.975, z0, acceleration));
}

double ig_acceleration_of_influence(const double *influence, size_t n)
{
    double squares = 0, cubes = 0;
    for (size_t i = 0; i < n; i++) {
        squares += influence[i] * influence[i];
        cubes += influence[i] * influence[i] * influence[i];
    }
    double scale = 6 * squares * sqrt(squares);
    return scale > 0 && isfinite(cubes / scale) ? cubes / scale : 0;
}

double ig_acceleration(const double *jackknife, size_t n)
{
    double mean = gsl_stats_mean(jackknife, 1, n), squares = 0, cubes = 0;
    for (size_t i = 0; i < n; i++) {
        double d = mean - jackknife[i];
        squares += d * d;
        cubes += d * d * d;
    }
    double scale = 6 * squares * sqrt(squares);
    return scale > 0 && isfinite(cubes / scale) ? cubes / scale : 0;
}
