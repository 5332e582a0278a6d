#include "output/html.h"

#include <stddef.h>

#include "base/text.h"

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
