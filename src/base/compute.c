#include "imagrid/compute.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#if defined(IG_SVE)
#include <sys/auxv.h>
#include <sys/prctl.h>
#endif

static const char *const names[] = {"auto", "portable", "avx2",  "avx512",
                                    "neon", "sve256",   "sve512"};

#if defined(IG_SVE)
/** Whether the scalable vectors have so many bits here: code for one length is wrong with another.
 */
static bool has_sve(int bits)
{
    const unsigned long sve = 1UL << 22; /* HWCAP_SVE */
    return (getauxval(AT_HWCAP) & sve) != 0 &&
           (prctl(PR_SVE_GET_VL) & PR_SVE_VL_LEN_MASK) == bits / 8;
}
#endif

static bool runs_here(ig_isa isa)
{
#if defined(__x86_64__)
    if (isa == IG_ISA_AVX512) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
    }
    if (isa == IG_ISA_AVX2) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    }
#elif defined(__aarch64__)
#if defined(IG_SVE)
    if (isa == IG_ISA_SVE256 || isa == IG_ISA_SVE512) {
        return has_sve(isa == IG_ISA_SVE256 ? 256 : 512);
    }
#endif
    if (isa == IG_ISA_NEON) {
        return true; /* a part of every 64-bit ARM processor that runs Linux */
    }
#endif
    return isa == IG_ISA_AUTO || isa == IG_ISA_PORTABLE;
}

ig_isa ig_isa_next(ig_isa isa)
{
    for (ig_isa next = isa + 1; next <= IG_ISA_SVE512; next++) {
        if (runs_here(next)) {
            return next;
        }
    }
    return IG_ISA_AUTO;
}

ig_isa ig_isa_detect(void)
{
    ig_isa best = IG_ISA_PORTABLE;
    for (ig_isa isa = best; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        best = isa;
    }
    return best;
}

const char *ig_isa_name(ig_isa isa)
{
    return names[isa];
}

ig_status ig_isa_parse(const char *name, ig_isa *isa, ig_error *error)
{
    for (ig_isa i = IG_ISA_AUTO; i <= IG_ISA_SVE512; i++) {
        if (strcmp(name, names[i]) == 0) {
            *isa = i;
            return IG_OK;
        }
    }
    return ig_error_set(error, IG_ERR_USAGE,
                        "'%.40s' is an unknown instruction set, allowed: auto, portable, avx2, "
                        "avx512, neon, sve256 or sve512",
                        name);
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
