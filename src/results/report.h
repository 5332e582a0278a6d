/** What a report holds, for the files that print, write and draw it. */
#ifndef IMAGRID_ANALYSIS_REPORT_H
#define IMAGRID_ANALYSIS_REPORT_H

#include "results/interval.h"
#include "results/rows.h"

enum {
    IG_REPORT_BAND = 101,   /**< x positions of a fitted line */
    IG_REPORT_LABEL = 256,  /**< bytes of a label of grid points */
    IG_REPORT_REASONS = 10, /**< failed tasks listed one by one */
    IG_REPORT_REASON = 200  /**< bytes of why a fit was not possible */
};

/** One power law: an ig_fit of the experiment at one combination of the other axes. */
typedef struct ig_report_fit {
    const ig_fit *fit;
    size_t column;  /**< index into the report's columns */
    size_t axis;    /**< key index of the axis */
    size_t *points; /**< the n_points grid points of the group, in grid order; owned */
    size_t n_points;
    char label[IG_REPORT_LABEL]; /**< the other axes that vary, "policy=uniform"; may be empty */
    bool fitted;                 /**< else `reason` says why not, and `law` is all NaN */
    char reason[IG_REPORT_REASON];
    ig_power_law law;
    size_t n, failed, missing; /**< tasks of the group by state; n are finished */
    size_t n_whole;            /**< seeds that are finished at every axis value with results */
    ig_power_law whole; /**< the fit to those, whole seeds resampled; all NaN where grid points do
                             not share random numbers or it is not possible */
    size_t single;      /**< anchors with one seed: the bootstrap cannot see their spread */
    double x[IG_REPORT_BAND], low[IG_REPORT_BAND], high[IG_REPORT_BAND];
} ig_report_fit;

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

/** A failed task with its reason. */
typedef struct ig_report_failure {
    size_t task;
    char reason[IG_ROW_ERROR + 1];
} ig_report_failure;

struct ig_report {
    const ig_registry *registry;
    ig_store *store; /**< the first file: owns the configuration and the grid */
    const ig_experiment *experiment;
    const ig_config *config;
    const ig_grid *grid;
    char **paths; /**< n_paths, sorted, so that the order they were given in changes nothing */
    size_t n_paths;
    size_t resamples;
    ig_bootstrap how; /**< of statistics, differences and fits; has the resamples as well */
    ig_rows rows;
    ig_statistics *statistics; /**< [column * n_points + point]; all NaN and n = 0 without rows */
    ig_report_fit *fits;
    size_t n_fits;
    ig_report_ratio *ratios;
    size_t n_ratios;
    ig_report_differences differences;
    ig_agreement_row *agreement; /**< one per group of the experiment's agreement, or NULL */
    ig_report_curve *curves;
    size_t n_curves;
    size_t done, failed, missing;
    ig_report_failure *failures; /**< the first IG_REPORT_REASONS; owned */
    size_t n_failures;
};

/** The definition of result column `column` (index into report->rows.columns). */
const ig_column *ig_report_column(const ig_report *report, size_t column);
/** Index of a summarised column; IG_ERR_USAGE where there is none, with what wants it in the
 *  message. */
ig_status ig_report_find_column(const ig_report *report, const char *name, const char *wanted_by,
                                size_t *column, ig_error *error);
/** What a REAL annotation key says, such as a published number; NaN for a NULL path. */
double ig_report_annotation(const ig_report *report, const char *path);
/** Statistics of a column at a grid point. */
const ig_statistics *ig_report_at(const ig_report *report, size_t column, size_t point);
/** What the paper reports for a fit; NaN where it (or the experiment) says nothing. */
typedef struct ig_published {
    double value, low, high;
} ig_published;
ig_published ig_report_published(const ig_report *report, const ig_fit *fit);

/** Random numbers of cell `cell` of the bootstrap: cells 0 ... n_columns * n_points - 1 are the
 *  statistics ([column * n_points + point]), the fits follow in order; 2^62 + c * 2^32 + l is line
 * l of curve c, so that nothing else shifts them. */
ig_rng ig_report_rng(const ig_report *report, uint64_t cell);

/** Further bootstraps have blocks of cells of their own, beyond any number of grid points. */
typedef enum ig_report_block {
    IG_BLOCK_WHOLE_SEEDS = 1, /**< fits with whole seeds resampled, in order */
    IG_BLOCK_DIFFERENCES,     /**< [column * n_points + point] */
    IG_BLOCK_RATIOS,          /**< groups of all ratios, in order */
    IG_BLOCK_AGREEMENT        /**< groups of the agreement, in order */
} ig_report_block;
ig_rng ig_report_block_rng(const ig_report *report, ig_report_block block, size_t cell);

/** Statistics all NaN, n = 0. */
extern const ig_statistics ig_no_statistics;

/** Finished, failed and missing tasks of a grid point. */
typedef struct ig_report_states {
    size_t done, failed, missing;
} ig_report_states;
ig_report_states ig_report_states_of(const ig_report *report, size_t point);

/** Tasks that failed, at most `most`, in order, with their reasons; `*failures` is malloc'd. */
ig_status ig_report_failures(const ig_report *report, size_t most, ig_report_failure **failures,
                             size_t *n, ig_error *error);

/** Differences of every grid point from its baseline, "KEY=VALUE". */
ig_status ig_report_compare(ig_report *report, const char *baseline, ig_error *error);
void ig_report_differences_clear(ig_report *report);

/** Group the grid points by the axes that a fit leaves alone and fit each group. */
ig_status ig_report_fit_all(ig_report *report, ig_error *error);
void ig_report_fits_clear(ig_report *report);
/** Fill n_whole and `whole` of fit number `number`, whose other numbers are there. */
ig_status ig_report_fit_seeds(const ig_report *report, size_t number, ig_report_fit *fit,
                              ig_error *error);

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
