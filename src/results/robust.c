#include "results/robust.h"

#include <gsl/gsl_statistics_double.h>

size_t ig_iqm_cut(size_t n)
{
    return n / 4;
}

double ig_iqm(const double *sorted, size_t n)
{
    size_t cut = ig_iqm_cut(n);
    return gsl_stats_mean(sorted + cut, 1, n - 2 * cut);
}

static double sum_of(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    return sum;
}

/** Mean of ranks begin ... end - 1 of the n - 1 values that are left, for every value left out. */
static void leave_out_ranks(const double *sorted, size_t n, size_t begin, size_t end, double *left)
{
    /* Leaving out a value below the range moves the range up by one place. */
    const double stays = sum_of(sorted + begin, end - begin);
    const double moves = sum_of(sorted + begin + 1, end - begin);
    const double both = sum_of(sorted + begin, end - begin + 1);
    for (size_t i = 0; i < n; i++) {
        double sum = i < begin ? moves : i >= end ? stays : both - sorted[i];
        left[i] = sum / (double)(end - begin);
    }
}

void ig_leave_out_mean(const double *sorted, size_t n, double *left)
{
    leave_out_ranks(sorted, n, 0, n - 1, left);
}

void ig_leave_out_median(const double *sorted, size_t n, double *left)
{
    leave_out_ranks(sorted, n, (n - 2) / 2, (n - 1) / 2 + 1, left);
}

void ig_leave_out_iqm(const double *sorted, size_t n, double *left)
{
    size_t cut = ig_iqm_cut(n - 1);
    leave_out_ranks(sorted, n, cut, n - 1 - cut, left);
}
