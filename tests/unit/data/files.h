/** Small files of episodes for the tests. */
#ifndef TEST_DATA_FILES_H
#define TEST_DATA_FILES_H

#include <hdf5.h>
#include <stdbool.h>

#include "data/data.h"

/** Path of the test's file; made by make_path, removed by remove_path (cmocka's group set-up). */
extern char *path;
int make_path(void **state);
int remove_path(void **state);

/** Make the file anew; close it. */
hid_t make_file(void);
void close_file(hid_t file);

/** A dataset of `type` from doubles; columns 0: of one axis. Groups on the way are made. */
void put(hid_t file, const char *name, hid_t type, size_t rows, size_t columns,
         const double *values);
/** The same in chunks of `chunk` rows with shuffle and gzip. */
void put_packed(hid_t file, const char *name, hid_t type, size_t rows, size_t columns, size_t chunk,
                const double *values);
/** An attribute of one integer. */
void put_attribute(hid_t file, const char *name, const char *attribute, int value);
/** A dataset of n texts of 8 bytes. */
void put_texts(hid_t file, const char *name, size_t n, const char (*texts)[8]);

/* Episodes of three rows (terminal), two (time-out) and one (neither), as the layouts have them. */
enum { N = 6, D = 2, EPISODES = 3 };
extern const size_t lengths[EPISODES];
extern const double states[N * D], next_states[N * D], actions[N], rewards[N], terminals[N],
    timeouts[N];
/** Write them; d4rl and robomimic with next states where `next`. */
void put_d4rl(hid_t file, bool next);
void put_minari(hid_t file);
void put_robomimic(hid_t file, bool next);

/** Open and load; what fails fails the test. free() the block, close the data. */
ig_data_block *load(const ig_data_options *options, ig_data **data);

#endif
