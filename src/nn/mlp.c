/** Networks laid out for the kernels: the choice of kernels, the layout, forward and backward
 * passes, and the public networks made of them. */
#include <math.h>
#include <stdbool.h>
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
#elif defined(__aarch64__)
#if defined(IG_SVE)
    if (isa == IG_ISA_SVE512) {
        return &ig_kernels_sve512;
    }
    if (isa == IG_ISA_SVE256) {
        return &ig_kernels_sve256;
    }
#endif
    if (isa == IG_ISA_NEON) {
        return &ig_kernels_neon;
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

static size_t padded(size_t n, size_t lanes)
{
    return (n + lanes - 1) / lanes * lanes;
}

ig_network ig_network_of(ig_mlp_shape shape)
{
    return (ig_network){.inputs = shape.inputs,
                        .outputs = shape.outputs,
                        .n_hidden = shape.hidden > 0,
                        .hidden = {shape.hidden},
                        .activation = IG_ACTIVATION_RELU};
}

/** Inputs of layer l, or outputs of the layer before. */
static size_t units(const ig_network *n, int l)
{
    return (size_t)(l == 0 ? n->inputs : l > n->n_hidden ? n->outputs : n->hidden[l - 1]);
}

/** Rows whose length is a multiple of half a kilobyte would share a few sets of the first cache:
 * they are a line longer. */
static size_t row_length(size_t columns)
{
    enum { ALIASING = 128, MORE = 16 };
    return columns % ALIASING == 0 ? columns + MORE : columns;
}

/** Sets all sizes; returns the floats in `transposed`. */
static size_t set_sizes(const ig_kernels *k, const ig_network *network, ig_packed *p)
{
    size_t transposed = 0, before = 0;
    *p = (ig_packed){.network = *network, .last = network->n_hidden};
    for (int l = 0; l <= p->last; l++) {
        ig_layer *at = &p->layer[l];
        *at = (ig_layer){.inputs = units(network, l), .outputs = units(network, l + 1)};
        at->columns = padded(at->outputs, k->lanes);
        size_t width = l < p->last ? row_length(at->columns) : at->columns;
        at->width = l > 0 && l == p->last && at->outputs == 1 ? 1 : width;
        at->w = p->size;
        at->b = at->w + (l == 0 ? at->inputs * width : at->outputs * p->layer[l - 1].width);
        p->size = at->b + width;
        at->transposed = transposed;
        transposed += l == 0 || at->width == 1 ? 0 : at->inputs * at->width;
        at->before = before;
        before += at->width;
    }
    p->out_width = p->layer[p->last].width;
    p->width = p->last ? before - p->out_width : p->out_width;
    return transposed;
}

static ig_status check(const ig_network *n, ig_error *error)
{
    if (n->n_hidden < 0 || n->n_hidden > IG_HIDDEN_MAX) {
        return ig_error_set(error, IG_ERR_USAGE, "a network has 0 to %d hidden layers, not %d",
                            IG_HIDDEN_MAX, n->n_hidden);
    }
    bool units_everywhere = n->inputs > 0 && n->outputs > 0;
    for (int l = 0; l < n->n_hidden; l++) {
        units_everywhere = units_everywhere && n->hidden[l] > 0;
    }
    if (!units_everywhere) {
        return ig_error_set(error, IG_ERR_USAGE, "every layer of a network has at least one unit");
    }
    if (n->n_hidden > 0 && n->activation == IG_ACTIVATION_NONE) {
        return ig_error_set(error, IG_ERR_USAGE, "hidden layers need an activation");
    }
    if (n->output != IG_ACTIVATION_NONE && n->output != IG_ACTIVATION_TANH) {
        return ig_error_set(error, IG_ERR_USAGE, "outputs pass tanh or nothing");
    }
    return IG_OK;
}

ig_status ig_packed_init(const ig_kernels *k, const ig_network *network, const float *parameters,
                         ig_packed *net, ig_error *error)
{
    AUTO(ig_packed_clear) ig_packed p = {0};
    TRY(check(network, error));
    size_t transposed = set_sizes(k, network, &p);
    TRY(ig_floats(p.size, &p.values, error));
    TRY(ig_floats(transposed, &p.transposed, error));
    ig_packed_load(k, &p, parameters);
    *net = p;
    p = (ig_packed){0};
    return IG_OK;
}

void ig_packed_load(const ig_kernels *k, ig_packed *net, const float *parameters)
{
    for (int l = 0; l <= net->last; l++) {
        const ig_layer *at = &net->layer[l];
        float *w = net->values + at->w;
        if (l == 0) {
            k->transpose(at->outputs, at->inputs, parameters, at->inputs, w, at->width);
        }
        for (size_t o = 0; l > 0 && o < at->outputs; o++) {
            memcpy(w + o * net->layer[l - 1].width, parameters + o * at->inputs,
                   at->inputs * sizeof *w);
        }
        parameters += at->outputs * at->inputs;
        memcpy(net->values + at->b, parameters, at->outputs * sizeof *w);
        parameters += at->outputs;
    }
    ig_packed_refresh(k, net);
}

void ig_packed_clear(ig_packed *net)
{
    free(net->values);
    free(net->transposed);
    memset(net, 0, sizeof *net);
}

void ig_packed_unpack(const ig_packed *net, const float *values, float *parameters)
{
    for (int l = 0; l <= net->last; l++) {
        const ig_layer *at = &net->layer[l];
        const float *w = values + at->w;
        for (size_t o = 0; o < at->outputs; o++) {
            for (size_t i = 0; i < at->inputs; i++) {
                *parameters++ = l == 0 ? w[i * at->width + o] : w[o * net->layer[l - 1].width + i];
            }
        }
        memcpy(parameters, values + at->b, at->outputs * sizeof *w);
        parameters += at->outputs;
    }
}

void ig_packed_refresh(const ig_kernels *k, ig_packed *net)
{
    for (int l = 1; l <= net->last; l++) {
        const ig_layer *at = &net->layer[l];
        if (at->width > 1) {
            k->transpose(at->outputs, at->inputs, net->values + at->w, net->layer[l - 1].width,
                         net->transposed + at->transposed, at->width);
        }
    }
}

/** What stands behind a hidden layer, of numbers whose product has already done it for a ReLU. */
static void activate(const ig_kernels *k, ig_activation activation, size_t n, float *a,
                     float *slopes)
{
    if (activation == IG_ACTIVATION_TANH) {
        k->tanh_slope(n, a, slopes);
    } else if (activation == IG_ACTIVATION_SILU) {
        k->silu_slope(n, a, slopes);
    }
}

void ig_packed_forward(const ig_kernels *k, const ig_packed *net, size_t rows, const float *x,
                       size_t x_row, float *a, float *slopes, float *y)
{
    const ig_activation activation = net->network.activation;
    for (int l = 0; l <= net->last; l++) {
        const ig_layer *at = &net->layer[l];
        const bool hidden = l < net->last;
        float *to = hidden ? a + rows * at->before : y;
        if (at->width == 1) {
            k->dot(rows, x_row, x, net->values + at->w, net->values[at->b], y);
            return;
        }
        k->product(&(ig_product){.rows = rows,
                                 .depth = at->inputs,
                                 .columns = at->columns,
                                 .width = at->width,
                                 .a = x,
                                 .a_row = x_row,
                                 .a_depth = 1,
                                 .b = l == 0 ? net->values : net->transposed + at->transposed,
                                 .start = net->values + at->b,
                                 .c = to,
                                 .finish = hidden && activation == IG_ACTIVATION_RELU
                                               ? IG_FINISH_RELU
                                               : IG_FINISH_NONE});
        if (hidden) {
            activate(k, activation, rows * at->width, to,
                     slopes ? slopes + rows * at->before : NULL);
        }
        x = to;
        x_row = at->width;
    }
}

/** The derivative d by layer l's numbers becomes that by the layer before, in place of its
 *  activations a. */
static void backward_layer(const ig_kernels *k, const ig_packed *net, int l, size_t rows,
                           const float *d, float *a, const float *slopes)
{
    const ig_layer *at = &net->layer[l], *from = &net->layer[l - 1];
    const bool gated = net->network.activation == IG_ACTIVATION_RELU;
    k->product(&(ig_product){.rows = rows,
                             .depth = at->outputs,
                             .columns = from->columns,
                             .width = from->width,
                             .a = d,
                             .a_row = at->width,
                             .a_depth = 1,
                             .b = net->values + at->w,
                             .c = a,
                             .finish = gated ? IG_FINISH_GATE : IG_FINISH_NONE});
    if (!gated) {
        k->multiply(rows * from->width, slopes + rows * from->before, a);
    }
}

void ig_packed_backward_hidden(const ig_kernels *k, const ig_packed *net, size_t rows, float *a,
                               const float *y)
{
    backward_layer(k, net, net->last, rows, y, a, NULL);
}

void ig_packed_backward(const ig_kernels *k, const ig_packed *net, size_t rows, const float *x,
                        size_t x_row, float *a, const float *slopes, const float *y,
                        float *gradient)
{
    const float *d = y;
    for (int l = net->last; l > 0; l--) {
        const ig_layer *at = &net->layer[l], *from = &net->layer[l - 1];
        float *active = a + rows * from->before, *w_gradient = gradient + at->w;
        k->sum_rows(rows, at->width, d, gradient + at->b);
        if (at->width == 1 && net->network.activation == IG_ACTIVATION_RELU) {
            k->back_single(rows, from->width, d, net->values + at->w, active, w_gradient);
        } else {
            k->product(&(ig_product){.rows = at->outputs,
                                     .depth = rows,
                                     .columns = from->columns,
                                     .width = from->width,
                                     .a = d,
                                     .a_row = 1,
                                     .a_depth = at->width,
                                     .b = active,
                                     .start = w_gradient,
                                     .start_row = from->width,
                                     .c = w_gradient});
            backward_layer(k, net, l, rows, d, active, slopes);
        }
        d = active;
    }
    /* The first layer's weights and biases, the inputs' one being the biases'. */
    const ig_layer *first = &net->layer[0];
    k->product(&(ig_product){.rows = first->inputs + 1,
                             .depth = rows,
                             .columns = first->columns,
                             .width = first->width,
                             .a = x,
                             .a_row = 1,
                             .a_depth = x_row,
                             .b = d,
                             .start = gradient,
                             .start_row = first->width,
                             .c = gradient});
}

struct ig_mlp {
    const ig_kernels *kernels;
    ig_packed net;
    float *a, *y; /**< one block's hidden activations and outputs */
};

size_t ig_network_size(const ig_network *network)
{
    size_t size = 0;
    for (int l = 0; l <= network->n_hidden; l++) {
        size += units(network, l + 1) * (units(network, l) + 1);
    }
    return size;
}

double ig_network_work(const ig_network *network)
{
    double work = 0;
    for (int l = 0; l <= network->n_hidden; l++) {
        work += (l ? 3.0 : 2.0) * (double)units(network, l) * (double)units(network, l + 1);
    }
    return work;
}

static float *draw_uniform(ig_rng *rng, double limit, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = (float)(limit * (2 * ig_rng_uniform(rng) - 1));
    }
    return to + n;
}

