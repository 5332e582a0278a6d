/** Box-Muller for many numbers; included once per instruction set.
 *
 *  Every number is computed by itself from IEEE operations that are never fused, so that the bytes
 *  are the same on every instruction set. ln(1 - u) is taken from u itself where 1 - u would round
 *  it away, and the angle is reduced while it is still an integer: the result has a relative error
 *  of a few units in the last place, also near zero. */
#ifndef IMAGRID_NN_NORMAL_H
#define IMAGRID_NN_NORMAL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "nn/simd.h"

enum { NORMAL_BLOCK = 64, NORMAL_FEW = 16 /**< both whole vectors */ };

/** What float arithmetic needs of one block's words. */
typedef struct polar {
    float u[NORMAL_BLOCK], rest[NORMAL_BLOCK]; /**< u and 1 - u, both rounded from 53 bits */
    float angle[NORMAL_BLOCK];                 /**< v - quarter / 4, in [-1/8, 1/8] */
    uint32_t quarter[NORMAL_BLOCK];
    float radius[NORMAL_BLOCK];
} polar;

static inline uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/** a where the bits of `mask` are set, else b; without a branch, so that compilers vectorise it. */
static inline float choose(uint32_t mask, float a, float b)
{
    return float_of((bits_of(a) & mask) | (bits_of(b) & ~mask));
}

static inline __attribute__((always_inline)) void split(size_t n, const uint64_t *words, polar *p)
{
    for (size_t i = 0; i < n; i++) {
        int64_t u = (int64_t)(words[2 * i] >> 11), v = (int64_t)(words[2 * i + 1] >> 11);
        int64_t quarter = (v + (1LL << 50)) >> 51;
        p->u[i] = (float)u * 0x1p-53f;
        p->rest[i] = (float)((1LL << 53) - u) * 0x1p-53f;
        p->angle[i] = (float)(v - (quarter << 51)) * 0x1p-53f;
        p->quarter[i] = (uint32_t)quarter;
    }
}

/** -2 ln(1 - u): with 1 - u = 2^e (1 + f) and 1 + f in [sqrt(1/2), sqrt(2)), ln(1 + f) is a
 *  polynomial in f (Cephes' logf), and f is -u itself where e = 0. */
static inline __attribute__((always_inline)) void squared_radius(size_t n, polar *p)
{
    for (size_t i = 0; i < n; i++) {
        int32_t bits = (int32_t)bits_of(p->rest[i]), exponent = (bits - 0x3f3504f3) >> 23;
        float m = float_of((uint32_t)(bits - exponent * (1 << 23))), e = (float)exponent;
        float f = choose(exponent == 0 ? ~0u : 0u, -p->u[i], m - 1), z = f * f;
        float y = 7.0376836292e-2f;
        y = y * f - 1.1514610310e-1f;
        y = y * f + 1.1676998740e-1f;
        y = y * f - 1.2420140846e-1f;
        y = y * f + 1.4249322787e-1f;
        y = y * f - 1.6668057665e-1f;
        y = y * f + 2.0000714765e-1f;
        y = y * f - 2.4999993993e-1f;
        y = y * f + 3.3333331174e-1f;
        y = y * f * z;
        y = y - 2.12194440e-4f * e - 0.5f * z;
        p->radius[i] = -2 * (f + y + 0.693359375f * e);
    }
}

/** x = radius * cos(2 pi v): the sine or cosine (Cephes' sinf, cosf) of the reduced angle. */
static inline __attribute__((always_inline)) void turn(size_t n, const polar *p, float *x)
{
    for (size_t i = 0; i < n; i++) {
        float a = p->angle[i] * 6.28318530717958647692f, z = a * a;
        float s = -1.9515295891e-4f, c = 2.443315711809948e-5f;
        s = s * z + 8.3321608736e-3f;
        s = s * z - 1.6666654611e-1f;
        s = s * z * a + a;
        c = c * z - 1.388731625493765e-3f;
        c = c * z + 4.166664568298827e-2f;
        c = c * z * z - 0.5f * z + 1;
        /* cos of 0, 1, 2, 3 quarters further: c, -s, -c, s. */
        uint32_t quarter = p->quarter[i], sign = ((quarter + 1) & 2) << 30;
        float y = choose(0u - (quarter & 1), s, c);
        x[i] = p->radius[i] * float_of(bits_of(y) ^ sign);
    }
}

static inline __attribute__((always_inline)) void normal_block(size_t n, const uint64_t *words,
                                                               float *x)
{
    polar p;
    split(n, words, &p);
    squared_radius(n, &p);
    for (size_t i = 0; i < n; i += IG_LANES) {
        vec_store(p.radius + i, vec_sqrt(vec_load(p.radius + i)));
    }
    turn(n, &p, x);
}

static void normals(size_t n, const uint64_t *words, float *x)
{
    size_t i = 0;
    for (; i + NORMAL_BLOCK <= n; i += NORMAL_BLOCK) {
        normal_block(NORMAL_BLOCK, words + 2 * i, x + i);
    }
    for (; i + NORMAL_FEW <= n; i += NORMAL_FEW) {
        normal_block(NORMAL_FEW, words + 2 * i, x + i);
    }
    if (i < n) {
        uint64_t last[2 * NORMAL_FEW] = {0};
        float full[NORMAL_FEW];
        memcpy(last, words + 2 * i, 2 * (n - i) * sizeof *last);
        normal_block(NORMAL_FEW, last, full);
        memcpy(x + i, full, (n - i) * sizeof *x);
    }
}

#endif
