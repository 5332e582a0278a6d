/* Compiled once per instruction set, for the parts between the matrix products. */
#include "gemm-trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/simd.h"

#ifdef __clang__
#define IG_UNROLL _Pragma("clang loop unroll(full)")
#else
#define IG_UNROLL _Pragma("GCC unroll 16")
#endif

enum {
    IN = BENCH_INPUTS + 1, /* with the one */
    HID = BENCH_HIDDEN,
    BOTH = 2 * HID, /* dynamics, then reward */
    OUT = BENCH_STATE,
    Y_ROW = 16,
    X_ROW = 48, /* and what a vector reads beyond */
    VECTORS = HID / IG_LANES
};

/** Parameters, and whatever has their shape; a multiple of 16 floats. */
typedef struct values {
    float w1[IN][BOTH], w2[OUT][HID], w_reward[HID], b2[Y_ROW]; /* b2[OUT]: the reward's */
} values;

typedef enum step { STEP_HIDDEN, STEP_OUTPUT, STEP_W2, STEP_BACK, STEP_W1, STEPS } step;

typedef struct trainer {
    values p, gradient, m, v;
    float w2t[HID][Y_ROW];
    float x[BENCH_LARGEST_BLOCK][X_ROW]; /* inputs, one, 12 targets, reward */
    float a[BENCH_LARGEST_BLOCK][BOTH], d[BENCH_LARGEST_BLOCK][BOTH];
    float y[BENCH_LARGEST_BLOCK][Y_ROW];
    bench_product products[BENCH_LARGEST_BLOCK + 1][STEPS]; /* by number of samples */
    bool ready[BENCH_LARGEST_BLOCK + 1];
    const bench_gemm *gemm;
    int updates;
} trainer;

static const bench_product *products_for(trainer *t, size_t rows)
{
    if (!t->ready[rows]) {
        int n = (int)rows;
        bench_product *p = t->products[rows];
        p[STEP_HIDDEN] = (bench_product){BOTH, n, IN, BOTH, X_ROW, BOTH, false, false, NULL};
        p[STEP_OUTPUT] = (bench_product){Y_ROW, n, HID, Y_ROW, BOTH, Y_ROW, false, false, NULL};
        p[STEP_W2] = (bench_product){HID, OUT, n, BOTH, Y_ROW, HID, true, true, NULL};
        p[STEP_BACK] = (bench_product){HID, n, OUT, HID, Y_ROW, BOTH, false, false, NULL};
        p[STEP_W1] = (bench_product){BOTH, IN, n, BOTH, X_ROW, BOTH, true, true, NULL};
        for (step s = 0; s < STEPS; s++) {
            if (!t->gemm->prepare(&p[s])) {
                abort();
            }
        }
        t->ready[rows] = true;
    }
    return t->products[rows];
}

static void gather(trainer *t, size_t rows, const ig_samples *pool, const uint32_t *order,
                   const uint32_t *ahead)
{
    for (size_t r = 0; r < rows; r++) {
        if (ahead) {
            const float *next = pool->rows + ahead[r] * pool->stride;
            __builtin_prefetch(next, 0, 2);
            __builtin_prefetch(next + 16, 0, 2);
        }
        const float *from = pool->rows + (order ? order[r] : r) * pool->stride;
        memcpy(t->x[r], from, BENCH_INPUTS * sizeof(float));
        t->x[r][BENCH_INPUTS] = 1;
        memcpy(t->x[r] + IN, from + BENCH_INPUTS, (OUT + 1) * sizeof(float));
    }
}

static void relu_rows(trainer *t, size_t rows)
{
    float *a = t->a[0];
    for (size_t i = 0; i < rows * BOTH; i += IG_LANES) {
        vec_store(a + i, vec_max(vec_load(a + i), vec_set(0)));
    }
}

/** The reward head behind its hidden layer, a row at a time: returns the sum of squared errors;
 *  `scale` 0: no gradients are wanted. */
