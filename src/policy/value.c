#include "policy/reinforce.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "nn/mlp.h"

struct ig_state_value {
    const ig_value_options *options;
    ig_rng_key key;
    ig_trainer *trainer;
    size_t n;           /**< samples of a batch: K H */
    size_t state;       /**< S */
    size_t stride;      /**< floats of a sample: the state, t / H, the scaled return */
    float *rows;        /**< n of them */
    uint32_t *order;    /**< n */
    bool fitted;        /**< fitted at least once */
    double mean, scale; /**< of the first batch's returns: targets are (G - mean) / scale */
};

static ig_status trainer_create(const ig_policy_train_options *o, int state, ig_rng_key key,
                                ig_trainer **trainer, ig_error *error)
{
    ig_mlp_shape shape = {state + 1, o->value.hidden, 1};
    ig_train_options options = {.epochs = o->value.epochs,
                                .minibatch = o->value.minibatch,
                                .learning_rate = o->value.learning_rate,
                                .isa = o->isa};
    AUTO_FREE float *parameters = NULL;
    TRY(IG_ALLOC(parameters, ig_mlp_size(shape), error));
    ig_head head = {.hidden = shape.hidden, .outputs = 1, .parameters = parameters};
    ig_rng rng = ig_rng_start(key, IG_STREAM_VALUE, 0);
    ig_mlp_init_linear(shape, &rng, parameters);
    return ig_trainer_create(&options, shape.inputs, &head, 1, trainer, error);
}

ig_status ig_state_value_create(const ig_policy_train_options *options, int state, ig_rng_key key,
                                ig_state_value **value, ig_error *error)
{
    AUTO(ig_state_value_destroy) ig_state_value *v = NULL;
    TRY(IG_ALLOC(v, 1, error));
    v->options = &options->value;
    v->key = key;
    v->n = options->trajectories * options->steps;
    v->state = (size_t)state;
    v->stride = v->state + 2;
    TRY(IG_ALLOC(v->rows, v->n * v->stride, error));
    TRY(IG_ALLOC(v->order, v->n, error));
    TRY(trainer_create(options, state, key, &v->trainer, error));
    *value = ig_take(&v);
    return IG_OK;
}

void ig_state_value_destroy(ig_state_value **value)
{
    if (*value) {
        ig_trainer_destroy(&(*value)->trainer);
        free((*value)->rows);
        free((*value)->order);
        free(*value);
        *value = NULL;
    }
}

bool ig_state_value_is_fitted(const ig_state_value *value)
{
    return value->fitted;
}

void ig_state_value_observe(ig_state_value *v, const ig_trajectories *trajectories)
{
    const float *s = trajectories->states;
    float *row = v->rows;
    for (size_t t = 0; t < trajectories->steps; t++) {
        float passed = (float)((double)t / (double)trajectories->steps);
        for (size_t k = 0; k < trajectories->n; k++, row += v->stride, s += v->state) {
            ig_copy_few(v->state, s, row);
            row[v->state] = passed;
        }
    }
}

void ig_state_value_predict(ig_state_value *v, float *values)
{
    ig_samples samples = {v->rows, v->n, v->stride};
    ig_trainer_predict(v->trainer, 0, &samples, values);
    for (size_t i = 0; i < v->n; i++) {
        values[i] = (float)(v->mean + v->scale * (double)values[i]);
    }
}

/** Mean and standard deviation of the first batch's returns. */
static void set_scale(ig_state_value *v, const float *returns)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < v->n; i++) {
        sum += (double)returns[i];
    }
    v->mean = sum / (double)v->n;
    for (size_t i = 0; i < v->n; i++) {
        double difference = (double)returns[i] - v->mean;
        squares += difference * difference;
    }
    double deviation = sqrt(squares / (double)v->n);
    v->scale = deviation > 0 ? deviation : 1;
}

ig_status ig_state_value_fit(ig_state_value *v, const float *returns, int iteration,
                             const ig_yield *yield, ig_error *error)
{
    if (!v->fitted) {
        set_scale(v, returns);
        v->fitted = true;
    }
    for (size_t i = 0; i < v->n; i++) {
        float *target = v->rows + i * v->stride + v->state + 1;
        *target = (float)(((double)returns[i] - v->mean) / v->scale);
    }
    const ig_view pool = {.rows = v->rows, .stride = v->stride, .n = v->n, .target = v->state + 1};
    size_t minibatch = (size_t)v->options->minibatch;
    ig_rng rng = ig_rng_start(v->key, IG_STREAM_VALUE, (uint64_t)iteration + 1);
    for (int epoch = 0; epoch < v->options->epochs; epoch++) {
        ig_rng_permutation(&rng, (uint32_t)v->n, v->order);
        for (size_t first = 0; first < v->n; first += minibatch) {
            size_t left = v->n - first;
            double loss;
            TRY(ig_trainer_step_ahead(v->trainer, &pool, v->order + first,
                                      left < minibatch ? left : minibatch, left, yield, &loss,
                                      error));
        }
    }
    return IG_OK;
}
