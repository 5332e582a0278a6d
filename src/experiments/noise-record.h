/** Replicates of noisy gradients, kept as moments, and tests of what theory says of them. */
#ifndef IMAGRID_EXPERIMENTS_NOISE_RECORD_H
#define IMAGRID_EXPERIMENTS_NOISE_RECORD_H

#include "experiments/noisy-gradient.h"

/** Running moments of the replicates of one way of discounting. */
typedef struct ig_noise_tally {
    ig_moments noisy, clean; /**< gradients with and without noise, both with bias */
    ig_moment inflation;     /**< ||noisy - mean||^2 - ||clean - mean||^2, means as known so far */
    ig_moment error;         /**< ||noisy - grad J_H||^2 */
} ig_noise_tally;

/** All that is kept of the replicates of a task. */
typedef struct ig_noise_record {
    double sigma;
    size_t main; /**< the way of discounting that the claims are about */
    const ig_reference *reference;
    ig_noise_tally tally[IG_DISCOUNTS];
    ig_moments noise, bias; /**< these parts alone, discounted the main way */
    ig_moment projection;   /**< of the bias part on the reference's */
    double *clean, *noisy;  /**< one replicate: P each */
} ig_noise_record;

ig_status ig_noise_record_init(size_t size, ig_noise_record *record, ig_error *error);
void ig_noise_record_clear(ig_noise_record *record);
/** ig_replicates.add with a record as context. */
void ig_noise_record_add(void *record, const ig_replicate *replicate);

/** Whether the means agree with what they should be: the coordinate that says so least. */
typedef struct ig_mean_test {
    double z;      /**< its distance in standard errors */
    double p;      /**< Bonferroni: P times its two-sided p, at most 1 */
    double square; /**< mean of z^2 over the coordinates; 1 is expected */
} ig_mean_test;

/** Means of `moments` against those of `truth` (NULL: zero), whose errors are counted as well:
 *  Welch's test in every coordinate. Coordinates without any spread are left out. */
ig_mean_test ig_mean_test_of(const ig_moments *moments, const ig_moments *truth);

/** Two-sided p of a normal distance, for an error above 0; 1 where both are zero. */
double ig_normal_p(double distance, double error);

/** ln p / ln(1 - confidence): above 1 where p is smaller than the confidence allows. */
double ig_evidence(double p, double confidence);

/** ||noisy - grad J_H||^2 on average, without what the noise of grad J_H's estimate adds to it, and
 *  its standard error. */
double ig_noise_mse(const ig_noise_record *record, size_t discount);
double ig_noise_mse_error(const ig_noise_record *record, size_t discount);

#endif
