/** The footer: the last bytes of the file, with a checksum of the metadata, which is everything
 * that never changes after creation. HDF5's own parser is not safe on damaged files, so it is given
 *  nothing that this checksum does not cover.
 *
 *  64-bit little-endian words: offset and length of each extent that may change (the values of rows
 *  and sessions), ascending; their number; the file's length; XXH3 of all other bytes before the
 *  footer; XXH3 of the words so far; the format version; "imagrid\n". The byte by which HDF5 marks
 *  a file as open counts as zero. */
#ifndef STORE_FOOTER_H
#define STORE_FOOTER_H

#include "store/datasets.h"

/** Length in words for a file of these lists. */
size_t ig_footer_words(const ig_datasets *root, const ig_datasets *sessions);
/** Compute the footer of a file whose last bytes are kept for it, and write it there. Offsets in
 *  the lists must be known. IG_ERR_IO, IG_ERR_SPACE, IG_ERR_MEMORY. */
ig_status ig_footer_write(int fd, const ig_datasets *root, const ig_datasets *sessions,
                          ig_error *error);
/** Put a footer behind the end of a file of which nothing will change. HDF5 does not mind bytes
 *  after its own. IG_ERR_IO, IG_ERR_SPACE, IG_ERR_MEMORY. */
ig_status ig_footer_append(int fd, ig_error *error);
/** IG_ERR_FORMAT unless the file is whole, of this format version and unchanged where it must be.
 */
ig_status ig_footer_check(int fd, ig_error *error);

#endif
