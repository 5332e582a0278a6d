/* The trainer against losses that PyTorch computed from the same weights, data and order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/nn.h"

/** A file of tests/reference/make-pytorch-fixture.py, which describes it. */
typedef struct fixture {
    int32_t inputs, hidden, outputs[2], samples, minibatch, epochs;
    ig_network network[2];
    float *parameters[2], *pool, *losses;
    uint16_t *orders;
    size_t updates;
} fixture;

static void *read_array(FILE *file, size_t n, size_t size)
{
    void *array = malloc(n * size);
    assert_non_null(array);
    assert_int_equal(fread(array, size, n, file), n);
    return array;
}

static fixture read_fixture(const char *name)
{
    char path[512], magic[8];
    snprintf(path, sizeof path, "%s/%s", getenv("IMAGRID_REFERENCE"), name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(magic, 1, sizeof magic, file), sizeof magic);
    const bool deep = magic[7] == '2';
    assert_memory_equal(magic, deep ? "IGTRAIN2" : "IGTRAIN1", sizeof magic);
    fixture f;
    int32_t layers[6] = {0};
    assert_int_equal(fread(&f, sizeof(int32_t), 7, file), 7);
    assert_int_equal(fread(layers, sizeof(int32_t), deep ? 6 : 0, file), deep ? 6 : 0);
    size_t samples = (size_t)f.samples, epochs = (size_t)f.epochs;
    size_t batches = (samples + (size_t)f.minibatch - 1) / (size_t)f.minibatch;
    for (int h = 0; h < 2; h++) {
        f.network[h] = (ig_network){.inputs = f.inputs,
                                    .outputs = f.outputs[h],
                                    .n_hidden = deep ? f.hidden : 1,
                                    .hidden = {f.hidden},
                                    .activation = IG_ACTIVATION_RELU};
        if (deep) {
            memcpy(f.network[h].hidden, layers, 4 * sizeof *layers);
            f.network[h].activation = (ig_activation)layers[4];
            f.network[h].output = h == 0 ? (ig_activation)layers[5] : IG_ACTIVATION_NONE;
        }
        f.parameters[h] = read_array(file, ig_network_size(&f.network[h]), sizeof(float));
    }
    size_t row = (size_t)(f.inputs + f.outputs[0] + f.outputs[1]);
    f.pool = read_array(file, samples * row, sizeof(float));
    f.orders = read_array(file, epochs * samples, sizeof(uint16_t));
    f.updates = epochs * batches;
    f.losses = read_array(file, f.updates * 2, sizeof(float));
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    return f;
}

static void fixture_clear(fixture *f)
{
    free(f->parameters[0]);
    free(f->parameters[1]);
    free(f->pool);
    free(f->orders);
    free(f->losses);
}

/** Train as the fixture says, head 0 with this output unless the fixture is deep; the largest
 *  relative difference of a loss. */
static double largest_difference(const fixture *f, ig_activation output, ig_isa isa)
{
    ig_network networks[] = {f->network[0], f->network[1]};
    const float *parameters[] = {f->parameters[0], f->parameters[1]};
    ig_samples pool = {f->pool, (size_t)f->samples,
                       (size_t)(f->inputs + f->outputs[0] + f->outputs[1])};
    ig_trainer *trainer = NULL;
    ig_error error = {0};
    networks[0].output = output ? output : networks[0].output;
    assert_int_equal(
        ig_trainer_create_networks(isa, 1e-3f, networks, parameters, 2, &trainer, &error), IG_OK);
    uint32_t *order = malloc(pool.n * sizeof *order);
    assert_non_null(order);
    double worst = 0;
    size_t update = 0, minibatch = (size_t)f->minibatch;
    for (size_t epoch = 0; epoch < (size_t)f->epochs; epoch++) {
        for (size_t i = 0; i < pool.n; i++) {
            order[i] = f->orders[epoch * pool.n + i];
        }
        for (size_t first = 0; first < pool.n; first += minibatch, update++) {
            size_t left = pool.n - first;
            double loss[2];
            ig_trainer_step(trainer, &pool, order + first, left < minibatch ? left : minibatch,
                            loss);
            for (int h = 0; h < 2; h++) {
                double theirs = (double)f->losses[2 * update + (size_t)h];
                worst = fmax(worst, fabs(loss[h] / theirs - 1));
            }
        }
    }
    assert_int_equal(update, f->updates);
    free(order);
    ig_trainer_destroy(&trainer);
    return worst;
}

static void check(const char *name, ig_activation output)
{
    fixture f = read_fixture(name);
    assert_true(f.updates >= 200);
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        double worst = largest_difference(&f, output, isa);
        print_message("%s, %s: largest relative difference of %zu losses %.2g\n", name,
                      ig_isa_name(isa), 2 * f.updates, worst);
        assert_true(worst < 1e-5);
    }
    fixture_clear(&f);
}

static void paper_shapes(void **state)
{
    (void)state;
    check("training-paper.bin", IG_ACTIVATION_NONE);
}

static void odd_shapes(void **state)
{
    (void)state;
    check("training-odd.bin", IG_ACTIVATION_NONE);
}

static void tanh_output(void **state)
{
    (void)state;
    check("training-tanh.bin", IG_ACTIVATION_TANH);
}

static void deep(void **state)
{
    (void)state;
    check("training-deep-relu.bin", IG_ACTIVATION_NONE);
    check("training-deep-tanh.bin", IG_ACTIVATION_NONE);
    check("training-deep-silu.bin", IG_ACTIVATION_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(paper_shapes), cmocka_unit_test(odd_shapes),
                                       cmocka_unit_test(tanh_output), cmocka_unit_test(deep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
