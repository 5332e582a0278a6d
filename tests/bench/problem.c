#include "problem.h"

#include <stdlib.h>

#include "clock.h"

static float *floats(size_t n)
{
    float *p = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
    if (!p) {
        abort();
    }
    return p;
}

static void gather(const ig_teacher *teacher, ig_isa isa, ig_rng_key key, ig_stream stream,
                   size_t n, float *rows)
{
    ig_rollout_options options = {IG_REFERENCE_SINUSOID, 500, 0.25, isa};
    if (ig_rollout_transitions(teacher, &options, key, stream, n, BENCH_STRIDE, rows, NULL, NULL)) {
        abort();
    }
}

bench_problem bench_problem_make(size_t n, ig_isa isa)
{
    bench_problem p = {.key = ig_rng_key_make("bench", 0)};
    ig_teacher teacher;
    if (ig_teacher_init(BENCH_STATE, BENCH_ACTION, BENCH_HIDDEN, p.key, &teacher, NULL)) {
        abort();
    }
    p.rows[0] = floats(n * BENCH_STRIDE);
    p.rows[1] = floats((size_t)BENCH_HOLDOUT * BENCH_STRIDE);
    double begin = bench_seconds();
    gather(&teacher, isa, p.key, IG_STREAM_DATA, n, p.rows[0]);
    p.rollout_seconds = bench_seconds() - begin;
    gather(&teacher, isa, p.key, IG_STREAM_HOLDOUT, BENCH_HOLDOUT, p.rows[1]);
    ig_teacher_clear(&teacher);
    p.pool = (ig_samples){p.rows[0], n, BENCH_STRIDE};
    p.holdout = (ig_samples){p.rows[1], BENCH_HOLDOUT, BENCH_STRIDE};
    for (int h = 0; h < 2; h++) {
        ig_mlp_shape shape = {BENCH_INPUTS, BENCH_HIDDEN, h == 0 ? BENCH_STATE : 1};
        ig_rng rng = ig_rng_start(p.key, IG_STREAM_INIT, (uint64_t)h);
        p.parameters[h] = floats(ig_mlp_size(shape));
        ig_mlp_init_linear(shape, &rng, p.parameters[h]);
    }
    return p;
}

void bench_problem_clear(bench_problem *p)
{
    for (int i = 0; i < 2; i++) {
        free(p->rows[i]);
        free(p->parameters[i]);
    }
}
