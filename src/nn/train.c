/** Training networks by Adam: the trainer step by step, and the whole schedule. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "nn/mlp.h"

/* Multiply-adds between two calls of the hook: 0.2 ms at 10 GFLOP/s. */
#define WORK_PER_YIELD 1e6

/** One network in training. */
typedef struct head {
    ig_packed net;
    ig_activation output;
    size_t target;   /**< column of its first target in a gathered row */
    float *gradient; /**< net.size each, as are Adam's moments */
    float *m, *v;
    float *a, *y; /**< IG_ROWS x net.width, IG_ROWS x net.out_width */
} head;

struct ig_trainer {
    const ig_kernels *kernels;
    int n_heads;
    size_t inputs, targets; /**< numbers of a sample */
    size_t row;             /**< floats of a gathered row: inputs, a one, targets, padding */
    float *rows;            /**< IG_ROWS of them */
    double learning_rate;
    uint64_t steps; /**< Adam updates so far */
    double work;    /**< multiply-adds a sample takes */
    double since;   /**< multiply-adds since the hook was called */
    head heads[];
};

static ig_status head_init(const ig_kernels *k, int inputs, const ig_head *from, head *h,
                           ig_error *error)
{
    ig_mlp_shape shape = {inputs, from->hidden, from->outputs};
    TRY(ig_packed_init(k, shape, from->parameters, &h->net, error));
    TRY(ig_floats(h->net.size, &h->gradient, error));
    TRY(ig_floats(h->net.size, &h->m, error));
    TRY(ig_floats(h->net.size, &h->v, error));
    TRY(ig_floats(IG_ROWS * h->net.width, &h->a, error));
    return ig_floats(IG_ROWS * h->net.out_width, &h->y, error);
}

static void head_clear(head *h)
{
    ig_packed_clear(&h->net);
    free(h->gradient);
    free(h->m);
    free(h->v);
    free(h->a);
    free(h->y);
}

ig_status ig_trainer_create(const ig_train_options *options, int inputs, const ig_head *heads,
                            int n_heads, ig_trainer **trainer, ig_error *error)
{
    const size_t size = sizeof(ig_trainer) + (size_t)n_heads * sizeof(head);
    AUTO(ig_trainer_destroy) ig_trainer *t = ig_alloc(1, size, error);
    if (!t) {
        return IG_ERR_MEMORY;
    }
    t->kernels = ig_kernels_of(options->isa);
    t->n_heads = n_heads;
    t->inputs = (size_t)inputs;
    t->learning_rate = (double)options->learning_rate;
    for (int i = 0; i < n_heads; i++) {
        head *h = &t->heads[i];
        TRY(head_init(t->kernels, inputs, &heads[i], h, error));
        h->target = t->inputs + 1 + t->targets;
        t->targets += (size_t)heads[i].outputs;
        double hidden = heads[i].hidden, outputs = heads[i].outputs;
        t->work += hidden > 0 ? 2 * inputs * hidden + 3 * hidden * outputs : 2 * inputs * outputs;
    }
    size_t lanes = t->kernels->lanes;
    t->row = (t->inputs + 1 + t->targets + lanes - 1) / lanes * lanes;
    TRY(ig_floats(IG_ROWS * t->row, &t->rows, error));
    *trainer = ig_take(&t);
    return IG_OK;
}

void ig_trainer_destroy(ig_trainer **trainer)
{
    if (*trainer) {
        for (int i = 0; i < (*trainer)->n_heads; i++) {
            head_clear(&(*trainer)->heads[i]);
        }
        free((*trainer)->rows);
        free(*trainer);
        *trainer = NULL;
    }
}

void ig_trainer_set_output(ig_trainer *trainer, int head_number, ig_activation output)
{
    trainer->heads[head_number].output = output;
}

/** Outputs of the gathered rows become the squared error's derivative by them, times scale / 2 (for
 *  linear ones (y - target) * scale); returns the sum of squared errors. */
