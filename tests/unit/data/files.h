/** Small files of episodes for the tests. */
#ifndef TEST_DATA_FILES_H
#define TEST_DATA_FILES_H

#include <hdf5.h>

/** Make a file in the current directory and close it. */
hid_t make_file(const char *path);
void close_file(hid_t file);

/** A dataset of `type` in the file from doubles; columns 0: of one axis. Groups on the way are
 *  made. */
void put(hid_t file, const char *path, hid_t type, size_t rows, size_t columns,
         const double *values);
/** The same in chunks of `chunk` rows with shuffle and gzip. */
void put_packed(hid_t file, const char *path, hid_t type, size_t rows, size_t columns, size_t chunk,
                const double *values);

#endif
