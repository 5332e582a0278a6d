/** Multilayer perceptrons, float32: forward pass and Adam training.
 *
 *  Shape letters used in this header and its implementation:
 *      I inputs, H hidden units, O outputs, B batch, N training samples, V held-out samples.
 *  Parameters of one network are one vector in PyTorch's order, layer by layer:
 *      W1 (H1 x I, row-major), b1 (H1), W2 (H2 x H1), b2 (H2) ... W (O x H, the last), b (O)
 *      y = output(W act(... W2 act(W1 x + b1) + b2 ...) + b)
 *  Without hidden layers a network is linear: W (O x I, row-major), b (O), y = W x + b.
 *
 *  The paper's networks have one hidden layer of ReLUs: ig_mlp_shape, ig_head, ig_train. Networks
 *  of any depth, and data that are somebody's own, at the end of this header: ig_network, ig_view,
 *  ig_trainer_run. The first are a case of the second, computed by the same code. */
#ifndef IMAGRID_NN_H
#define IMAGRID_NN_H

#include <stddef.h>
#include <stdint.h>

#include "imagrid/compute.h"
#include "imagrid/rng.h"

/** One hidden layer of ReLUs, or none. */
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

/** What numbers pass behind a layer. Hidden layers: one of the last three. Outputs, before they are
 *  compared with the targets: none or tanh. */
typedef enum ig_activation {
    IG_ACTIVATION_NONE,
    IG_ACTIVATION_TANH,
    IG_ACTIVATION_RELU,
    IG_ACTIVATION_SILU /**< x / (1 + exp(-x)) */
} ig_activation;

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

/* Networks of any depth, trained on rows of a pool that others share.
 *
 *      const ig_network student = {.inputs = 23, .outputs = 17, .n_hidden = 2,
 *                                  .hidden = {256, 256}, .activation = IG_ACTIVATION_SILU};
 *      float *parameters = malloc(ig_network_size(&student) * sizeof *parameters);
 *      ig_network_init_linear(&student, &rng, parameters);
 *
 *      // Rows of the pool are [s | a | s' - s | r]; the training set is the first n of an order.
 *      ig_view train = {.rows = pool, .stride = 41, .order = order, .n = n, .target = 23,
 *                       .mean = mean, .scale = scale};
 *      ig_view holdout = train;     // the same statistics: those of the training set
 *      holdout.order = held_out, holdout.n = n_held_out;
 *      ig_training schedule = {.updates = 20000, .minibatch = 256, .points = 10};
 *      float curve[10];
 *      ig_head head = {.parameters = parameters, .curve = curve};
 *
 *      TRY(ig_trainer_create_networks(isa, 1e-3f, &student, (const float *[]){parameters}, 1,
 *                                     &trainer, error));
 *      TRY(ig_trainer_run(trainer, &schedule, &train, &holdout, &head, key, yield, error));
 *      TRY(ig_trainer_errors(trainer, &holdout, yield, column_mse, error));   // 17 numbers
 *
 *      // Rollouts: standardise the inputs yourself (ig_standardise), then undo it for the outputs.
 *      TRY(ig_network_create(isa, &student, parameters, &mlp, error));
 *      ig_mlp_forward(mlp, x, batch, 23, y, 17);
 *
 *  For the reward .target = 40 of the same pool, with a network of one output. */

enum { IG_HIDDEN_MAX = 4 };

typedef struct ig_network {
    int inputs, outputs;       /**< each 1 to 4096 */
    int n_hidden;              /**< hidden layers, 0 to IG_HIDDEN_MAX */
    int hidden[IG_HIDDEN_MAX]; /**< units of each, 1 to 4096 */
    ig_activation activation;  /**< behind every hidden layer: RELU, TANH or SILU */
    ig_activation output;      /**< behind the outputs: NONE or TANH */
} ig_network;

/** Length of the parameter vector. */
size_t ig_network_size(const ig_network *network);
/** Multiply-adds that one sample takes in training: forward pass, gradients of the weights and of
 *  the hidden layers. For predictions of cost. */
