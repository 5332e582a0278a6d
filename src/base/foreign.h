/** What a file seems to be that is not what was asked for. */
#ifndef BASE_FOREIGN_H
#define BASE_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

enum { IG_FOREIGN_BYTES = 4096 }; /**< of a file's beginning that are worth a look */

/** How every HDF5 file begins. */
bool ig_is_hdf5(const unsigned char *start, size_t n);

/** What a file is whose beginning is known of other formats than HDF5, text and what people write:
 *  "compressed with gzip: ..."; NULL where it is not. */
const char *ig_foreign_signature(const unsigned char *start, size_t n);

/** "a configuration (YAML): ..." and the command that helps, from the first n bytes of a file that
 *  does not begin as HDF5 does; never NULL. */
const char *ig_foreign_describe(const unsigned char *start, size_t n);

#endif
