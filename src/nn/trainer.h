/** What ig_train adds to the public trainer: prefetching across minibatches, and the hook. */
#ifndef IMAGRID_NN_TRAINER_H
#define IMAGRID_NN_TRAINER_H

#include "imagrid/nn.h"

/** As ig_trainer_step; `order` holds `left` >= batch samples, and those after the batch are fetched
 *  towards the cache while it is computed. Calls the hook about every million multiply-adds; when
 *  it stops, the trainer is only good for being destroyed. */
ig_status ig_trainer_step_ahead(ig_trainer *trainer, const ig_samples *pool, const uint32_t *order,
                                size_t batch, size_t left, const ig_yield *yield, double *loss);

/** As ig_trainer_evaluate, with the hook. */
ig_status ig_trainer_evaluate_yielding(ig_trainer *trainer, const ig_samples *samples,
                                       const ig_yield *yield, double *mse);

#endif
