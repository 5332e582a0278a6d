/** Philox4x64-10 streams and the distributions drawn from them. */
#include "imagrid/rng.h"

#include <math.h>
#include <string.h>

#include <xxhash.h>

/* The pedantic warning is about ISO C; every compiler this builds with has the type. */
__extension__ typedef unsigned __int128 wide;

ig_rng_key ig_rng_key_make(const char *scope, uint64_t seed)
{
    return (ig_rng_key){{XXH3_64bits(scope, strlen(scope)), seed}};
}

ig_rng ig_rng_start(ig_rng_key key, ig_stream stream, uint64_t substream)
{
    return (ig_rng){
        .key = {key.word[0], key.word[1]},
        .counter = {0, 0, substream, (uint64_t)stream},
        .used = IG_RNG_WORDS,
    };
}

typedef struct {
    uint64_t word[4];
} philox_block;

/** Ten rounds of Philox4x64 (Salmon, Moraes, Dror and Shaw 2011, Section 3.3): a block of random
 * words out of a counter and a key. */
static inline philox_block philox(philox_block counter, uint64_t k0, uint64_t k1)
{
    uint64_t a = counter.word[0], b = counter.word[1], c = counter.word[2], d = counter.word[3];
    for (int round = 0; round < 10; round++) {
        const wide first = (wide)0xD2E7470EE14C6C93 * a, second = (wide)0xCA5A826395121157 * c;
        a = (uint64_t)(second >> 64) ^ b ^ k0;
        b = (uint64_t)second;
        c = (uint64_t)(first >> 64) ^ d ^ k1;
        d = (uint64_t)first;
        k0 = (uint64_t)((wide)k0 + 0x9E3779B97F4A7C15);
        k1 = (uint64_t)((wide)k1 + 0xBB67AE8584CAA73B);
    }
    return (philox_block){{a, b, c, d}};
}

/** Several blocks at a time: they do not depend on each other, so that the processor computes them
 *  side by side. */
static void refill(ig_rng *rng)
{
    const uint64_t *c = rng->counter, k0 = rng->key[0], k1 = rng->key[1];
    for (uint64_t i = 0; i < IG_RNG_WORDS / 4; i++) {
        /* Word 0 never wraps: 2^64 blocks of one stream cannot be drawn. */
        const philox_block block = philox((philox_block){{c[0] + 1 + i, c[1], c[2], c[3]}}, k0, k1);
        for (int w = 0; w < 4; w++) {
            rng->words[4 * i + (uint64_t)w] = block.word[w];
        }
    }
    rng->counter[0] += IG_RNG_WORDS / 4;
    rng->used = 0;
}

uint64_t ig_rng_u64(ig_rng *rng)
{
    if (rng->used == IG_RNG_WORDS) {
        refill(rng);
    }
    return rng->words[rng->used++];
}

void ig_rng_words(ig_rng *rng, size_t n, uint64_t *words)
{
    while (n > 0) {
        if (rng->used == IG_RNG_WORDS) {
            refill(rng);
        }
        size_t left = IG_RNG_WORDS - rng->used, count = n < left ? n : left;
        memcpy(words, rng->words + rng->used, count * sizeof *words);
        rng->used += (unsigned)count;
        words += count;
        n -= count;
    }
}

double ig_rng_uniform(ig_rng *rng)
{
    return (double)(ig_rng_u64(rng) >> 11) * 0x1p-53;
}

uint64_t ig_rng_below(ig_rng *rng, uint64_t n)
{
    wide product = (wide)ig_rng_u64(rng) * n;
    if ((uint64_t)product < n) {
        /* The 2^64 mod n lowest fractions would favour some results. */
        uint64_t surplus = (0 - n) % n;
        while ((uint64_t)product < surplus) {
            product = (wide)ig_rng_u64(rng) * n;
        }
    }
    return (uint64_t)(product >> 64);
}

double ig_rng_normal(ig_rng *rng)
{
    double u = ig_rng_uniform(rng), v = ig_rng_uniform(rng);
    /* 1 - u is exact and never zero. */
    return sqrt(-2 * log(1 - u)) * cos(2 * M_PI * v);
}

void ig_rng_permutation(ig_rng *rng, uint32_t n, uint32_t *order)
{
    for (uint32_t i = 0; i < n; i++) {
        order[i] = i;
    }
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = (uint32_t)ig_rng_below(rng, i);
        uint32_t last = order[i - 1];
        order[i - 1] = order[j];
        order[j] = last;
    }
}
