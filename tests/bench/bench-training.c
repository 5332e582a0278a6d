/* Student training for the paper's shapes at three N: beside the machine's multiply-add peak, and
 * beside the same method on other libraries' matrix products.
 *     bench-training                all of it
 *     bench-training --seconds N    only our seconds for 200 epochs of both heads */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fma-peak.h"
#include "libraries.h"
#include "ours.h"
#include "problem.h"

static void print_rates(const size_t *sizes, size_t n_sizes)
{
    puts("Processor time, one thread, best of several short runs scaled to 200 epochs of both "
         "heads; "
         "validation is in the time and not in the rate.");
    printf("%-9s %9s %14s %14s %10s %10s %12s\n", "isa", "N", "FMA peak", "training", "of peak",
           "200 epochs", "data");
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        double peak = bench_peak(isa);
        for (size_t i = 0; i < n_sizes; i++) {
            bench_problem p = bench_problem_make(sizes[i], isa);
            double seconds = bench_ours_seconds(&p, isa, 3);
            double rate = 2 * bench_sample_work * (double)sizes[i] * BENCH_EPOCHS / seconds;
            printf("%-9s %9zu %8.1f GF/s %8.1f GF/s %8.1f %% %8.3f s %8.2f %% of it\n",
                   ig_isa_name(isa), sizes[i], peak / 1e9, rate / 1e9, 100 * rate / peak, seconds,
                   100 * p.rollout_seconds / seconds);
            bench_problem_clear(&p);
        }
    }
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {2000, 20000, 200000};
    size_t n_sizes = sizeof sizes / sizeof *sizes;
    if (argc == 3 && strcmp(argv[1], "--seconds") == 0) {
        size_t n = strtoul(argv[2], NULL, 10);
        if (n == 0) {
            fprintf(stderr, "bench-training: --seconds wants a number of samples\n");
            return 2;
        }
        bench_problem p = bench_problem_make(n, ig_isa_detect());
        printf("%.6f\n", bench_ours_seconds(&p, ig_isa_detect(), 5));
        bench_problem_clear(&p);
        return 0;
    }
    if (argc != 1) {
        fprintf(stderr, "usage: bench-training [--seconds N]\n");
        return 2;
    }
    bench_libraries_prepare(argv);
    print_rates(sizes, n_sizes);
    return bench_libraries_compare(sizes, n_sizes) ? 0 : 1;
}
