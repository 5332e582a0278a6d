/** From result files to tables and figures (imagrid merge): the rows, and one analysis after the
 *  other over them.
 *
 *  Each analysis appends its tables and figures in the order in which people should read them; what
 *  short memory did to these is in their status. Errors: IG_ERR_USAGE where the experiment names a
 *  column that is not summarised, IG_ERR_NUMERIC for a value that is not finite, IG_ERR_MEMORY. */
#ifndef RESULTS_ANALYSES_H
#define RESULTS_ANALYSES_H

#include <stdio.h>

#include "imagrid/table.h"
#include "results/figure.h"
#include "results/rows.h"
#include "theory/laws.h"

/** What is asked of the analyses. */
typedef struct ig_merge_request {
    ig_bootstrap how;    /**< of every bootstrap */
    const char *compare; /**< "KEY=VALUE": differences, seed by seed, of every grid point from the
                              one that has this value of an axis key and equals it in all other
                              axes; NULL: none */
    const char *law;     /**< of all fits, one of ig_law_choices; NULL: what the experiment says */
} ig_merge_request;

/** Everything that is made of the rows. Start with {0}. */
typedef struct ig_merged {
    ig_rows rows;
    ig_tables tables; /**< in the order in which people should read them */
    ig_figures figures;
    ig_tables incomplete; /**< "missing": incomplete grid points; "failures": failed rows with
                               their reasons, "texts": what they left behind. Without rows where
                               there are none */
    ig_tables sessions;   /**< "sessions": those noted in the files */
    char *baseline;       /**< "KEY=VALUE" of the comparison; NULL: none */
} ig_merged;

/** Read and combine the files (ig_rows_read) and analyse them. IG_ERR_USAGE for a comparison with a
 *  value that is not on the grid. */
ig_status ig_merge(const ig_registry *registry, const char *const *paths, size_t n_paths,
                   const ig_merge_request *request, ig_merged *merged, ig_error *error);
void ig_merged_clear(ig_merged *merged);

/** The lines before the tables on a terminal: what was read. */
void ig_merged_print_counts(const ig_merged *merged, FILE *stream);
/** The lines after them: time, and what is missing, damaged and failed. */
void ig_merged_print_state(const ig_merged *merged, FILE *stream);

/* Grid points: statistics of the summarised columns, and paired differences (points.c). */

/** Differences of grid points, seed by seed, from those that have one value of a key and equal them
 *  in all other keys that vary. Owned. Start with {0}. */
typedef struct ig_differences {
    char name[IG_LABEL];       /**< "KEY=VALUE" */
    size_t *baseline;          /**< grid point; SIZE_MAX: the grid has none, as for the baselines */
    size_t *lost;              /**< of a grid point, seeds that are not finished in both */
    size_t *above;             /**< differences > 0, [column * n_points + point] */
    ig_statistics *statistics; /**< of the differences, likewise */
} ig_differences;

/** Compare with the grid points of "KEY=VALUE". IG_ERR_USAGE, naming the option --compare, for what
 *  is not on the grid and where no grid point has a baseline. */
ig_status ig_differences_compute(const ig_rows *rows, const char *baseline,
                                 ig_differences *differences, ig_error *error);
void ig_differences_clear(ig_differences *differences);

/** Tables "statistics-COLUMN", for files as well; `detail`: not for the terminal. */
void ig_statistics_tables(const ig_rows *rows, bool detail, ig_tables *tables);
/** Tables "differences-COLUMN", for files as well. */
void ig_differences_tables(const ig_rows *rows, const ig_differences *differences,
                           ig_tables *tables);
/** The hidden table "points" of summary.h5: a row for each grid point with its states and the
 *  statistics of all columns; `differences` may be NULL. */
void ig_points_table(const ig_rows *rows, const ig_differences *differences, ig_tables *tables);

/* Laws of the experiment's columns: grid points that share every other axis belong to one law
 * (laws.c, law-tables.c, law-figure.c). */

enum {
    IG_LAW_BAND = 101,   /**< x positions of a line */
    IG_LAW_REASON = 200, /**< bytes of why a fit was not possible */
    IG_LAW_DRAWS = 4000, /**< of a posterior; fewer where fewer resamples are asked for */
    IG_LAW_BEYOND = 3    /**< lines go on to this many times the largest x */
};