static double reward_rows(trainer *t, size_t rows, float scale)
{
    vec w[VECTORS], gradient[VECTORS];
    float sum = 0, total = 0;
    IG_UNROLL
    for (size_t v = 0; v < VECTORS; v++) {
        w[v] = vec_load(t->p.w_reward + v * IG_LANES);
        gradient[v] = vec_load(t->gradient.w_reward + v * IG_LANES);
    }
    for (size_t r = 0; r < rows; r++) {
        vec a[VECTORS], dot = vec_set(0);
        IG_UNROLL
        for (size_t v = 0; v < VECTORS; v++) {
            a[v] = vec_load(t->a[r] + HID + v * IG_LANES);
            dot = vec_fma(a[v], w[v], dot);
        }
        float difference = vec_sum(dot) + t->p.b2[OUT] - t->x[r][IN + OUT];
        float error = difference * scale;
        total += difference * difference;
        sum += error;
        IG_UNROLL
        for (size_t v = 0; v < VECTORS; v++) {
            gradient[v] = vec_fma(vec_set(error), a[v], gradient[v]);
            vec_store(t->d[r] + HID + v * IG_LANES,
                      vec_where_positive(a[v], vec_set(error) * w[v]));
        }
    }
    IG_UNROLL
    for (size_t v = 0; v < VECTORS; v++) {
        vec_store(t->gradient.w_reward + v * IG_LANES, gradient[v]);
    }
    t->gradient.b2[OUT] += sum;
    return (double)total;
}

/** t->y becomes the gradient of the dynamics' outputs, and anything beyond them; returns the sum of
 *  squared errors. */
static double output_rows(trainer *t, size_t rows, float scale)
{
    float squares[Y_ROW] = {0}, sums[Y_ROW] = {0};
    for (size_t j = 0; j < Y_ROW; j += IG_LANES) {
        vec bias = vec_load(t->p.b2 + j), square = vec_set(0), sum = vec_set(0);
        for (size_t r = 0; r < rows; r++) {
            vec difference = vec_load(t->y[r] + j) + bias - vec_load(t->x[r] + IN + j);
            vec error = difference * vec_set(scale);
            square = vec_fma(difference, difference, square);
            sum += error;
            vec_store(t->y[r] + j, error);
        }
        vec_store(squares + j, square);
        vec_store(sums + j, sum);
    }
    double total = 0;
    for (size_t o = 0; o < OUT; o++) {
        total += (double)squares[o];
        t->gradient.b2[o] += sums[o];
    }
    return total;
}

static void gate_rows(trainer *t, size_t rows)
{
    for (size_t r = 0; r < rows; r++) {
        IG_UNROLL
        for (size_t v = 0; v < VECTORS; v++) {
            float *d = t->d[r] + v * IG_LANES;
            vec_store(d, vec_where_positive(vec_load(t->a[r] + v * IG_LANES), vec_load(d)));
        }
    }
}

/** Sums of squared errors of `rows` gathered samples are added to sum[2]; scale[h]: of the output
 *  gradients, 0 where only the errors are wanted. */
static void pass(trainer *t, size_t rows, const float *scale, double *sum)
{
    const bench_product *p = products_for(t, rows);
    void (*run)(const bench_product *, const float *, const float *, float *) = t->gemm->run;
    run(&p[STEP_HIDDEN], t->p.w1[0], t->x[0], t->a[0]);
    relu_rows(t, rows);
    sum[1] += reward_rows(t, rows, scale[1]);
    run(&p[STEP_OUTPUT], t->w2t[0], t->a[0], t->y[0]);
    sum[0] += output_rows(t, rows, scale[0]);
    if (scale[0] > 0) {
        run(&p[STEP_W2], t->a[0], t->y[0], t->gradient.w2[0]);
        run(&p[STEP_BACK], t->p.w2[0], t->y[0], t->d[0]);
        gate_rows(t, rows);
        run(&p[STEP_W1], t->d[0], t->x[0], t->gradient.w1[0]);
    }
}

static void refresh(trainer *t)
{
    for (size_t o = 0; o < OUT; o++) {
        for (size_t j = 0; j < HID; j++) {
            t->w2t[j][o] = t->p.w2[o][j];
        }
    }
}

