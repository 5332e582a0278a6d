#include "base/duration.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A plain decimal number: no sign, no exponent, no hexadecimal. */
static bool read_number(const char **at, double *number)
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
        char letter;
        double seconds;
    } units[] = {{'\0', 1}, {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    double number;
    if (!read_number(&at, &number)) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (*at == units[i].letter && (*at == '\0' || at[1] == '\0')) {
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
    if (dash && (!read_number(&at, &days) || at++ != dash)) {
        return false;
    }
    do {
        at += n > 0;
        if (n == 3 || !read_number(&at, &parts[n++])) {
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
    return ig_error_set(error, IG_ERR_USAGE,
                        "'%.40s' is no length of time: 90, 90s, 15m, 2h, 1d, 30:00, 2:00:00 or "
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
