/** Networks laid out for the kernels: the choice of kernels, the layout, forward and backward
 * passes, and the public networks made of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "nn/mlp.h"

const ig_kernels *ig_kernels_of(ig_isa isa)
{
#if defined(__x86_64__)
    if (isa == IG_ISA_AVX512) {
        return &ig_kernels_avx512;
    }
    if (isa == IG_ISA_AVX2) {
        return &ig_kernels_avx2;
    }
#else
    (void)isa;
#endif
    return &ig_kernels_portable;
}

ig_status ig_floats(size_t n, float **numbers, ig_error *error)
{
    const size_t bytes = (n * sizeof(float) + 63) / 64 * 64;
    float *p = aligned_alloc(64, bytes);
    if (!p) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory (%zu bytes)", bytes);
    }
    memset(p, 0, bytes);
    *numbers = p;
    return IG_OK;
}

ig_adam ig_adam_step(double learning_rate, uint64_t step)
{
    double t = (double)step;
    return (ig_adam){.step = (float)(learning_rate / (1 - pow(0.9, t))),
                     .unbias = (float)(1 / sqrt(1 - pow(0.999, t)))};
}

static size_t padded(int n, size_t lanes)
{
    return ((size_t)n + lanes - 1) / lanes * lanes;
}

static void set_sizes(const ig_kernels *k, ig_mlp_shape shape, ig_packed *p)
{
    size_t inputs = (size_t)shape.inputs, outputs = (size_t)shape.outputs;
    size_t out_width = padded(shape.outputs, k->lanes);
    *p = (ig_packed){.shape = shape, .width = out_width, .out_width = out_width};
    if (shape.hidden == 0) {
        p->b2 = inputs * out_width;
        p->size = p->b2 + out_width;
        return;
    }
    p->width = padded(shape.hidden, k->lanes);
    p->out_width = outputs == 1 ? 1 : out_width;
    p->w2 = (inputs + 1) * p->width;
    p->b2 = p->w2 + outputs * p->width;
    p->size = p->b2 + out_width;
}

ig_status ig_packed_init(const ig_kernels *k, ig_mlp_shape shape, const float *parameters,
                         ig_packed *net, ig_error *error)
{
    AUTO(ig_packed_clear) ig_packed p;
    set_sizes(k, shape, &p);
    TRY(ig_floats(p.size, &p.values, error));
    TRY(ig_floats((size_t)shape.hidden * p.out_width, &p.w2t, error));
    ig_packed_load(k, &p, parameters);
    *net = p;
    p = (ig_packed){0};
    return IG_OK;
}

void ig_packed_load(const ig_kernels *k, ig_packed *net, const float *parameters)
{
    size_t inputs = (size_t)net->shape.inputs, hidden = (size_t)net->shape.hidden;
    size_t outputs = (size_t)net->shape.outputs;
    /* Units of the first layer. */
    size_t first = hidden ? hidden : outputs;
    k->transpose(first, inputs, parameters, inputs, net->values, net->width);
    parameters += first * inputs;
    memcpy(net->values + inputs * net->width, parameters, first * sizeof *parameters);
    parameters += first;
    if (hidden == 0) {
        return;
    }
    for (size_t o = 0; o < outputs; o++) {
        memcpy(net->values + net->w2 + o * net->width, parameters, hidden * sizeof *parameters);
        parameters += hidden;
    }
    memcpy(net->values + net->b2, parameters, outputs * sizeof *parameters);
    ig_packed_refresh(k, net);
}

void ig_packed_clear(ig_packed *net)
{
    free(net->values);
    free(net->w2t);
    memset(net, 0, sizeof *net);
}

void ig_packed_unpack(const ig_packed *net, const float *values, float *parameters)
{
    size_t inputs = (size_t)net->shape.inputs, hidden = (size_t)net->shape.hidden;
    size_t outputs = (size_t)net->shape.outputs, first = hidden ? hidden : outputs;
    for (size_t h = 0; h < first; h++) {
        for (size_t i = 0; i < inputs; i++) {
            *parameters++ = values[i * net->width + h];
        }
    }
    memcpy(parameters, values + inputs * net->width, first * sizeof *parameters);
    parameters += first;
    if (hidden == 0) {
        return;
    }
    for (size_t o = 0; o < outputs; o++) {
        memcpy(parameters, values + net->w2 + o * net->width, hidden * sizeof *parameters);
        parameters += hidden;
    }
    memcpy(parameters, values + net->b2, outputs * sizeof *parameters);
}

