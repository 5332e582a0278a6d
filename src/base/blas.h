/** One thread for LAPACK. */
#ifndef CORE_BLAS_H
#define CORE_BLAS_H

/** Whoever calls LAPACK calls this first. It pulls in what ends the threads of OpenBLAS before the
 *  program begins, and keeps to one thread where that came too early. */
void ig_blas_alone(void);

#endif
