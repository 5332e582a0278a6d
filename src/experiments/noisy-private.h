/** What the files of the noisy policy gradient share. */
#ifndef IMAGRID_EXPERIMENTS_NOISY_PRIVATE_H
#define IMAGRID_EXPERIMENTS_NOISY_PRIVATE_H

#include "experiments/noisy-gradient.h"

/** Letters: n trajectories of a batch, H steps, P parameters, S and A dimensions. Arrays over steps
 *  are time-major, as in imagrid/policy.h. */
struct ig_noisy {
    ig_noisy_options options;
    ig_rng_key key;
    size_t n;         /**< a multiple of K */
    size_t n_weights; /**< n H */
    size_t size;      /**< P */
    ig_world world;
    ig_gaussian policy;
    ig_reinforce *reinforce;
    ig_trajectories batch;
    float *parameters;
    float *direction; /**< of the state bias: S + A + 1 */
    float *drawn;     /**< noise of one trajectory: H */
    float *noise;     /**< H x n */
    float *bias;      /**< H x n */
    float *weights;   /**< H x n; as many of them as there are parts */
    float *gradient;  /**< P */
    float *features;  /**< linear policies: scores of one step, n x width */
    float *sums;      /**< linear policies: replicates x parts x width */
    size_t width;     /**< P, rounded up to whole vectors */
    double *baseline; /**< coefficients of [s, 1]: H x (S + 1); zero unless fitted */
};

/** Roll the batch whose first trajectory is `first`, and fill in its bias where there is one. */
ig_status ig_noisy_roll(ig_noisy *noisy, ig_stream stream, uint64_t first, const ig_yield *yield,
                        ig_error *error);

/** Sums over K trajectories of several weights times the scores of a linear policy, for the first
 *  `replicates` replicates of the batch: row i * `rows` + m of g->sums, g->width apart, is that of
 *  replicate i and the weights at g->weights + m * H n. One pass over the scores serves them all.
 */
void ig_noisy_linear_sums(ig_noisy *noisy, size_t replicates, size_t rows);

/** Fit the baseline to the batch that was rolled last. IG_ERR_MEMORY, IG_ERR_NUMERIC. */
ig_status ig_noisy_fit_baseline(ig_noisy *noisy, ig_error *error);
/** Take it from weights (H x n) of the rewards. */
void ig_noisy_take_baseline(const ig_noisy *noisy, ig_discount_state discount, float *weights);

#endif