static void update(trainer *t)
{
    t->updates++;
    float unbias = (float)(1 / sqrt(1 - pow(0.999, t->updates)));
    float rate = (float)((double)1e-3f / (1 - pow(0.9, t->updates)));
    const float rest1 = (float)(1 - 0.9), rest2 = (float)(1 - 0.999);
    float *restrict p = t->p.w1[0], *restrict m = t->m.w1[0], *restrict v = t->v.w1[0];
    const float *restrict gradient = t->gradient.w1[0];
    for (size_t i = 0; i < sizeof(values) / sizeof(float); i++) {
        float g = gradient[i];
        m[i] = 0.9f * m[i] + rest1 * g;
        v[i] = 0.999f * v[i] + rest2 * g * g;
        p[i] -= rate * (m[i] / (sqrtf(v[i]) * unbias + 1e-8f));
    }
    refresh(t);
}

static void train_minibatch(trainer *t, const ig_samples *pool, const uint32_t *order, size_t batch,
                            size_t left, double *sum)
{
    float scale[2] = {2 / ((float)batch * OUT), 2 / (float)batch};
    memset(&t->gradient, 0, sizeof t->gradient);
    for (size_t first = 0; first < batch; first += t->gemm->block) {
        size_t rows = batch - first < t->gemm->block ? batch - first : t->gemm->block;
        const uint32_t *now = order + first;
        gather(t, rows, pool, now, first + 2 * rows <= left ? now + rows : NULL);
        pass(t, rows, scale, sum);
    }
    update(t);
}

static void mean_losses(const double *sum, size_t n, double *mean)
{
    mean[0] = sum[0] / ((double)n * OUT);
    mean[1] = sum[1] / (double)n;
}

static void evaluate(trainer *t, const ig_samples *samples, double *mse)
{
    double sum[2] = {0};
    for (size_t first = 0; first < samples->n; first += t->gemm->block) {
        size_t left = samples->n - first, rows = left < t->gemm->block ? left : t->gemm->block;
        ig_samples some = {samples->rows + first * samples->stride, rows, samples->stride};
        gather(t, rows, &some, NULL, NULL);
        pass(t, rows, (float[2]){0, 0}, sum);
    }
    mean_losses(sum, samples->n, mse);
}

static void start(trainer *t, const float *dynamics, const float *reward)
{
    for (size_t j = 0; j < BOTH; j++) {
        const float *from = j < HID ? dynamics : reward;
        for (size_t i = 0; i < BENCH_INPUTS; i++) {
            t->p.w1[i][j] = from[(j % HID) * BENCH_INPUTS + i];
        }
        t->p.w1[BENCH_INPUTS][j] = from[HID * BENCH_INPUTS + j % HID];
    }
    dynamics += HID * IN;
    reward += HID * IN;
    memcpy(t->p.w2, dynamics, sizeof t->p.w2);
    memcpy(t->p.w_reward, reward, sizeof t->p.w_reward);
    memcpy(t->p.b2, dynamics + OUT * HID, OUT * sizeof(float));
    t->p.b2[OUT] = reward[HID];
    refresh(t);
}

bench_losses BENCH_GEMM_TRAIN(const bench_gemm *gemm, const bench_problem *p, int epochs)
{
    trainer *t = aligned_alloc(64, (sizeof *t + 63) / 64 * 64);
    uint32_t *order = malloc(p->pool.n * sizeof *order);
    if (!t || !order) {
        abort();
    }
    memset(t, 0, sizeof *t);
    t->gemm = gemm;
    start(t, p->parameters[0], p->parameters[1]);
    bench_losses losses = {0};
    for (int epoch = 0; epoch < epochs; epoch++) {
        ig_rng rng = ig_rng_start(p->key, IG_STREAM_SHUFFLE, (uint64_t)epoch);
        ig_rng_permutation(&rng, (uint32_t)p->pool.n, order);
        double sum[2] = {0};
        for (size_t first = 0; first < p->pool.n; first += BENCH_MINIBATCH) {
            size_t left = p->pool.n - first;
            size_t batch = left < BENCH_MINIBATCH ? left : BENCH_MINIBATCH;
            train_minibatch(t, &p->pool, order + first, batch, left, sum);
        }
        mean_losses(sum, p->pool.n, losses.train);
        evaluate(t, &p->holdout, losses.holdout);
    }
    free(order);
    free(t);
    return losses;
}
