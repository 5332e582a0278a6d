#include "config/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { LONGEST = 64 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int letter(const char *word, size_t i)
{
    return tolower((unsigned char)word[i]);
}

size_t ig_suggest_distance(const char *a, const char *b)
{
    size_t n = smaller(strlen(a), LONGEST), m = smaller(strlen(b), LONGEST);
    /* Row i holds the distances of a's first i letters to every beginning of b; three rows are
     * enough, since a swap looks back by two. */
    size_t rows[3][LONGEST + 1];
    for (size_t j = 0; j <= m; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t replace = above[j - 1] + (letter(a, i - 1) != letter(b, j - 1));
            row[j] = smaller(replace, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && letter(a, i - 1) == letter(b, j - 2) &&
                letter(a, i - 2) == letter(b, j - 1)) {
                row[j] = smaller(row[j], above2[j - 2] + 1);
            }
        }
    }
    return rows[n % 3][m];
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/** Whether so many edits still leave a slip of the pen, and not another word. */
static bool is_near(const char *word, size_t distance)
{
    size_t length = strlen(word), third = length / 3;
    return distance <= (third > 1 ? third : 1) && distance < length;
}

static void consider(ig_suggestion *s, const char *candidate, size_t distance)
{
    if (!s->best || distance < s->distance) {
        s->best = candidate;
        s->distance = distance;
    }
}

void ig_suggest_offer(ig_suggestion *suggestion, const char *candidate)
{
    const char *word = suggestion->word;
    size_t whole = ig_suggest_distance(word, candidate);
    /* Measured by the last part, lest a long common beginning make everything near. */
    if (is_near(last_part(word), whole)) {
        consider(suggestion, candidate, whole);
    }
    size_t part = ig_suggest_distance(last_part(word), last_part(candidate));
    if (is_near(last_part(word), part)) {
        consider(suggestion, candidate, part + 1);
    }
}
