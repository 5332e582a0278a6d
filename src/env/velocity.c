#include "env/system.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "theory/theory.h"

/* Squares of smaller numbers lose digits. */
#define SMALLEST 1e-140

/** A field and the states it is followed through. */
typedef struct field {
    const ig_velocity_options *options;
    double *numbers;                 /**< owned: all that follows */
    double *inward, *outward, *bias; /**< W1, W2, b of the tanh field */
    double *hidden;                  /**< scratch, one layer */
    double *z, *v;                   /**< [step * dimension] */
    double cosine, sine;             /**< of the planar field */
} field;

static ig_status field_init(const ig_velocity_options *o, field *f, ig_error *error)
{
    const size_t n = o->dimension, h = o->hidden;
    if (o->kind == IG_VELOCITY_PLANAR && n != 2) {
        return ig_error_set(error, IG_ERR_USAGE, "the planar field has two dimensions, not %zu", n);
    }
    f->options = o;
    TRY(IG_ALLOC(f->numbers, 2 * n * h + 2 * h + 2 * n * (o->steps + 1), error));
    double *numbers = f->numbers;
    f->inward = ig_take_numbers(&numbers, n * h);
    f->outward = ig_take_numbers(&numbers, n * h);
    f->bias = ig_take_numbers(&numbers, h);
    f->hidden = ig_take_numbers(&numbers, h);
    f->z = ig_take_numbers(&numbers, n * (o->steps + 1));
    f->v = numbers;
    return IG_OK;
}

static void field_clear(field *f)
{
    free(f->numbers);
}

static ig_status field_draw(field *f, ig_rng_key key, ig_error *error)
{
    const ig_velocity_options *o = f->options;
    ig_rng rng = ig_rng_start(key, IG_STREAM_TEACHER, 0);
    if (o->kind == IG_VELOCITY_PLANAR) {
        f->cosine = -o->eps;
        f->sine = sqrt((1 - o->eps) * (1 + o->eps)) * (ig_rng_uniform(&rng) < 0.5 ? -1 : 1);
    } else {
        TRY(ig_draw_matrix(&rng, o->hidden, o->dimension, 1, f->inward, error));
        TRY(ig_draw_matrix(&rng, o->dimension, o->hidden, 1, f->outward, error));
        ig_draw_normal(&rng, o->hidden, f->bias);
    }
    rng = ig_rng_start(key, IG_STREAM_DATA, 0);
    ig_draw_normal(&rng, o->dimension, f->z);
    return IG_OK;
}

static void velocity(const field *f, const double *z, double *v)
{
    const ig_velocity_options *o = f->options;
    if (o->kind == IG_VELOCITY_PLANAR) {
        v[0] = o->eps * (f->cosine * z[0] - f->sine * z[1]);
        v[1] = o->eps * (f->sine * z[0] + f->cosine * z[1]);
        return;
    }
    memcpy(f->hidden, f->bias, o->hidden * sizeof *f->hidden);
    ig_add_product(f->inward, o->hidden, o->dimension, z, f->hidden);
    for (size_t i = 0; i < o->hidden; i++) {
        f->hidden[i] = tanh(f->hidden[i]);
    }
    memset(v, 0, o->dimension * sizeof *v);
    ig_add_product(f->outward, o->dimension, o->hidden, f->hidden, v);
    for (size_t i = 0; i < o->dimension; i++) {
        v[i] *= o->eps;
    }
}

/** Follow the field; returns the number of velocities whose direction means something. */
static size_t follow(field *f)
{
    const ig_velocity_options *o = f->options;
    const size_t n = o->dimension;
    for (size_t t = 0; t < o->steps; t++) {
        double *z = f->z + t * n, *v = f->v + t * n;
        velocity(f, z, v);
        if (!(ig_norm(v, n) >= fmax(SMALLEST, 1e-6 * o->eps * fmin(1, ig_norm(z, n))))) {
            return t;
        }
        for (size_t i = 0; i < n; i++) {
            z[n + i] = z[i] + v[i];
        }
    }
    return o->steps;
}

static double distance(const double *x, const double *y, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        total += (x[i] - y[i]) * (x[i] - y[i]);
    }
    return sqrt(total);
}

/** Losses of neighbours, and the Lipschitz constant over all pairs. */
static ig_status measure(const field *f, size_t steps, const ig_yield *yield, ig_bend *bend,
                         ig_error *error)
{
    const size_t n = f->options->dimension;
    ig_bend b = {.steps = steps};
    for (size_t t = 0; t + 1 < steps; t++) {
        const double *z = f->z + t * n, *v = f->v + t * n;
        double loss = ig_curvature_loss(v, v + n, n);
        b.largest = fmax(b.largest, loss);
        b.mean += loss / (double)(steps - 1);
        for (size_t u = t + 1; u < steps; u++) {
            double far = distance(z, f->z + u * n, n);
            if (far > 0) {
                b.lipschitz = fmax(b.lipschitz, distance(v, f->v + u * n, n) / far);
            }
        }
        TRY(ig_yield_or_stop(yield, error));
    }
    *bend = b;
    return IG_OK;
}

ig_status ig_velocity_rollout(const ig_velocity_options *options, ig_rng_key key,
                              const ig_yield *yield, ig_bend *bend, ig_error *error)
{
    AUTO(field_clear) field f = {0};
    TRY(field_init(options, &f, error));
    TRY(field_draw(&f, key, error));
    const size_t steps = follow(&f);
    if (steps < 2) {
        return ig_error_set(error, IG_ERR_NUMERIC, "the rollout is at rest after %zu steps", steps);
    }
    return measure(&f, steps, yield, bend, error);
}
