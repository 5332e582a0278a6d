/* The trainer and the forward pass against naive.c, whose gradient is held against finite
 * differences first. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "naive.h"
#include "nn/mlp.h"

enum { ROUNDS = 24, WIDEST = 130, UPDATES = 12 };

static int between(ig_rng *rng, int low, int high)
{
    return low + (int)ig_rng_below(rng, (uint64_t)(high - low + 1));
}

static float *random_floats(ig_rng *rng, size_t n)
{
    float *p = malloc(n * sizeof *p);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) {
        p[i] = (float)(2 * ig_rng_uniform(rng) - 1);
    }
    return p;
}

static double *doubles_of(const float *p, size_t n)
{
    double *d = malloc(n * sizeof *d);
    assert_non_null(d);
    for (size_t i = 0; i < n; i++) {
        d[i] = (double)p[i];
    }
    return d;
}

/** Network number i of all depths, activations and outputs. */
static ig_network kind_of(int i)
{
    return (ig_network){.n_hidden = i / 6,
                        .activation = (ig_activation)(IG_ACTIVATION_TANH + i % 3),
                        .output = (ig_activation)(i / 3 % 2)};
}
enum { KINDS = 6 * (IG_HIDDEN_MAX + 1) };

static void gradient_is_finite_difference_of(ig_network network)
{
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-gradient", 1), IG_STREAM_NOISE, 0);
    network.inputs = 5;
    network.outputs = 3;
    for (int l = 0; l < network.n_hidden; l++) {
        network.hidden[l] = 7 - l;
    }
    size_t size = ig_network_size(&network), n = 7;
    float *start = random_floats(&rng, size), *rows = random_floats(&rng, n * 8);
    double *p = doubles_of(start, size), *gradient = calloc(size, sizeof *gradient);
    assert_non_null(gradient);
    ig_samples pool = {rows, n, 8};
    uint32_t order[] = {3, 0, 6, 2, 2, 5};
    naive_loss(&network, p, &pool, 5, order, 6, gradient);
    for (size_t i = 0; i < size; i++) {
        const double h = 1e-6;
        double here = p[i];
        p[i] = here + h;
        double above = naive_loss(&network, p, &pool, 5, order, 6, NULL);
        p[i] = here - h;
        double below = naive_loss(&network, p, &pool, 5, order, 6, NULL);
        p[i] = here;
        assert_true(fabs((above - below) / (2 * h) - gradient[i]) < 1e-8);
    }
    free(start);
    free(rows);
    free(p);
    free(gradient);
}

static void gradient_is_finite_difference(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        gradient_is_finite_difference_of(kind_of(i));
    }
}

/** A random problem of two heads. */
typedef struct problem {
    ig_network network[2];
    size_t target[2], n, minibatch;
    float *parameters[2], *rows;
    ig_samples pool;
} problem;

static problem make_problem(ig_rng *rng)
{
    problem p = {.n = (size_t)between(rng, 1, 200)};
    int inputs = between(rng, 1, WIDEST);
    size_t width = (size_t)inputs;
    for (int h = 0; h < 2; h++) {
        ig_network *network = &p.network[h];
        *network = kind_of(between(rng, 0, KINDS - 1));
        network->inputs = inputs;
        network->outputs = between(rng, 0, 1) ? 1 : between(rng, 1, WIDEST);
        for (int l = 0; l < network->n_hidden; l++) {
            network->hidden[l] = between(rng, 1, WIDEST);
        }
        p.target[h] = width;
        width += (size_t)network->outputs;
        p.parameters[h] = malloc(ig_network_size(network) * sizeof(float));
        assert_non_null(p.parameters[h]);
        ig_network_init_linear(network, rng, p.parameters[h]);
    }
    p.minibatch = (size_t)between(rng, 1, (int)p.n);
    size_t stride = width + (size_t)between(rng, 0, 3);
    p.rows = random_floats(rng, (p.n - 1) * stride + width);
    p.pool = (ig_samples){p.rows, p.n, stride};
    return p;
}

