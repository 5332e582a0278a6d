/** Counter-based random numbers: Philox4x64-10, replayable with NumPy.
 *
 *  A stream is named by a 128-bit key and the upper words of a 256-bit counter:
 *
 *      key     = { hash of the scope, seed }
 *      counter = { block, 0, substream, stream }      block = 1, 2, 3, ...
 *
 *  Each block gives four 64-bit words, used in order. NumPy adds one to the counter before it makes
 *  a block, so the same words come from
 *
 *      numpy.random.Philox(key=[hash, seed], counter=[0, 0, substream, stream]).random_raw(n)
 *
 *  A task's numbers therefore depend on its scope, seed and stream alone, never on a rank, on the
 *  order of tasks or on what ran before. */
#ifndef IMAGRID_RNG_H
#define IMAGRID_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct ig_rng_key {
    uint64_t word[2]; /**< { hash of the scope, seed } */
} ig_rng_key;

/** Named streams. The numbers are part of the file format: never reuse or renumber one. */
typedef enum ig_stream {
    IG_STREAM_TEACHER = 1,
    IG_STREAM_DATA = 2,
    IG_STREAM_HOLDOUT = 3,
    IG_STREAM_INIT = 4,
    IG_STREAM_SHUFFLE = 5,
    IG_STREAM_NOISE = 6,
    IG_STREAM_BOOTSTRAP = 7,
    IG_STREAM_POLICY = 8, /**< rollouts that train a policy */
    IG_STREAM_VALUE = 9   /**< a value network's start and the order of its samples */
} ig_stream;

enum { IG_RNG_WORDS = 16 };

/** A position in one stream. Plain value: copying it forks the stream at that position. */
typedef struct ig_rng {
    uint64_t key[2];
    uint64_t counter[4];
    uint64_t words[IG_RNG_WORDS]; /**< the blocks up to `counter` */
    unsigned used;                /**< words already given out, 0 to IG_RNG_WORDS */
} ig_rng;

/** Key for a scope (an experiment's name, with the grid point appended where grid points do not
 *  share random numbers) and a seed. The hash is the 64-bit XXH3 of the scope's bytes. */
ig_rng_key ig_rng_key_make(const char *scope, uint64_t seed);

/** Start of stream `stream`, part `substream` (an episode, an epoch, a cell...). */
ig_rng ig_rng_start(ig_rng_key key, ig_stream stream, uint64_t substream);

/** Next 64 random bits. */
uint64_t ig_rng_u64(ig_rng *rng);

/** The next n words, as n calls of ig_rng_u64. */
void ig_rng_words(ig_rng *rng, size_t n, uint64_t *words);

/** Uniform on [0, 1) with 53 bits, one word each: `(u64 >> 11) * 2^-53`, as NumPy's `random()`. */
double ig_rng_uniform(ig_rng *rng);

/** Uniform integer in [0, n), unbiased (Lemire's multiplication with rejection); n >= 1. */
uint64_t ig_rng_below(ig_rng *rng, uint64_t n);

/** Standard normal by Box-Muller: two words u, v each, sqrt(-2 ln(1 - u)) cos(2 pi v). */
double ig_rng_normal(ig_rng *rng);

/** A uniformly random permutation of 0 ... n-1 (Fisher-Yates from the end, ig_rng_below). */
void ig_rng_permutation(ig_rng *rng, uint32_t n, uint32_t *order);

#endif
