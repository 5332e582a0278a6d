/** What a report holds, for the files that print, write and draw it. */
#ifndef IMAGRID_ANALYSIS_REPORT_H
#define IMAGRID_ANALYSIS_REPORT_H

#include <stdio.h>

#include "results/laws.h"
#include "results/rows.h"

enum {
    IG_REPORT_BAND = IG_LAW_BAND,
    IG_REPORT_REASONS = 10, /**< failed tasks listed one by one */
};

typedef ig_law ig_report_fit;

/** A grid point beside its baseline. */
typedef struct ig_report_pairs {
    size_t
        baseline; /**< grid point; SIZE_MAX: the grid has none, as for the baselines themselves */
    size_t lost;  /**< seeds that are not finished in both */
} ig_report_pairs;

/** Paired differences of the grid points from those with one value of a key. */
typedef struct ig_report_differences {
    bool asked;
    size_t key;                /**< of the table */
    const ig_value *value;     /**< the baseline's */
    ig_report_pairs *pairs;    /**< one per grid point; owned */
    ig_statistics *statistics; /**< of the differences, [column * n_points + point]; owned */
    size_t *above;             /**< differences > 0, likewise; owned */
} ig_report_differences;

/** A ratio with its groups; analysis/ratios.h tells what it holds. */
typedef struct ig_report_ratio ig_report_ratio;
/** A column against an axis; analysis/curves.h tells what it holds. */
typedef struct ig_report_curve ig_report_curve;
/** A group of predicted against realized ratios; analysis/agreement.h tells what it holds. */
typedef struct ig_agreement_row ig_agreement_row;

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

struct ig_report {
    ig_rows rows;
    ig_laws laws;
    ig_report_ratio *ratios;
    size_t n_ratios;
    ig_report_differences differences;
    ig_agreement_row *agreement; /**< one per group of the experiment's agreement, or NULL */
    ig_report_curve *curves;
    size_t n_curves;
    ig_failure *failures; /**< the first IG_REPORT_REASONS; owned */
    size_t n_failures;
};

/** Differences of every grid point from its baseline, "KEY=VALUE". */
ig_status ig_report_compare(ig_report *report, const char *baseline, ig_error *error);
void ig_report_differences_clear(ig_report *report);

/** Group the rows of every ratio and judge each row. */
ig_status ig_report_judge_all(ig_report *report, ig_error *error);
void ig_report_ratios_clear(ig_report *report);

/** Describe the residuals of every group of the agreement, where the experiment has one. */
ig_status ig_report_agree_all(ig_report *report, ig_error *error);
void ig_report_agreement_clear(ig_report *report);

/** Group the grid points of every curve into lines, resample their seeds and find where they are
 *  least. */
ig_status ig_report_curve_all(ig_report *report, ig_error *error);
void ig_report_curves_clear(ig_report *report);

#endif
