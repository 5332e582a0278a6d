#include <cblas.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gemm-trainer.h"

static bool prepare(bench_product *product)
{
    product->kernel = NULL;
    return true;
}

static void run(const bench_product *p, const float *a, const float *b, float *c)
{
    cblas_sgemm(CblasColMajor, CblasNoTrans, p->transpose ? CblasTrans : CblasNoTrans, p->m, p->n,
                p->k, 1, a, p->lda, b, p->ldb, p->add ? 1 : 0, c, p->ldc);
}

static const char *kernels(void)
{
    return openblas_get_corename();
}

void bench_gemm_openblas_restart(char **argv)
{
    static const char name[] = "OPENBLAS_CORETYPE", wanted[] = "SkylakeX";
    const char *set = getenv(name);
    if (ig_isa_detect() == IG_ISA_AVX512 && (!set || strcmp(set, wanted) != 0) &&
        (strcmp(kernels(), "Haswell") == 0 || strcmp(kernels(), "Zen") == 0) &&
        setenv(name, wanted, 1) == 0) {
        execv("/proc/self/exe", argv);
    }
}

const bench_gemm *bench_gemm_openblas(void)
{
    static const bench_gemm gemm = {"OpenBLAS", kernels, 32, prepare, run};
    openblas_set_num_threads(1);
    return &gemm;
}
