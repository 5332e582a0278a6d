#include "naive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void naive_forward(ig_mlp_shape s, const double *p, const float *x, double *a, double *y)
{
    const double *b1 = p + s.hidden * s.inputs, *w2 = b1 + s.hidden,
                 *b2 = w2 + s.outputs * s.hidden;
    for (int h = 0; h < s.hidden; h++) {
        double sum = b1[h];
        for (int i = 0; i < s.inputs; i++) {
            sum += p[h * s.inputs + i] * (double)x[i];
        }
        a[h] = fmax(0, sum);
    }
    for (int o = 0; o < s.outputs; o++) {
        y[o] = b2[o];
        for (int h = 0; h < s.hidden; h++) {
            y[o] += w2[o * s.hidden + h] * a[h];
        }
    }
}

/** Add one sample's share of the gradient, d being the loss's derivative by the outputs. */
static void backward(ig_mlp_shape s, const double *p, const float *x, const double *a,
                     const double *d, double *g)
{
    const double *w2 = p + s.hidden * (s.inputs + 1);
    double *g_b1 = g + s.hidden * s.inputs, *g_w2 = g_b1 + s.hidden;
    double *g_b2 = g_w2 + s.outputs * s.hidden;
    for (int h = 0; h < s.hidden; h++) {
        double back = 0;
        for (int o = 0; o < s.outputs; o++) {
            g_w2[o * s.hidden + h] += d[o] * a[h];
            back += d[o] * w2[o * s.hidden + h];
        }
        back = a[h] > 0 ? back : 0;
        g_b1[h] += back;
        for (int i = 0; i < s.inputs; i++) {
            g[h * s.inputs + i] += back * (double)x[i];
        }
    }
    for (int o = 0; o < s.outputs; o++) {
        g_b2[o] += d[o];
    }
}

double naive_loss(ig_mlp_shape s, ig_activation output, const double *p, const ig_samples *pool,
                  size_t target, const uint32_t *order, size_t batch, double *gradient)
{
    double *a = calloc((size_t)s.hidden, sizeof *a), *y = calloc((size_t)s.outputs, sizeof *y);
    double loss = 0, terms = (double)batch * s.outputs;
    if (!a || !y) {
        abort();
    }
    if (gradient) {
        memset(gradient, 0, ig_mlp_size(s) * sizeof *gradient);
    }
    for (size_t b = 0; b < batch; b++) {
        const float *row = pool->rows + order[b] * pool->stride;
        naive_forward(s, p, row, a, y);
        for (int o = 0; o < s.outputs; o++) {
            double out = output == IG_ACTIVATION_TANH ? tanh(y[o]) : y[o];
            double error = out - (double)row[target + (size_t)o];
            loss += error * error / terms;
            y[o] = 2 * error / terms * (output == IG_ACTIVATION_TANH ? 1 - out * out : 1);
        }
        if (gradient) {
            backward(s, p, row, a, y, gradient);
        }
    }
    free(a);
    free(y);
    return loss;
}

void naive_adam(size_t n, int t, double learning_rate, const double *g, double *m, double *v,
                double *p)
{
    for (size_t i = 0; i < n; i++) {
        m[i] = 0.9 * m[i] + 0.1 * g[i];
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        double first = m[i] / (1 - pow(0.9, t)), second = v[i] / (1 - pow(0.999, t));
        p[i] -= learning_rate * first / (sqrt(second) + 1e-8);
    }
}
