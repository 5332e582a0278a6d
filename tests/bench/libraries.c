#include "libraries.h"

#include <math.h>
#include <stdio.h>

#include "clock.h"
#include "gemm-trainer.h"

enum { TURNS = 5, LIBRARIES = 2 };

void bench_libraries_prepare(char **argv)
{
#ifdef BENCH_OPENBLAS
    bench_gemm_openblas_restart(argv);
#else
    (void)argv;
#endif
}

static const bench_gemm *library(int which)
{
    const bench_gemm *gemm = NULL;
#ifdef BENCH_OPENBLAS
    gemm = which == 0 ? bench_gemm_openblas() : gemm;
#endif
#ifdef BENCH_LIBXSMM
    gemm = which == 1 ? bench_gemm_libxsmm() : gemm;
#endif
    if (!gemm) {
        printf("%s: skipped, not in this build or not for this machine\n",
               which == 0 ? "OpenBLAS" : "LIBXSMM");
    }
    return gemm;
}

static bench_gemm_train *trainer_of(ig_isa isa)
{
    static bench_gemm_train *const trainers[] = {
        [IG_ISA_PORTABLE] = bench_gemm_train_portable,
#if defined(__x86_64__)
        [IG_ISA_AVX2] = bench_gemm_train_avx2,
        [IG_ISA_AVX512] = bench_gemm_train_avx512,
#elif defined(__aarch64__)
        [IG_ISA_NEON] = bench_gemm_train_neon,
#if defined(IG_SVE)
        [IG_ISA_SVE256] = bench_gemm_train_sve256,
        [IG_ISA_SVE512] = bench_gemm_train_sve512,
#endif
#endif
    };
    return trainers[isa];
}

/** Largest relative difference of the losses after about 400 updates: later, rounding in another
 *  order has led the reward's weights elsewhere. */
static double difference(const bench_gemm *gemm, const bench_problem *p, ig_isa isa)
{
    int epochs = p->pool.n < 100000 ? (int)(100000 / p->pool.n) : 1;
    bench_losses ours = bench_ours_train(p, isa, epochs);
    bench_losses theirs = trainer_of(isa)(gemm, p, epochs);
    double most = 0;
    for (int h = 0; h < 2; h++) {
        most = fmax(most, fabs(theirs.train[h] / ours.train[h] - 1));
        most = fmax(most, fabs(theirs.holdout[h] / ours.holdout[h] - 1));
    }
    return most;
}

static double seconds_of(const bench_gemm *gemm, const bench_problem *p, ig_isa isa)
{
    int epochs = bench_short_epochs(p->pool.n);
    double begin = bench_seconds();
    trainer_of(isa)(gemm, p, epochs);
    return (bench_seconds() - begin) * BENCH_EPOCHS / epochs;
}

static bool compare(const bench_gemm *gemm, const bench_problem *p, ig_isa isa)
{
    double ours = HUGE_VAL, theirs = HUGE_VAL;
    for (int turn = 0; turn < TURNS; turn++) {
        ours = fmin(ours, bench_ours_seconds(p, isa, 1));
        theirs = fmin(theirs, seconds_of(gemm, p, isa));
    }
    double apart = difference(gemm, p, isa);
    bool same = apart < 1e-3;
    printf("%-9s %-12s %9zu %8.3f s %8.3f s %8.2f x   %s (%.0e apart)\n", gemm->name,
           gemm->kernels(), p->pool.n, theirs, ours, theirs / ours,
           same ? "same losses" : "OTHER LOSSES", apart);
    return same;
}

bool bench_libraries_compare(const size_t *sizes, size_t n_sizes)
{
    ig_isa isa = ig_isa_detect();
    bool same = true;
    printf("\n%-9s %-12s %9s %10s %10s %10s\n", "library", "its kernels", "N", "its", "ours",
           "faster by");
    for (int which = 0; which < LIBRARIES; which++) {
        const bench_gemm *gemm = library(which);
        for (size_t i = 0; gemm && i < n_sizes; i++) {
            bench_problem p = bench_problem_make(sizes[i], isa);
            same = compare(gemm, &p, isa) && same;
            bench_problem_clear(&p);
        }
    }
    return same;
}