static double forward(const ig_trainer *t, head *h, size_t rows, float scale)
{
    ig_packed_forward(t->kernels, &h->net, rows, t->rows, t->row, h->a, h->y);
    return (h->output == IG_ACTIVATION_TANH ? t->kernels->tanh_residual : t->kernels->residual)(
        rows, (size_t)h->net.shape.outputs, h->net.out_width, t->rows + h->target, t->row, scale,
        h->y);
}

static void update(ig_trainer *t, head *h)
{
    ig_adam adam = ig_adam_step(t->learning_rate, t->steps);
    t->kernels->adam(h->net.size, adam, h->gradient, h->m, h->v, h->net.values);
    ig_packed_refresh(t->kernels, &h->net);
}

static ig_status maybe_yield(ig_trainer *t, size_t rows, const ig_yield *yield, ig_error *error)
{
    t->since += t->work * (double)rows;
    if (t->since < WORK_PER_YIELD) {
        return IG_OK;
    }
    t->since = 0;
    return ig_yield_or_stop(yield, error);
}

ig_status ig_trainer_step_ahead(ig_trainer *t, const ig_samples *pool, const uint32_t *order,
                                size_t batch, size_t left, const ig_yield *yield, double *loss,
                                ig_error *error)
{
    t->steps++;
    for (int i = 0; i < t->n_heads; i++) {
        loss[i] = 0;
        memset(t->heads[i].gradient, 0, t->heads[i].net.size * sizeof(float));
    }
    for (size_t first = 0; first < batch; first += IG_ROWS) {
        size_t rows = batch - first < IG_ROWS ? batch - first : IG_ROWS;
        const uint32_t *now = order + first;
        t->kernels->gather(rows, t->inputs, t->targets, pool->rows, pool->stride, now,
                           first + 2 * rows <= left ? now + rows : NULL, t->rows, t->row);
        for (int i = 0; i < t->n_heads; i++) {
            head *h = &t->heads[i];
            double terms = (double)batch * h->net.shape.outputs;
            loss[i] += forward(t, h, rows, (float)(2 / terms)) / terms;
            ig_packed_backward(t->kernels, &h->net, rows, t->rows, t->row, h->a, h->y, h->gradient);
        }
        TRY(maybe_yield(t, rows, yield, error));
    }
    for (int i = 0; i < t->n_heads; i++) {
        update(t, &t->heads[i]);
    }
    return IG_OK;
}

void ig_trainer_step(ig_trainer *trainer, const ig_samples *pool, const uint32_t *order,
                     size_t batch, double *loss)
{
    ig_trainer_step_ahead(trainer, pool, order, batch, batch, NULL, loss, NULL);
}

ig_status ig_trainer_evaluate_yielding(ig_trainer *t, const ig_samples *samples,
                                       const ig_yield *yield, double *mse, ig_error *error)
{
    memset(mse, 0, (size_t)t->n_heads * sizeof *mse);
    for (size_t first = 0; first < samples->n; first += IG_ROWS) {
        size_t rows = samples->n - first < IG_ROWS ? samples->n - first : IG_ROWS;
        t->kernels->gather(rows, t->inputs, t->targets, samples->rows + first * samples->stride,
                           samples->stride, NULL, NULL, t->rows, t->row);
        for (int i = 0; i < t->n_heads; i++) {
            head *h = &t->heads[i];
            mse[i] += forward(t, h, rows, 1) / ((double)samples->n * (double)h->net.shape.outputs);
        }
        TRY(maybe_yield(t, rows, yield, error));
    }
    return IG_OK;
}

void ig_trainer_evaluate(ig_trainer *trainer, const ig_samples *samples, double *mse)
{
    ig_trainer_evaluate_yielding(trainer, samples, NULL, mse, NULL);
}

void ig_trainer_predict(ig_trainer *t, int head_number, const ig_samples *samples, float *y)
{
    head *h = &t->heads[head_number];
    size_t outputs = (size_t)h->net.shape.outputs;
    for (size_t first = 0; first < samples->n; first += IG_ROWS) {
        size_t rows = samples->n - first < IG_ROWS ? samples->n - first : IG_ROWS;
        ig_packed_forward(t->kernels, &h->net, rows, samples->rows + first * samples->stride,
                          samples->stride, h->a, h->y);
        if (h->output == IG_ACTIVATION_TANH) {
            t->kernels->tanh(rows * h->net.out_width, h->y);
        }
        for (size_t r = 0; r < rows; r++) {
            ig_copy_few(outputs, h->y + r * h->net.out_width, y + (first + r) * outputs);
        }
    }
}