/** What the posterior says of the typical training: medians and 95 % intervals. */
typedef struct ig_law_typical {
    ig_law_interval exponent, amplitude, floor;
    double x[IG_LAW_BAND];
    ig_law_interval error[IG_LAW_BAND]; /**< at x */
} ig_law_typical;

/** Laws with and without a floor (theory/laws.h). */
typedef struct ig_law_study {
    bool made;
    ig_law_fits fits;
    ig_law_typical typical[IG_LAW_CHOICES]; /**< by ig_law_choice */
    double p_no_floor, floor_part;          /**< posterior, see ig_learning_draws */
    size_t n_whole;                         /**< seeds taken as wholes; 0: the x were taken apart */
    bool assumed;                           /**< nothing shows the scatter */
    ig_law_choice law;                      /**< what was asked for, or what `auto` came to */
    char reason[IG_LAW_REASON_TEXT];
    ig_hindcast hindcasts[IG_HINDCASTS]; /**< without the largest x, without the two largest */
    size_t n_hindcasts;
} ig_law_study;

/** An ig_fit of the experiment at one combination of the other axes. */
typedef struct ig_law {
    const ig_fit *fit;
    size_t column;  /**< index into the rows' columns */
    size_t axis;    /**< key index of the axis */
    size_t *points; /**< the n_points grid points of the group, in grid order; owned */
    size_t n_points;
    char label[IG_LABEL]; /**< the other axes that vary, "policy=uniform"; may be empty */
    ig_law_choice choice; /**< asked for */
    bool fitted;          /**< else `reason` says why not, and `law` is all NaN */
    char reason[IG_LAW_REASON];
    ig_power_law law;          /**< seeds resampled within each anchor */
    size_t n, failed, missing; /**< tasks of the group by state; n are finished */
    size_t n_whole;            /**< seeds that are finished at every axis value with results */
    ig_power_law whole; /**< the fit to those, whole seeds resampled; all NaN where grid points do
                             not share random numbers or it is not possible */
    size_t single;      /**< anchors with one seed: the bootstrap cannot see their spread */
    ig_estimate published; /**< exponent; NaN where the paper (or the experiment) says nothing */
    ig_law_study study;
} ig_law;

/** Laws in the order of the experiment's fits, those of a fit in grid order. Start with {0}. */
typedef struct ig_laws {
    ig_law *laws;
    size_t n;
} ig_laws;
/** What tables call the horizontal axis: its key where all fits have the same. At least one law. */
const char *ig_laws_axis(const ig_rows *rows, const ig_laws *laws);

/** Which keys tell the laws of a fit apart: as ig_keys_apart, without the fit's own `only_key`. */
ig_status ig_fit_keys_apart(const ig_rows *rows, const ig_fit *fit, bool *apart, ig_error *error);

/** A group that no power law fits is noted, not an error. `asked` is one of ig_law_choices, or NULL
 *  for what each fit says. */
ig_status ig_laws_fit(const ig_rows *rows, const ig_fits *spec, const char *asked, ig_laws *laws,
                      ig_error *error);
void ig_laws_clear(ig_laws *laws);

/** How much the return changes per unit of a law's column, at the largest axis value that has
 *  results; NaN where the fit names no sensitivity. */
typedef struct ig_law_sensitivity {
    double x;
    double low, high; /**< over the seeds, in perturbed models as well: the least and the largest,
                           or of 40 values and more 95 % of them */
    double middle;    /**< their geometric mean, which plans are made with */
    size_t n;         /**< seeds */
} ig_law_sensitivity;
/** IG_ERR_USAGE for a column that is not summarised; IG_ERR_MEMORY. */
ig_status ig_law_find_sensitivity(const ig_rows *rows, const ig_law *law,
                                  ig_law_sensitivity *sensitivity, ig_error *error);

/** Tables "laws", "hindcast", "fits", "amplitudes" and "sensitivities", and in files all their
 *  numbers. Errors as ig_law_find_sensitivity. */
ig_status ig_laws_tables(const ig_rows *rows, const ig_laws *laws, ig_tables *tables,
                         ig_error *error);
/** The log-log figure: one panel, or with more than four laws one for each column and value of the
 *  first key that tells laws apart. IG_ERR_MEMORY. */
ig_status ig_laws_figure(const ig_rows *rows, const ig_fits *spec, const ig_laws *laws,
                         ig_figures *figures, ig_error *error);
