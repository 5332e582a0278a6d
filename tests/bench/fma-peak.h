#ifndef IMAGRID_BENCH_FMA_PEAK_H
#define IMAGRID_BENCH_FMA_PEAK_H

#include "imagrid/compute.h"

/** Multiply-adds held in registers, `rounds` times over all of them, with the vectors of one
 *  instruction set; returns the floating-point operations done. */
typedef double ig_fma_peak(long rounds);
ig_fma_peak ig_fma_peak_portable, ig_fma_peak_avx2, ig_fma_peak_avx512, ig_fma_peak_neon,
    ig_fma_peak_sve256, ig_fma_peak_sve512;

/** Floating-point operations a second. Best of several short runs: the peak is a property of the
 *  machine, not of the moment. */
double bench_peak(ig_isa isa);

#endif
