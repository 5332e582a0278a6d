#ifndef IMAGRID_BENCH_FMA_PEAK_H
#define IMAGRID_BENCH_FMA_PEAK_H

/** Run `rounds` of independent multiply-adds held in registers; returns the floating-point
 *  operations done. */
double ig_fma_peak_run(long rounds);

#endif