double ig_network_work(const ig_network *network);
/** PyTorch's nn.Linear default for every layer: W and b ~ U(-1/sqrt(n), 1/sqrt(n)), n being the
 *  inputs of that layer; drawn in the order of the vector, one ig_rng_uniform each. */
void ig_network_init_linear(const ig_network *network, ig_rng *rng, float *parameters);
/** As ig_mlp_create; ig_mlp_forward then includes the outputs' activation. IG_ERR_USAGE, as from
 *  ig_trainer_create_networks, for more layers than there can be, layers without units, hidden ones
 *  without an activation, an output's activation that is not one. */
ig_status ig_network_create(ig_isa isa, const ig_network *network, const float *parameters,
                            ig_mlp **mlp, ig_error *error);

/** Samples that are rows of a pool. Nothing is copied and all of it stays the caller's; several
 *  processes may read one pool. */
typedef struct ig_view {
    const float *rows;     /**< row n starts at rows[n * stride], with the inputs */
    size_t stride;         /**< floats from row to row */
    size_t n;              /**< samples, at most UINT32_MAX */
    const uint32_t *order; /**< sample i is row order[i]; NULL: row i */
    size_t target;         /**< column of head 0's first target; all heads' targets are consecutive,
                                >= inputs */
    /** What the networks see of input i is (x - mean[i]) * scale[i], of target t (x - mean[j]) *
     *  scale[j] with j = inputs + t; computed as a minibatch is gathered. Predictions and errors
     * are in the units of such targets. Both NULL: the numbers as they are. A scale of 0 turns a
     *  constant column into zeros. */
    const float *mean, *scale;
} ig_view;

/** How long to train and when to look. One epoch visits all n samples in ceil(n / minibatch)
 *  updates, the last short minibatch being kept. */
typedef struct ig_training {
    uint64_t updates; /**< Adam updates in all, over as many epochs as that takes, the last of which
                           may be cut short; 0: `epochs` counts */
    int epochs;       /**< passes over the samples, >= 1 */
    int minibatch;    /**< samples an update, >= 1 */
    int points;       /**< how often the validation MSE is taken: for i = 1 ... points after update
                           ceil(i * updates / points), so the last time at the end. `epochs`: after
                           every epoch; 1: only at the end; 0: never */
} ig_training;

/** A trainer of n networks of equal inputs, as ig_trainer_create; parameters[h] are copied. */
ig_status ig_trainer_create_networks(ig_isa isa, float learning_rate, const ig_network *networks,
                                     const float *const *parameters, int n, ig_trainer **trainer,
                                     ig_error *error);
/** Train as ig_train does, shuffling samples by their number within the view. Of every head its
 *  `hidden` and `outputs` are ignored; `parameters` may be NULL, or get the final ones; `curve`
 *  (`points` long, or NULL) gets the validation MSE; train_mse is over the last whole epoch, or the
 *  minibatches so far where there was none. `holdout` may be NULL where `points` is 0, and
 *  holdout_mse is then left alone. Errors: as ig_train, IG_ERR_USAGE for no samples. */
ig_status ig_trainer_run(ig_trainer *trainer, const ig_training *schedule, const ig_view *train,
                         const ig_view *holdout, ig_head *heads, ig_rng_key key,
                         const ig_yield *yield, ig_error *error);
/** mse[t]: the mean squared error of every output column, all heads' one after the other, over all
 *  samples of the view, n >= 1. The MSE of a head is the mean of its columns'. IG_ERR_STOPPED. */
ig_status ig_trainer_errors(ig_trainer *trainer, const ig_view *view, const ig_yield *yield,
                            double *mse, ig_error *error);
/** y[i * O + o]: head h's outputs for all samples of the view, whose targets are not read.
 *  IG_ERR_STOPPED. */
ig_status ig_trainer_outputs(ig_trainer *trainer, int head_number, const ig_view *view,
                             const ig_yield *yield, float *y, ig_error *error);
/** y[i] = (x[i] - mean[i]) * scale[i] for i < n, as samples of a view are; y may be x. */
void ig_standardise(size_t n, const float *x, const float *mean, const float *scale, float *y);

#endif
