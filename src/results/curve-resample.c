/** Medians along a line when whole seeds are resampled. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "results/curves.h"

/** A line ready to be resampled; owned. */
typedef struct line {
    const double *values; /**< [x * n_seeds + seed], not owned */
    size_t *order;        /**< [x * n_seeds + k]: seeds by ascending value, n[x] of them */
    size_t *n;
    size_t *pool;     /**< n_pool seeds with a value at any x */
    uint32_t *counts; /**< how often each seed was drawn */
    size_t n_x, n_seeds, n_pool;
} line;

static void line_clear(line *l)
{
    free(l->order);
    free(l->n);
    free(l->pool);
    free(l->counts);
}

static ig_status line_init(line *l, ig_error *error)
{
    l->order = calloc(l->n_x * l->n_seeds + 1, sizeof *l->order);
    l->n = calloc(l->n_x + 1, sizeof *l->n);
    l->pool = calloc(l->n_seeds + 1, sizeof *l->pool);
    l->counts = calloc(l->n_seeds + 1, sizeof *l->counts);
    if (!l->order || !l->n || !l->pool || !l->counts) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a line of %zu seeds", l->n_seeds);
    }
    return IG_OK;
}

static ig_status sort_values(line *l, ig_error *error)
{
    double *there = calloc(l->n_seeds + 1, sizeof *there);
    size_t *seeds = calloc(l->n_seeds + 1, sizeof *seeds);
    ig_status status =
        there && seeds ? IG_OK
                       : ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu seeds", l->n_seeds);
    for (size_t x = 0; !status && x < l->n_x; x++) {
        size_t *order = l->order + x * l->n_seeds;
        for (size_t seed = 0; seed < l->n_seeds; seed++) {
            if (!isnan(l->values[x * l->n_seeds + seed])) {
                there[l->n[x]] = l->values[x * l->n_seeds + seed];
                seeds[l->n[x]++] = seed;
                l->counts[seed] = 1;
            }
        }
        gsl_sort_index(order, there, 1, l->n[x]);
        for (size_t k = 0; k < l->n[x]; k++) {
            order[k] = seeds[order[k]];
        }
    }
    for (size_t seed = 0; seed < l->n_seeds; seed++) {
        if (l->counts[seed]) {
            l->pool[l->n_pool++] = seed;
        }
    }
    free(seeds);
    free(there);
    return status;
}

/** Value number k (from 0, in ascending order) of the resample at x. */
static double order_statistic(const line *l, size_t x, size_t k)
{
    const size_t *order = l->order + x * l->n_seeds;
    size_t i = 0;
    for (size_t below = l->counts[order[0]]; below <= k; below += l->counts[order[i]]) {
        i++;
    }
    return l->values[x * l->n_seeds + order[i]];
}

static double median_at(const line *l, size_t x)
{
    const size_t *order = l->order + x * l->n_seeds;
    size_t drawn = 0;
    for (size_t k = 0; k < l->n[x]; k++) {
        drawn += l->counts[order[k]];
    }
    if (drawn == 0) {
        return (double)NAN;
    }
    return order_statistic(l, x, (drawn - 1) / 2) / 2 + order_statistic(l, x, drawn / 2) / 2;
}

ig_status ig_curve_resample(const double *values, size_t n_x, size_t n_seeds, size_t resamples,
                            ig_rng *rng, double *medians, ig_error *error)
{
    line l = {.values = values, .n_x = n_x, .n_seeds = n_seeds};
    ig_status status = line_init(&l, error);
    if (!status) {
        status = sort_values(&l, error);
    }
    for (size_t r = 0; !status && r < resamples; r++) {
        memset(l.counts, 0, n_seeds * sizeof *l.counts);
        for (size_t i = 0; i < l.n_pool; i++) {
            l.counts[l.pool[ig_rng_below(rng, l.n_pool)]]++;
        }
        for (size_t x = 0; x < n_x; x++) {
            medians[x * resamples + r] = median_at(&l, x);
        }
    }
    line_clear(&l);
    return status;
}
