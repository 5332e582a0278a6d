/** The method of ig_train for the benchmark's two heads, with a library's matrix products: what a
 *  careful user of that library would write. Both heads share one hidden layer product of 128
 *  units, the biases of which are the weights of an input that is one. */
#ifndef IMAGRID_BENCH_GEMM_TRAINER_H
#define IMAGRID_BENCH_GEMM_TRAINER_H

#include <stdbool.h>

#include "ours.h"

enum { BENCH_LARGEST_BLOCK = 256 };

/** C (m x n) = A (m x k) B (k x n), added to C where `add`; column-major, leading dimensions lda,
 *  ldb, ldc; B is stored as its transpose where `transpose`. */
typedef struct bench_product {
    int m, n, k, lda, ldb, ldc;
    bool transpose, add;
    void (*kernel)(void); /**< what prepare() leaves for run() */
} bench_product;

/** A library. */
typedef struct bench_gemm {
    const char *name;
    const char *(*kernels)(void); /**< the processor its kernels are for */
    size_t block; /**< samples it likes to work on together, at most BENCH_LARGEST_BLOCK */
    /** Called once before the products of one size are run; says whether they can be. */
    bool (*prepare)(bench_product *product);
    void (*run)(const bench_product *product, const float *a, const float *b, float *c);
} bench_gemm;

/** One thread. */
const bench_gemm *bench_gemm_openblas(void);
/** OpenBLAS older than the processor falls back to AVX2 kernels where AVX-512 ones would run; the
 *  environment can tell it better, before it is loaded. Starts the program over if need be. */
void bench_gemm_openblas_restart(char **argv);
/** NULL where it has no code generator for this machine. */
const bench_gemm *bench_gemm_libxsmm(void);

/** Train both heads for `epochs` epochs from p's initial parameters, which are left alone; aborts
 *  without memory. Compiled once per instruction set. */
typedef bench_losses bench_gemm_train(const bench_gemm *gemm, const bench_problem *p, int epochs);
bench_gemm_train bench_gemm_train_portable, bench_gemm_train_avx2, bench_gemm_train_avx512,
    bench_gemm_train_neon, bench_gemm_train_sve256, bench_gemm_train_sve512;

#endif
