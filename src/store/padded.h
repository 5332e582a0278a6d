/** Text for a fixed-length character row of the file. */
#ifndef STORE_PADDED_H
#define STORE_PADDED_H

#include <stddef.h>

/** Copy `length` bytes of `text` as valid UTF-8 into `size` bytes, zero-padded: '?' stands for each
 *  byte that belongs to no character, and what does not fit is cut between characters. */
void ig_padded_text(const char *text, size_t length, char *padded, size_t size);

#endif
