/* Compiled once per instruction set: the float multiply-add rate of one core, from registers. */
#include "fma-peak.h"

#include "nn/simd.h"

#ifdef __clang__
#define IG_UNROLL _Pragma("clang loop unroll(full)")
#else
#define IG_UNROLL _Pragma("GCC unroll 16")
#endif

double IG_FMA_PEAK(long rounds)
{
    enum { CHAINS = 12 };
    vec sum[CHAINS], factor = vec_set(0.999999f), term = vec_set(1e-6f);
    IG_UNROLL
    for (int i = 0; i < CHAINS; i++) {
        sum[i] = vec_set((float)i);
    }
    for (long r = 0; r < rounds; r++) {
        IG_UNROLL
        for (int i = 0; i < CHAINS; i++) {
            sum[i] = vec_fma(sum[i], factor, term);
        }
    }
    float total = 0;
    IG_UNROLL
    for (int i = 0; i < CHAINS; i++) {
        total += vec_sum(sum[i]);
    }
    volatile float sink = total;
    (void)sink;
    return 2.0 * CHAINS * IG_LANES * (double)rounds;
}
