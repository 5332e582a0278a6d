/** The paper's training problem, as the benchmarks measure it. */
#ifndef IMAGRID_BENCH_PROBLEM_H
#define IMAGRID_BENCH_PROBLEM_H

#include "imagrid/env.h"

enum {
    BENCH_STATE = 12,
    BENCH_ACTION = 4,
    BENCH_INPUTS = BENCH_STATE + BENCH_ACTION,
    BENCH_HIDDEN = 64,
    BENCH_MINIBATCH = 256,
    BENCH_HOLDOUT = 5000,
    BENCH_EPOCHS = 200,
    BENCH_STRIDE = 32
};

/** Multiply-adds the method needs for one sample in one epoch: dynamics head 4352, reward 2240. */
static const double bench_sample_work = 4352 + 2240;

typedef struct bench_problem {
    ig_samples pool, holdout;
    float *rows[2], *parameters[2]; /**< owned: pool and holdout, initial dynamics and reward */
    ig_rng_key key;
    double rollout_seconds; /**< time the pool took */
} bench_problem;

/** Aborts without memory. */
bench_problem bench_problem_make(size_t n, ig_isa isa);
void bench_problem_clear(bench_problem *problem);

#endif
