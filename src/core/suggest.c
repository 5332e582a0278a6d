#include "core/suggest.h"

#include <ctype.h>
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

/** Every third letter may be wrong: enough for slips, too little to turn one word into another. */
static size_t near_enough(const char *word)
{
    size_t third = strlen(word) / 3;
    return third > 1 ? third : 1;
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
    if (whole <= near_enough(word)) {
        consider(suggestion, candidate, whole);
    }
    size_t part = ig_suggest_distance(last_part(word), last_part(candidate));
    if (part <= near_enough(last_part(word)) && strlen(last_part(word)) > 1) {
        consider(suggestion, candidate, part + 1);
    }
}