static void problem_clear(problem *p)
{
    free(p->parameters[0]);
    free(p->parameters[1]);
    free(p->rows);
}

static ig_trainer *make_trainer(const problem *p, ig_isa isa)
{
    ig_trainer *trainer = NULL;
    ig_error error = {0};
    const float *parameters[] = {p->parameters[0], p->parameters[1]};
    assert_int_equal(
        ig_trainer_create_networks(isa, 1e-2f, p->network, parameters, 2, &trainer, &error), IG_OK);
    return trainer;
}

/** The kernels' gradient, whose size Adam would hide, of every kind of network. */
static void gradient_follows_naive(const ig_kernels *k, const ig_network *network, ig_rng *rng)
{
    size_t size = ig_network_size(network), inputs = (size_t)network->inputs;
    size_t outputs = (size_t)network->outputs, stride = inputs + 1 + outputs;
    float *start = random_floats(rng, size), *rows = random_floats(rng, IG_ROWS * stride);
    ig_network_init_linear(network, rng, start);
    float *g, *a, *slopes, *y, *unpacked = random_floats(rng, size);
    double *p = doubles_of(start, size), *wanted = calloc(size, sizeof *wanted), largest = 0;
    uint32_t order[IG_ROWS];
    ig_packed net;
    ig_error error = {0};
    for (uint32_t r = 0; r < IG_ROWS; r++) {
        order[r] = r;
        rows[r * stride + inputs] = 1;
    }
    assert_int_equal(ig_packed_init(k, network, start, &net, &error), IG_OK);
    assert_int_equal(ig_floats(net.size, &g, &error), IG_OK);
    assert_int_equal(ig_floats(IG_ROWS * net.width, &a, &error), IG_OK);
    assert_int_equal(ig_floats(IG_ROWS * net.width, &slopes, &error), IG_OK);
    assert_int_equal(ig_floats(IG_ROWS * net.out_width, &y, &error), IG_OK);
    ig_packed_forward(k, &net, IG_ROWS, rows, stride, a, slopes, y);
    (network->output ? k->tanh_residual : k->residual)(IG_ROWS, outputs, net.out_width,
                                                       rows + inputs + 1, stride,
                                                       2.0f / (float)(IG_ROWS * outputs), y);
    ig_packed_backward(k, &net, IG_ROWS, rows, stride, a, slopes, y, g);
    ig_packed_unpack(&net, g, unpacked);
    naive_loss(network, p, &(ig_samples){rows, IG_ROWS, stride}, inputs + 1, order, IG_ROWS,
               wanted);
    for (size_t i = 0; i < size; i++) {
        largest = fmax(largest, fabs(wanted[i]));
    }
    for (size_t i = 0; i < size; i++) {
        if (!(fabs((double)unpacked[i] - wanted[i]) < 2e-5 * largest)) {
            fail_msg("%d hidden layers, activation %d, output %d: parameter %zu has %.9g, not %.9g",
                     network->n_hidden, network->activation, network->output, i,
                     (double)unpacked[i], wanted[i]);
        }
    }
    ig_packed_clear(&net);
    free(start);
    free(rows);
    free(g);
    free(a);
    free(slopes);
    free(y);
    free(unpacked);
    free(p);
    free(wanted);
}

static void gradients_follow_naive(void **state)
{
    (void)state;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        ig_rng rng = ig_rng_start(ig_rng_key_make("test-gradients", 6), IG_STREAM_NOISE, 0);
        for (int i = 0; i < 2 * KINDS; i++) {
            ig_network network = kind_of(i / 2);
            network.inputs = between(&rng, 1, 40);
            network.outputs = i % 2 ? 1 : between(&rng, 2, 40);
            for (int l = 0; l < network.n_hidden; l++) {
                network.hidden[l] = between(&rng, 1, 100);
            }
            gradient_follows_naive(ig_kernels_of(isa), &network, &rng);
        }
    }
}

/** The naive copy of one head in training. */
typedef struct naive {
    size_t size;
    double *p, *m, *v, *g;
} naive;

