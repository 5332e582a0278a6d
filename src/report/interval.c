#include "report/interval.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

void ig_interval_95(double *values, size_t n, double *low, double *high)
{
    gsl_sort(values, 1, n);
    *low = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.025);
    *high = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.975);
}
