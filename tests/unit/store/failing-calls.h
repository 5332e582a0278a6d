/** Calls of HDF5 and of the C library that fail on demand: linking failing-calls.c with --wrap
 *  for each of them sends the store's calls there. */
#ifndef TEST_FAILING_CALLS_H
#define TEST_FAILING_CALLS_H

/** Let the k-th call from now fail (from 0); the others do what they always do. */
void calls_fail_at(long k);
/** No call fails from now on. Returns whether one had failed, and its name to `*name`. */
int calls_behave(const char **name);
/** Whether the call that failed last was one of HDF5's: they fail for want of space (ENOSPC), the
 *  others with EIO. */
int calls_failed_in_hdf5(void);

#endif
