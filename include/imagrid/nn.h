/** Two-layer ReLU perceptrons (Linear-ReLU-Linear), float32: forward pass and Adam training.
 *
 *  Shape letters used in this header and its implementation:
 *      I inputs, H hidden units, O outputs, B batch, N training samples, V held-out samples.
 *  Parameters of one network are one vector in PyTorch's order:
 *      W1 (H x I, row-major), b1 (H), W2 (O x H, row-major), b2 (O)
 *      y = W2 max(0, W1 x + b1) + b2
 *  Without hidden units (H = 0) a network is linear: W (O x I, row-major), b (O), y = W x + b. */
#ifndef IMAGRID_NN_H
#define IMAGRID_NN_H

#include <stddef.h>
#include <stdint.h>

#include "imagrid/compute.h"
#include "imagrid/rng.h"

typedef struct ig_mlp_shape {
    int inputs, hidden, outputs; /**< each 1 to 4096; hidden may be 0 */
} ig_mlp_shape;

/** Length of the parameter vector: H (I + 1) + O (H + 1), or O (I + 1) for H = 0. */
size_t ig_mlp_size(ig_mlp_shape shape);

/** PyTorch's nn.Linear default: W1, b1 ~ U(-1/sqrt(I), 1/sqrt(I)), W2, b2 ~ U(-1/sqrt(H), ...),
 *  drawn in the order of the vector, one ig_rng_uniform each. A linear network's W and b as W1, b1.
 */
void ig_mlp_init_linear(ig_mlp_shape shape, ig_rng *rng, float *parameters);

/** Weights iid N(0, 1), biases zero (the paper's teacher), drawn in the order of the vector. */
void ig_mlp_init_normal(ig_mlp_shape shape, ig_rng *rng, float *parameters);

/** A network laid out for the kernels of one instruction set, with the scratch its forward pass
 *  needs: not to be shared between threads. */
typedef struct ig_mlp ig_mlp;
/** Copies the parameters. IG_ERR_MEMORY. */
ig_status ig_mlp_create(ig_isa isa, ig_mlp_shape shape, const float *parameters, ig_mlp **mlp,
                        ig_error *error);
void ig_mlp_destroy(ig_mlp **mlp);
/** Forward pass, row-major: input i of sample b at x[b * x_stride + i], output o at
 *  y[b * y_stride + o]; B of any size. A sample's result does not depend on which others are in
 *  the batch. */
void ig_mlp_forward(ig_mlp *mlp, const float *x, size_t batch, size_t x_stride, float *y,
                    size_t y_stride);

/** x[i] = tanh(x[i]) for i < n, within 7 units in the last place of the exact value (|x| > 1e-35;
 * below, within 1e-43) and never beyond +-1; the same bytes wherever the instruction set is the
 * same. */
void ig_tanh(ig_isa isa, size_t n, float *x);

/** The next n numbers that ig_rng_normal would give, in float32: the same words of the stream, two
 * a number, and the same formula, within a few units in the last place. The same bytes however the
 *  numbers are split into calls, and on every instruction set. */
void ig_normals(ig_isa isa, ig_rng *rng, size_t n, float *x);

/** A pool of samples, row-major: row n is [inputs | targets of head 0 | targets of head 1 ...], its
 *  first number at rows[n * stride]. Owned by the caller. */
typedef struct ig_samples {
    const float *rows;
    size_t n;
    size_t stride; /**< floats from row to row; >= inputs + all outputs */
} ig_samples;

/** Adam and the training schedule (docs/protocol.md). */
typedef struct ig_train_options {
    int epochs;          /**< passes over the pool, >= 1 */
    int minibatch;       /**< samples per update, >= 1; the last short batch is kept */
    float learning_rate; /**< PyTorch's lr; betas 0.9, 0.999 and eps 1e-8 are the protocol's */
    ig_isa isa;          /**< never IG_ISA_AUTO */
} ig_train_options;

/** One network to be trained. Heads of one call read the same minibatches in the same order and are
 *  otherwise independent: each has its own parameters, loss and Adam state. */
typedef struct ig_head {
    int hidden, outputs;
    float *parameters;  /**< in: initial values; out: after the last epoch */
    float *curve;       /**< out: validation MSE after each epoch, `epochs` long; may be NULL */
    double train_mse;   /**< out: mean over the last epoch's minibatches, each before its update,
                             weighted by samples */
    double holdout_mse; /**< out: validation MSE after the last epoch */
} ig_head;

/** Minimise each head's mean-squared error (averaged over batch and outputs) by Adam, reshuffling
 *  every epoch: epoch e (from 0) visits the pool in the order ig_rng_permutation draws from
 *  ig_rng_start(key, IG_STREAM_SHUFFLE, e). The validation MSE on `holdout` is taken after every
 *  epoch. Calls `yield` every few milliseconds.
 *  Errors: IG_ERR_MEMORY; IG_ERR_STOPPED from the hook; a diverged head is not an error here, its
 *  MSE is then not finite. On any error the heads' outputs are unspecified. */
ig_status ig_train(const ig_train_options *options, int inputs, const ig_samples *train,
                   const ig_samples *holdout, ig_head *heads, int n_heads, ig_rng_key key,
                   const ig_yield *yield, ig_error *error);

/** The trainer step by step, which ig_train is made of; for tests and other schedules. */
typedef struct ig_trainer ig_trainer;

/** What a network's outputs pass before they are compared with the targets. */
typedef enum ig_activation { IG_ACTIVATION_NONE, IG_ACTIVATION_TANH } ig_activation;

/** When the validation MSE is taken. */
typedef enum ig_validate { IG_VALIDATE_EVERY_EPOCH, IG_VALIDATE_LAST } ig_validate;

/** Copies the heads' parameters; reads the learning rate and the instruction set of the options.
 *  IG_ERR_MEMORY. Destroy with ig_trainer_destroy. */
ig_status ig_trainer_create(const ig_train_options *options, int inputs, const ig_head *heads,
                            int n_heads, ig_trainer **trainer, ig_error *error);
/** From now on head h's outputs pass `output`, in training, evaluation and prediction; at first
 * they are linear. */
void ig_trainer_set_output(ig_trainer *trainer, int head_number, ig_activation output);
/** As ig_train, of the heads that the trainer was created with, and with its learning rate and
 *  instruction set. IG_VALIDATE_LAST: validation only after the last epoch, earlier entries of the
 *  curves are left as they are; the training is the same. */
ig_status ig_trainer_train(ig_trainer *trainer, const ig_train_options *options,
                           ig_validate validate, const ig_samples *train, const ig_samples *holdout,
                           ig_head *heads, ig_rng_key key, const ig_yield *yield, ig_error *error);
/** One Adam update of every head on the samples order[0 ... batch-1] of the pool, batch >= 1.
 *  loss[h] gets head h's minibatch MSE before the update. */
void ig_trainer_step(ig_trainer *trainer, const ig_samples *pool, const uint32_t *order,
                     size_t batch, double *loss);
/** mse[h]: mean-squared error of every head over all samples: blocks of some dozen samples in
 *  float, these in double. */
void ig_trainer_evaluate(ig_trainer *trainer, const ig_samples *samples, double *mse);
/** y[n * O + o]: head h's outputs for all samples, whose targets are not read. */
void ig_trainer_predict(ig_trainer *trainer, int head_number, const ig_samples *samples, float *y);
/** Copy head h's current parameters out. */
void ig_trainer_parameters(const ig_trainer *trainer, int head_number, float *parameters);
void ig_trainer_destroy(ig_trainer **trainer);

#endif