/** All of these. */
ig_status ig_laws_analyse(const ig_rows *rows, const ig_fits *spec, const char *asked,
                          ig_tables *tables, ig_figures *figures, ig_error *error);

/** Tables "slopes" (exponents between neighbouring axis values) and "exponent-ratios" (how those of
 *  the other fits compare with the first fit's), seed by seed (slopes.c); none where grid points
 *  share no random numbers. IG_ERR_MEMORY. */
ig_status ig_slopes_tables(const ig_rows *rows, const ig_laws *laws, ig_tables *tables,
                           ig_error *error);

/* A column against an axis: lines of grid points with paired resamples, and where they are least
 * (curves.c, optima.c). */

/** A line at one x. */
typedef struct ig_curve_point {
    size_t point; /**< grid point; a line has one for each x */
    double x;
    size_t n;           /**< finished seeds; without any, the numbers below are NaN */
    ig_estimate median; /**< of `measured` */
    double reference;   /**< median; NaN without a reference column */
} ig_curve_point;

/** One predicted column of a line; NaN without rows. */
typedef struct ig_prediction {
    double q1, median, q3; /**< predicted x, over the seeds */
    int outside;           /**< -1: the median lies below the x measured, 1: above; else 0 */
    double measured;       /**< there, between the medians of the neighbours */
    double excess;         /**< (measured - least) / |least|; 0 where both are 0 */
    bool near;             /**< excess <= tolerance */
} ig_prediction;

/** Where the medians of a line are least; NaN and 0 without rows. */
typedef struct ig_optimum {
    ig_estimate best;  /**< x of the grid; of equal medians the smallest x */
    double share;      /**< of the resamples that have their least at `best` */
    size_t ties;       /**< x with the least median: 1 unless medians are equal */
    int end;           /**< -1: `best` is the first x measured, 1: the last; else 0 */
    ig_estimate least; /**< median there; interval of the resamples' least */
} ig_optimum;

typedef struct ig_curve_line {
    char label[IG_LABEL];   /**< "policy=uniform"; may be empty */
    size_t panel;           /**< index into the curve's panels */
    size_t style;           /**< index into the curve's styles */
    ig_curve_point *points; /**< by ascending x; owned */
    size_t n_points;
    size_t first; /**< smallest of its grid points */
    size_t seeds; /**< different seeds with a finished row */
    ig_optimum optimum;
    ig_prediction *predictions; /**< as many as the curve has predicted columns; owned */
} ig_curve_line;

typedef struct ig_curve_label {
    char text[IG_LABEL];
} ig_curve_label;

/** A curve's lines. Start with {0}. */
typedef struct ig_curve_lines {
    const ig_rows *rows;
    const ig_curve *curve;
    size_t x;          /**< key index */
    size_t measured;   /**< column index */
    size_t reference;  /**< likewise; the number of columns where there is none */
    size_t *predicted; /**< column indices; owned */
    size_t n_predicted;
    ig_curve_label *panels; /**< in grid order; owned */
    size_t n_panels;
    ig_curve_label *styles; /**< the different labels of lines, in grid order; owned */
    size_t n_styles;
    ig_curve_line *lines; /**< by panel, then in grid order; owned */
    size_t n_lines;
} ig_curve_lines;

/** All numbers of a curve; `number` is its own among those of the experiment. Keys that vary and
 * are named nowhere tell lines apart as well, so that no point mixes grid points. `lines` is to be
 *  cleared after a failure, too. IG_ERR_USAGE for a column that is not summarised, IG_ERR_MEMORY.
 */
ig_status ig_curve_compute(const ig_rows *rows, const ig_curve *curve, size_t number,
                           ig_curve_lines *lines, ig_error *error);
void ig_curve_lines_clear(ig_curve_lines *lines);

/** The optimum of a line whose points have their medians; medians[x * resamples + r] are those of
 *  the resamples. `least` and `best` are scratch for `resamples` numbers each. */
ig_optimum ig_curve_optimum(const ig_curve_line *line, const double *medians, size_t resamples,
                            double *least, double *best);

/** The line's medians at x, linear in x, or in ln x, between the neighbours with rows; the nearest
 *  end's outside of them. NaN without rows. */
double ig_curve_at(const ig_curve_line *line, bool log_x, double x, int *outside);

