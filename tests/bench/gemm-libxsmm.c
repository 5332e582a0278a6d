#include <libxsmm.h>

#include "gemm-trainer.h"

static bool prepare(bench_product *p)
{
    const float alpha = 1, beta = p->add ? 1 : 0;
    const int flags = p->transpose ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
    p->kernel = (void (*)(void))libxsmm_smmdispatch(p->m, p->n, p->k, &p->lda, &p->ldb, &p->ldc,
                                                    &alpha, &beta, &flags, NULL);
    return p->kernel != NULL;
}

static void run(const bench_product *p, const float *a, const float *b, float *c)
{
    ((libxsmm_smmfunction)p->kernel)(a, b, c);
}

static const char *kernels(void)
{
    return libxsmm_get_target_arch();
}

const bench_gemm *bench_gemm_libxsmm(void)
{
    static const bench_gemm gemm = {"LIBXSMM", kernels, 64, prepare, run};
    bench_product probe = {16, 16, 16, 16, 16, 16, false, false, NULL};
    libxsmm_init();
    return prepare(&probe) ? &gemm : NULL;
}
