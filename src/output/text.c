/** Tables as text for a terminal or a file. */
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "output/output.h"
#include "output/private.h"

/* A label longer than this has a line of its own, so that one does not widen the table. */
enum { LABEL_WIDTH = 28, GAP = 2, NOTE_WIDTH = 110 };

/** Characters of UTF-8 text. */
static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++) {
        n += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return n;
}

static void find_widths(const ig_shown *s, size_t *widths)
{
    for (size_t c = 0; c < s->n_columns; c++) {
        widths[c] = width_of(s->headings[c]);
        for (size_t r = 0; r < s->n_rows; r++) {
            const size_t width = width_of(s->cells[r * s->n_columns + c]);
            const bool own_line = c == 0 && width > LABEL_WIDTH;
            widths[c] = width > widths[c] && !own_line ? width : widths[c];
        }
    }
}

static void print_cell(const char *text, size_t width, bool right, bool last, FILE *stream)
{
    char shown[IG_SANITIZED_TEXT];
    text = ig_text_sanitized(text, shown);
    const size_t own = width_of(text), pad = width > own ? width - own : 0;
    if (right) {
        fprintf(stream, "%*s%s", (int)pad, "", text);
    } else {
        fprintf(stream, "%s%*s", text, last ? 0 : (int)pad, "");
    }
    fprintf(stream, "%*s", last ? 0 : GAP, "");
}

static void print_line(const ig_shown *s, const char *const *texts, const size_t *widths,
                       FILE *stream)
{
    size_t n = s->n_columns;
    /* Nothing stands behind the last text. */
    while (n > 1 && !texts[n - 1][0]) {
        n--;
    }
    for (size_t c = 0; c < n; c++) {
        const char *text = texts[c];
        if (c == 0 && width_of(text) > widths[0]) {
            char shown[IG_SANITIZED_TEXT];
            fprintf(stream, "%s\n", ig_text_sanitized(text, shown));
            text = "";
        }
        print_cell(text, widths[c], s->right[c], c + 1 == n, stream);
    }
    fputc('\n', stream);
}

static ig_status print_table(const ig_table *table, FILE *stream, ig_error *error)
{
    char title[IG_SANITIZED_TEXT];
    AUTO(ig_shown_clear) ig_shown s = {0};
    AUTO_FREE size_t *widths = NULL;
    TRY(ig_shown_make(table, &s, error));
    TRY(IG_ALLOC(widths, s.n_columns + 1, error));
    find_widths(&s, widths);
    fprintf(stream, "\n%s\n", ig_text_sanitized(table->title, title));
    if (s.n_rows > 0) {
        print_line(&s, s.headings, widths, stream);
    }
    for (size_t r = 0; r < s.n_rows; r++) {
        print_line(&s, (const char *const *)s.cells + r * s.n_columns, widths, stream);
    }
    return IG_OK;
}

/** A note in lines of at most NOTE_WIDTH characters where its words allow it. */
static void print_note(const char *text, FILE *stream)
{
    char shown[IG_SANITIZED_TEXT];
    const char *note = ig_text_sanitized(text, shown);
    while (strlen(note) > NOTE_WIDTH) {
        size_t end = NOTE_WIDTH;
        while (end > 0 && note[end] != ' ') {
            end--;
        }
        if (end == 0) {
            break;
        }
        fprintf(stream, "%.*s\n", (int)end, note);
        note += end + 1;
    }
    fprintf(stream, "%s\n", note);
}

static bool has_note(const ig_table *table, const char *note)
{
    for (size_t i = 0; table && i < table->n_notes; i++) {
        if (strcmp(table->notes[i], note) == 0) {
            return true;
        }
    }
    return false;
}

/** The first table to print from number `i` on, NULL where there is none; its number. */
static const ig_table *printed_from(const ig_tables *tables, size_t *i)
{
    while (*i < tables->n && (tables->tables[*i]->hidden || tables->tables[*i]->detail)) {
        ++*i;
    }
    return *i < tables->n ? tables->tables[*i] : NULL;
}

ig_status ig_output_text(const ig_tables *tables, FILE *stream, ig_error *error)
{
    size_t i = 0;
    for (const ig_table *table, *next; (table = printed_from(tables, &i));) {
        i++;
        next = printed_from(tables, &i);
        TRY(print_table(table, stream, error));
        for (size_t n = 0; n < table->n_notes; n++) {
            if (!has_note(next, table->notes[n])) {
                print_note(table->notes[n], stream);
            }
        }
    }
    return IG_OK;
}