/** Describe n predicted x, which are sorted in place, beside the line's optimum. */
ig_prediction ig_curve_predict(const ig_curve_line *line, const ig_curve *curve, double *predicted,
                               size_t n);

/** Append the tables of the optima, and of the predictions where the curve has some. */
void ig_optima_tables(const ig_curve_lines *c, ig_tables *tables);

/** Append a table "curve-NAME-SUFFIX", titled "NAME: WHAT". */
ig_table *ig_curve_table(const ig_curve_lines *c, const char *suffix, const char *what,
                         ig_tables *tables);
/** Cells that name a line: three for files, curve, panel and line; one for people. */
void ig_curve_put_keys(const ig_curve_lines *c, const ig_curve_line *line, ig_table *table);
void ig_curve_put_label(const ig_curve_lines *c, const ig_curve_line *line, ig_table *table);
void ig_curve_note_intervals(const ig_curve_lines *c, ig_table *table);

/** Group the grid points of a curve into lines, resample their seeds, find where they are least and
 *  how good the predictions of that place are. `number` is the curve's among those of the
 *  experiment, from 0. */
ig_status ig_curve_analyse(const ig_rows *rows, const ig_curve *curve, size_t number,
                           ig_tables *tables, ig_figures *figures, ig_error *error);

/* A column with a dimension against its coordinate (profiles.c). */

/** Table and figure of a profile; `number` is its own among those of the experiment. IG_ERR_USAGE
 * for a column without dimension; IG_ERR_MEMORY; as ig_rows_array. */
ig_status ig_profile_analyse(const ig_rows *rows, const ig_profile *profile, size_t number,
                             ig_tables *tables, ig_figures *figures, ig_error *error);

/* What theory claims of the rows (ratios.c, agreement.c). */

/** Check every finished row of a ratio and describe its groups. `*cell` counts the groups of all
 *  ratios, whose bootstraps have cells of their own; it starts at 0 and is moved on. */
ig_status ig_ratio_analyse(const ig_rows *rows, const ig_ratio *ratio, size_t *cell,
                           ig_tables *tables, ig_figures *figures, ig_error *error);

/** What is checked of a row: whether a ratio is at most 1, whether it is at least 1, both up to the
 *  slack, and whether it must be at least 1 by theory, given the value of the ratio's first key. */
bool ig_ratio_holds(const ig_ratio *ratio, double value);
bool ig_ratio_attains(const ig_ratio *ratio, double value);
bool ig_ratio_must_attain(const ig_ratio *ratio, const char *first_value);

/** Describe the residuals of predicted and realized ratios in every group. */
ig_status ig_agreement_analyse(const ig_rows *rows, const ig_agreement *agreement,
                               ig_tables *tables, ig_figures *figures, ig_error *error);

/* What the analyses share. */

/** Columns that only files have, or only people. */
#define IG_REAL(name_, long_name_)                                                                 \
    {                                                                                              \
        .name = (name_), .long_name = (long_name_), .units = "1"                                   \
    }
#define IG_COUNT(name_, long_name_)                                                                \
    {                                                                                              \
        .name = (name_), .long_name = (long_name_), .units = "1", .type = IG_CELL_COUNT            \
    }
#define IG_WORDS(name_, long_name_)                                                                \
    {                                                                                              \
        .name = (name_), .long_name = (long_name_), .type = IG_CELL_TEXT                           \
    }
#define IG_HEADING(heading_, type_)                                                                \
    {                                                                                              \
        .heading = (heading_), .type = (type_)                                                     \
    }
/** Two columns for people: an interval. */
#define IG_INTERVAL_HEADING(heading_)                                                              \
    {.heading = (heading_), .show = IG_SHOW_INTERVAL},                                             \
    {                                                                                              \
        0                                                                                          \
    }

/** Append the cells of an interval; of a number and its interval. */
void ig_put_interval(const ig_estimate *estimate, ig_table *table);
void ig_put_estimate(const ig_estimate *estimate, ig_table *table);
/** Append a text cell that names a grid point by the axes that vary. */
void ig_put_point(const ig_rows *rows, size_t point, ig_table *table);
/** Append three cells of counts. */
void ig_put_states(const ig_states *states, ig_table *table);

/** "95 % intervals: bootstrap percentiles, 10000 resamples of WHAT." */
void ig_note_intervals(ig_table *table, const ig_bootstrap *how, const char *what);

#endif
