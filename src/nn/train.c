/** Training networks by Adam: the trainer step by step, and the whole schedule. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "nn/mlp.h"

/* Multiply-adds between two calls of the hook: 0.2 ms at 10 GFLOP/s. */
#define WORK_PER_YIELD 1e6

/** One network in training; a block are the rows that pass through it together. */
typedef struct head {
    ig_packed net;
    size_t target;   /**< column of its first target in a gathered row */
    float *gradient; /**< net.size each, as are Adam's moments */
    float *m, *v;
    float *a, *slopes; /**< block x net.width; no slopes for ReLUs */
    float *y;          /**< block x net.out_width */
} head;

struct ig_trainer {
    const ig_kernels *kernels;
    int n_heads;
    size_t inputs, targets; /**< numbers of a sample */
    size_t row;             /**< floats of a gathered row: inputs, a one, targets, padding */
    size_t block;           /**< rows that pass through a network together */
    size_t group;           /**< rows that are gathered together: whole blocks */
    float *rows;            /**< `group` of them */
    float *mean, *scale;    /**< a gathered row's, of the view that set_view was given */
    bool standardised;      /**< whether that has any */
    double learning_rate;
    uint64_t steps; /**< Adam updates so far */
    double work;    /**< multiply-adds a sample takes */
    double since;   /**< multiply-adds since the hook was called */
    head heads[];
};

static ig_status head_init(const ig_kernels *k, const ig_network *network, const float *parameters,
                           size_t block, head *h, ig_error *error)
{
    TRY(ig_packed_init(k, network, parameters, &h->net, error));
    TRY(ig_floats(h->net.size, &h->gradient, error));
    TRY(ig_floats(h->net.size, &h->m, error));
    TRY(ig_floats(h->net.size, &h->v, error));
    TRY(ig_floats(block * h->net.width, &h->a, error));
    if (network->activation != IG_ACTIVATION_RELU) {
        TRY(ig_floats(block * h->net.width, &h->slopes, error));
    }
    return ig_floats(block * h->net.out_width, &h->y, error);
}

static void head_clear(head *h)
{
    ig_packed_clear(&h->net);
    free(h->gradient);
    free(h->m);
    free(h->v);
    free(h->a);
    free(h->slopes);
    free(h->y);
}

/** Weights between hidden layers that no first cache holds are worth more rows a pass, and each
 *  network the whole minibatch before the next one pushes its weights out of the second cache,
 * where the hook need not wait too long for that. */
static void set_block(ig_trainer *t, const ig_network *networks)
{
    enum { LARGE = 128 * 128, WIDE_BLOCK = 96, WIDE_GROUP = 3 * WIDE_BLOCK };
    const double longest = 200 * WORK_PER_YIELD;
    t->block = IG_ROWS;
    for (int i = 0; i < t->n_heads; i++) {
        for (int l = 1; l < networks[i].n_hidden; l++) {
            if (networks[i].hidden[l - 1] * networks[i].hidden[l] >= LARGE) {
                t->block = WIDE_BLOCK;
            }
        }
        t->work += ig_network_work(&networks[i]);
    }
    t->group = t->block == WIDE_BLOCK && t->work * WIDE_GROUP < longest ? WIDE_GROUP : t->block;
}

ig_status ig_trainer_create_networks(ig_isa isa, float learning_rate, const ig_network *networks,
                                     const float *const *parameters, int n, ig_trainer **trainer,
                                     ig_error *error)
{
    const size_t size = sizeof(ig_trainer) + (size_t)n * sizeof(head);
    AUTO(ig_trainer_destroy) ig_trainer *t = ig_alloc(1, size, error);
    if (!t) {
        return IG_ERR_MEMORY;
    }
    t->kernels = ig_kernels_of(isa);
    t->n_heads = n;
    t->inputs = (size_t)networks[0].inputs;
    t->learning_rate = (double)learning_rate;
    set_block(t, networks);
    for (int i = 0; i < n; i++) {
        head *h = &t->heads[i];
        TRY(head_init(t->kernels, &networks[i], parameters[i], t->block, h, error));
        h->target = t->inputs + 1 + t->targets;
        t->targets += (size_t)networks[i].outputs;
    }
    size_t lanes = t->kernels->lanes;
    t->row = (t->inputs + 1 + t->targets + lanes - 1) / lanes * lanes;
    TRY(ig_floats(t->group * t->row, &t->rows, error));
    TRY(ig_floats(t->row, &t->mean, error));
    TRY(ig_floats(t->row, &t->scale, error));
    *trainer = ig_take(&t);
    return IG_OK;
}

