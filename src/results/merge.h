/** From finished rows to statistics, fits, tables and figures (`imagrid-merge`). */
#ifndef IMAGRID_REPORT_H
#define IMAGRID_REPORT_H

#include "store/store.h"

enum { IG_REPORT_RESAMPLES = 10000 }; /**< bootstrap resamples (docs/protocol.md) */

/** Which 95 % interval is made of the resamples. */
typedef enum ig_interval {
    IG_INTERVAL_PERCENTILE, /**< 2.5 and 97.5 percentile */
    IG_INTERVAL_BCA         /**< bias-corrected and accelerated (Efron 1987) */
} ig_interval;

/** Statistics of one column at one grid point over the finished seeds. NaN where n is too small:
 *  sem needs 2 values, everything else 1. Intervals are 95 % bootstrap intervals. */
typedef struct ig_statistics {
    size_t n;
    double mean, sem;
    double mean_low, mean_high;
    double median, median_low, median_high;
    double iqm, iqm_low, iqm_high; /**< mean without the floor(n / 4) values at each end */
} ig_statistics;

/** A fitted power law column = amplitude * axis^-exponent with its stratified bootstrap. */
typedef struct ig_power_law {
    double exponent, exponent_se, exponent_low, exponent_high;
    double amplitude, amplitude_se, amplitude_low, amplitude_high;
    double r2;
    size_t n_anchors; /**< axis values with at least one finished seed; a fit needs 2, r2 3 */
} ig_power_law;

/** n >= 1 values in any order -> statistics; the resamples draw from `rng`, percentile intervals.
 */
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

/** How a report is made. */
typedef struct ig_report_options {
    size_t resamples;     /**< of every bootstrap, at least 2 */
    ig_interval interval; /**< of statistics, differences and fits */
    const char *compare;  /**< "KEY=VALUE": differences, seed by seed, of every grid point from the
                               one that has this value of an axis key and equals it in all other
                               axes; NULL: none */
} ig_report_options;

/** ig_report_create_with, percentile intervals and without a comparison. */
ig_status ig_report_create(const ig_registry *registry, const char *const *paths, size_t n_paths,
                           size_t resamples, ig_report **report, ig_error *error);

/** Read and combine files: config hashes must agree; a task done in several files is taken once
 * (and must have the same CRC in all, else IG_ERR_MISMATCH). Damaged rows count as missing.
 * IG_ERR_USAGE for a comparison with a value that is not on the grid. */
ig_status ig_report_create_with(const ig_registry *registry, const char *const *paths,
                                size_t n_paths, const ig_report_options *options,
                                ig_report **report, ig_error *error);
void ig_report_destroy(ig_report **report);

size_t ig_report_missing(const ig_report *report); /**< tasks in no file */
size_t ig_report_failed(const ig_report *report);

/** The tables for people, published figures beside. IG_ERR_MEMORY, with nothing printed; what the
 *  stream says is the caller's to ask. */
ig_status ig_report_print(const ig_report *report, FILE *stream, ig_error *error);
/** summary.h5: same conventions as the result file, compressed; written under a temporary name. */
ig_status ig_report_write(const ig_report *report, const char *path, ig_error *error);
/** DIR/statistics.csv, and fits.csv, ratios.csv, agreement.csv, curves.csv and optima.csv as the
 *  experiment has them, and differences.csv where a comparison was asked for (RFC 4180, full
 *  precision); DIR is created. */
ig_status ig_report_write_csv(const ig_report *report, const char *directory, ig_error *error);
/** Every table as DIR/NAME.tex, a booktabs tabular, escaped; DIR is created. */
ig_status ig_report_write_latex(const ig_report *report, const char *directory, ig_error *error);
/** One self-contained HTML page at `path`: figures (as inline images), tables, failures, starts and
 *  configuration; no script, nothing from the network. `version` names the program that makes it.
 *  Put in place in one step. Where the figures cannot be drawn the page says why, is whole
 *  otherwise, and IG_ERR_IO is returned. */
ig_status ig_report_write_page(const ig_report *report, const char *path, const char *version,
                               ig_error *error);
/** DIR/FIGURE.png, .svg and .pdf of every figure through gnuplot, run without a shell; the data
 * files stay beside them.
 */
ig_status ig_report_draw(const ig_report *report, const char *directory, ig_error *error);

#endif
