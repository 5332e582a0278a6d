/** The HDF5 library as a whole. */
#ifndef H5_LIBRARY_H
#define H5_LIBRARY_H

#include <stdbool.h>

/** Before any other call of HDF5 or MPI: let HDF5 do nothing at the end of the program, or of MPI.
 *  We close what we open, and it would crash there if the system failed to close a file.
 *  False where HDF5 cannot be had. */
bool ig_h5_init(void);

/** HDF5's version, "1.10.8"; returns `text`. */
const char *ig_h5_version(char text[32]);

#endif