static naive naive_of(const ig_network *network, const float *parameters)
{
    size_t n = ig_network_size(network);
    naive c = {n, doubles_of(parameters, n), calloc(n, sizeof(double)), calloc(n, sizeof(double)),
               calloc(n, sizeof(double))};
    assert_true(c.m && c.v && c.g);
    return c;
}

static void naive_clear(naive *c)
{
    free(c->p);
    free(c->m);
    free(c->v);
    free(c->g);
}

static void compare_parameters(const ig_trainer *trainer, int head, const naive *c)
{
    float *now = malloc(c->size * sizeof *now);
    assert_non_null(now);
    ig_trainer_parameters(trainer, head, now);
    for (size_t i = 0; i < c->size; i++) {
        /* A gradient within rounding of zero may step either way: Adam divides by its size. */
        assert_true(fabs((double)now[i] - c->p[i]) < 2e-3);
    }
    free(now);
}

/** Minibatches of random size, or, of fewer updates, whole ones. */
static void train_both(const problem *p, ig_isa isa, ig_rng *rng, int updates)
{
    ig_trainer *trainer = make_trainer(p, isa);
    naive copy[2] = {naive_of(&p->network[0], p->parameters[0]),
                     naive_of(&p->network[1], p->parameters[1])};
    uint32_t *order = malloc(p->minibatch * sizeof *order);
    assert_non_null(order);
    for (int t = 1; t <= updates; t++) {
        int smallest = updates < UPDATES ? (int)p->minibatch : 1;
        size_t batch = (size_t)between(rng, smallest, (int)p->minibatch);
        for (size_t i = 0; i < batch; i++) {
            order[i] = (uint32_t)ig_rng_below(rng, p->n);
        }
        double loss[2];
        ig_trainer_step(trainer, &p->pool, order, batch, loss);
        for (int h = 0; h < 2; h++) {
            double wanted = naive_loss(&p->network[h], copy[h].p, &p->pool, p->target[h], order,
                                       batch, copy[h].g);
            assert_true(fabs(loss[h] / wanted - 1) < 1e-3);
            naive_adam(copy[h].size, t, (double)1e-2f, copy[h].g, copy[h].m, copy[h].v, copy[h].p);
        }
    }
    for (int h = 0; h < 2; h++) {
        compare_parameters(trainer, h, &copy[h]);
        naive_clear(&copy[h]);
    }
    free(order);
    ig_trainer_destroy(&trainer);
}

static void trainer_follows_naive(void **state)
{
    (void)state;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        ig_rng rng = ig_rng_start(ig_rng_key_make("test-trainer", 2), IG_STREAM_NOISE, 0);
        for (int round = 0; round < ROUNDS; round++) {
            problem p = make_problem(&rng);
            train_both(&p, isa, &rng, UPDATES);
            problem_clear(&p);
        }
    }
}

/** Layers so wide that minibatches pass in larger blocks, and a minibatch of more than one group of
 *  them. */
static void wide_layers_follow_naive(void **state)
{
    (void)state;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        enum { N = 300, INPUTS = 3, STRIDE = 6 };
        ig_rng rng = ig_rng_start(ig_rng_key_make("test-wide", 9), IG_STREAM_NOISE, 0);
        problem p = {
            .network = {{INPUTS, 2, 2, {128, 130}, IG_ACTIVATION_RELU, IG_ACTIVATION_NONE},
                        {INPUTS, 1, 3, {130, 128, 7}, IG_ACTIVATION_SILU, IG_ACTIVATION_TANH}},
            .target = {INPUTS, INPUTS + 2},
            .n = N,
            .minibatch = N,
            .rows = random_floats(&rng, (size_t)N * STRIDE)};
        p.pool = (ig_samples){p.rows, N, STRIDE};
        for (int h = 0; h < 2; h++) {
            p.parameters[h] = random_floats(&rng, ig_network_size(&p.network[h]));
            ig_network_init_linear(&p.network[h], &rng, p.parameters[h]);
        }
        train_both(&p, isa, &rng, 2);
        problem_clear(&p);
    }
}

