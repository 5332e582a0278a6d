/** Analyses of what theory claims of the rows: ratios that are at most 1, agreement of predicted
 * and realized ratios, curves against an axis with their optima.
 *
 *  Each appends its tables and figures in the order in which people should read them; what short
 *  memory did to these is in their status. Errors: IG_ERR_USAGE where the experiment names a column
 *  that is not summarised, IG_ERR_NUMERIC for a value that is not finite, IG_ERR_MEMORY. */
#ifndef RESULTS_CLAIMS_H
#define RESULTS_CLAIMS_H

#include <string.h>

#include "imagrid/table.h"
#include "results/figure.h"
#include "results/rows.h"

/** Whether a NULL-terminated list, which may be NULL, has the text. */
static inline bool ig_is_listed(const char *const *list, const char *text)
{
    while (list && *list && strcmp(*list, text) != 0) {
        list++;
    }
    return list && *list;
}

/** Check every finished row of a ratio and describe its groups. `*cell` counts the groups of all
 *  ratios, whose bootstraps have cells of their own; it starts at 0 and is moved on. */
ig_status ig_ratio_analyse(const ig_rows *rows, const ig_ratio *ratio, size_t *cell,
                           ig_tables *tables, ig_figures *figures, ig_error *error);

/** What is checked of a row: whether a ratio is at most 1, whether it is at least 1, both up to the
 *  slack, and whether it must be at least 1 by theory, given the value of the ratio's first key. */
bool ig_ratio_holds(const ig_ratio *ratio, double value);
bool ig_ratio_attains(const ig_ratio *ratio, double value);
bool ig_ratio_must_attain(const ig_ratio *ratio, const char *first_value);

/** Describe the residuals of every group. */
ig_status ig_agreement_analyse(const ig_rows *rows, const ig_agreement *agreement,
                               ig_tables *tables, ig_figures *figures, ig_error *error);

/** Group the grid points of a curve into lines, resample their seeds, find where they are least and
 *  how good the predictions of that place are. `number` is the curve's among those of the
 *  experiment, from 0. */
ig_status ig_curve_analyse(const ig_rows *rows, const ig_curve *curve, size_t number,
                           ig_tables *tables, ig_figures *figures, ig_error *error);

#endif
