#include "results/spread.h"

#include <math.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

ig_spread ig_spread_of(double *values, size_t n)
{
    const double nan = (double)NAN;
    if (n == 0) {
        return (ig_spread){nan, nan, nan, nan, nan};
    }
    gsl_sort(values, 1, n);
    return (ig_spread){
        .minimum = values[0],
        .q1 = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.25),
        .median = gsl_stats_median_from_sorted_data(values, 1, n),
        .q3 = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.75),
        .maximum = values[n - 1],
    };
}
