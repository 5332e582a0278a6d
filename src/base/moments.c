#include "base/moments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

void ig_moment_add(ig_moment *moment, double x)
{
    double off = x - moment->mean;
    moment->n += 1;
    moment->mean += off / moment->n;
    moment->squares += off * (x - moment->mean);
}

double ig_moment_variance(const ig_moment *moment)
{
    return moment->n > 1 ? moment->squares / (moment->n - 1) : (double)NAN;
}

double ig_moment_error(const ig_moment *moment)
{
    return sqrt(ig_moment_variance(moment) / moment->n);
}

ig_status ig_moments_init(size_t size, ig_moments *moments, ig_error *error)
{
    /* One block: means, then squares. */
    double *block;
    TRY(IG_ALLOC(block, 2 * size, error));
    *moments = (ig_moments){.size = size, .mean = block, .squares = block + size};
    return IG_OK;
}

void ig_moments_clear(ig_moments *moments)
{
    free(moments->mean);
    memset(moments, 0, sizeof *moments);
}

void ig_moments_add(ig_moments *moments, const double *x)
{
    moments->n += 1;
    const double share = 1 / moments->n;
    for (size_t i = 0; i < moments->size; i++) {
        double off = x[i] - moments->mean[i];
        moments->mean[i] += off * share;
        moments->squares[i] += off * (x[i] - moments->mean[i]);
    }
}

double ig_moments_variance(const ig_moments *moments)
{
    double sum = 0;
    for (size_t i = 0; i < moments->size; i++) {
        sum += moments->squares[i];
    }
    return moments->n > 1 ? sum / (moments->n - 1) : (double)NAN;
}

double ig_moments_norm2(const ig_moments *moments)
{
    double sum = 0;
    for (size_t i = 0; i < moments->size; i++) {
        sum += moments->mean[i] * moments->mean[i];
    }
    return sum;
}

double ig_moments_norm2_unbiased(const ig_moments *moments)
{
    return ig_moments_norm2(moments) - ig_moments_variance(moments) / moments->n;
}
