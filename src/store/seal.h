/** The seal: the last bytes of the file, which tell whether everything that never changes after
 *  creation is still what was written. HDF5's own parser is not safe on damaged files, so nothing
 *  is given to it that the seal does not vouch for.
 *
 *  64-bit little-endian words: offset and length of each stretch that may change (the values of
 *  rows and starts), ascending; their number; the file's length; XXH3 of all other bytes before the
 *  seal; XXH3 of the words so far; the format version; "imagrid\n". */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include "store/plan.h"

/** Length in words for a file of these plans. */
size_t ig_seal_words(const ig_plan *root, const ig_plan *starts);
/** Compute the seal of a file whose last bytes are kept for it, and write it there. Offsets in the
 *  plans must be known. IG_ERR_IO, IG_ERR_SPACE, IG_ERR_MEMORY. */
ig_status ig_seal_write(int fd, const ig_plan *root, const ig_plan *starts, ig_error *error);
/** Put a seal behind the end of a file of which nothing will change. HDF5 does not mind bytes after
 *  its own. IG_ERR_IO, IG_ERR_SPACE, IG_ERR_MEMORY. */
ig_status ig_seal_append(int fd, ig_error *error);
/** IG_ERR_FORMAT unless the file is whole, of this format version and unchanged where it must be.
 */
ig_status ig_seal_check(int fd, ig_error *error);

#endif
