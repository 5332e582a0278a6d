/** Text from a file made fit for a message. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { IG_QUOTE_TEXT = 64 };

/** Copy `text` for a message: bytes outside printable ASCII as \xNN, cut with "..." so that
 *  terminal control sequences and megabyte scalars cannot reach the reader. Returns `quoted`. */
const char *ig_text_quote(const char *text, char quoted[IG_QUOTE_TEXT]);

/** Bytes of the UTF-8 character at `character`, 0 where there is none: no overlong forms,
 * surrogates or numbers past U+10FFFF. The zero at the end of a text continues no character. */
size_t ig_text_character(const char *character);

/** Replace what must not reach a terminal by question marks, byte by byte: control characters (line
 *  feeds and tabs too), what is not UTF-8, and what turns the direction of writing. */
void ig_text_sanitize(char *text);
bool ig_text_is_sanitized(const char *text);

enum { IG_SANITIZED_TEXT = 4096 };
/** A copy for the terminal of a name that comes from a command line, where patterns may have put
 *  names that other people chose. Returns `shown`. */
const char *ig_text_sanitized(const char *text, char shown[IG_SANITIZED_TEXT]);

/** Append "NAME" or ", NAME" to a list in `text` of `size` bytes; ends in ", ..." when full. */
void ig_text_list(char *text, size_t size, const char *name);

#endif
