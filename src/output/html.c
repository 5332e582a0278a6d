/** Text, bytes and tables on their way into HTML. */
#include "output/private.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "output/output.h"

static const char *escaped(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        /* Line feeds and tabs mean something in a configuration. */
        return (c < ' ' && c != '\n' && c != '\t') || c == 0x7F ? " " : NULL;
    }
}

void ig_html_text(const char *text, FILE *stream)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        const size_t n = ig_text_character((const char *)at);
        const char *replacement = n ? escaped(*at) : "\xEF\xBF\xBD";
        if (replacement) {
            fputs(replacement, stream);
        } else {
            fwrite(at, 1, n, stream);
        }
        at += n ? n : 1;
    }
}

void ig_html_base64(const unsigned char *bytes, size_t n, FILE *stream)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        const unsigned b = i + 1 < n ? bytes[i + 1] : 0, c = i + 2 < n ? bytes[i + 2] : 0;
        const unsigned word = (unsigned)bytes[i] << 16 | b << 8 | c;
        fputc(digits[word >> 18], stream);
        fputc(digits[word >> 12 & 63], stream);
        fputc(i + 1 < n ? digits[word >> 6 & 63] : '=', stream);
        fputc(i + 2 < n ? digits[word & 63] : '=', stream);
    }
}

/* A table longer than this scrolls in its box; a text longer than this may take several lines. */
enum { TALL = 40, LONG = 48 };

static void put_head(const ig_shown *s, FILE *stream)
{
    fputs("<thead><tr>", stream);
    for (size_t c = 0; c < s->n_columns; c++) {
        fprintf(stream, "<th scope=\"col\"%s>", s->right[c] ? " class=\"n\"" : "");
        ig_html_text(s->headings[c], stream);
        fputs("</th>", stream);
    }
    fputs("</tr></thead>\n<tbody>\n", stream);
}

static void put_row(const ig_shown *s, size_t row, FILE *stream)
{
    fputs("<tr>", stream);
    for (size_t c = 0; c < s->n_columns; c++) {
        const char *text = s->cells[row * s->n_columns + c];
        const char *class = s->right[c]           ? " class=\"n\""
                            : strlen(text) > LONG ? " class=\"long\""
                                                  : "";
        fprintf(stream, c == 0 ? "<th scope=\"row\"%s>" : "<td%s>", class);
        ig_html_text(text, stream);
        fputs(c == 0 ? "</th>" : "</td>", stream);
    }
    fputs("</tr>\n", stream);
}

static void put_notes(const ig_table *table, FILE *stream)
{
    fputs(table->n_notes > 0 ? "<ul class=\"notes\">\n" : "", stream);
    for (size_t i = 0; i < table->n_notes; i++) {
        fputs("<li>", stream);
        ig_html_text(table->notes[i], stream);
        fputs("</li>\n", stream);
    }
    fputs(table->n_notes > 0 ? "</ul>\n" : "", stream);
}

ig_status ig_output_html(const ig_table *table, FILE *stream, ig_error *error)
{
    AUTO(ig_shown_clear) ig_shown s = {0};
    TRY(ig_shown_make(table, &s, error));
    const bool tall = s.n_rows > TALL;
    fprintf(stream, "<figure id=\"%s\"%s>\n<figcaption id=\"%s-title\">", table->name,
            tall ? " class=\"long\"" : "", table->name);
    ig_html_text(table->title, stream);
    fprintf(stream,
            "</figcaption>\n<div class=\"box%s\" role=\"region\" tabindex=\"0\" "
            "aria-labelledby=\"%s-title\">\n<table>\n",
            tall ? " tall" : "", table->name);
    put_head(&s, stream);
    for (size_t r = 0; r < s.n_rows; r++) {
        put_row(&s, r, stream);
    }
    fputs("</tbody>\n</table>\n</div>\n", stream);
    put_notes(table, stream);
    fputs("</figure>\n", stream);
    return IG_OK;
}