ig_status ig_trainer_create(const ig_train_options *options, int inputs, const ig_head *heads,
                            int n_heads, ig_trainer **trainer, ig_error *error)
{
    AUTO_FREE ig_network *networks = NULL;
    AUTO_FREE const float **parameters = NULL;
    TRY(IG_ALLOC(networks, (size_t)n_heads, error));
    TRY(IG_ALLOC(parameters, (size_t)n_heads, error));
    for (int i = 0; i < n_heads; i++) {
        networks[i] = ig_network_of((ig_mlp_shape){inputs, heads[i].hidden, heads[i].outputs});
        parameters[i] = heads[i].parameters;
    }
    return ig_trainer_create_networks(options->isa, options->learning_rate, networks, parameters,
                                      n_heads, trainer, error);
}

void ig_trainer_destroy(ig_trainer **trainer)
{
    if (*trainer) {
        for (int i = 0; i < (*trainer)->n_heads; i++) {
            head_clear(&(*trainer)->heads[i]);
        }
        free((*trainer)->rows);
        free((*trainer)->mean);
        free((*trainer)->scale);
        free(*trainer);
        *trainer = NULL;
    }
}

void ig_trainer_set_output(ig_trainer *trainer, int head_number, ig_activation output)
{
    trainer->heads[head_number].net.network.output = output;
}

/** Lay out the view's statistics as a gathered row, for gather. */
static void set_view(ig_trainer *t, const ig_view *view)
{
    t->standardised = view->mean != NULL;
    if (!t->standardised) {
        return;
    }
    /* The biases' one, and the padding, stay what they are. */
    for (size_t j = 0; j < t->row; j++) {
        t->mean[j] = 0;
        t->scale[j] = 1;
    }
    memcpy(t->mean, view->mean, t->inputs * sizeof *t->mean);
    memcpy(t->scale, view->scale, t->inputs * sizeof *t->scale);
    memcpy(t->mean + t->inputs + 1, view->mean + t->inputs, t->targets * sizeof *t->mean);
    memcpy(t->scale + t->inputs + 1, view->scale + t->inputs, t->targets * sizeof *t->scale);
}

/** Rows of the pool of the view that set_view was given, `order` of it (NULL: from its start on),
 *  with `targets` targets; `ahead` as the kernel's. */
static void gather(ig_trainer *t, const ig_view *view, size_t rows, size_t targets,
                   const float *pool, const uint32_t *order, const uint32_t *ahead)
{
    t->kernels->gather(rows, t->inputs, view->target, targets, pool, view->stride, order, ahead,
                       t->rows, t->row);
    if (t->standardised) {
        t->kernels->standardise(rows, t->row, t->mean, t->scale, t->rows);
    }
}

/** Gather samples first ... first + rows - 1 of the view. */
static void gather_next(ig_trainer *t, const ig_view *view, size_t first, size_t rows,
                        size_t targets)
{
    gather(t, view, rows, targets, view->order ? view->rows : view->rows + first * view->stride,
           view->order ? view->order + first : NULL, NULL);
}

/** Outputs of gathered rows, `rows` from `first` on, become the squared error's derivative by them,
 *  times scale / 2 (for linear ones (y - target) * scale); returns the sum of squared errors. */
static double forward(const ig_trainer *t, head *h, size_t first, size_t rows, float scale)
{
    const float *x = t->rows + first * t->row;
    ig_packed_forward(t->kernels, &h->net, rows, x, t->row, h->a, h->slopes, h->y);
    const bool squashed = h->net.network.output == IG_ACTIVATION_TANH;
    return (squashed ? t->kernels->tanh_residual : t->kernels->residual)(
        rows, (size_t)h->net.network.outputs, h->net.out_width, x + h->target, t->row, scale, h->y);
}

/** Adds to the gradient what the gathered rows of a minibatch of `batch` give; returns their part
 *  of its loss. */
