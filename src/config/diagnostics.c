/** The list of all that is wrong with a configuration. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "imagrid/config.h"

/* All messages lie in one block, so that reporting a fault never needs memory. */
enum { KEPT = 100, MESSAGE = 1024, FILE_SHOWN = 400 };

typedef struct entry {
    size_t line, column;
    char text[MESSAGE];
} entry;

struct ig_diagnostics {
    size_t count;
    size_t order[KEPT]; /* entries by position */
    entry entries[KEPT];
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

/** "file:line:column: key: " as far as they are known; returns its length. */
static size_t write_prefix(char text[MESSAGE], const char *file, size_t line, size_t column,
                           const char *key)
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
    return written < 0 ? 0 : (size_t)written;
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
    size_t used = write_prefix(e->text, file, line, column, key);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(e->text + used, sizeof e->text - used, format, arguments);
    va_end(arguments);
    /* File names and keys come from outside: a message stays one line of harmless characters. */
    ig_text_sanitize(e->text);
    insert_sorted(diagnostics, added);
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
    size_t kept = diagnostics->count < KEPT ? diagnostics->count : KEPT;
    for (size_t i = 0; i < kept; i++) {
        fprintf(stream, "%s\n", ig_diagnostics_text(diagnostics, i));
    }
    if (diagnostics->count > kept) {
        fprintf(stream, "... and %zu more faults\n", diagnostics->count - kept);
    }
}
