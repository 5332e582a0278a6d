/** A column against an axis: lines of grid points with paired resamples, and where they are least.
 *  Shared by curves.c and optima.c. */
#ifndef RESULTS_CURVES_H
#define RESULTS_CURVES_H

#include "imagrid/table.h"
#include "results/rows.h"

/** A line at one x. */
typedef struct ig_curve_point {
    size_t point; /**< grid point; a line has one for each x */
    double x;
    size_t n;                 /**< finished seeds; without any, the numbers below are NaN */
    double median, low, high; /**< of `measured`, with its interval */
    double reference;         /**< median; NaN without a reference column */
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
    double best, best_low, best_high; /**< x of the grid; of equal medians the smallest x */
    double share;                     /**< of the resamples that have their least at `best` */
    size_t ties;                      /**< x with the least median: 1 unless medians are equal */
    int end; /**< -1: `best` is the first x measured, 1: the last; else 0 */
    double least, least_low, least_high; /**< median there; interval of the resamples' least */
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

#endif
