#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/copy.h"
#include "nn/packed.h"

struct ig_mlp {
    const ig_kernels *kernels;
    ig_packed net;
    float *a, *y; /**< one block's hidden activations and outputs */
};

size_t ig_mlp_size(ig_mlp_shape shape)
{
    size_t inputs = (size_t)shape.inputs, hidden = (size_t)shape.hidden;
    size_t outputs = (size_t)shape.outputs;
    return hidden ? hidden * (inputs + 1) + outputs * (hidden + 1) : outputs * (inputs + 1);
}

static float *draw_uniform(ig_rng *rng, double limit, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = (float)(limit * (2 * ig_rng_uniform(rng) - 1));
    }
    return to + n;
}

void ig_mlp_init_linear(ig_mlp_shape shape, ig_rng *rng, float *parameters)
{
    size_t inputs = (size_t)shape.inputs, hidden = (size_t)shape.hidden;
    if (hidden == 0) {
        draw_uniform(rng, 1 / sqrt(shape.inputs), ig_mlp_size(shape), parameters);
        return;
    }
    parameters = draw_uniform(rng, 1 / sqrt(shape.inputs), hidden * (inputs + 1), parameters);
    draw_uniform(rng, 1 / sqrt(shape.hidden), (size_t)shape.outputs * (hidden + 1), parameters);
}

static float *draw_normal(ig_rng *rng, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = (float)ig_rng_normal(rng);
    }
    return to + n;
}

void ig_mlp_init_normal(ig_mlp_shape shape, ig_rng *rng, float *parameters)
{
    size_t inputs = (size_t)shape.inputs, hidden = (size_t)shape.hidden;
    size_t outputs = (size_t)shape.outputs;
    if (hidden == 0) {
        parameters = draw_normal(rng, outputs * inputs, parameters);
        memset(parameters, 0, outputs * sizeof *parameters);
        return;
    }
    parameters = draw_normal(rng, hidden * inputs, parameters);
    memset(parameters, 0, hidden * sizeof *parameters);
    parameters = draw_normal(rng, outputs * hidden, parameters + hidden);
    memset(parameters, 0, outputs * sizeof *parameters);
}

ig_status ig_mlp_create(ig_isa isa, ig_mlp_shape shape, const float *parameters, ig_mlp **mlp,
                        ig_error *error)
{
    ig_mlp *made = calloc(1, sizeof *made);
    if (!made) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a network");
    }
    made->kernels = ig_kernels_of(isa);
    ig_status status = ig_packed_init(made->kernels, shape, parameters, &made->net, error);
    if (!status) {
        made->a = ig_floats(IG_ROWS * made->net.width);
        made->y = ig_floats(IG_ROWS * made->net.out_width);
        if (!made->a || !made->y) {
            status = ig_error_set(error, IG_ERR_MEMORY, "no memory for a network");
        }
    }
    if (status) {
        ig_mlp_destroy(&made);
        return status;
    }
    *mlp = made;
    return IG_OK;
}

void ig_mlp_destroy(ig_mlp **mlp)
{
    if (*mlp) {
        ig_packed_clear(&(*mlp)->net);
        free((*mlp)->a);
        free((*mlp)->y);
        free(*mlp);
        *mlp = NULL;
    }
}

void ig_mlp_forward(ig_mlp *mlp, const float *x, size_t batch, size_t x_stride, float *y,
                    size_t y_stride)
{
    const ig_packed *net = &mlp->net;
    size_t outputs = (size_t)net->shape.outputs;
    for (size_t first = 0; first < batch; first += IG_ROWS) {
        size_t rows = batch - first < IG_ROWS ? batch - first : IG_ROWS;
        ig_packed_forward(mlp->kernels, net, rows, x + first * x_stride, x_stride, mlp->a, mlp->y);
        for (size_t r = 0; r < rows; r++) {
            ig_copy_few(outputs, mlp->y + r * net->out_width, y + (first + r) * y_stride);
        }
    }
}

void ig_tanh(ig_isa isa, size_t n, float *x)
{
    ig_kernels_of(isa)->tanh(n, x);
}

void ig_normals(ig_isa isa, ig_rng *rng, size_t n, float *x)
{
    enum { BLOCK = 64 };
    const ig_kernels *k = ig_kernels_of(isa);
    uint64_t words[2 * BLOCK];
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t count = n - first < BLOCK ? n - first : BLOCK;
        ig_rng_words(rng, 2 * count, words);
        k->normals(count, words, x + first);
    }
}
