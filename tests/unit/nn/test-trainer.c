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

enum { ROUNDS = 40, WIDEST = 130, UPDATES = 12 };

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

static void gradient_is_finite_difference_of(ig_activation output)
{
    ig_rng rng = ig_rng_start(ig_rng_key_make("test-gradient", 1), IG_STREAM_NOISE, 0);
    ig_mlp_shape shape = {5, 9, 3};
    size_t size = ig_mlp_size(shape), n = 7;
    float *start = random_floats(&rng, size), *rows = random_floats(&rng, n * 8);
    double *p = doubles_of(start, size), *gradient = calloc(size, sizeof *gradient);
    ig_samples pool = {rows, n, 8};
    uint32_t order[] = {3, 0, 6, 2, 2, 5};
    naive_loss(shape, output, p, &pool, 5, order, 6, gradient);
    for (size_t i = 0; i < size; i++) {
        const double h = 1e-6;
        double here = p[i];
        p[i] = here + h;
        double above = naive_loss(shape, output, p, &pool, 5, order, 6, NULL);
        p[i] = here - h;
        double below = naive_loss(shape, output, p, &pool, 5, order, 6, NULL);
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
    gradient_is_finite_difference_of(IG_ACTIVATION_NONE);
    gradient_is_finite_difference_of(IG_ACTIVATION_TANH);
}

/** A random problem of two heads. */
typedef struct problem {
    ig_mlp_shape shape[2];
    ig_activation output[2];
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
        int outputs = h == 1 && between(rng, 0, 1) ? 1 : between(rng, 1, WIDEST);
        p.shape[h] = (ig_mlp_shape){inputs, between(rng, 1, WIDEST), outputs};
        p.output[h] = between(rng, 0, 1) ? IG_ACTIVATION_TANH : IG_ACTIVATION_NONE;
        p.target[h] = width;
        width += (size_t)outputs;
        p.parameters[h] = malloc(ig_mlp_size(p.shape[h]) * sizeof(float));
        assert_non_null(p.parameters[h]);
        ig_mlp_init_linear(p.shape[h], rng, p.parameters[h]);
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
    ig_head heads[2] = {{p->shape[0].hidden, p->shape[0].outputs, p->parameters[0], NULL, 0, 0},
                        {p->shape[1].hidden, p->shape[1].outputs, p->parameters[1], NULL, 0, 0}};
    ig_train_options options = {1, (int)p->minibatch, 1e-2f, isa};
    ig_trainer *trainer = NULL;
    ig_error error = {0};
    assert_int_equal(ig_trainer_create(&options, p->shape[0].inputs, heads, 2, &trainer, &error),
                     IG_OK);
    ig_trainer_set_output(trainer, 0, p->output[0]);
    ig_trainer_set_output(trainer, 1, p->output[1]);
    return trainer;
}

/** The naive copy of one head in training. */
typedef struct naive {
    size_t size;
    double *p, *m, *v, *g;
} naive;

static naive naive_of(ig_mlp_shape shape, const float *parameters)
{
    size_t n = ig_mlp_size(shape);
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

static void train_both(const problem *p, ig_isa isa, ig_rng *rng)
{
    ig_trainer *trainer = make_trainer(p, isa);
    naive copy[2] = {naive_of(p->shape[0], p->parameters[0]),
                     naive_of(p->shape[1], p->parameters[1])};
    uint32_t *order = malloc(p->minibatch * sizeof *order);
    assert_non_null(order);
    for (int t = 1; t <= UPDATES; t++) {
        size_t batch = (size_t)between(rng, 1, (int)p->minibatch);
        for (size_t i = 0; i < batch; i++) {
            order[i] = (uint32_t)ig_rng_below(rng, p->n);
        }
        double loss[2];
        ig_trainer_step(trainer, &p->pool, order, batch, loss);
        for (int h = 0; h < 2; h++) {
            double wanted = naive_loss(p->shape[h], p->output[h], copy[h].p, &p->pool, p->target[h],
                                       order, batch, copy[h].g);
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
    for (ig_isa isa = IG_ISA_PORTABLE; isa <= ig_isa_detect(); isa++) {
        ig_rng rng = ig_rng_start(ig_rng_key_make("test-trainer", 2), IG_STREAM_NOISE, 0);
        for (int round = 0; round < ROUNDS; round++) {
            problem p = make_problem(&rng);
            train_both(&p, isa, &rng);
            problem_clear(&p);
        }
    }
}

static void forward_and_evaluate_follow_naive(void **state)
{
    (void)state;
    for (ig_isa isa = IG_ISA_PORTABLE; isa <= ig_isa_detect(); isa++) {
        ig_rng rng = ig_rng_start(ig_rng_key_make("test-forward", 3), IG_STREAM_NOISE, 0);
        for (int round = 0; round < ROUNDS; round++) {
            problem p = make_problem(&rng);
            ig_mlp_shape shape = p.shape[0];
            size_t outputs = (size_t)shape.outputs, y_stride = outputs + 1;
            ig_mlp *mlp = NULL;
            ig_error error = {0};
            assert_int_equal(ig_mlp_create(isa, shape, p.parameters[0], &mlp, &error), IG_OK);
            float *y = malloc(p.n * y_stride * sizeof *y), *alone = malloc(outputs * sizeof *y);
            double *a = malloc((size_t)shape.hidden * sizeof *a),
                   *exact = malloc(outputs * sizeof *a);
            float *predicted = malloc(p.n * outputs * sizeof *predicted);
            double *parameters = doubles_of(p.parameters[0], ig_mlp_size(shape)), mse = 0, got[2];
            ig_trainer *trainer = make_trainer(&p, isa);
            assert_true(y && alone && a && exact && predicted);
            ig_trainer_predict(trainer, 0, &p.pool, predicted);
            ig_mlp_forward(mlp, p.rows, p.n, p.pool.stride, y, y_stride);
            for (size_t i = 0; i < p.n; i++) {
                const float *row = p.rows + i * p.pool.stride;
                naive_forward(shape, parameters, row, a, exact);
                ig_mlp_forward(mlp, row, 1, p.pool.stride, alone, outputs);
                assert_memory_equal(alone, y + i * y_stride, outputs * sizeof *y);
                for (size_t o = 0; o < outputs; o++) {
                    assert_true(fabs((double)alone[o] - exact[o]) < 1e-5);
                    exact[o] = p.output[0] == IG_ACTIVATION_TANH ? tanh(exact[o]) : exact[o];
                    assert_true(fabs((double)predicted[i * outputs + o] - exact[o]) < 1e-5);
                    mse += pow(exact[o] - (double)row[p.target[0] + o], 2);
                }
            }
            mse /= (double)(p.n * outputs);
            ig_trainer_evaluate(trainer, &p.pool, got);
            assert_true(fabs(got[0] / mse - 1) < 1e-5);
            ig_trainer_destroy(&trainer);
            ig_mlp_destroy(&mlp);
            free(y);
            free(predicted);
            free(alone);
            free(a);
            free(exact);
            free(parameters);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_finite_difference),
        cmocka_unit_test(trainer_follows_naive),
        cmocka_unit_test(forward_and_evaluate_follow_naive),
        cmocka_unit_test(whole_training),
        cmocka_unit_test(validation_may_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
