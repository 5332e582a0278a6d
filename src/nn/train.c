#include <stdlib.h>

#include "nn/trainer.h"

/** Every head's mean loss over one epoch. */
static ig_status train_epoch(ig_trainer *trainer, const ig_samples *pool, size_t minibatch,
                             const uint32_t *order, int n_heads, const ig_yield *yield,
                             double *scratch, double *mean)
{
    for (int h = 0; h < n_heads; h++) {
        mean[h] = 0;
    }
    for (size_t first = 0; first < pool->n; first += minibatch) {
        size_t left = pool->n - first, batch = left < minibatch ? left : minibatch;
        ig_status status =
            ig_trainer_step_ahead(trainer, pool, order + first, batch, left, yield, scratch);
        if (status) {
            return status;
        }
        for (int h = 0; h < n_heads; h++) {
            mean[h] += scratch[h] * ((double)batch / (double)pool->n);
        }
    }
    return IG_OK;
}

ig_status ig_train(const ig_train_options *options, int inputs, const ig_samples *train,
                   const ig_samples *holdout, ig_head *heads, int n_heads, ig_rng_key key,
                   const ig_yield *yield, ig_error *error)
{
    ig_trainer *trainer = NULL;
    if (train->n == 0 || train->n > UINT32_MAX) {
        return ig_error_set(error, IG_ERR_USAGE, "no training on %zu samples", train->n);
    }
    uint32_t *order = malloc(train->n * sizeof *order);
    double *mse = malloc(2 * (size_t)n_heads * sizeof *mse);
    ig_status status = order && mse ? IG_OK
                                    : ig_error_set(error, IG_ERR_MEMORY,
                                                   "no memory for the order of %zu", train->n);
    if (!status) {
        status = ig_trainer_create(options, inputs, heads, n_heads, &trainer, error);
    }
    for (int epoch = 0; epoch < options->epochs && !status; epoch++) {
        ig_rng rng = ig_rng_start(key, IG_STREAM_SHUFFLE, (uint64_t)epoch);
        ig_rng_permutation(&rng, (uint32_t)train->n, order);
        status = train_epoch(trainer, train, (size_t)options->minibatch, order, n_heads, yield, mse,
                             mse + n_heads);
        for (int h = 0; h < n_heads; h++) {
            heads[h].train_mse = mse[n_heads + h];
        }
        if (!status) {
            status = ig_trainer_evaluate_yielding(trainer, holdout, yield, mse);
        }
        for (int h = 0; h < n_heads && !status; h++) {
            heads[h].holdout_mse = mse[h];
            if (heads[h].curve) {
                heads[h].curve[epoch] = (float)mse[h];
            }
        }
        if (status) {
            ig_error_set(error, status, "stopped in epoch %d", epoch + 1);
        }
    }
    for (int h = 0; h < n_heads && !status; h++) {
        ig_trainer_parameters(trainer, h, heads[h].parameters);
    }
    ig_trainer_destroy(&trainer);
    free(mse);
    free(order);
    return status;
}