/** What a network says and how wrong it is, by every function that tells. */
static void compare_outputs(const problem *p, ig_isa isa)
{
    const ig_network *network = &p->network[0];
    size_t outputs = (size_t)network->outputs, others = (size_t)p->network[1].outputs;
    size_t y_stride = outputs + 1, stride = p->pool.stride;
    ig_mlp *mlp = NULL;
    ig_error error = {0};
    ig_trainer *trainer = make_trainer(p, isa);
    assert_int_equal(ig_network_create(isa, network, p->parameters[0], &mlp, &error), IG_OK);
    float *y = malloc(p->n * y_stride * sizeof *y), *alone = malloc(outputs * sizeof *y);
    float *predicted = malloc(p->n * outputs * sizeof *predicted);
    double *exact = malloc(outputs * sizeof *exact), mse = 0, got[2], of_columns = 0;
    double *columns = malloc((outputs + others) * sizeof *columns);
    double *parameters = doubles_of(p->parameters[0], ig_network_size(network));
    assert_true(y && alone && exact && predicted && columns);
    ig_trainer_predict(trainer, 0, &p->pool, predicted);
    ig_mlp_forward(mlp, p->rows, p->n, stride, y, y_stride);
    for (size_t i = 0; i < p->n; i++) {
        const float *row = p->rows + i * stride;
        naive_forward(network, parameters, row, exact);
        ig_mlp_forward(mlp, row, 1, stride, alone, outputs);
        assert_memory_equal(alone, y + i * y_stride, outputs * sizeof *y);
        assert_memory_equal(alone, predicted + i * outputs, outputs * sizeof *y);
        for (size_t o = 0; o < outputs; o++) {
            assert_true(fabs((double)alone[o] - exact[o]) < 1e-5);
            mse += pow(exact[o] - (double)row[p->target[0] + o], 2);
        }
    }
    mse /= (double)(p->n * outputs);
    ig_trainer_evaluate(trainer, &p->pool, got);
    assert_true(fabs(got[0] / mse - 1) < 1e-5);
    ig_view view = {p->rows, stride, p->n, NULL, p->target[0], NULL, NULL};
    assert_int_equal(ig_trainer_errors(trainer, &view, NULL, columns, &error), IG_OK);
    for (size_t o = 0; o < outputs; o++) {
        of_columns += columns[o] / (double)outputs;
    }
    assert_true(fabs(of_columns / mse - 1) < 1e-5);
    ig_trainer_destroy(&trainer);
    ig_mlp_destroy(&mlp);
    free(y);
    free(predicted);
    free(alone);
    free(exact);
    free(columns);
    free(parameters);
}

static void forward_and_evaluate_follow_naive(void **state)
{
    (void)state;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        ig_rng rng = ig_rng_start(ig_rng_key_make("test-forward", 3), IG_STREAM_NOISE, 0);
        for (int round = 0; round < ROUNDS; round++) {
            problem p = make_problem(&rng);
            compare_outputs(&p, isa);
            problem_clear(&p);
        }
    }
}

static ig_status stop_after(void *context)
{
    int *left = context;
    return (*left)-- > 0 ? IG_OK : IG_ERR_STOPPED;
}

/** Whole trainings: the same bytes twice, the curve's end is the reported error, the hook is called
 *  and obeyed, a diverged training is reported as not finite. */
