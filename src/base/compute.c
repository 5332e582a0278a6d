#include "imagrid/compute.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const char *const names[] = {"auto", "portable", "avx2", "avx512"};

static bool runs_here(ig_isa isa)
{
#if defined(__x86_64__)
    switch (isa) {
    case IG_ISA_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
    case IG_ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case IG_ISA_AUTO:
    case IG_ISA_PORTABLE:
        break;
    }
    return true;
#else
    return isa == IG_ISA_AUTO || isa == IG_ISA_PORTABLE;
#endif
}

ig_isa ig_isa_detect(void)
{
    for (ig_isa isa = IG_ISA_AVX512; isa > IG_ISA_PORTABLE; isa--) {
        if (runs_here(isa)) {
            return isa;
        }
    }
    return IG_ISA_PORTABLE;
}

const char *ig_isa_name(ig_isa isa)
{
    return names[isa];
}

ig_status ig_isa_parse(const char *name, ig_isa *isa, ig_error *error)
{
    for (ig_isa i = IG_ISA_AUTO; i <= IG_ISA_AVX512; i++) {
        if (strcmp(name, names[i]) == 0) {
            *isa = i;
            return IG_OK;
        }
    }
    return ig_error_set(
        error, IG_ERR_USAGE,
        "'%.40s' is an unknown instruction set, allowed: auto, portable, avx2 or avx512", name);
}

ig_status ig_isa_check(ig_isa isa, ig_error *error)
{
    if (runs_here(isa)) {
        return IG_OK;
    }
    return ig_error_set(error, IG_ERR_USAGE,
                        "this machine does not support %s, its best instruction set is %s",
                        names[isa], names[ig_isa_detect()]);
}
