#include "naive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDEST = 512 };

/** One sample on its way through a network: layer 0 are the inputs. */
typedef struct passing {
    double value[IG_HIDDEN_MAX + 2][WIDEST], slope[IG_HIDDEN_MAX + 2][WIDEST];
} passing;

static int units(const ig_network *n, int layer)
{
    return layer == 0 ? n->inputs : layer > n->n_hidden ? n->outputs : n->hidden[layer - 1];
}

static void activate(ig_activation activation, double x, double *value, double *slope)
{
    double sigmoid = 1 / (1 + exp(-x));
    switch (activation) {
    case IG_ACTIVATION_NONE:
        *value = x;
        *slope = 1;
        break;
    case IG_ACTIVATION_TANH:
        *value = tanh(x);
        *slope = 1 - tanh(x) * tanh(x);
        break;
    case IG_ACTIVATION_RELU:
        *value = fmax(0, x);
        *slope = x > 0;
        break;
    case IG_ACTIVATION_SILU:
        *value = x * sigmoid;
        *slope = sigmoid + x * sigmoid * (1 - sigmoid);
        break;
    }
}

static void forward(const ig_network *n, const double *p, const float *x, passing *s)
{
    for (int i = 0; i < n->inputs; i++) {
        s->value[0][i] = (double)x[i];
    }
    for (int l = 0; l <= n->n_hidden; l++) {
        const int in = units(n, l), out = units(n, l + 1);
        for (int o = 0; o < out; o++) {
            double sum = p[out * in + o];
            for (int i = 0; i < in; i++) {
                sum += p[o * in + i] * s->value[l][i];
            }
            activate(l < n->n_hidden ? n->activation : n->output, sum, &s->value[l + 1][o],
                     &s->slope[l + 1][o]);
        }
        p += out * (in + 1);
    }
}

static passing *start(const ig_network *n)
{
    passing *s = malloc(sizeof *s);
    for (int l = 0; l <= n->n_hidden + 1; l++) {
        if (units(n, l) > WIDEST) {
            abort();
        }
    }
    if (!s) {
        abort();
    }
    return s;
}

void naive_forward(const ig_network *network, const double *parameters, const float *x, double *y)
{
    passing *s = start(network);
    forward(network, parameters, x, s);
    memcpy(y, s->value[network->n_hidden + 1], (size_t)network->outputs * sizeof *y);
    free(s);
}

/** Add one sample's share of the gradient, d being the loss's derivative by the outputs; d is used
 *  up. */
static void backward(const ig_network *n, const double *p, const passing *s, double *d, double *g)
{
    size_t end = ig_network_size(n);
    for (int l = n->n_hidden; l >= 0; l--) {
        const int in = units(n, l), out = units(n, l + 1);
        double back[WIDEST] = {0};
        end -= (size_t)(out * (in + 1));
        for (int o = 0; o < out; o++) {
            double by = d[o] * s->slope[l + 1][o];
            g[end + (size_t)(out * in + o)] += by;
            for (int i = 0; i < in; i++) {
                g[end + (size_t)(o * in + i)] += by * s->value[l][i];
                back[i] += by * p[end + (size_t)(o * in + i)];
            }
        }
        memcpy(d, back, sizeof back);
    }
}

double naive_loss(const ig_network *network, const double *p, const ig_samples *pool, size_t target,
                  const uint32_t *order, size_t batch, double *gradient)
{
    passing *s = start(network);
    double loss = 0, terms = (double)batch * network->outputs, d[WIDEST];
    if (gradient) {
        memset(gradient, 0, ig_network_size(network) * sizeof *gradient);
    }
    for (size_t b = 0; b < batch; b++) {
        const float *row = pool->rows + order[b] * pool->stride;
        forward(network, p, row, s);
        for (int o = 0; o < network->outputs; o++) {
            double error = s->value[network->n_hidden + 1][o] - (double)row[target + (size_t)o];
            loss += error * error / terms;
            d[o] = 2 * error / terms;
        }
        if (gradient) {
            backward(network, p, s, d, gradient);
        }
    }
    free(s);
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