static void whole_training(void **state)
{
    (void)state;
    ig_rng_key key = ig_rng_key_make("test-whole", 4);
    ig_rng rng = ig_rng_start(key, IG_STREAM_NOISE, 0);
    enum { N = 1000, STRIDE = 29, EPOCHS = 5 };
    float *rows = random_floats(&rng, N * STRIDE), *first = NULL;
    ig_samples pool = {rows, N, STRIDE}, holdout = {rows, 300, STRIDE};
    ig_train_options options = {EPOCHS, 64, 1e-3f, ig_isa_detect()};
    for (int run = 0; run < 4; run++) {
        size_t size = ig_mlp_size((ig_mlp_shape){16, 64, 12});
        float *p = malloc(size * sizeof *p), curve[EPOCHS];
        assert_non_null(p);
        ig_rng init = ig_rng_start(key, IG_STREAM_INIT, 0);
        ig_mlp_init_linear((ig_mlp_shape){16, 64, 12}, &init, p);
        ig_head head = {64, 12, p, curve, 0, 0};
        int calls = run == 2 ? 3 : 1000000;
        ig_yield yield = {stop_after, &calls};
        ig_error error = {0};
        options.learning_rate = run == 3 ? 1e30f : 1e-3f;
        ig_status status = ig_train(&options, 16, &pool, &holdout, &head, 1, key, &yield, &error);
        assert_int_equal(status, run == 2 ? IG_ERR_STOPPED : IG_OK);
        if (run < 2) {
            assert_true((float)head.holdout_mse == curve[EPOCHS - 1]);
            assert_true(curve[EPOCHS - 1] < curve[0] && head.train_mse > 0);
            assert_true(calls < 1000000);
        }
        if (run == 1) {
            assert_memory_equal(p, first, size * sizeof *p);
        }
        assert_true(run != 3 || !isfinite(head.holdout_mse));
        if (run == 0) {
            first = p;
        } else {
            free(p);
        }
    }
    free(first);
    free(rows);
}

/** Validation after the last epoch alone: the same training, one entry of the curve. */
static void validation_may_wait(void **state)
{
    (void)state;
    enum { N = 300, STRIDE = 9, EPOCHS = 4 };
    ig_rng_key key = ig_rng_key_make("test-validate", 5);
    ig_rng rng = ig_rng_start(key, IG_STREAM_NOISE, 0);
    ig_mlp_shape shape = {6, 20, 3};
    float *rows = random_floats(&rng, N * STRIDE), curve[2][EPOCHS] = {{0}, {-1, -1, -1, -1}};
    float *start = random_floats(&rng, ig_mlp_size(shape));
    float *parameters[2] = {random_floats(&rng, ig_mlp_size(shape)),
                            random_floats(&rng, ig_mlp_size(shape))};
    ig_samples pool = {rows, N, STRIDE}, holdout = {rows, 100, STRIDE};
    ig_train_options options = {EPOCHS, 32, 1e-2f, ig_isa_detect()};
    double mse[2], train_mse[2];
    for (int i = 0; i < 2; i++) {
        memcpy(parameters[i], start, ig_mlp_size(shape) * sizeof *start);
        ig_head head = {shape.hidden, shape.outputs, parameters[i], curve[i], 0, 0};
        ig_trainer *trainer = NULL;
        ig_error error = {0};
        assert_int_equal(ig_trainer_create(&options, shape.inputs, &head, 1, &trainer, &error),
                         IG_OK);
        ig_trainer_set_output(trainer, 0, IG_ACTIVATION_TANH);
        assert_int_equal(ig_trainer_train(trainer, &options,
                                          i ? IG_VALIDATE_LAST : IG_VALIDATE_EVERY_EPOCH, &pool,
                                          &holdout, &head, key, NULL, &error),
                         IG_OK);
        mse[i] = head.holdout_mse;
        train_mse[i] = head.train_mse;
        ig_trainer_destroy(&trainer);
    }
    assert_memory_equal(parameters[0], parameters[1], ig_mlp_size(shape) * sizeof *start);
    assert_true(mse[0] == mse[1] && train_mse[0] == train_mse[1]);
    assert_true(curve[1][EPOCHS - 1] == curve[0][EPOCHS - 1]);
    for (int epoch = 0; epoch + 1 < EPOCHS; epoch++) {
        assert_true(curve[1][epoch] == -1 && curve[0][epoch] > 0);
    }
    free(rows);
    free(start);
    free(parameters[0]);
    free(parameters[1]);
}

/** Reading standardised rows of a shared pool in somebody's order is training on a copy of them:
 *  the same bytes; a number of updates is so many epochs and a rest. */
