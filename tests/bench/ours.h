#ifndef IMAGRID_BENCH_OURS_H
#define IMAGRID_BENCH_OURS_H

#include "problem.h"

typedef struct bench_losses {
    double train[2], holdout[2]; /**< dynamics, reward: as in ig_head */
} bench_losses;

/** Epochs that take a fraction of a second. */
int bench_short_epochs(size_t n);

/** ig_train on both heads from p's initial parameters, which are left alone; aborts on an error. */
bench_losses bench_ours_train(const bench_problem *p, ig_isa isa, int epochs);

/** Best of `runs` short runs, in seconds for 200 epochs of both heads. */
double bench_ours_seconds(const bench_problem *p, ig_isa isa, int runs);

#endif
