/** Predicted against realized ratios. */
#ifndef IMAGRID_ANALYSIS_AGREEMENT_H
#define IMAGRID_ANALYSIS_AGREEMENT_H

#include "results/report.h"

/** What one group of rows shows; NaN where there are too few rows. */
struct ig_agreement_row {
    size_t n;                    /**< finished rows, those left out not counted */
    size_t excluded;             /**< finished rows left out */
    size_t failed, missing;      /**< tasks that would belong here */
    double median;               /**< of l */
    double median_size, largest; /**< of |l| */
    double spearman;             /**< rank correlation of predicted and realized; needs 3 rows */
    size_t above;                /**< rows with l > 0 */
    double p; /**< one-sided sign test: chance of that many or more above by a fair coin */
    double published_median, published_p;
    double median_low, median_high;           /**< 95 % bootstrap intervals, both from the same */
    double median_size_low, median_size_high; /**< resamples of the rows */
};

/** Predicted and realized ratios of a group's rows: malloc'd, 2 * n numbers in pairs. */
ig_status ig_agreement_pairs(const ig_report *report, const ig_agreement_group *group,
                             double **pairs, size_t *n, ig_error *error);

#endif
