#include "program/template.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

int ig_template_next(const char **text, char name[IG_PLACEHOLDER], const char **fault)
{
    const char *at = *text;
    while ((at = strpbrk(at, "{}")) && at[0] == at[1]) {
        at += 2;
    }
    if (!at) {
        *text += strlen(*text);
        return 0;
    }
    *text = at;
    if (*at == '}') {
        *fault = "a } without {, write }} for the character";
        return -1;
    }
    const size_t length = strcspn(at + 1, "{}");
    if (at[1 + length] != '}') {
        *fault = "a { that is not closed, write {{ for the character";
        return -1;
    }
    if (length == 0 || length >= IG_PLACEHOLDER) {
        *fault = length ? "a placeholder of more than 63 bytes" : "an empty placeholder";
        return -1;
    }
    memcpy(name, at + 1, length);
    name[length] = '\0';
    *text = at + length + 2;
    return 1;
}

/** Copy a stretch without placeholders, doubled braces as one. */
static void put(FILE *stream, const char *from, const char *to)
{
    while (from < to) {
        fputc(*from, stream);
        from += *from == '{' || *from == '}' ? 2 : 1;
    }
}

/** The same text in pieces: what stands before a placeholder, and its value. */
static ig_status fill(FILE *stream, const char *text, ig_lookup *lookup, void *context,
                      ig_error *error)
{
    for (;;) {
        char name[IG_PLACEHOLDER];
        const char *fault = NULL, *from = text;
        const int found = ig_template_next(&text, name, &fault);
        if (found < 0) {
            return ig_error_set(error, IG_ERR_USAGE, "%s", fault);
        }
        put(stream, from, found ? text - strlen(name) - 2 : text);
        if (!found) {
            return IG_OK;
        }
        const char *value = lookup(context, name);
        if (!value) {
            return ig_error_set(error, IG_ERR_USAGE, "unknown placeholder {%s}", name);
        }
        fputs(value, stream);
    }
}

ig_status ig_template_fill(const char *text, ig_lookup *lookup, void *context, char **filled,
                           ig_error *error)
{
    AUTO_FREE char *made = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&made, &size);
    if (!stream) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    }
    const ig_status status = fill(stream, text, lookup, context, error);
    const bool failed = ferror(stream) != 0;
    if (fclose(stream) != 0 || failed) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    }
    TRY(status);
    *filled = ig_take(&made);
    return IG_OK;
}
