/** Numbers drawn from a seed: the same seed edits an input in the same way, with and without
 *  libFuzzer. */
#ifndef FUZZ_DICE_H
#define FUZZ_DICE_H

#include <stddef.h>
#include <stdint.h>

typedef struct dice {
    uint64_t state;
} dice;

/** Steele, Lea and Flood's SplitMix64. */
static inline uint64_t dice_word(dice *d)
{
    uint64_t z = d->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/** 0 ... n - 1; n > 0. */
static inline size_t dice_below(dice *d, size_t n)
{
    return (size_t)(dice_word(d) % n);
}

#endif
