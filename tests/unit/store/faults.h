/** Disk faults: linking faults.c replaces the C library's writing calls for the whole program, HDF5
 *  and MPI-IO included. */
#ifndef TEST_FAULTS_H
#define TEST_FAULTS_H

/** The test's own: the errno with which writing to `fd` fails now, 0 to let it be. */
int fault_of_write(int fd);

#endif
