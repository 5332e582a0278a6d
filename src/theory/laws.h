/** How errors fall with the number N of samples: laws with and without a floor, and how sure they
 *  are.
 *
 *      e(N) = floor + amplitude N^-exponent
 *
 *  A power law (Eq. 3) is the case without a floor. Two answers are given. Least squares of
 *  ln(mean) are what the paper publishes, of arithmetic means. The posterior is of the typical
 *  training, whose logarithm is the mean of the logarithms,
 *
 *      ln e_is = ln A + ln(N_i^-a + rho) + u_s + v_s z_i + d_i + noise_is,    floor = A rho,
 *
 *  with z_i = ln N_i less its mean, u_s and v_s the luck of seed s where N share their random
 *  numbers (level and exponent), and d_i what the law misses at N_i whatever the seeds. Everything
 * a plan needs is read from its draws. Units of errors are the caller's throughout. */
#ifndef THEORY_LAWS_H
#define THEORY_LAWS_H

#include <stdbool.h>
#include <stddef.h>

#include "imagrid/error.h"
#include "imagrid/rng.h"

typedef struct ig_learning_law {
    double amplitude; /**< > 0 */
    double exponent;
    double floor; /**< >= 0 */
} ig_learning_law;

/** floor + amplitude n^-exponent for n > 0. */
double ig_learning_law_at(const ig_learning_law *law, double n);

/** Which law is meant; `auto` is either, weighed by the data. */
typedef enum ig_law_choice {
    IG_LAW_AUTO,
    IG_LAW_POWER,
    IG_LAW_FLOOR,
    IG_LAW_CHOICES
} ig_law_choice;

/** "auto", "power", "floor". */
extern const char *const ig_law_choices[IG_LAW_CHOICES];

/** Measurements at n >= 2 different N. The arrays are the caller's. With single measurements (`y`)
 *  mean, sem and count are not read. */
typedef struct ig_learning_data {
    size_t n;
    const double *x;     /**< N, > 0, ascending */
    const double *mean;  /**< > 0; arithmetic means */
    const double *sem;   /**< standard errors; NaN where only one was measured */
    const size_t *count; /**< measurements behind each mean, >= 1 */
    const double *y;     /**< > 0, those of N_i from first[i] on; NULL: only means are known */
    const size_t *first; /**< n + 1 indices into y; NULL with it */
    const size_t *seed;  /**< of each y; NULL where nothing is shared */
    bool shared;         /**< equal seeds at different N share random numbers; needs `seed` */
} ig_learning_data;

/** A law fitted by least squares. */
typedef struct ig_law_fit {
    ig_learning_law law;     /**< of ln(mean), unweighted: what the paper publishes */
    ig_learning_law typical; /**< of the means of logarithms, weighted by their number */
    double r2;   /**< of ln(mean); NaN where it means nothing: equal means, or no N to spare */
    double aicc; /**< small-sample AIC of the logarithms of single trainings; infinite where there
                      are too few */
    double lack; /**< p-value of the F test of what the law misses against the scatter within N; NaN
                      without such scatter or without N to spare */
} ig_law_fit;

/** Both laws. */
typedef struct ig_law_fits {
    ig_law_fit power, floor;
    double tail; /**< exponent of the power law of the upper half of the N; NaN with fewer than 4 */
} ig_law_fits;

/** Fit both laws to ln(mean), unweighted. The floor's fit is the power law where no floor fits
 *  better, and a constant (exponent 0, floor 0) where errors do not fall at all; with two N it
 *  always is the power law. IG_ERR_NUMERIC for numbers that are not positive and finite, N that do
 *  not ascend, and a law that overflows; IG_ERR_USAGE for fewer than two N or an N without
 *  measurements; IG_ERR_MEMORY. */
ig_status ig_learning_fit(const ig_learning_data *data, ig_law_fits *fits, ig_error *error);

/** Draws from the posterior: laws that the data allow, equally likely. Owned; clear with
 *  ig_learning_draws_clear. */
typedef struct ig_learning_draws {
    size_t n;
    double *exponent, *log_amplitude, *floor; /**< floor is 0 in draws without one */
    double *scatter; /**< sd of ln(error) of one new training at N = exp(log_center) */
    double *slope;   /**< sd between trainings of their exponents; 0 where seeds are not shared */
    double log_center;
    double p_no_floor; /**< posterior probability that there is no floor: 1 for `power`, 0 for
                            `floor` */
    double floor_part; /**< 97.5 % of draws have a floor of at most this part of the error at the
                            largest N measured */
    size_t n_whole;    /**< seeds that were taken as wholes; 0 where the N were taken apart */
    bool assumed;      /**< nothing shows the scatter (two or three single measurements): a scatter
                            of 5 % was assumed */
} ig_learning_draws;

/** Draw n_draws >= 2 laws. Where seeds are shared and at least two are there at every N, those are
 *  used, as wholes; otherwise the N are taken apart. Errors as ig_learning_fit. */
ig_status ig_learning_draw(const ig_learning_data *data, ig_law_choice choice, size_t n_draws,
                           ig_rng *rng, ig_learning_draws *draws, ig_error *error);
void ig_learning_draws_clear(ig_learning_draws *draws);

/** Median and 95 % interval of draws. */
typedef struct ig_law_interval {
    double median, low, high;
} ig_law_interval;

/** Of n values, which are sorted in place. */
ig_law_interval ig_law_interval_of(double *values, size_t n);
/** Of an array of the draws, such as exponent. IG_ERR_MEMORY, as the next. */
ig_status ig_learning_interval(const ig_learning_draws *draws, const double *values,
                               ig_law_interval *interval, ig_error *error);
/** Of the typical error at N = x. */
ig_status ig_learning_error_at(const ig_learning_draws *draws, double x, ig_law_interval *interval,
                               ig_error *error);
/** The error of one new training at N = x under draw k, whose typical error there is `typical`. */
double ig_learning_one_training(const ig_learning_draws *draws, size_t k, double x, double typical,
                                ig_rng *rng);

enum { IG_LAW_REASON_TEXT = 320 };

/** Which law `auto` takes, from the fits and draws of `auto`: IG_LAW_FLOOR, IG_LAW_POWER, or
 *  IG_LAW_AUTO where the data cannot tell them apart and both are meant. `reason` is a sentence
 *  without capital and full stop. */
ig_law_choice ig_learning_verdict(const ig_law_fits *fits, const ig_learning_draws *draws,
                                  char reason[IG_LAW_REASON_TEXT]);

/** What the law without the largest N says of the largest N. */
typedef struct ig_hindcast {
    double x;                  /**< largest N */
    double measured;           /**< typical error there */
    ig_law_interval predicted; /**< of what was measured: its own scatter is in the interval */
    double off;                /**< predicted / measured - 1 */
    bool inside;
} ig_hindcast;

enum { IG_HINDCASTS = 2 };
/** How many of the largest of n N can be left out, one after the other. Two N allow every exponent
 *  and every floor, so of two left out three must be left. */
size_t ig_learning_n_hindcasts(size_t n);

/** Predict the largest N without the `leave` (1 or 2) largest. IG_ERR_USAGE where fewer than two N
 *  are left; the other errors as ig_learning_fit. */
ig_status ig_learning_hindcast(const ig_learning_data *data, ig_law_choice choice, size_t leave,
                               size_t n_draws, ig_rng *rng, ig_hindcast *hindcast, ig_error *error);

#endif
