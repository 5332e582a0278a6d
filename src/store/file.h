/** Plain file calls with our errors. Messages name no path: callers put it in front. */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "imagrid/error.h"

/** Record `errnum` as "what: its text" under its status. */
ig_status ig_file_error(ig_error *error, int errnum, const char *what);

/** Exactly `size` bytes at `offset`. IG_ERR_FORMAT where the file ends before. */
ig_status ig_file_read(int fd, uint64_t offset, void *bytes, size_t size, ig_error *error);
ig_status ig_file_write(int fd, uint64_t offset, const void *bytes, size_t size, ig_error *error);

ig_status ig_file_length(int fd, uint64_t *length, ig_error *error);

/** What is asked of the system for new files and folders; the umask takes away what it will. Nobody
 *  but the owner and the group ever gets to write. */
enum { IG_FILE_MODE = 0664, IG_FOLDER_MODE = 0775 };

/** A new file for both, in `folder` (AT_FDCWD: a path). What has the name, left there by a program
 *  that was killed or put there by somebody else, is removed: never followed, never written to. */
ig_status ig_file_new(int folder, const char *name, int *fd, ig_error *error);

enum { IG_SCRATCH_PATH = 4096 };
/** A new file for scratch, open for both and named `path`: in memory, else under TMPDIR or /tmp.
 *  Folders where others may rename it are passed over. */
ig_status ig_file_scratch(char path[IG_SCRATCH_PATH], int *fd, ig_error *error);

/** Give `from` the name `to`, which must not exist; then make the folder's entry durable. */
ig_status ig_file_place(const char *from, const char *to, ig_error *error);

/** Give `from` the name `to`, in place of what has it; then make the folder's entry durable. */
ig_status ig_file_replace(const char *from, const char *to, ig_error *error);

/** IG_ERR_SPACE, with both figures, where the folder of `path` has less than `need` bytes free. */
ig_status ig_file_check_space(const char *path, uint64_t need, ig_error *error);

/** Close a file if there is one (not -1); for AUTO. */
void ig_file_close(const int *fd);

#endif
