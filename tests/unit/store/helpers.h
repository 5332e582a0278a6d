/** What the tests of the store share: scratch folders, whole files, rows written without MPI. */
#ifndef TEST_HELPERS_H
#define TEST_HELPERS_H

#include "test-experiment.h"

enum { TEST_PATH = 4096 };

/** A new folder under TMPDIR; 0, or -1. */
int scratch_make(char folder[TEST_PATH]);
/** Remove it with the files in it. */
void scratch_remove(const char *folder);
/** Number of files in a folder, -1 on failure. */
int scratch_count(const char *folder);
/** FOLDER/NAME. */
const char *scratch_path(const char *folder, const char *name, char path[TEST_PATH]);

/** A whole file, malloc'd; NULL on failure. */
unsigned char *file_load(const char *path, size_t *size);
/** Replace a file's bytes; 0, or -1. */
int file_save(const char *path, const unsigned char *bytes, size_t size);

/** Create PATH for the fixture and write the rows of all tasks except every fifth; every seventh
 *  failed. Whether this worked. */
bool make_file(const char *path, const fixture *f);
/** Write one row with the private calls, as the runner's writer does. */
ig_status put_row(ig_store *store, size_t task, int8_t state, const char *reason, ig_error *error);

#endif
