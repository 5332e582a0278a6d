/** What is wrong with a configuration, and what may have been meant. */
#include "config/diagnostics.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* All messages lie in one block, so that reporting a fault never needs memory. */
enum { KEPT = 100, WARNINGS = 10, MESSAGE = 1024, FILE_SHOWN = 400 };

typedef struct entry {
    size_t line, column;
    char text[MESSAGE];
} entry;

struct ig_diagnostics {
    size_t count;
    size_t order[KEPT]; /* entries by position */
    entry entries[KEPT];
    size_t n_warnings;
    entry warnings[WARNINGS];
};

ig_diagnostics *ig_diagnostics_create(void)
{
    return calloc(1, sizeof(ig_diagnostics));
}

void ig_diagnostics_destroy(ig_diagnostics **diagnostics)
{
    if (diagnostics) {
        free(*diagnostics);
        *diagnostics = NULL;
    }
}

/** "file:line:column: key: text", as far as they are known. */
__attribute__((format(printf, 6, 0))) static void
write_message(char text[MESSAGE], const char *file, size_t line, size_t column, const char *key,
              const char *format, va_list arguments)
{
    size_t length = strlen(file);
    const char *cut = "";
    if (length > FILE_SHOWN) {
        file += length - FILE_SHOWN;
        cut = "...";
    }
    char position[64] = "";
    if (line > 0) {
        snprintf(position, sizeof position, ":%zu:%zu", line, column);
    }
    bool named = key && *key;
    int written = snprintf(text, MESSAGE, "%s%s%s: %.200s%s", cut, file, position, named ? key : "",
                           named ? ": " : "");
    const size_t used = written < 0 ? 0 : (size_t)written;
    vsnprintf(text + used, MESSAGE - used, format, arguments);
    /* File names and keys come from outside: a message stays one line of harmless characters. */
    ig_text_sanitize(text);
}

/** Whether a message at a stands after one at b; messages without a position come last. */
static bool stands_after(const entry *a, const entry *b)
{
    if ((a->line == 0) != (b->line == 0)) {
        return a->line == 0;
    }
    return a->line > b->line || (a->line == b->line && a->column > b->column);
}

/** The order of appearance, for messages of one position the order of finding. */
static void insert_sorted(ig_diagnostics *d, size_t added)
{
    size_t i = added;
    while (i > 0 && stands_after(&d->entries[d->order[i - 1]], &d->entries[added])) {
        d->order[i] = d->order[i - 1];
        i--;
    }
    d->order[i] = added;
}

void ig_diagnostics_add(ig_diagnostics *diagnostics, const char *file, size_t line, size_t column,
                        const char *key, const char *format, ...)
{
    size_t added = diagnostics->count++;
    if (added >= KEPT) {
        return;
    }
    entry *e = &diagnostics->entries[added];
    e->line = line;
    e->column = column;
    va_list arguments;
    va_start(arguments, format);
    write_message(e->text, file, line, column, key, format, arguments);
    va_end(arguments);
    insert_sorted(diagnostics, added);
}

void ig_diagnostics_warn(ig_diagnostics *diagnostics, const char *file, size_t line, size_t column,
                         const char *key, const char *format, ...)
{
    if (diagnostics->n_warnings == WARNINGS) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    write_message(diagnostics->warnings[diagnostics->n_warnings++].text, file, line, column, key,
                  format, arguments);
    va_end(arguments);
}

size_t ig_diagnostics_count(const ig_diagnostics *diagnostics)
{
    return diagnostics->count;
}

const char *ig_diagnostics_text(const ig_diagnostics *diagnostics, size_t i)
{
    return diagnostics->entries[diagnostics->order[i]].text;
}

void ig_diagnostics_print(const ig_diagnostics *diagnostics, FILE *stream)
{
    for (size_t i = 0; i < diagnostics->n_warnings; i++) {
        fprintf(stream, "warning: %s\n", diagnostics->warnings[i].text);
    }
    size_t kept = diagnostics->count < KEPT ? diagnostics->count : KEPT;
    for (size_t i = 0; i < kept; i++) {
        fprintf(stream, "%s\n", ig_diagnostics_text(diagnostics, i));
    }
    if (diagnostics->count > kept) {
        fprintf(stream, "... and %zu more errors\n", diagnostics->count - kept);
    }
}

enum { COMPARED = 64 };

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
    size_t n = smaller(strlen(a), COMPARED), m = smaller(strlen(b), COMPARED);
    /* Row i holds the distances of a's first i letters to every beginning of b; three rows are
     * enough, since a swap looks back by two. */
    size_t rows[3][COMPARED + 1];
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

/** Whether so many edits are still a slip, and not another word. */
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
    /* Measured by the last part, so that a long common beginning does not make everything near. */
    if (is_near(last_part(word), whole)) {
        consider(suggestion, candidate, whole);
    }
    size_t part = ig_suggest_distance(last_part(word), last_part(candidate));
    if (is_near(last_part(word), part)) {
        consider(suggestion, candidate, part + 1);
    }
}

const char *ig_suggest_hint(const ig_suggestion *suggestion, char hint[IG_HINT_TEXT])
{
    *hint = '\0';
    if (suggestion->best) {
        snprintf(hint, IG_HINT_TEXT, ", did you mean %s?", suggestion->best);
    }
    return hint;
}
