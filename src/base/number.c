#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
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

/** A plain decimal number: no sign, no exponent, no hexadecimal. */
static bool read_decimal(const char **at, double *number)
{
    size_t length = strspn(*at, "0123456789.");
    char digits[32], *end;
    if (length == 0 || length >= sizeof digits) {
        return false;
    }
    memcpy(digits, *at, length);
    digits[length] = '\0';
    *number = strtod(digits, &end);
    *at += length;
    return *end == '\0';
}

/** "90" with a unit or none. */
static bool read_unit(const char *at, double *seconds)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}};
    double number;
    if (!read_decimal(&at, &number)) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(at, units[i].name) == 0) {
            *seconds = number * units[i].seconds;
            return true;
        }
    }
    return false;
}

/** Slurm's forms: parts between colons, after a dash hours first, without one seconds last. */
static bool read_clock(const char *at, double *seconds)
{
    double days = 0, parts[3] = {0};
    size_t n = 0;
    const char *dash = strchr(at, '-');
    if (dash && (!read_decimal(&at, &days) || at++ != dash)) {
        return false;
    }
    do {
        at += n > 0;
        if (n == 3 || !read_decimal(&at, &parts[n++])) {
            return false;
        }
    } while (*at == ':');
    if (*at || (!dash && n < 2)) {
        return false;
    }
    bool from_hours = dash || n == 3;
    *seconds = from_hours ? 86400 * days + 3600 * parts[0] + 60 * parts[1] + parts[2]
                          : 60 * parts[0] + parts[1];
    return true;
}

ig_status ig_duration_parse(const char *text, double *seconds, ig_error *error)
{
    double found = 0;
    bool clock = strpbrk(text, ":-") != NULL;
    if ((clock ? read_clock(text, &found) : read_unit(text, &found)) && found > 0 &&
        isfinite(found)) {
        *seconds = found;
        return IG_OK;
    }
    return ig_error_set(
        error, IG_ERR_USAGE,
        "'%.40s' is an invalid duration, allowed: 90, 90s, 15m, 2h, 1d, 30:00, 2:00:00 or "
        "1-12:00:00",
        text);
}

const char *ig_duration_slurm(double seconds, char text[IG_DURATION_TEXT])
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400, LONGEST_DAYS = 10000 };
    long whole = (long)ceil(fmin(seconds, (double)LONGEST_DAYS * DAY)), days = whole / DAY;
    int used = days > 0 ? snprintf(text, IG_DURATION_TEXT, "%ld-", days) : 0;
    snprintf(text + used, IG_DURATION_TEXT - (size_t)used, "%02ld:%02ld:%02ld", whole % DAY / HOUR,
             whole % HOUR / MINUTE, whole % MINUTE);
    return text;
}
