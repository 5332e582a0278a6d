#include "report/html.h"

#include <stddef.h>

/** Bytes the UTF-8 sequence that begins with `first` has; 0 where none does. */
static size_t length_of(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first < 0xE0) {
        return 2;
    }
    if (first >= 0xE0 && first < 0xF0) {
        return 3;
    }
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

/** Length of the UTF-8 sequence at `text`, 0 where there is none: no overlong forms, surrogates or
 *  numbers past U+10FFFF. The zero at the end of the text continues no sequence. */
static size_t sequence_at(const unsigned char *text)
{
    const unsigned char c = text[0];
    const size_t n = length_of(c);
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    if ((c == 0xE0 && text[1] < 0xA0) || (c == 0xED && text[1] > 0x9F) ||
        (c == 0xF0 && text[1] < 0x90) || (c == 0xF4 && text[1] > 0x8F)) {
        return 0;
    }
    return n;
}

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
        const size_t n = sequence_at(at);
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
