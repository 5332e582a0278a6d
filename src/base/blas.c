#include "base/blas.h"

/* There where the BLAS under LAPACK is OpenBLAS. */
extern void openblas_set_num_threads(int threads) __attribute__((weak));
extern int blas_thread_shutdown_(void) __attribute__((weak));

void ig_blas_alone(void)
{
    if (openblas_set_num_threads) {
        openblas_set_num_threads(1);
    }
}

/** OpenBLAS starts a thread per processor as soon as it is loaded. They would idle beside every
 * rank, and a signal that one of them takes does not interrupt the program: they end before it
 * begins. */
static __attribute__((constructor)) void end_threads(void)
{
    ig_blas_alone();
    if (blas_thread_shutdown_) {
        (void)blas_thread_shutdown_();
    }
}
