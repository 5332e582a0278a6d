#include "nn/kernels.h"

const ig_kernels *ig_kernels_of(ig_isa isa)
{
#if defined(__x86_64__)
    if (isa == IG_ISA_AVX512) {
        return &ig_kernels_avx512;
    }
    if (isa == IG_ISA_AVX2) {
        return &ig_kernels_avx2;
    }
#else
    (void)isa;
#endif
    return &ig_kernels_portable;
}
