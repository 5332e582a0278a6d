#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "imagrid/policy-train.h"
#include "nn/packed.h"

struct ig_optimizer {
    const ig_kernels *kernels;
    size_t n, padded; /**< parameters; and as many numbers as fill whole vectors */
    double learning_rate;
    uint64_t steps;
    float *gradient, *m, *v, *p; /**< padded each */
};

ig_status ig_optimizer_create(ig_isa isa, size_t n, float learning_rate, ig_optimizer **optimizer,
                              ig_error *error)
{
    ig_optimizer *o = calloc(1, sizeof *o);
    if (!o) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for Adam");
    }
    o->kernels = ig_kernels_of(isa);
    o->n = n;
    o->padded = (n + o->kernels->lanes - 1) / o->kernels->lanes * o->kernels->lanes;
    o->learning_rate = (double)learning_rate;
    o->gradient = ig_floats(o->padded);
    o->m = ig_floats(o->padded);
    o->v = ig_floats(o->padded);
    o->p = ig_floats(o->padded);
    if (!o->gradient || !o->m || !o->v || !o->p) {
        ig_optimizer_destroy(&o);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for Adam");
    }
    *optimizer = o;
    return IG_OK;
}

void ig_optimizer_destroy(ig_optimizer **optimizer)
{
    ig_optimizer *o = *optimizer;
    if (o) {
        free(o->gradient);
        free(o->m);
        free(o->v);
        free(o->p);
        free(o);
        *optimizer = NULL;
    }
}

static void step(ig_optimizer *o, float sign, const float *gradient, float *parameters)
{
    for (size_t i = 0; i < o->n; i++) {
        o->gradient[i] = sign * gradient[i];
    }
    memcpy(o->p, parameters, o->n * sizeof *parameters);
    o->steps++;
    ig_adam adam = ig_adam_step(o->learning_rate, o->steps);
    o->kernels->adam(o->padded, adam, o->gradient, o->m, o->v, o->p);
    memcpy(parameters, o->p, o->n * sizeof *parameters);
}

void ig_optimizer_descend(ig_optimizer *optimizer, const float *gradient, float *parameters)
{
    step(optimizer, 1, gradient, parameters);
}

void ig_optimizer_ascend(ig_optimizer *optimizer, const float *gradient, float *parameters)
{
    step(optimizer, -1, gradient, parameters);
}
