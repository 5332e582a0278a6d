/** Statistics of one sample with either kind of interval. */
#ifndef IMAGRID_ANALYSIS_STATISTICS_H
#define IMAGRID_ANALYSIS_STATISTICS_H

#include "results/interval.h"

/** ig_statistics_compute with the intervals of `how`. */
ig_status ig_statistics_bootstrap(const double *values, size_t n, const ig_bootstrap *how,
                                  ig_rng *rng, ig_statistics *statistics, ig_error *error);

#endif
