#include "nn/packed.h"

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

static size_t padded(int n, size_t lanes)
{
    return ((size_t)n + lanes - 1) / lanes * lanes;
}

ig_status ig_packed_init(const ig_kernels *k, ig_mlp_shape shape, const float *parameters,
                         ig_packed *net, ig_error *error)
{
    size_t inputs = (size_t)shape.inputs, outputs = (size_t)shape.outputs;
    ig_packed p = {.shape = shape, .width = padded(shape.hidden, k->lanes)};
    p.out_width = outputs == 1 ? 1 : padded(shape.outputs, k->lanes);
    p.w2 = (inputs + 1) * p.width;
    p.b2 = p.w2 + outputs * p.width;
    p.size = p.b2 + padded(shape.outputs, k->lanes);
    p.values = ig_floats(p.size);
    p.w2t = ig_floats((size_t)shape.hidden * p.out_width);
    if (!p.values || !p.w2t) {
        ig_packed_clear(&p);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a network");
    }
    size_t hidden = (size_t)shape.hidden;
    k->transpose(hidden, inputs, parameters, inputs, p.values, p.width);
    parameters += hidden * inputs;
    memcpy(p.values + inputs * p.width, parameters, hidden * sizeof *parameters);
    parameters += hidden;
    for (size_t o = 0; o < outputs; o++) {
        memcpy(p.values + p.w2 + o * p.width, parameters, hidden * sizeof *parameters);
        parameters += hidden;
    }
    memcpy(p.values + p.b2, parameters, outputs * sizeof *parameters);
    ig_packed_refresh(k, &p);
    *net = p;
    return IG_OK;
}

void ig_packed_clear(ig_packed *net)
{
    free(net->values);
    free(net->w2t);
    memset(net, 0, sizeof *net);
}

void ig_packed_unpack(const ig_packed *net, float *parameters)
{
    size_t inputs = (size_t)net->shape.inputs, hidden = (size_t)net->shape.hidden;
    size_t outputs = (size_t)net->shape.outputs;
    for (size_t h = 0; h < hidden; h++) {
        for (size_t i = 0; i < inputs; i++) {
            *parameters++ = net->values[i * net->width + h];
        }
    }
    memcpy(parameters, net->values + inputs * net->width, hidden * sizeof *parameters);
    parameters += hidden;
    for (size_t o = 0; o < outputs; o++) {
        memcpy(parameters, net->values + net->w2 + o * net->width, hidden * sizeof *parameters);
        parameters += hidden;
    }
    memcpy(parameters, net->values + net->b2, outputs * sizeof *parameters);
}

void ig_packed_refresh(const ig_kernels *k, ig_packed *net)
{
    if (net->out_width > 1) {
        k->transpose((size_t)net->shape.outputs, (size_t)net->shape.hidden, net->values + net->w2,
                     net->width, net->w2t, net->out_width);
    }
}

void ig_packed_forward(const ig_kernels *k, const ig_packed *net, size_t rows, const float *x,
                       size_t x_row, float *a, float *y)
{
    size_t inputs = (size_t)net->shape.inputs;
    k->product(&(ig_product){.rows = rows,
                             .depth = inputs,
                             .width = net->width,
                             .a = x,
                             .a_row = x_row,
                             .a_depth = 1,
                             .b = net->values,
                             .start = net->values + inputs * net->width,
                             .c = a,
                             .finish = IG_FINISH_RELU});
    if (net->out_width == 1) {
        k->dot(rows, net->width, a, net->values + net->w2, net->values[net->b2], y);
        return;
    }
    k->product(&(ig_product){.rows = rows,
                             .depth = (size_t)net->shape.hidden,
                             .width = net->out_width,
                             .a = a,
                             .a_row = net->width,
                             .a_depth = 1,
                             .b = net->w2t,
                             .start = net->values + net->b2,
                             .c = y});
}
