/** A sheet as plain text. */
#include <string.h>

#include "base/text.h"
#include "output/sheet.h"

/* A label longer than this has a line of its own, so that one does not widen the table. */
enum { LABEL_WIDTH = 28, GAP = 2 };

/** Characters of UTF-8 text. */
static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++) {
        n += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return n;
}

static void find_widths(const ig_sheet *sheet, size_t *widths)
{
    for (size_t c = 0; c < sheet->n_columns; c++) {
        widths[c] = width_of(sheet->columns[c].head);
        for (size_t r = 0; r < ig_sheet_rows(sheet); r++) {
            size_t width = width_of(ig_sheet_at(sheet, r, c));
            bool apart = c == 0 && width > LABEL_WIDTH;
            widths[c] = width > widths[c] && !apart ? width : widths[c];
        }
    }
}

static void print_text(const char *text, size_t width, bool right, bool last, FILE *stream)
{
    char shown[IG_SANITIZED_TEXT];
    text = ig_text_sanitized(text, shown);
    size_t own = width_of(text), room = width > own ? width - own : 0;
    if (right) {
        fprintf(stream, "%*s%s", (int)room, "", text);
    } else {
        fprintf(stream, "%s%*s", text, last ? 0 : (int)room, "");
    }
    fprintf(stream, "%*s", last ? 0 : GAP, "");
}

static void print_line(const ig_sheet *sheet, const char *const *texts, const size_t *widths,
                       FILE *stream)
{
    size_t n = sheet->n_columns;
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
        print_text(text, widths[c], sheet->columns[c].number, c + 1 == n, stream);
    }
    fputc('\n', stream);
}

void ig_sheet_print(const ig_sheet *sheet, FILE *stream)
{
    size_t widths[IG_SHEET_COLUMNS] = {0};
    const char *texts[IG_SHEET_COLUMNS] = {0};
    find_widths(sheet, widths);
    char shown[IG_SANITIZED_TEXT];
    fprintf(stream, "\n%s\n", ig_text_sanitized(sheet->title, shown));
    for (size_t c = 0; c < sheet->n_columns; c++) {
        texts[c] = sheet->columns[c].head;
    }
    if (ig_sheet_rows(sheet) > 0) {
        print_line(sheet, texts, widths, stream);
    }
    for (size_t r = 0; r < ig_sheet_rows(sheet); r++) {
        for (size_t c = 0; c < sheet->n_columns; c++) {
            texts[c] = ig_sheet_at(sheet, r, c);
        }
        print_line(sheet, texts, widths, stream);
    }
}
