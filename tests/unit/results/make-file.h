/** Result files for tests of merging, written with plain HDF5 calls. */
#ifndef TEST_RESULTS_MAKE_FILE_H
#define TEST_RESULTS_MAKE_FILE_H

#include "store/store.h"

/** What one task's row holds. */
typedef struct made_row {
    int8_t state; /**< IG_STATE_* */
    double dynamics, reward, seconds;
    bool damaged;        /**< the checksum is wrong */
    const char *failure; /**< NULL: none */
} made_row;

/** Make a file of experiment `scaling`; `row(task, context)` says what each task holds. Fails the
 *  running test where something goes wrong. */
void make_file(const char *path, const char *yaml, made_row (*row)(size_t task, void *context),
               void *context);

/** Make a file of any experiment: `set` fills the row of a task, all of whose scalar columns are 0,
 * and returns its state. */
void make_any_file(const char *path, const char *yaml,
                   int8_t (*set)(size_t task, const ig_row *row, void *context), void *context);

/** The running test's folder under the temporary folder, and the setup and teardown of cmocka that
 * make and remove it. */
extern char *folder;
int enter_folder(void **state);
int leave_folder(void **state);

/** Whole contents of WHERE/NAME, zero-terminated and malloc'd; fails the test without it. */
char *read_file(const char *where, const char *name, size_t *size);

/** Let no file grow beyond `bytes`, so that writing fails as on a full disk (with EFBIG); negative:
 *  let them grow again. */
void limit_files(long bytes);

#endif
