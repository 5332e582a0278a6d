#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 128 };

/** Copy a run of digits without its underscores; false if an underscore is not between digits. */
static bool take_digits(const char **from, char *to, size_t *used, size_t *count)
{
    const char *c = *from;
    *count = 0;
    while (isdigit((unsigned char)*c) || (*c == '_' && *count > 0)) {
        if (*c == '_') {
            if (!isdigit((unsigned char)c[1])) {
                return false;
            }
            c++;
        }
        if (*used + 2 > LONGEST) {
            return false;
        }
        to[(*used)++] = *c++;
        ++*count;
    }
    *from = c;
    return true;
}

/** Whether the text has a number's form; `clean` gets it without underscores, `digits` where its
 *  digits begin, `plain` whether it is digits alone. */
static bool has_form(const char *text, char clean[LONGEST], const char **digits, bool *plain)
{
    size_t used = 0, before, after = 0, exponent = 1;
    if (*text == '+' || *text == '-') {
        clean[used++] = *text++;
    }
    *digits = clean + used;
    if (!take_digits(&text, clean, &used, &before)) {
        return false;
    }
    *plain = *text == '\0';
    if (*text == '.') {
        clean[used++] = *text++;
        if (!take_digits(&text, clean, &used, &after)) {
            return false;
        }
    }
    if ((*text == 'e' || *text == 'E') && used + 3 < LONGEST) {
        clean[used++] = *text++;
        if (*text == '+' || *text == '-') {
            clean[used++] = *text++;
        }
        if (!take_digits(&text, clean, &used, &exponent)) {
            return false;
        }
    }
    if (used >= LONGEST || *text) {
        return false;
    }
    clean[used] = '\0';
    return before + after > 0 && exponent > 0;
}

static bool is_not_finite(const char *text)
{
    static const char *const names[] = {".inf", ".nan", "inf", "nan", "infinity"};
    text += *text == '+' || *text == '-';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(text, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

ig_number_kind ig_number_parse(const char *text, ig_number *number)
{
    char clean[LONGEST];
    const char *digits;
    bool plain;
    if (is_not_finite(text)) {
        return IG_NUMBER_INFINITE;
    }
    if (!has_form(text, clean, &digits, &plain)) {
        return IG_NUMBER_NONE;
    }
    if (digits[0] == '0' && isdigit((unsigned char)digits[1])) {
        return IG_NUMBER_OCTAL;
    }
    errno = 0;
    double real = strtod(clean, NULL);
    if (errno == ERANGE) {
        return fabs(real) > 1 ? IG_NUMBER_HUGE : IG_NUMBER_TINY;
    }
    number->real = real + 0.0; /* no negative zero */
    if (plain) {
        /* Through the integer, since a double holds no more than 53 bits. */
        number->integer = strtoll(clean, NULL, 10);
        return errno == ERANGE ? IG_NUMBER_FINITE : IG_NUMBER_WHOLE;
    }
    if (real != trunc(real) || fabs(real) >= 0x1p53) {
        return IG_NUMBER_FINITE;
    }
    number->integer = (int64_t)real;
    return IG_NUMBER_WHOLE;
}

void ig_number_format(double number, char text[IG_NUMBER_TEXT])
{
    number += 0.0;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, IG_NUMBER_TEXT, "%.*g", digits, number);
        if (strtod(text, NULL) >= number && strtod(text, NULL) <= number) {
            return;
        }
    }
}
