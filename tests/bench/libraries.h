#ifndef IMAGRID_BENCH_LIBRARIES_H
#define IMAGRID_BENCH_LIBRARIES_H

#include <stdbool.h>
#include <stddef.h>

/** First of all in main: starts the program over where a library has to be told its kernels by the
 *  environment. */
void bench_libraries_prepare(char **argv);

/** Print our seconds beside those of the same method on OpenBLAS and LIBXSMM, run in turn; false
 *  where their losses are not ours. */
bool bench_libraries_compare(const size_t *sizes, size_t n_sizes);

#endif
