#include "nn/packed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

float *ig_floats(size_t n)
{
    size_t bytes = (n * sizeof(float) + 63) / 64 * 64;
    float *p = aligned_alloc(64, bytes);
    if (p) {
        memset(p, 0, bytes);
    }
    return p;
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
    ig_packed p;
    set_sizes(k, shape, &p);
    p.values = ig_floats(p.size);
    p.w2t = ig_floats((size_t)shape.hidden * p.out_width);
    if (!p.values || !p.w2t) {
        ig_packed_clear(&p);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a network");
    }
    ig_packed_load(k, &p, parameters);
    *net = p;
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
