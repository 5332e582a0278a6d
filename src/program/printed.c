#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "program/private.h"

/* ---- lines of standard output ---- */

static bool is_blank(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!strchr(" \t\r\v\f", line[i])) {
            return false;
        }
    }
    return true;
}

/** Add to the current line, as much as is kept. */
static ig_status add_to_line(ig_lines *l, const char *bytes, size_t n, ig_error *error)
{
    const size_t space = l->child->line_max - l->size, kept = n < space ? n : space;
    const size_t size = l->size + kept + 1;
    l->is_long |= kept < n;
    if (size > l->room) {
        const size_t twice = 2 * l->room, room = size > twice ? size : twice;
        TRY(IG_GROW(l->current, room, error));
        l->room = room;
    }
    memcpy(l->current + l->size, bytes, kept);
    l->size += kept;
    l->current[l->size] = '\0';
    return IG_OK;
}

/** The current line is whole. */
static void end_line(ig_lines *l, bool tell)
{
    if (l->size > 0 && (l->is_long || !is_blank(l->current, l->size))) {
        char *const before = l->last;
        const size_t room = l->last_room;
        if (tell && !l->is_long && l->child->line) {
            l->child->line(l->child->context, l->current);
        }
        l->last = l->current;
        l->last_room = l->room;
        l->last_long = l->is_long;
        l->current = before;
        l->room = room;
    }
    l->size = 0;
    l->is_long = false;
}

ig_status ig_lines_add(ig_lines *l, const char *bytes, size_t n, ig_error *error)
{
    while (n > 0) {
        const char *newline = memchr(bytes, '\n', n);
        const size_t part = newline ? (size_t)(newline - bytes) : n;
        if (part > 0) {
            TRY(add_to_line(l, bytes, part, error));
        }
        if (newline) {
            end_line(l, true);
        }
        bytes += part + (newline != NULL);
        n -= part + (newline != NULL);
    }
    return IG_OK;
}

void ig_lines_finish(ig_lines *l)
{
    end_line(l, false);
}

/* ---- the end of standard error ---- */

void ig_tail_add(ig_tail *t, const char *bytes, size_t n)
{
    if (n > t->max) {
        bytes += n - t->max;
        n = t->max;
        t->size = 0;
        t->is_cut = true;
    }
    if (t->size + n > 2 * t->max) {
        const size_t kept = t->max;
        memmove(t->bytes, t->bytes + t->size - kept, kept);
        t->size = kept;
        t->is_cut = true;
    }
    memcpy(t->bytes + t->size, bytes, n);
    t->size += n;
}

void ig_tail_finish(ig_tail *t)
{
    if (t->size > t->max) {
        memmove(t->bytes, t->bytes + t->size - t->max, t->max);
        t->size = t->max;
        t->is_cut = true;
    }
    const char *newline = t->is_cut ? memchr(t->bytes, '\n', t->size) : NULL;
    const size_t first = newline ? (size_t)(newline - t->bytes) + 1 : 0;
    if (first < t->size) {
        memmove(t->bytes, t->bytes + first, t->size - first);
        t->size -= first;
    }
    while (t->size > 0 && (t->bytes[t->size - 1] == '\n' || is_blank(t->bytes + t->size - 1, 1))) {
        t->size--;
    }
    t->bytes[t->size] = '\0';
    for (char *line = t->bytes, *end; line < t->bytes + t->size; line = end + 1) {
        end = memchr(line, '\n', (size_t)(t->bytes + t->size - line));
        end = end ? end : t->bytes + t->size;
        *end = '\0';
        /* Sanitized are texts up to their zero. */
        ig_text_sanitize(line);
        *end = end < t->bytes + t->size ? '\n' : '\0';
    }
}
