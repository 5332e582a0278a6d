/** From finished rows to statistics, fits, tables and figures (`imagrid-merge`). */
#ifndef IMAGRID_REPORT_H
#define IMAGRID_REPORT_H

#include "imagrid/store.h"

enum { IG_REPORT_RESAMPLES = 10000 }; /**< bootstrap resamples (docs/protocol.md) */

/** Statistics of one column at one grid point over the finished seeds. NaN where n is too small:
 *  sem needs 2 values, everything else 1. Intervals are 95 % bootstrap percentile intervals. */
typedef struct ig_statistics {
    size_t n;
    double mean, sem;
    double mean_low, mean_high;
    double median, median_low, median_high;
} ig_statistics;

/** A fitted power law column = amplitude * axis^-exponent with its stratified bootstrap. */
typedef struct ig_power_law {
    double exponent, exponent_se, exponent_low, exponent_high;
    double amplitude, amplitude_se, amplitude_low, amplitude_high;
    double r2;
    size_t n_anchors; /**< axis values with at least one finished seed; a fit needs 2, r2 3 */
} ig_power_law;

/** n >= 1 values in any order -> statistics; the resamples draw from `rng`. */
ig_status ig_statistics_compute(const double *values, size_t n, size_t resamples, ig_rng *rng,
                                ig_statistics *statistics, ig_error *error);

/** Ordinary least squares of ln(mean of y) on ln x over n anchors; values of anchor i are
 *  y[first[i]] ... y[first[i+1] - 1], all positive, each anchor at least one. Resamples draw seeds
 *  with replacement within each anchor and refit. IG_ERR_NUMERIC for non-positive values or fewer
 *  than two anchors. */
ig_status ig_power_law_fit(const double *x, size_t n, const double *y, const size_t *first,
                           size_t resamples, ig_rng *rng, ig_power_law *law, ig_error *error);

/** Everything merge knows: rows of one or more files of one configuration, grouped. */
typedef struct ig_report ig_report;

/** Read and combine files: config hashes must agree; a task done in several files is taken once
 * (and must have the same CRC in all, else IG_ERR_MISMATCH). Damaged rows count as missing. */
ig_status ig_report_create(const ig_registry *registry, const char *const *paths, size_t n_paths,
                           size_t resamples, ig_report **report, ig_error *error);
void ig_report_destroy(ig_report **report);

size_t ig_report_missing(const ig_report *report); /**< tasks in no file */
size_t ig_report_failed(const ig_report *report);

/** The tables for people, published figures beside. */
void ig_report_print(const ig_report *report, FILE *stream);
/** summary.h5: same conventions as the result file, compressed; written under a temporary name. */
ig_status ig_report_write(const ig_report *report, const char *path, ig_error *error);
/** DIR/statistics.csv, and fits.csv, ratios.csv, agreement.csv, curves.csv and optima.csv as the
 *  experiment has them (RFC 4180, full precision); DIR is created. */
ig_status ig_report_write_csv(const ig_report *report, const char *directory, ig_error *error);
/** DIR/FIGURE.png and .svg of every figure through gnuplot, run without a shell; the data files
 * stay beside them.
 */
ig_status ig_report_draw(const ig_report *report, const char *directory, ig_error *error);

#endif