void ig_network_init_linear(const ig_network *network, ig_rng *rng, float *parameters)
{
    for (int l = 0; l <= network->n_hidden; l++) {
        size_t inputs = units(network, l);
        parameters = draw_uniform(rng, 1 / sqrt((double)inputs),
                                  units(network, l + 1) * (inputs + 1), parameters);
    }
}

static float *draw_normal(ig_rng *rng, size_t n, float *to)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = (float)ig_rng_normal(rng);
    }
    return to + n;
}

size_t ig_mlp_size(ig_mlp_shape shape)
{
    ig_network network = ig_network_of(shape);
    return ig_network_size(&network);
}

void ig_mlp_init_linear(ig_mlp_shape shape, ig_rng *rng, float *parameters)
{
    ig_network network = ig_network_of(shape);
    ig_network_init_linear(&network, rng, parameters);
}

void ig_mlp_init_normal(ig_mlp_shape shape, ig_rng *rng, float *parameters)
{
    ig_network network = ig_network_of(shape);
    for (int l = 0; l <= network.n_hidden; l++) {
        size_t outputs = units(&network, l + 1);
        parameters = draw_normal(rng, outputs * units(&network, l), parameters);
        memset(parameters, 0, outputs * sizeof *parameters);
        parameters += outputs;
    }
}

