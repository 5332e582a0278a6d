#include "clock.h"
#include "fma-peak.h"

double bench_peak(ig_isa isa)
{
    static ig_fma_peak *const runs[] = {
        [IG_ISA_PORTABLE] = ig_fma_peak_portable,
#if defined(__x86_64__)
        [IG_ISA_AVX2] = ig_fma_peak_avx2,
        [IG_ISA_AVX512] = ig_fma_peak_avx512,
#elif defined(__aarch64__)
        [IG_ISA_NEON] = ig_fma_peak_neon,
#if defined(IG_SVE)
        [IG_ISA_SVE256] = ig_fma_peak_sve256,
        [IG_ISA_SVE512] = ig_fma_peak_sve512,
#endif
#endif
    };
    double best = 0;
    for (int i = 0; i < 20; i++) {
        double begin = bench_seconds(), work = runs[isa](1000000);
        double rate = work / (bench_seconds() - begin);
        best = rate > best ? rate : best;
    }
    return best;
}