static void view_is_a_copy(void **state)
{
    (void)state;
    enum { N = 90, ROWS = 200, INPUTS = 7, OUTPUTS = 3, STRIDE = 15, TARGET = 11, MINIBATCH = 40 };
    enum { WIDTH = INPUTS + OUTPUTS, POINTS = 4 };
    ig_rng_key key = ig_rng_key_make("test-view", 7);
    ig_rng rng = ig_rng_start(key, IG_STREAM_NOISE, 0);
    const ig_network network = {
        INPUTS, OUTPUTS, 2, {20, 9}, IG_ACTIVATION_SILU, IG_ACTIVATION_NONE};
    const size_t size = ig_network_size(&network);
    float *rows = random_floats(&rng, ROWS * STRIDE), copy[N * WIDTH], *start, *got[2];
    float *mean = random_floats(&rng, WIDTH), *scale = random_floats(&rng, WIDTH);
    float curve[2][POINTS];
    uint32_t order[N];
    start = random_floats(&rng, size);
    for (size_t i = 0; i < N; i++) {
        order[i] = (uint32_t)ig_rng_below(&rng, ROWS);
        const float *row = rows + order[i] * STRIDE;
        ig_standardise(INPUTS, row, mean, scale, copy + i * WIDTH);
        ig_standardise(OUTPUTS, row + TARGET, mean + INPUTS, scale + INPUTS,
                       copy + i * WIDTH + INPUTS);
    }
    const ig_view views[] = {{rows, STRIDE, N, order, TARGET, mean, scale},
                             {copy, WIDTH, N, NULL, INPUTS, NULL, NULL}};
    double train[2], mse[2][OUTPUTS];
    float y[2][N * OUTPUTS];
    for (int i = 0; i < 2; i++) {
        /* 4 epochs of 3 updates. */
        const ig_training training = {
            .updates = i ? 0 : 12, .epochs = 4, .minibatch = MINIBATCH, .points = POINTS};
        const float *parameters[] = {start};
        ig_head head = {.parameters = got[i] = random_floats(&rng, size), .curve = curve[i]};
        ig_trainer *trainer = NULL;
        ig_error error = {0};
        assert_int_equal(ig_trainer_create_networks(ig_isa_detect(), 1e-2f, &network, parameters, 1,
                                                    &trainer, &error),
                         IG_OK);
        assert_int_equal(
            ig_trainer_run(trainer, &training, &views[i], &views[i], &head, key, NULL, &error),
            IG_OK);
        train[i] = head.train_mse;
        assert_true((float)head.holdout_mse == curve[i][POINTS - 1]);
        assert_int_equal(ig_trainer_errors(trainer, &views[i], NULL, mse[i], &error), IG_OK);
        assert_int_equal(ig_trainer_outputs(trainer, 0, &views[i], NULL, y[i], &error), IG_OK);
        ig_trainer_destroy(&trainer);
    }
    assert_memory_equal(got[0], got[1], size * sizeof **got);
    assert_memory_equal(curve[0], curve[1], sizeof curve[0]);
    assert_memory_equal(mse[0], mse[1], sizeof mse[0]);
    assert_memory_equal(y[0], y[1], sizeof y[0]);
    assert_true(train[0] == train[1] && curve[0][POINTS - 1] < curve[0][0]);
    free(rows);
    free(mean);
    free(scale);
    free(start);
    free(got[0]);
    free(got[1]);
}

/** Eight updates of three an epoch: the third epoch is cut short, the training error is the second
 *  one's; points between updates are taken after the next one. */
