/** Plain file calls with our errors. Messages name no path: callers put it in front. */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imagrid/error.h"
#include "store/datasets.h"

/** Record `errnum` as "what: its text" under its status. */
ig_status ig_file_error(ig_error *error, int errnum, const char *what);

/** The same where a new file could not be made: what is wrong with its folder. */
ig_status ig_file_creation_error(ig_error *error, int errnum);

/** Exactly `size` bytes at `offset`. IG_ERR_FORMAT where the file ends before. */
ig_status ig_file_read(int fd, uint64_t offset, void *bytes, size_t size, ig_error *error);
/** `size` bytes at `offset`; zeros for what the file does not have or cannot be read. */
void ig_file_read_lenient(int fd, uint64_t offset, void *bytes, size_t size);
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

/** Remove such a file. */
void ig_file_discard(int folder, const char *name);

/** Give `from` the name `to`, which must not exist; then make the folder's entry durable. */
ig_status ig_file_place(const char *from, const char *to, ig_error *error);

/** Give `from` the name `to`, in place of what has it; then make the folder's entry durable. */
ig_status ig_file_replace(const char *from, const char *to, ig_error *error);

/** IG_ERR_SPACE, with both figures, where the folder of `path` has less than `need` bytes free, or
 *  files may not be as long. */
ig_status ig_file_check_space(const char *path, uint64_t need, ig_error *error);

/** Close a file if there is one (not -1); for AUTO. */
void ig_file_close(const int *fd);

/* The footer: the last bytes of the file, with a checksum of the metadata, which is everything
 * that never changes after creation. HDF5's own parser is not safe on damaged files, so it is given
 *  nothing that this checksum does not cover.
 *
 *  64-bit little-endian words: offset and length of each extent that may change (the values of rows
 *  and sessions), ascending; their number; the file's length; XXH3 of all other bytes before the
 *  footer; XXH3 of the words so far; the format version; "imagrid\n". The byte by which HDF5 marks
 *  a file as open counts as zero. */

/** Length in words for a file of these lists. */
size_t ig_footer_words(const ig_datasets *root, const ig_datasets *sessions);
/** Compute the footer of a file whose last bytes are kept for it, and write it there. Offsets in
 *  the lists must be known. IG_ERR_IO, IG_ERR_SPACE, IG_ERR_MEMORY. */
ig_status ig_footer_write(int fd, const ig_datasets *root, const ig_datasets *sessions,
                          ig_error *error);
/** The same for a file of which nothing will change. */
size_t ig_footer_words_fixed(void);
ig_status ig_footer_write_fixed(int fd, ig_error *error);
/* The checksum of a dataset that another program may copy or pack, as its attribute. */
#define IG_CHECKSUM "checksum"
enum { IG_CHECKSUM_TEXT = 24 };
/** "xxh3:" and 16 hexadecimal digits: XXH3-64 of the values' bytes. Returns `text`. */
const char *ig_checksum_text(const void *bytes, size_t size, char text[IG_CHECKSUM_TEXT]);

/** Whether the file is whole, of this format version and unchanged where it must be. IG_ERR_FORMAT,
 *  with what it seems to be, for what does not begin as HDF5's files do, and for files of another
 *  format version. */
ig_status ig_footer_check(int fd, bool *right, ig_error *error);

/** A part of a file that may change: a dataset of rows or sessions. */
typedef struct ig_extent {
    uint64_t offset, length;
} ig_extent;

/** The extents of the last footer in a file, wherever it stands, whose own checksum is right;
 *  malloc'd, ascending, NULL where there is none. They lie in the file as it was made, which need
 *  not be the file as it is. */
ig_status ig_footer_find(int fd, ig_extent **extents, size_t *n, ig_error *error);

#endif