ig_status ig_network_create(ig_isa isa, const ig_network *network, const float *parameters,
                            ig_mlp **mlp, ig_error *error)
{
    AUTO(ig_mlp_destroy) ig_mlp *made = NULL;
    TRY(IG_ALLOC(made, 1, error));
    made->kernels = ig_kernels_of(isa);
    TRY(ig_packed_init(made->kernels, network, parameters, &made->net, error));
    TRY(ig_floats(IG_ROWS * made->net.width, &made->a, error));
    TRY(ig_floats(IG_ROWS * made->net.out_width, &made->y, error));
    *mlp = ig_take(&made);
    return IG_OK;
}

ig_status ig_mlp_create(ig_isa isa, ig_mlp_shape shape, const float *parameters, ig_mlp **mlp,
                        ig_error *error)
{
    ig_network network = ig_network_of(shape);
    return ig_network_create(isa, &network, parameters, mlp, error);
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
    size_t outputs = (size_t)net->network.outputs;
    for (size_t first = 0; first < batch; first += IG_ROWS) {
        size_t rows = batch - first < IG_ROWS ? batch - first : IG_ROWS;
        ig_packed_forward(mlp->kernels, net, rows, x + first * x_stride, x_stride, mlp->a, NULL,
                          mlp->y);
        if (net->network.output == IG_ACTIVATION_TANH) {
            mlp->kernels->tanh(rows * net->out_width, mlp->y);
        }
        for (size_t r = 0; r < rows; r++) {
            ig_copy_few(outputs, mlp->y + r * net->out_width, y + (first + r) * y_stride);
        }
    }
}

void ig_standardise(size_t n, const float *x, const float *mean, const float *scale, float *y)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = (x[i] - mean[i]) * scale[i];
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