static double learn(const ig_trainer *t, head *h, size_t rows, size_t batch)
{
    double terms = (double)batch * h->net.network.outputs, loss = 0;
    for (size_t first = 0; first < rows; first += t->block) {
        size_t n = rows - first < t->block ? rows - first : t->block;
        loss += forward(t, h, first, n, (float)(2 / terms)) / terms;
        ig_packed_backward(t->kernels, &h->net, n, t->rows + first * t->row, t->row, h->a,
                           h->slopes, h->y, h->gradient);
    }
    return loss;
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

ig_status ig_trainer_step_ahead(ig_trainer *t, const ig_view *pool, const uint32_t *order,
                                size_t batch, size_t left, const ig_yield *yield, double *loss,
                                ig_error *error)
{
    t->steps++;
    for (int i = 0; i < t->n_heads; i++) {
        loss[i] = 0;
        memset(t->heads[i].gradient, 0, t->heads[i].net.size * sizeof(float));
    }
    for (size_t first = 0; first < batch; first += t->group) {
        size_t rows = batch - first < t->group ? batch - first : t->group;
        const uint32_t *now = order + first;
        gather(t, pool, rows, t->targets, pool->rows, now,
               first + 2 * rows <= left ? now + rows : NULL);
        for (int i = 0; i < t->n_heads; i++) {
            loss[i] += learn(t, &t->heads[i], rows, batch);
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
    const ig_view view = ig_view_of(pool, trainer->inputs);
    set_view(trainer, &view);
    ig_trainer_step_ahead(trainer, &view, order, batch, batch, NULL, loss, NULL);
}

/** mse[h] of every head over the view. */
static ig_status evaluate(ig_trainer *t, const ig_view *view, const ig_yield *yield, double *mse,
                          ig_error *error)
{
    set_view(t, view);
    memset(mse, 0, (size_t)t->n_heads * sizeof *mse);
    for (size_t first = 0; first < view->n; first += t->block) {
        size_t rows = view->n - first < t->block ? view->n - first : t->block;
        gather_next(t, view, first, rows, t->targets);
        for (int i = 0; i < t->n_heads; i++) {
            head *h = &t->heads[i];
            mse[i] +=
                forward(t, h, 0, rows, 1) / ((double)view->n * (double)h->net.network.outputs);
        }
        TRY(maybe_yield(t, rows, yield, error));
    }
    return IG_OK;
}

void ig_trainer_evaluate(ig_trainer *trainer, const ig_samples *samples, double *mse)
{
    const ig_view view = ig_view_of(samples, trainer->inputs);
    evaluate(trainer, &view, NULL, mse, NULL);
}

/** Head h's outputs for the gathered rows, in h->y. */
static void outputs(const ig_trainer *t, head *h, size_t rows)
{
    ig_packed_forward(t->kernels, &h->net, rows, t->rows, t->row, h->a, NULL, h->y);
    if (h->net.network.output == IG_ACTIVATION_TANH) {
        t->kernels->tanh(rows * h->net.out_width, h->y);
    }
}

ig_status ig_trainer_outputs(ig_trainer *t, int head_number, const ig_view *view,
                             const ig_yield *yield, float *y, ig_error *error)
{
    head *h = &t->heads[head_number];
    size_t n = (size_t)h->net.network.outputs;
    set_view(t, view);
    for (size_t first = 0; first < view->n; first += t->block) {
        size_t rows = view->n - first < t->block ? view->n - first : t->block;
        gather_next(t, view, first, rows, 0);
        outputs(t, h, rows);
        for (size_t r = 0; r < rows; r++) {
            ig_copy_few(n, h->y + r * h->net.out_width, y + (first + r) * n);
        }
        TRY(maybe_yield(t, rows, yield, error));
    }
    return IG_OK;
}

void ig_trainer_predict(ig_trainer *trainer, int head_number, const ig_samples *samples, float *y)
{
    const ig_view view = ig_view_of(samples, trainer->inputs);
    ig_trainer_outputs(trainer, head_number, &view, NULL, y, NULL);
}

ig_status ig_trainer_errors(ig_trainer *t, const ig_view *view, const ig_yield *yield, double *mse,
                            ig_error *error)
{
    set_view(t, view);
    memset(mse, 0, t->targets * sizeof *mse);
    for (size_t first = 0; first < view->n; first += t->block) {
        size_t rows = view->n - first < t->block ? view->n - first : t->block;
        gather_next(t, view, first, rows, t->targets);
        double *column = mse;
        for (int i = 0; i < t->n_heads; i++) {
            head *h = &t->heads[i];
            outputs(t, h, rows);
            for (int o = 0; o < h->net.network.outputs; o++, column++) {
                for (size_t r = 0; r < rows; r++) {
                    const float *target = t->rows + r * t->row + h->target;
                    double difference =
                        (double)(h->y[r * h->net.out_width + (size_t)o] - target[o]);
                    *column += difference * difference / (double)view->n;
                }
            }
        }
        TRY(maybe_yield(t, rows, yield, error));
    }
    return IG_OK;
}

void ig_trainer_parameters(const ig_trainer *trainer, int head_number, float *parameters)
{
    const ig_packed *net = &trainer->heads[head_number].net;
    ig_packed_unpack(net, net->values, parameters);
}

/** A training under way. */
typedef struct training {
    ig_trainer *trainer;
    const ig_view *train, *holdout;
    ig_head *heads;
    const ig_yield *yield;
    uint64_t updates, done;    /**< wanted, made */
    uint64_t points, point;    /**< of validation: wanted, next */
    uint64_t first_point;      /**< those before are left out */
    uint32_t *order;           /**< of an epoch: rows of the pool */
    double *loss, *mean, *mse; /**< of every head: a minibatch's, an epoch's, the validation's */
} training;

/** The validations that are due after the updates made. */
static ig_status validate(training *r, ig_error *error)
{
    bool known = false;
    for (; r->point < r->points; r->point++) {
        if (r->done < (r->updates * (r->point + 1) + r->points - 1) / r->points) {
            return IG_OK;
        }
        if (r->point < r->first_point) {
            continue;
        }
        if (!known) {
            TRY(evaluate(r->trainer, r->holdout, r->yield, r->mse, error));
            set_view(r->trainer, r->train);
            known = true;
        }
        for (int h = 0; h < r->trainer->n_heads; h++) {
            r->heads[h].holdout_mse = r->mse[h];
            if (r->heads[h].curve) {
                r->heads[h].curve[r->point] = (float)r->mse[h];
            }
        }
    }
    return IG_OK;
}

/** One epoch in r->order, or what is left of the updates. */
static ig_status train_epoch(training *r, size_t minibatch, bool first_epoch, ig_error *error)
{
    const int n_heads = r->trainer->n_heads;
    const size_t n = r->train->n;
    size_t seen = 0;
    memset(r->mean, 0, (size_t)n_heads * sizeof *r->mean);
    while (seen < n && r->done < r->updates) {
        size_t left = n - seen, batch = left < minibatch ? left : minibatch;
        TRY(ig_trainer_step_ahead(r->trainer, r->train, r->order + seen, batch, left, r->yield,
                                  r->loss, error));
        for (int h = 0; h < n_heads; h++) {
            r->mean[h] += r->loss[h] * ((double)batch / (double)n);
        }
        seen += batch;
        r->done++;
        TRY(validate(r, error));
    }
    for (int h = 0; h < n_heads && (seen == n || first_epoch); h++) {
        r->heads[h].train_mse = r->mean[h] * ((double)n / (double)seen);
    }
    return IG_OK;
}

static ig_status run(training *r, const ig_training *schedule, ig_rng_key key, ig_error *error)
{
    const size_t n = r->train->n, minibatch = (size_t)schedule->minibatch;
    const size_t n_heads = (size_t)r->trainer->n_heads;
    AUTO_FREE uint32_t *order = NULL;
    AUTO_FREE double *numbers = NULL;
    if (n == 0 || n > UINT32_MAX) {
        return ig_error_set(error, IG_ERR_USAGE, "no training on %zu samples", n);
    }
    TRY(IG_ALLOC(order, n, error));
    TRY(IG_ALLOC(numbers, 3 * n_heads, error));
    r->order = order;
    r->loss = numbers;
    r->mean = numbers + n_heads;
    r->mse = numbers + 2 * n_heads;
    r->updates = schedule->updates ? schedule->updates
                                   : (uint64_t)schedule->epochs * ((n - 1) / minibatch + 1);
    r->points = (uint64_t)schedule->points;
    set_view(r->trainer, r->train);
    for (uint64_t epoch = 0; r->done < r->updates; epoch++) {
        ig_rng rng = ig_rng_start(key, IG_STREAM_SHUFFLE, epoch);
        ig_rng_permutation(&rng, (uint32_t)n, order);
        for (size_t i = 0; r->train->order && i < n; i++) {
            order[i] = r->train->order[order[i]];
        }
        TRY(train_epoch(r, minibatch, epoch == 0, error));
    }
    for (size_t h = 0; h < n_heads; h++) {
        if (r->heads[h].parameters) {
            ig_trainer_parameters(r->trainer, (int)h, r->heads[h].parameters);
        }
    }
    return IG_OK;
}

ig_status ig_trainer_run(ig_trainer *trainer, const ig_training *schedule, const ig_view *train,
                         const ig_view *holdout, ig_head *heads, ig_rng_key key,
                         const ig_yield *yield, ig_error *error)
{
    training r = {
        .trainer = trainer, .train = train, .holdout = holdout, .heads = heads, .yield = yield};
    return run(&r, schedule, key, error);
}

ig_status ig_trainer_train(ig_trainer *trainer, const ig_train_options *options,
                           ig_validate validate, const ig_samples *train, const ig_samples *holdout,
                           ig_head *heads, ig_rng_key key, const ig_yield *yield, ig_error *error)
{
    const ig_view views[] = {ig_view_of(train, trainer->inputs),
                             ig_view_of(holdout, trainer->inputs)};
    const ig_training schedule = {
        .epochs = options->epochs, .minibatch = options->minibatch, .points = options->epochs};
    training r = {.trainer = trainer,
                  .train = &views[0],
                  .holdout = &views[1],
                  .heads = heads,
                  .yield = yield,
                  .first_point =
                      validate == IG_VALIDATE_LAST ? (uint64_t)(options->epochs - 1) : 0};
    return run(&r, &schedule, key, error);
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
