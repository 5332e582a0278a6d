/** Claims that a ratio is at most 1, judged row by row. */
#ifndef IMAGRID_ANALYSIS_RATIOS_H
#define IMAGRID_ANALYSIS_RATIOS_H

#include "results/report.h"
#include "results/statistics.h"

enum { IG_RATIO_VIOLATIONS = 10 }; /**< listed one by one */

/** Rows that are judged together. */
typedef struct ig_report_group {
    char label[IG_LABEL]; /**< "lqg", "tanh dims.state=8", or the pool's name */
    const ig_pool *pool;  /**< or NULL */
    bool pooled;          /**< rows of this group stand in others as well */
    bool must_attain;     /**< theory says the ratio is 1 */
    size_t *tasks;        /**< finished tasks in grid order, n of them; owned */
    size_t n;
    size_t failed, missing; /**< tasks that would belong here */
    size_t holds, attains; /**< rows that are at most 1; that are at least 1 as well as they must */
    ig_spread spread;
    double median_low, median_high;             /**< 95 % bootstrap interval of the median */
    double published_median, published_maximum; /**< of the pool; NaN without */
    ig_spread beside[IG_RATIO_BESIDE];
} ig_report_group;

struct ig_report_ratio {
    const ig_ratio *ratio;
    size_t column, judged; /**< indices into the report's columns */
    size_t beside[IG_RATIO_BESIDE], n_beside;
    ig_report_group *groups; /**< in grid order, then pools; owned */
    size_t n_groups;
    size_t n, holds;                            /**< finished rows, each counted once */
    size_t must_attain, attains;                /**< of those for which theory says 1 */
    size_t wrong[IG_RATIO_VIOLATIONS], n_wrong; /**< first tasks that break either claim */
};

/** The judgement of one row: whether the ratio is at most 1, whether it is at least 1 where theory
 * says that it is 1, and whether theory says so for a value of the ratio's first key. */
bool ig_report_ratio_holds(const ig_ratio *ratio, double value);
bool ig_report_ratio_attains(const ig_ratio *ratio, double value);
bool ig_report_ratio_must_attain(const ig_ratio *ratio, const char *first_value);

/** Value of a summarised column in a finished task. */
double ig_ratio_value(const ig_report *report, size_t column, size_t task);

#endif