static void updates_cut_an_epoch(void **state)
{
    (void)state;
    enum { N = 90, INPUTS = 4, STRIDE = 5, ALL = 8 };
    ig_rng_key key = ig_rng_key_make("test-updates", 8);
    ig_rng rng = ig_rng_start(key, IG_STREAM_NOISE, 0);
    const ig_network network = {INPUTS, 1, 1, {6}, IG_ACTIVATION_TANH, IG_ACTIVATION_TANH};
    float *rows = random_floats(&rng, N * STRIDE), curve[3], *start, *got;
    const size_t size = ig_network_size(&network);
    start = random_floats(&rng, size);
    got = random_floats(&rng, size);
    const float *parameters[] = {start};
    ig_view view = {rows, STRIDE, N, NULL, INPUTS, NULL, NULL};
    ig_samples pool = {rows, N, STRIDE};
    ig_error error = {0};
    ig_trainer *trainer = NULL, *by_step = NULL;
    assert_int_equal(ig_trainer_create_networks(ig_isa_detect(), 1e-2f, &network, parameters, 1,
                                                &trainer, &error),
                     IG_OK);
    assert_int_equal(ig_trainer_create_networks(ig_isa_detect(), 1e-2f, &network, parameters, 1,
                                                &by_step, &error),
                     IG_OK);
    ig_head head = {.parameters = got, .curve = curve};
    const ig_training training = {.updates = ALL, .minibatch = 40, .points = 3};
    assert_int_equal(ig_trainer_run(trainer, &training, &view, &view, &head, key, NULL, &error),
                     IG_OK);
    double train = 0, mse;
    uint32_t order[N];
    for (size_t update = 0, point = 0; update < ALL; update++) {
        size_t first = update % 3 * 40, batch = N - first < 40 ? N - first : 40;
        double loss;
        if (first == 0) {
            ig_rng shuffle = ig_rng_start(key, IG_STREAM_SHUFFLE, update / 3);
            ig_rng_permutation(&shuffle, N, order);
        }
        ig_trainer_step(by_step, &pool, order + first, batch, &loss);
        train += update / 3 == 1 ? loss * (double)batch / N : 0;
        if (update == 2 || update == 5 || update == 7) {
            ig_trainer_evaluate(by_step, &pool, &mse);
            assert_true(curve[point++] == (float)mse);
        }
    }
    float *same = random_floats(&rng, size);
    ig_trainer_parameters(by_step, 0, same);
    assert_memory_equal(got, same, size * sizeof *got);
    assert_true(fabs(head.train_mse / train - 1) < 1e-12 && head.holdout_mse == mse);
    ig_trainer_destroy(&trainer);
    ig_trainer_destroy(&by_step);
    free(rows);
    free(start);
    free(got);
    free(same);
}

static void refuses_what_is_no_network(void **state)
{
    (void)state;
    const ig_network wrong[] = {
        {2, 1, IG_HIDDEN_MAX + 1, {3}, IG_ACTIVATION_RELU, IG_ACTIVATION_NONE},
        {2, 1, -1, {3}, IG_ACTIVATION_RELU, IG_ACTIVATION_NONE},
        {2, 1, 2, {3}, IG_ACTIVATION_RELU, IG_ACTIVATION_NONE},
        {2, 0, 1, {3}, IG_ACTIVATION_RELU, IG_ACTIVATION_NONE},
        {0, 1, 1, {3}, IG_ACTIVATION_RELU, IG_ACTIVATION_NONE},
        {2, 1, 1, {3}, IG_ACTIVATION_NONE, IG_ACTIVATION_NONE},
        {2, 1, 1, {3}, IG_ACTIVATION_RELU, IG_ACTIVATION_SILU}};
    const float parameters[64] = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ig_mlp *mlp = NULL;
        ig_error error = {0};
        assert_int_equal(ig_network_create(IG_ISA_PORTABLE, &wrong[i], parameters, &mlp, &error),
                         IG_ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_finite_difference),
        cmocka_unit_test(gradients_follow_naive),
        cmocka_unit_test(trainer_follows_naive),
        cmocka_unit_test(wide_layers_follow_naive),
        cmocka_unit_test(forward_and_evaluate_follow_naive),
        cmocka_unit_test(whole_training),
        cmocka_unit_test(validation_may_wait),
        cmocka_unit_test(view_is_a_copy),
        cmocka_unit_test(updates_cut_an_epoch),
        cmocka_unit_test(refuses_what_is_no_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
