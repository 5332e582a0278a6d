/** What the posterior of a learning law knows of its measurements (laws.c, posterior.c). */
#ifndef THEORY_LEARNING_H
#define THEORY_LEARNING_H

#include "theory/laws.h"

/** Means of logarithms at n different N, and how they scatter. Sums of squares are of single
 *  trainings' logarithms. Owned. */
typedef struct ig_learning_table {
    size_t n;
    double *log_x;   /**< n: ln(N_i / N_n) <= 0, ascending */
    double *z;       /**< n: the same less its mean, of length 1 */
    double *mean;    /**< n */
    double *count;   /**< n: measurements behind each mean */
    double z_length; /**< of ln(N) less its mean */
    double log_max;  /**< ln N_n */
    double log_center;
    size_t n_whole;      /**< seeds of the two-way table; 0: the N are taken apart */
    double rest, n_rest; /**< scatter within N, of whole seeds without their level and slope; and
                              its degrees of freedom */
    double slopes, n_slopes; /**< likewise along z, whole seeds of three and more N only */
    double levels, n_levels; /**< likewise of the seeds' means, times n */
    bool assumed;            /**< nothing shows the scatter */
} ig_learning_table;

/** Check the data and make its table. Clear in any case. */
ig_status ig_learning_table_make(const ig_learning_data *data, ig_learning_table *table,
                                 ig_error *error);
void ig_learning_table_clear(ig_learning_table *table);

/** Draw from the posterior of a table. With `same_seeds` the level is that of the seeds measured,
 *  else of all. */
ig_status ig_learning_table_draw(const ig_learning_table *table, ig_law_choice choice,
                                 bool same_seeds, size_t n_draws, ig_rng *rng,
                                 ig_learning_draws *draws, ig_error *error);

#endif