void ig_packed_refresh(const ig_kernels *k, ig_packed *net)
{
    if (net->shape.hidden && net->out_width > 1) {
        k->transpose((size_t)net->shape.outputs, (size_t)net->shape.hidden, net->values + net->w2,
                     net->width, net->w2t, net->out_width);
    }
}

void ig_packed_forward(const ig_kernels *k, const ig_packed *net, size_t rows, const float *x,
                       size_t x_row, float *a, float *y)
{
    size_t inputs = (size_t)net->shape.inputs, hidden = (size_t)net->shape.hidden;
    k->product(&(ig_product){.rows = rows,
                             .depth = inputs,
                             .width = net->width,
                             .a = x,
                             .a_row = x_row,
                             .a_depth = 1,
                             .b = net->values,
                             .start = net->values + inputs * net->width,
                             .c = hidden ? a : y,
                             .finish = hidden ? IG_FINISH_RELU : IG_FINISH_NONE});
    if (!hidden) {
        return;
    }
    if (net->out_width == 1) {
        k->dot(rows, net->width, a, net->values + net->w2, net->values[net->b2], y);
        return;
    }
    k->product(&(ig_product){.rows = rows,
                             .depth = hidden,
                             .width = net->out_width,
                             .a = a,
                             .a_row = net->width,
                             .a_depth = 1,
                             .b = net->w2t,
                             .start = net->values + net->b2,
                             .c = y});
}

void ig_packed_backward_hidden(const ig_kernels *k, const ig_packed *net, size_t rows, float *a,
                               const float *y)
{
    k->product(&(ig_product){.rows = rows,
                             .depth = (size_t)net->shape.outputs,
                             .width = net->width,
                             .a = y,
                             .a_row = net->out_width,
                             .a_depth = 1,
                             .b = net->values + net->w2,
                             .c = a,
                             .finish = IG_FINISH_GATE});
}

/** From the outputs' derivative to that of W2 and b2; a becomes the hidden layer's. */
static void backward_output(const ig_kernels *k, const ig_packed *net, size_t rows, float *a,
                            const float *y, float *gradient)
{
    size_t outputs = (size_t)net->shape.outputs;
    float *w2_gradient = gradient + net->w2;
    k->sum_rows(rows, net->out_width, y, gradient + net->b2);
    if (net->out_width == 1) {
        k->back_single(rows, net->width, y, net->values + net->w2, a, w2_gradient);
        return;
    }
    k->product(&(ig_product){.rows = outputs,
                             .depth = rows,
                             .width = net->width,
                             .a = y,
                             .a_row = 1,
                             .a_depth = net->out_width,
                             .b = a,
                             .start = w2_gradient,
                             .start_row = net->width,
                             .c = w2_gradient});
    ig_packed_backward_hidden(k, net, rows, a, y);
}

void ig_packed_backward(const ig_kernels *k, const ig_packed *net, size_t rows, const float *x,
                        size_t x_row, float *a, const float *y, float *gradient)
{
    if (net->shape.hidden) {
        backward_output(k, net, rows, a, y, gradient);
    }
    /* The first layer's weights and biases, the inputs' one being the biases'. */
    k->product(&(ig_product){.rows = (size_t)net->shape.inputs + 1,
                             .depth = rows,
                             .width = net->width,
                             .a = x,
                             .a_row = 1,
                             .a_depth = x_row,
                             .b = net->shape.hidden ? a : y,
                             .start = gradient,
                             .start_row = net->width,
                             .c = gradient});
}

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
    AUTO(ig_mlp_destroy) ig_mlp *made = NULL;
    TRY(IG_ALLOC(made, 1, error));
    made->kernels = ig_kernels_of(isa);
    TRY(ig_packed_init(made->kernels, shape, parameters, &made->net, error));
    TRY(ig_floats(IG_ROWS * made->net.width, &made->a, error));
    TRY(ig_floats(IG_ROWS * made->net.out_width, &made->y, error));
    *mlp = ig_take(&made);
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
