/** The hash of what a file holds. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "imagrid/error.h"

enum { IG_HASH_DIGITS = 32, IG_HASH_TEXT = IG_HASH_DIGITS + 1 };

/** XXH3-128 of the rest of an open file as 32 digits, read in pieces; its bytes go to `*bytes` (may
 *  be NULL). IG_ERR_IO, IG_ERR_MEMORY; IG_ERR_STOPPED where a signal has asked for a stop. */
ig_status ig_hash_file(int fd, char hash[IG_HASH_TEXT], uint64_t *bytes, ig_error *error);

#endif
