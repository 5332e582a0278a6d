/* Student training beside the machine's multiply-add peak, for the paper's shapes at three N. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fma-peak.h"
#include "problem.h"

/** Best of several short runs: the peak is a property of the machine, not of the moment. */
static double peak_rate(ig_fma_peak *run)
{
    double best = 0;
    for (int i = 0; i < 20; i++) {
        double begin = bench_seconds(), work = run(1000000);
        double rate = work / (bench_seconds() - begin);
        best = rate > best ? rate : best;
    }
    return best;
}

/** Seconds for 200 epochs of both heads, from as many epochs as take a second or so. */
static double train(const bench_problem *p, ig_isa isa, size_t n)
{
    ig_head heads[2] = {{BENCH_HIDDEN, BENCH_STATE, p->parameters[0], NULL, 0, 0},
                        {BENCH_HIDDEN, 1, p->parameters[1], NULL, 0, 0}};
    int epochs = (int)(8000000 / n);
    ig_train_options options = {epochs, BENCH_MINIBATCH, 1e-3f, isa};
    double begin = bench_seconds();
    if (ig_train(&options, BENCH_INPUTS, &p->pool, &p->holdout, heads, 2, p->key, NULL, NULL)) {
        abort();
    }
    return (bench_seconds() - begin) * BENCH_EPOCHS / epochs;
}

int main(void)
{
    static ig_fma_peak *const peaks[] = {NULL, ig_fma_peak_portable, ig_fma_peak_avx2,
                                         ig_fma_peak_avx512};
    static const size_t sizes[] = {2000, 20000, 200000};
    printf("%-9s %9s %14s %14s %10s %10s %12s\n", "isa", "N", "FMA peak", "training", "of peak",
           "200 epochs", "data");
    for (ig_isa isa = ig_isa_detect(); isa >= IG_ISA_PORTABLE; isa--) {
        double peak = peak_rate(peaks[isa]);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            bench_problem p = bench_problem_make(sizes[i], isa);
            double seconds = train(&p, isa, sizes[i]);
            double again = train(&p, isa, sizes[i]);
            seconds = again < seconds ? again : seconds;
            double rate = 2 * bench_sample_work * (double)sizes[i] * BENCH_EPOCHS / seconds;
            printf("%-9s %9zu %8.1f GF/s %8.1f GF/s %8.1f %% %8.3f s %8.2f %% of it\n",
                   ig_isa_name(isa), sizes[i], peak / 1e9, rate / 1e9, 100 * rate / peak, seconds,
                   100 * p.rollout_seconds / seconds);
            bench_problem_clear(&p);
        }
    }
    return 0;
}
