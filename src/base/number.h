/** Numbers as people write them in YAML, and the shortest text that reads back to the same one. */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

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

#endif
