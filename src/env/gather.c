#include "env/gather.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "env/system.h"

enum { BLOCK = 256 };

/** One block of samples on its way through the world; one allocation behind `s`. */
typedef struct block {
    size_t state, action;
    float *s, *a, *next, *reward;
} block;

static ig_status block_init(const ig_world *world, block *b, ig_error *error)
{
    const size_t state = (size_t)world->state, action = (size_t)world->action;
    float *numbers = malloc(BLOCK * (2 * state + action + 1) * sizeof *numbers);
    if (!numbers) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a pool");
    }
    *b = (block){state,
                 action,
                 numbers,
                 numbers + BLOCK * state,
                 numbers + BLOCK * (state + action),
                 numbers + BLOCK * (2 * state + action)};
    return IG_OK;
}

static void store(const block *b, size_t i, float *row)
{
    memcpy(row, b->s + i * b->state, b->state * sizeof *row);
    memcpy(row + b->state, b->a + i * b->action, b->action * sizeof *row);
    memcpy(row + b->state + b->action, b->next + i * b->state, b->state * sizeof *row);
    row[2 * b->state + b->action] = b->reward[i];
}

/** Uniform in the ball: a direction, and a radius whose n-th power is uniform. */
static void draw_in_ball(double radius, ig_rng *rng, size_t i, const block *b)
{
    double z[IG_SYSTEM_DIMENSION];
    const size_t n = b->state + b->action;
    ig_draw_normal(rng, n, z);
    const double scale = radius * pow(ig_rng_uniform(rng), 1 / (double)n) / ig_norm(z, n);
    for (size_t j = 0; j < b->state; j++) {
        b->s[i * b->state + j] = (float)(scale * z[j]);
    }
    for (size_t j = 0; j < b->action; j++) {
        b->a[i * b->action + j] = (float)(scale * z[b->state + j]);
    }
}

ig_status ig_gather_ball(const ig_world *world, double radius, ig_rng_key key, ig_stream stream,
                         const ig_pool_rows *pool, const ig_yield *yield, ig_error *error)
{
    block b = {0};
    ig_rng rng = ig_rng_start(key, stream, 0);
    if (world->state + world->action > IG_SYSTEM_DIMENSION) {
        return ig_error_set(error, IG_ERR_USAGE, "a ball of more than %d dimensions",
                            IG_SYSTEM_DIMENSION);
    }
    ig_status status = block_init(world, &b, error);
    if (status) {
        return status;
    }
    for (size_t first = 0; first < pool->n && !status; first += BLOCK) {
        const size_t n = pool->n - first < BLOCK ? pool->n - first : BLOCK;
        for (size_t i = 0; i < n; i++) {
            draw_in_ball(radius, &rng, i, &b);
        }
        world->step(world->context, n, b.s, b.a, b.next, b.reward);
        for (size_t i = 0; i < n; i++) {
            store(&b, i, pool->rows + (first + i) * pool->stride);
        }
        status = ig_yield_now(yield);
    }
    free(b.s);
    return status ? ig_error_set(error, status, "stopped while gathering") : IG_OK;
}

ig_status ig_gather_episodes(const ig_world *world, int length, double keep_fraction,
                             ig_rng_key key, ig_stream stream, const ig_pool_rows *pool,
                             const ig_yield *yield, ig_error *error)
{
    block b = {0};
    size_t filled = 0;
    ig_status status = block_init(world, &b, error);
    if (status) {
        return status;
    }
    for (uint64_t episode = 0; filled < pool->n && !status; episode++) {
        ig_rng rng = ig_rng_start(key, stream, 2 * episode);
        ig_rng kept = ig_rng_start(key, stream, 2 * episode + 1);
        world->start(world->context, &rng, b.s);
        for (int t = 0; t < length && filled < pool->n; t++) {
            for (size_t j = 0; j < b.action; j++) {
                b.a[j] = (float)(2 * ig_rng_uniform(&rng) - 1);
            }
            world->step(world->context, 1, b.s, b.a, b.next, b.reward);
            if (ig_rng_uniform(&kept) < keep_fraction) {
                store(&b, 0, pool->rows + filled++ * pool->stride);
            }
            memcpy(b.s, b.next, b.state * sizeof *b.s);
        }
        status = ig_yield_now(yield);
    }
    free(b.s);
    return status ? ig_error_set(error, status, "stopped while gathering") : IG_OK;
}

void ig_gather_noise(const ig_pool_rows *pool, size_t first, size_t count, double std, ig_rng *rng)
{
    for (size_t i = 0; i < pool->n && std > 0; i++) {
        for (size_t j = first; j < first + count; j++) {
            pool->rows[i * pool->stride + j] += (float)(std * ig_rng_normal(rng));
        }
    }
}
