/** Text from a file made fit for a message. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stddef.h>

enum { IG_QUOTE_TEXT = 64 };

/** Copy `text` for a message: bytes outside printable ASCII as \xNN, cut with "..." so that
 *  terminal control sequences and megabyte scalars cannot reach the reader. Returns `quoted`. */
const char *ig_text_quote(const char *text, char quoted[IG_QUOTE_TEXT]);

/** Append "NAME" or ", NAME" to a list in `text` of `size` bytes; ends in ", ..." when full. */
void ig_text_list(char *text, size_t size, const char *name);

#endif
