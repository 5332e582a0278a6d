/** Text from a file made fit for a message. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imagrid/error.h"

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

/* Numbers and durations as people write them, and the shortest text that reads back to the same
 *  number. */

enum { IG_NUMBER_TEXT = 32 };

/** What a text is, as far as numbers go. */
typedef enum ig_number_kind {
    IG_NUMBER_NONE,     /**< not a number */
    IG_NUMBER_FINITE,   /**< `real` is set */
    IG_NUMBER_WHOLE,    /**< and is an integer that `integer` holds exactly */
    IG_NUMBER_INFINITE, /**< nan or inf in any spelling */
    IG_NUMBER_HUGE,     /**< beyond the range of a double */
    IG_NUMBER_TINY,     /**< not zero, but nearer to it than a double of full precision can be */
    IG_NUMBER_OCTAL     /**< a leading zero: 010 is 8 to some readers of YAML and 10 to others */
} ig_number_kind;

typedef struct ig_number {
    double real;
    int64_t integer;
} ig_number;

/** [+-] digits [. digits] [e[+-]digits], with single underscores between digits. */
ig_number_kind ig_number_parse(const char *text, ig_number *number);

/** At most 24 characters; zero has no sign. */
void ig_number_format(double number, char text[IG_NUMBER_TEXT]);

/** Durations as people and Slurm write them: seconds of "90", "90s", "15m" or "15min", "2h",
 * "1.5d", "MM:SS", "HH:MM:SS", "D-HH", "D-HH:MM" or "D-HH:MM:SS"; positive and finite, else
 * IG_ERR_USAGE with the forms in the message. */
ig_status ig_duration_parse(const char *text, double *seconds, ig_error *error);

enum { IG_DURATION_TEXT = 32 };
/** "HH:MM:SS" or "D-HH:MM:SS", as Slurm's --time takes it: rounded up to a whole second, at most
 *  10 000 days; `seconds` >= 0. Returns `text`. */
const char *ig_duration_slurm(double seconds, char text[IG_DURATION_TEXT]);

#endif