void ig_trainer_parameters(const ig_trainer *trainer, int head_number, float *parameters)
{
    const ig_packed *net = &trainer->heads[head_number].net;
    ig_packed_unpack(net, net->values, parameters);
}

/** Every head's mean loss over one epoch. */
static ig_status train_epoch(ig_trainer *trainer, const ig_samples *pool, size_t minibatch,
                             const uint32_t *order, int n_heads, const ig_yield *yield,
                             double *scratch, double *mean, ig_error *error)
{
    for (int h = 0; h < n_heads; h++) {
        mean[h] = 0;
    }
    for (size_t first = 0; first < pool->n; first += minibatch) {
        size_t left = pool->n - first, batch = left < minibatch ? left : minibatch;
        TRY(ig_trainer_step_ahead(trainer, pool, order + first, batch, left, yield, scratch,
                                  error));
        for (int h = 0; h < n_heads; h++) {
            mean[h] += scratch[h] * ((double)batch / (double)pool->n);
        }
    }
    return IG_OK;
}

/** Validation after an epoch, or only what the training itself measured. */
static ig_status finish_epoch(ig_trainer *trainer, const ig_samples *holdout, bool validated,
                              int epoch, const double *train_mse, double *mse, ig_head *heads,
                              const ig_yield *yield, ig_error *error)
{
    if (validated) {
        TRY(ig_trainer_evaluate_yielding(trainer, holdout, yield, mse, error));
    }
    for (int h = 0; h < trainer->n_heads; h++) {
        heads[h].train_mse = train_mse[h];
        if (validated) {
            heads[h].holdout_mse = mse[h];
        }
        if (validated && heads[h].curve) {
            heads[h].curve[epoch] = (float)mse[h];
        }
    }
    return IG_OK;
}

ig_status ig_trainer_train(ig_trainer *trainer, const ig_train_options *options,
                           ig_validate validate, const ig_samples *train, const ig_samples *holdout,
                           ig_head *heads, ig_rng_key key, const ig_yield *yield, ig_error *error)
{
    const int n_heads = trainer->n_heads;
    AUTO_FREE uint32_t *order = NULL;
    AUTO_FREE double *mse = NULL;
    if (train->n == 0 || train->n > UINT32_MAX) {
        return ig_error_set(error, IG_ERR_USAGE, "no training on %zu samples", train->n);
    }
    TRY(IG_ALLOC(order, train->n, error));
    TRY(IG_ALLOC(mse, 2 * (size_t)n_heads, error));
    for (int epoch = 0; epoch < options->epochs; epoch++) {
        const bool validated = validate != IG_VALIDATE_LAST || epoch + 1 == options->epochs;
        ig_rng rng = ig_rng_start(key, IG_STREAM_SHUFFLE, (uint64_t)epoch);
        ig_rng_permutation(&rng, (uint32_t)train->n, order);
        TRY(train_epoch(trainer, train, (size_t)options->minibatch, order, n_heads, yield, mse,
                        mse + n_heads, error));
        TRY(finish_epoch(trainer, holdout, validated, epoch, mse + n_heads, mse, heads, yield,
                         error));
    }
    for (int h = 0; h < n_heads; h++) {
        ig_trainer_parameters(trainer, h, heads[h].parameters);
    }
    return IG_OK;
}

ig_status ig_train(const ig_train_options *options, int inputs, const ig_samples *train,
                   const ig_samples *holdout, ig_head *heads, int n_heads, ig_rng_key key,
                   const ig_yield *yield, ig_error *error)
{
    AUTO(ig_trainer_destroy) ig_trainer *trainer = NULL;
    TRY(ig_trainer_create(options, inputs, heads, n_heads, &trainer, error));
    return ig_trainer_train(trainer, options, IG_VALIDATE_EVERY_EPOCH, train, holdout, heads, key,
                            yield, error);
}
